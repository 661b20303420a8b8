// Kraken's trading side against the emulated venue on an in-memory wire: one test a situation.
#include <gtest/gtest.h>

#include "connectors/kraken/life_support.hpp"
#include "tests/support/link_life.hpp"

namespace arb::kraken {
namespace {

using arb::test::LinkLife;
using arb::test::money;
using arb::test::VenueLink;

class KrakenLife : public ::testing::Test, protected test::Life<LinkLife> {
  protected:
    explicit KrakenLife(std::string_view key_label = "trade") : Life(FeeTaking::quote, key_label) {}
    void start()
    {
        link_.start();
        link_.run(seconds(1));
        ASSERT_TRUE(link_.ready(Channel::order_entry));
        ASSERT_TRUE(link_.ready(Channel::private_stream));
    }
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
};

TEST_F(KrakenLife, logs_on_and_follows_the_book)
{
    start();
    EXPECT_GT(link_.books, 0U);
    EXPECT_TRUE(link_.undecoded.empty());
    expect_end(RequestKind::session, Outcome::done);
    const std::uint64_t before = link_.books;
    link_.street("27.11", "27.21");
    settle();
    EXPECT_GT(link_.books, before);
}

TEST_F(KrakenLife, an_order_fills_and_pays_in_quote_currency)
{
    start();
    const OrderId id = link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::filled);
    EXPECT_EQ(link_.filled(id), link_.quantity("10"));
    ASSERT_FALSE(link_.fills.empty());
    EXPECT_EQ(link_.fills[0].fee_asset, "USDT");
    EXPECT_EQ(link_.fills[0].report.fee, money("0.272"));
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

TEST_F(KrakenLife, a_sale_pays_so_too)
{
    start();
    const OrderId id = link_.place(Side::sell, "10", "27.10", TimeInForce::ioc);
    settle();
    EXPECT_EQ(link_.filled(id), link_.quantity("10"));
    EXPECT_EQ(link_.fills[0].fee_asset, "USDT");
    EXPECT_EQ(link_.fills[0].report.fee, money("0.271"));
}

TEST_F(KrakenLife, part_fills_and_the_rest_is_cancelled)
{
    link_.street("27.10", "27.20", "4");
    start();
    const OrderId id = link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle();
    EXPECT_EQ(status(id), OrderStatus::cancelled);
    EXPECT_EQ(link_.filled(id), link_.quantity("4"));
    EXPECT_EQ(link_.last(id)->report.filled, link_.quantity("4"));
}

TEST_F(KrakenLife, a_resting_order_is_cancelled)
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

TEST_F(KrakenLife, a_cancel_that_comes_too_late_is_refused_and_the_fill_stands)
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

TEST_F(KrakenLife, post_only_is_refused_and_fill_or_kill_fills_nothing)
{
    start();
    (void)link_.place(Side::buy, "10", "27.20", TimeInForce::post_only);
    settle();
    expect_end(RequestKind::place, Outcome::refused, RejectReason::would_take);
    link_.street("27.10", "27.20", "4");
    const OrderId fok = link_.place(Side::buy, "10", "27.20", TimeInForce::fok);
    settle();
    EXPECT_EQ(status(fok), OrderStatus::cancelled);
    EXPECT_EQ(link_.filled(fok), Quantity{});
}

TEST_F(KrakenLife, refusals_are_told_in_their_own_words)
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
    expect_end(RequestKind::place, Outcome::refused, RejectReason::tick);
}

TEST_F(KrakenLife, a_lost_acknowledgement_ends_as_unknown_and_the_query_finds_the_order)
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

TEST_F(KrakenLife, an_order_that_never_arrived_is_absent)
{
    start();
    link_.on_to_venue = [](VenueLink::Message& m) { return m.text.find("add_order") == std::string::npos; };
    const OrderId id = link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle(seconds(11));
    expect_end(RequestKind::place, Outcome::unknown);
    link_.query(id);
    settle();
    EXPECT_EQ(status(id), OrderStatus::absent);
    expect_end(RequestKind::query_order, Outcome::done);
}

TEST_F(KrakenLife, every_message_twice_changes_nothing)
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

TEST_F(KrakenLife, a_cut_with_an_open_order_ends_what_was_in_flight_and_comes_back)
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

TEST_F(KrakenLife, order_entry_that_is_down_refuses_for_certain)
{
    link_.start();
    (void)link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    expect_end(RequestKind::place, Outcome::refused, RejectReason::other);
}

TEST_F(KrakenLife, cancel_all_leaves_nothing_open)
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

TEST_F(KrakenLife, fills_come_page_by_page)
{
    start();
    link_.exchange().deposit(VenueLink::kAccount, "USDT", money("10000000"));
    for (int i = 0; i < 230; ++i) {
        link_.street("27.10", "27.20");
        (void)link_.place(Side::buy, "1", "27.20", TimeInForce::ioc);
        settle(milliseconds(100));
    }
    const std::size_t before = link_.fills.size();
    link_.venue().query_fills(link_.all_listings(), link_.now() - seconds(600), link_.now(), link_, link_);
    settle(seconds(60));  // five pages are more than the venue's counter takes at once
    EXPECT_EQ(link_.fills.size() - before, 230U);
    expect_end(RequestKind::fills, Outcome::done);
}

TEST_F(KrakenLife, fees_are_told)
{
    start();
    link_.venue().query_fees(link_.all_listings(), link_.now(), link_, link_);
    settle();
    ASSERT_EQ(link_.fees.size(), 1U);
    EXPECT_EQ(link_.fees[0].taker, Rate{10 * kRatePerBasisPoint});
    expect_end(RequestKind::fees, Outcome::done);
}

TEST_F(KrakenLife, trouble_by_rest_is_told_for_what_it_is)
{
    start();
    answer(503, R"({"code":"50004","msg":"timeout","data":[]})");
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    expect_end(RequestKind::balances, Outcome::unknown);
    answer(429, R"({"code":"50011","msg":"slow down","data":[]})");
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    expect_end(RequestKind::balances, Outcome::rate_limited, RejectReason::rate_limited);
    answer(200, "<html>");
    link_.venue().query_balances(link_.now(), link_, link_);
    settle();
    expect_end(RequestKind::balances, Outcome::unknown);
}

TEST_F(KrakenLife, the_clock_is_asked_over_the_websocket)
{
    link_.client_ahead = seconds(60);
    start();
    link_.venue().query_time(link_.now() + link_.client_ahead, link_, link_);
    settle();
    ASSERT_FALSE(link_.clock_offsets.empty());
    EXPECT_LT(link_.clock_offsets.back(), seconds(-59));
    EXPECT_GT(link_.clock_offsets.back(), seconds(-61));
}

TEST_F(KrakenLife, fills_of_orders_that_we_forgot_find_their_order)
{
    start();
    const OrderId id = link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle();
    link_.restart();
    link_.fills.clear();
    start();
    link_.venue().query_fills(link_.all_listings(), link_.now() - seconds(60), link_.now(), link_, link_);
    settle();
    ASSERT_EQ(link_.fills.size(), 1U);
    EXPECT_EQ(link_.fills[0].report.order, id);
}

TEST_F(KrakenLife, a_revoked_key_ends_the_session)
{
    start();
    link_.keys[0].revoked = true;
    link_.emulated().on_key_changed(link_.keys[0], link_.now(), link_);
    settle(seconds(2));
    EXPECT_FALSE(link_.ready(Channel::order_entry));
    expect_end(RequestKind::session, Outcome::key_trouble, RejectReason::permission);
}

class KrakenReadOnly : public KrakenLife {
  protected:
    KrakenReadOnly() : KrakenLife("read") {}
};

TEST_F(KrakenReadOnly, may_look_and_not_trade)
{
    link_.start();
    link_.run(seconds(1));
    EXPECT_TRUE(link_.ready(Channel::private_stream));
    EXPECT_FALSE(link_.ready(Channel::order_entry)) << "nothing watches over orders of this key";
    expect_end(RequestKind::dead_man, Outcome::key_trouble, RejectReason::permission);
    (void)link_.place(Side::buy, "10", "27.20", TimeInForce::ioc);
    settle();
    expect_end(RequestKind::place, Outcome::key_trouble, RejectReason::permission);
    EXPECT_EQ(link_.exchange().order_count(), 0U);
}

TEST_F(KrakenLife, the_dead_man_cancels_when_we_fall_silent)
{
    start();
    (void)link_.place(Side::buy, "10", "27.00", TimeInForce::gtc);
    settle();
    link_.on_to_venue = [](VenueLink::Message&) { return false; };
    settle(seconds(70));
    EXPECT_TRUE(link_.exchange().orders(VenueLink::kAccount, kNoListing, true).empty());
}

TEST_F(KrakenLife, hostile_frames_are_counted_and_change_nothing)
{
    start();
    const std::size_t reports = link_.orders.size();
    const std::string whole =
        R"({"channel":"executions","type":"update","data":[{"order_id":"O1","cl_ord_id":"x","symbol":"LINK/USDT","side":"buy","order_qty":10,"limit_price":27.20,"exec_type":"new","order_status":"new","cum_qty":0}],"sequence":1})";
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        static_cast<SessionOutbox&>(link_).send(SessionId{2}, whole.substr(0, cut));
    for (
        const char* text :
        {R"({"channel":"executions","data":[{"order_id":"O1","symbol":"LINK/USDT","order_status":"new","cum_qty":1e9}]})",
         R"({"channel":"executions","data":[{"order_id":"O1","symbol":"NOPE/USDT","order_status":"new"}]})",
         R"({"channel":"executions","data":[{"order_id":"O1","symbol":"LINK/USDT","order_status":"odd"}]})",
         R"({"channel":"balances","data":[{"asset":"USDT","balance":"x"}]})", R"({"data":{}})", R"([])",
         R"({"channel":"executions","data":[4]})"})
        static_cast<SessionOutbox&>(link_).send(SessionId{2}, text);
    settle();
    EXPECT_EQ(link_.orders.size(), reports);
    EXPECT_FALSE(link_.undecoded.empty());
}

}  // namespace
}  // namespace arb::kraken
