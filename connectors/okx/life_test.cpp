// OKX's trading side against the emulated venue on an in-memory wire: one test a situation.
#include <gtest/gtest.h>

#include "connectors/okx/okx.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::okx {
namespace {

using arb::test::money;
using arb::test::VenueLink;

ListingDefinition definition()
{
    ListingDefinition d = *type().guess_listing("", "LINK-USDT");
    d.tick = *Decimal::parse("0.01");
    d.lot = *Decimal::parse("0.1");
    d.quantity_min = *Decimal::parse("1");
    d.code = "10000";
    return d;
}

class OkxLife : public ::testing::Test {
  protected:
    explicit OkxLife(std::string_view key = "trade")
        : link_(type(), "", {definition()}, FeeTaking::received, key)
    {
        link_.deposit("USDT", "100000");
        link_.deposit("LINK", "1000");
        link_.street("27.10", "27.20");
    }
    void start()
    {
        link_.start();
        link_.run(seconds(1));
        ASSERT_TRUE(link_.ready(Channel::order_entry));
        ASSERT_TRUE(link_.ready(Channel::private_stream));
    }
    void settle(Duration time = milliseconds(50)) { link_.run(time); }
    void expect_end(RequestKind kind, Outcome outcome, RejectReason reason = RejectReason::none)
    {
        const auto* end = link_.last_end(kind);
        ASSERT_NE(end, nullptr) << name(kind);
        EXPECT_STREQ(name(end->end.outcome), name(outcome)) << end->code << " " << end->text;
        EXPECT_STREQ(name(end->end.reason), name(reason)) << end->code << " " << end->text;
    }
    OrderStatus status(OrderId id)
    {
        const auto* order = link_.last(id);
        EXPECT_NE(order, nullptr);
        return order == nullptr ? OrderStatus::pending : order->report.status;
    }
    void answer_with(int status, std::string body)
    {
        link_.instead_of_reply = [status, body](const HttpRequest&) -> std::optional<ServerReply> {
            return ServerReply{status, {}, body};
        };
    }
    VenueLink link_;
};

TEST_F(OkxLife, logs_on_and_follows_the_book)
{
    start();
    EXPECT_GT(link_.books, 0U);
    EXPECT_TRUE(link_.undecoded.empty());
    expect_end(RequestKind::session, Outcome::done);
    EXPECT_FALSE(link_.clock_offsets.empty());
    const std::uint64_t before = link_.books;
    link_.street("27.11", "27.21");
    settle();
    EXPECT_GT(link_.books, before);
}

TEST_F(OkxLife, an_order_fills_and_pays_its_fee_of_what_it_receives)
{
    start();
    const OrderId id = link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link_.filled(id), link_.quantity("10"));
    ASSERT_FALSE(link_.fills.empty());
    EXPECT_EQ(link_.fills[0].fee_asset, "LINK");
    EXPECT_EQ(link_.fills[0].report.fee, money("0.01"));
    EXPECT_FALSE(link_.fills[0].report.maker);
    expect_end(RequestKind::place, Outcome::done);
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    for (const EmulatedBalance& truth : link_.exchange().balances(VenueLink::kAccount)) {
        bool told = false;
        for (const auto& balance : link_.balances)
            told |= balance.asset == truth.asset && balance.report.total == truth.total;
        EXPECT_TRUE(told) << truth.asset;
    }
}

TEST_F(OkxLife, a_sale_pays_in_quote_currency)
{
    start();
    const OrderId id = link_.place(Side::sell, "10", "27.10", TimeInForce::ioc);
    settle();
    EXPECT_EQ(link_.filled(id), link_.quantity("10"));
    EXPECT_EQ(link_.fills[0].fee_asset, "USDT");
    EXPECT_EQ(link_.fills[0].report.fee, money("0.271"));
}

TEST_F(OkxLife, part_fills_and_the_rest_is_cancelled)
{
    link_.street("27.10", "27.20", "4");
    start();
    const OrderId id = link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    EXPECT_EQ(link_.filled(id), link_.quantity("4"));
    EXPECT_EQ(link_.last(id)->report.filled, link_.quantity("4"));
}

TEST_F(OkxLife, a_resting_order_is_cancelled)
{
    start();
    const OrderId id = link_.place(Side::buy, "10", "27.00", TimeInForce::gtc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::working);
    link_.cancel(id);
    settle();
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    expect_end(RequestKind::cancel, Outcome::done);
}

TEST_F(OkxLife, a_cancel_that_comes_too_late_is_refused_and_the_fill_stands)
{
    start();
    const OrderId id = link_.place(Side::buy, "10", "27.15", TimeInForce::gtc);
    settle();
    link_.street("27.05", "27.14");
    link_.cancel(id);
    settle();
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_TRUE(link_.fills[0].report.maker);
    expect_end(RequestKind::cancel, Outcome::refused, RejectReason::other);
}

TEST_F(OkxLife, post_only_and_fill_or_kill_end_on_the_stream)
{
    start();
    const OrderId post = link_.place(Side::buy, "10", "27.20", TimeInForce::post_only);
    settle();
    EXPECT_EQ(status(post), OrderStatus::cancelled);
    EXPECT_EQ(link_.last(post)->report.reason, RejectReason::would_take);
    const OrderId fok = link_.place(Side::buy, "5000", "27.20", TimeInForce::fok);
    settle();
    const auto* end = link_.last_end(RequestKind::place);
    const bool refused = end->end.outcome == Outcome::refused;
    EXPECT_TRUE(refused || status(fok) == OrderStatus::cancelled);
    EXPECT_EQ(link_.filled(fok), Quantity{});
}

TEST_F(OkxLife, refusals_are_told_in_their_own_words)
{
    start();
    (void)link_.place(Side::buy, "9000", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::refused, RejectReason::balance);
    link_.exchange().set_halted(ListingId{0}, true);
    (void)link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::refused, RejectReason::no_market);
    link_.exchange().set_halted(ListingId{0}, false);
    (void)link_.place(Side::buy, "10", "99.00", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::refused, RejectReason::price_limit);
}

TEST_F(OkxLife, a_lost_acknowledgement_ends_as_unknown_and_the_query_finds_the_order)
{
    start();
    link_.on_to_client = [](VenueLink::Message& m) { return m.kind != VenueLink::Message::Kind::frame; };
    const OrderId id = link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle(seconds(11));
    expect_end(RequestKind::place, Outcome::unknown);
    link_.on_to_client = nullptr;
    link_.query(id);
    settle();
    EXPECT_EQ(status(id), OrderStatus::filled);
    link_.venue().query_fills(link_.all_listings(), link_.now() - seconds(60), link_.now(), link_, link_);
    settle();
    EXPECT_EQ(link_.filled(id), link_.quantity("10"));
    expect_end(RequestKind::fills, Outcome::done);
}

TEST_F(OkxLife, an_order_that_never_arrived_is_absent)
{
    start();
    link_.on_to_venue = [](VenueLink::Message& m) {
        return m.text.find("\"op\":\"order\"") == std::string::npos;
    };
    const OrderId id = link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle(seconds(11));
    expect_end(RequestKind::place, Outcome::unknown);
    link_.query(id);
    settle();
    EXPECT_EQ(status(id), OrderStatus::absent);
    expect_end(RequestKind::query_order, Outcome::done);
}

TEST_F(OkxLife, every_message_twice_changes_nothing)
{
    start();
    bool again = false;
    std::vector<VenueLink::Message> copies;
    link_.on_to_client = [&](VenueLink::Message& m) {
        if (!again && m.kind == VenueLink::Message::Kind::frame) copies.push_back(m);
        return true;
    };
    const OrderId id = link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle();
    again = true;
    for (const auto& m : copies) static_cast<SessionOutbox&>(link_).send(SessionId{2}, m.text);
    settle();
    EXPECT_EQ(link_.filled(id), link_.quantity("10"));
}

TEST_F(OkxLife, a_cut_with_an_open_order_ends_what_was_in_flight_and_comes_back)
{
    start();
    const OrderId resting = link_.place(Side::buy, "10", "27.00", TimeInForce::gtc);
    settle();
    (void)link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    link_.cut_all();
    expect_end(RequestKind::place, Outcome::unknown);
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    settle(seconds(1));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
    link_.venue().query_open_orders(link_.all_listings(), link_.now(), link_, link_);
    settle();
    EXPECT_EQ(status(resting), OrderStatus::working);
    expect_end(RequestKind::open_orders, Outcome::done);
}

TEST_F(OkxLife, order_entry_that_is_down_refuses_for_certain)
{
    link_.start();
    (void)link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    expect_end(RequestKind::place, Outcome::refused, RejectReason::other);
}

TEST_F(OkxLife, cancel_all_leaves_nothing_open)
{
    start();
    for (const char* price : {"27.00", "26.90", "26.80"})
        (void)link_.place(Side::buy, "2", price, TimeInForce::gtc);
    settle();
    EXPECT_EQ(link_.exchange().orders(VenueLink::kAccount, kNoListing, true).size(), 3U);
    link_.venue().cancel_all(link_.all_listings(), link_.now(), link_, link_);
    settle();
    EXPECT_TRUE(link_.exchange().orders(VenueLink::kAccount, kNoListing, true).empty());
    expect_end(RequestKind::cancel_all, Outcome::done);
}

TEST_F(OkxLife, fills_come_page_by_page)
{
    start();
    link_.exchange().deposit(VenueLink::kAccount, "USDT", money("10000000"));
    for (int i = 0; i < 230; ++i) {
        link_.street("27.10", "27.20");
        (void)link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
        settle(milliseconds(60));
    }
    const std::size_t before = link_.fills.size();
    link_.venue().query_fills(link_.all_listings(), link_.now() - seconds(600), link_.now(), link_, link_);
    settle(seconds(1));
    EXPECT_EQ(link_.fills.size() - before, 230U);
    expect_end(RequestKind::fills, Outcome::done);
}

TEST_F(OkxLife, fees_are_told)
{
    start();
    link_.venue().query_fees(link_.all_listings(), link_.now(), link_, link_);
    settle();
    ASSERT_EQ(link_.fees.size(), 1U);
    EXPECT_EQ(link_.fees[0].taker, Rate{10 * kRatePerBasisPoint});
    expect_end(RequestKind::fees, Outcome::done);
}

TEST_F(OkxLife, trouble_by_rest_is_told_for_what_it_is)
{
    start();
    answer_with(503, R"({"code":"50004","msg":"timeout","data":[]})");
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    expect_end(RequestKind::balances, Outcome::unknown);
    answer_with(429, R"({"code":"50011","msg":"slow down","data":[]})");
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    expect_end(RequestKind::balances, Outcome::rate_limited, RejectReason::rate_limited);
    answer_with(200, "<html>");
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    expect_end(RequestKind::balances, Outcome::unknown);
}

TEST_F(OkxLife, a_clock_far_off_is_refused_and_an_offset_mends_it)
{
    link_.client_ahead = seconds(60);
    link_.start();
    link_.run(seconds(1));
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    ASSERT_FALSE(link_.clock_offsets.empty());
    EXPECT_LT(link_.clock_offsets[0], seconds(-50));
    link_.venue().set_clock_offset(link_.clock_offsets[0]);
    link_.run(seconds(5));
    EXPECT_TRUE(link_.ready(Channel::order_entry));
}

TEST_F(OkxLife, a_revoked_key_ends_the_session)
{
    start();
    link_.keys[0].revoked = true;
    link_.emulated().on_key_changed(link_.keys[0], link_.now(), link_);
    settle(seconds(2));
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    expect_end(RequestKind::session, Outcome::key_trouble, RejectReason::permission);
}

class OkxReadOnly : public OkxLife {
  protected:
    OkxReadOnly() : OkxLife("read") {}
};

TEST_F(OkxReadOnly, may_look_and_not_trade)
{
    start();
    (void)link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::key_trouble, RejectReason::permission);
    EXPECT_EQ(link_.exchange().order_count(), 0U);
}

TEST_F(OkxLife, the_dead_man_cancels_when_we_fall_silent)
{
    start();
    (void)link_.place(Side::buy, "10", "27.00", TimeInForce::gtc);
    settle();
    link_.on_to_venue = [](VenueLink::Message&) { return false; };
    settle(seconds(70));
    EXPECT_TRUE(link_.exchange().orders(VenueLink::kAccount, kNoListing, true).empty());
}

TEST_F(OkxLife, hostile_frames_are_counted_and_change_nothing)
{
    start();
    const std::size_t reports = link_.orders.size();
    const std::string whole =
        R"({"arg":{"channel":"orders","instType":"ANY"},"data":[{"instId":"LINK-USDT","ordId":"7","clOrdId":"x","px":"27.20","sz":"10","side":"buy","accFillSz":"0","state":"live","uTime":"1"}]})";
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        static_cast<SessionOutbox&>(link_).send(SessionId{2}, whole.substr(0, cut));
    for (
        const char* text :
        {R"({"arg":{"channel":"orders"},"data":[{"instId":"LINK-USDT","state":"live","side":"buy","sz":"1e9"}]})",
         R"({"arg":{"channel":"orders"},"data":[{"instId":"NOPE-USDT","state":"live"}]})",
         R"({"arg":{"channel":"orders"},"data":[{"instId":"LINK-USDT","state":"odd","ordId":"1"}]})",
         R"({"data":{}})", R"([])", R"({"arg":3,"data":[4]})"})
        static_cast<SessionOutbox&>(link_).send(SessionId{2}, text);
    settle();
    EXPECT_EQ(link_.orders.size(), reports);
    EXPECT_FALSE(link_.undecoded.empty());
}

}  // namespace
}  // namespace arb::okx
