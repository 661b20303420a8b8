// Amends at the emulated Kraken, and both sides' counters: what it refuses in which words, by websocket
// and by REST, and what each amend and the cancel after it cost.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/kraken/life_support.hpp"
#include "connectors/kraken/limits.hpp"
#include "connectors/kraken/signer.hpp"
#include "tests/support/link_life.hpp"

namespace arb::kraken::test {
namespace {

using arb::test::LinkLife;

class KrakenAmendVenue : public ::testing::Test, protected Life<LinkLife> {
  protected:
    KrakenAmendVenue() : Life(FeeTaking::quote)
    {
        link_.on_to_venue = [this](Message& m) {
            const std::size_t at = from_.empty() ? m.text.npos : m.text.find(from_);
            if (m.text.find("amend_order") != m.text.npos) {
                ++amends_sent_;
                if (at != m.text.npos) m.text.replace(at, from_.size(), to_);
            }
            if (m.text.find("add_order") != m.text.npos) ++orders_sent_;
            return true;
        };
        link_.on_to_client = [this](Message& m) {
            const std::size_t at = m.text.find(R"("maxratecount":180)");
            if (at != m.text.npos && ceiling_ != 0)
                m.text.replace(at, 18, fmt::format(R"("maxratecount":{})", ceiling_));
            return true;
        };
    }
    void start(int ceiling = 0)
    {
        ceiling_ = ceiling;
        link_.restart();
        link_.start();
        link_.run(seconds(1));
        ASSERT_TRUE(link_.ready(Channel::order_entry));
    }
    OrderId rest(TimeInForce tif = TimeInForce::post_only)
    {
        const OrderId id = link_.place(Side::buy, "10", "27.00", tif);
        settle();
        return id;
    }
    /// Another text in the request's place, and what the venue says to it.
    std::string said(OrderId id, const std::string& from, const std::string& to)
    {
        from_ = from;
        to_ = to;
        settle(seconds(20));
        link_.amend(id, "27.05");
        settle();
        from_.clear();
        const auto* end = link_.last_end(RequestKind::amend);
        return end == nullptr ? "no end" : end->text;
    }
    std::string state(std::size_t place = 0)
    {
        const auto all = link_.exchange().orders(arb::test::VenueLink::kAccount, kNoListing, false);
        const Instrument& instrument = link_.table.instrument_of(all[place]->listing);
        return fmt::format("{} at {} amended {}", instrument.text(all[place]->quantity),
                           instrument.text(all[place]->price), all[place]->amends);
    }
    /// Orders that find nothing until one is refused; how many were not.
    int fill_counter()
    {
        for (int i = 0; i < 400; ++i) {
            link_.ends.clear();
            (void)link_.place(Side::buy, "10", "27.15", TimeInForce::ioc);
            settle(milliseconds(5));
            if (last_end(RequestKind::place) == "rate_limited/rate_limited") return i;
        }
        return -1;
    }
    std::string by_rest(std::string_view form)
    {
        const Credentials trade = link_.credentials("trade");
        const std::string nonce = std::to_string(link_.now().ns + ++nonces_);
        ServerRequest request;
        request.method = "POST";
        request.target = "/0/private/AmendOrder";
        request.body = fmt::format("nonce={}&{}", nonce, form);
        request.headers = {{"API-Key", trade.key_id},
                           {"API-Sign", sign_request(trade, request.target, nonce, request.body)}};
        request.remote = "127.0.0.1";
        const std::string body =
            link_.emulated().on_request(request, link_.now(), static_cast<SessionOutbox&>(link_)).body;
        settle(milliseconds(200));
        return body;
    }
    std::string from_, to_;
    int ceiling_ = 0, amends_sent_ = 0, orders_sent_ = 0, nonces_ = 0;
};

TEST_F(KrakenAmendVenue, refusals_in_the_venues_words_leave_the_order_as_it_was)
{
    start();
    const OrderId id = rest(TimeInForce::gtc);
    const std::string limit = R"("limit_price":27.05)";
    const struct {
        std::string to;
        const char* said;
    } kChanges[] = {
        {R"("limit_price":27.055)", "EOrder:Tick size check failed"},
        {R"("limit_price":0)", "EOrder:Tick size check failed"},
        {R"("limit_price":"+5%")", "EOrder:Tick size check failed"},
        {R"("limit_price":27.20,"post_only":true)", "EOrder:Post only order"},
        {R"("symbol":"LINK/USDT")", "EGeneral:Invalid arguments"},
        {R"("limit_price":27.05,"display_qty":1)", "EGeneral:Invalid arguments:display_qty"},
        {R"("limit_price":27.05,"trigger_price":27.00)", "EGeneral:Invalid arguments:trigger_price"},
        {R"("limit_price":5,"limit_price_type":"pct")", "EGeneral:Invalid arguments:limit_price_type"},
        {R"("limit_price":27.05,"order_qty":0.55)", "EGeneral:Invalid arguments:order_qty"},
        {R"("limit_price":27.05,"order_qty":0)", "EGeneral:Invalid arguments:order_qty"},
        {R"("limit_price":27.05,"order_qty":"x")", "EGeneral:Invalid arguments:order_qty"},
        {R"("limit_price":27.05,"order_qty":9000)", "EOrder:Insufficient funds"},
        {R"("limit_price":0.01,"order_qty":1)", "EOrder:Cost minimum not met"},
        {R"("limit_price":27.05,"deadline":"2001-01-01T00:00:00Z")", "EService:Deadline elapsed"},
        {R"("limit_price":27.05,"deadline":"2101-01-01T00:00:00Z")", "EGeneral:Invalid arguments:deadline"},
        {R"("limit_price":27.05,"order_id":"OEMUL8-00000-000009")", "EOrder:Unknown order"},
    };
    for (const auto& change : kChanges) {
        EXPECT_EQ(said(id, limit, change.to), change.said) << change.to;
        EXPECT_EQ(state(), "10 at 27 amended 0") << change.to;
    }
    EXPECT_EQ(said(id, std::string(client_order_id(id).view()), "NOBODYS"), "EOrder:Unknown order");
    EXPECT_EQ(said(id, R"("cl_ord_id")", R"("order_userref")"), "EGeneral:Invalid arguments");
    link_.exchange().set_halted(ListingId{0}, true);
    EXPECT_EQ(said(id, "", ""), "EService:Market in cancel_only mode");
    link_.exchange().set_halted(ListingId{0}, false);
    key("trade").can_trade = false;
    link_.amend(id, "27.05");
    settle();
    EXPECT_EQ(link_.last_end(RequestKind::amend)->text, "EGeneral:Permission denied");
    EXPECT_EQ(last_end(RequestKind::amend), "key_trouble/permission");
    EXPECT_EQ(state(), "10 at 27 amended 0");
}

TEST_F(KrakenAmendVenue, it_takes_what_the_documents_let_be_changed)
{
    start();
    const OrderId id = rest();
    const std::string limit = R"("limit_price":27.05)";
    const std::string by_id = fmt::format(R"("order_id":"{}","limit_price":27.07)", link_.last(id)->venue_id);
    EXPECT_EQ(said(id, limit, limit), "");
    EXPECT_EQ(state(), "10 at 27.05 amended 1");
    EXPECT_EQ(said(id, limit, R"("order_qty":12)"), "");
    EXPECT_EQ(state(), "12 at 27.05 amended 2");
    EXPECT_EQ(link_.last(id)->report.quantity, link_.quantity("12"));
    EXPECT_EQ(said(id, limit, R"("limit_price":27.06,"order_qty":11,"limit_price_type":"static")"), "");
    EXPECT_EQ(state(), "11 at 27.06 amended 3");
    EXPECT_EQ(said(id, limit, by_id), "");
    EXPECT_EQ(state(), "11 at 27.07 amended 4");
    EXPECT_EQ(said(id, R"(,"post_only":true)", ""), "") << "of a post-only order the market keeps it";
}

TEST_F(KrakenAmendVenue, by_rest_it_says_the_same)
{
    start();
    const OrderId id = rest(TimeInForce::gtc);
    const std::string client = fmt::format("cl_ord_id={}", client_order_id(id).view());
    EXPECT_EQ(by_rest(client + "&limit_price=27.05"), R"({"error":[],"result":{"amend_id":"TEMULA-00001"}})");
    EXPECT_EQ(state(), "10 at 27.05 amended 1");
    EXPECT_EQ(last_end(RequestKind::amend), "none");
    EXPECT_EQ(link_.last(id)->report.price, link_.price("27.05")) << "told by the stream";
    EXPECT_EQ(by_rest("txid=" + link_.last(id)->venue_id + "&order_qty=11&limit_price=27.06"),
              R"({"error":[],"result":{"amend_id":"TEMULA-00002"}})");
    EXPECT_EQ(state(), "11 at 27.06 amended 2");
    EXPECT_EQ(by_rest(client + "&limit_price=27.20&post_only=true"),
              R"({"error":["EOrder:Post only order"]})");
    EXPECT_EQ(by_rest(client + "&limit_price=%2B50"), R"({"error":["EOrder:Tick size check failed"]})");
    EXPECT_EQ(by_rest("txid=OEMUL8-00000-000009&limit_price=27"), R"({"error":["EOrder:Unknown order"]})");
    EXPECT_EQ(by_rest("limit_price=27"), R"({"error":["EGeneral:Invalid arguments"]})");
    key("trade").can_trade = false;
    EXPECT_EQ(by_rest(client + "&limit_price=27.01"), R"({"error":["EGeneral:Permission denied"]})");
    EXPECT_EQ(state(), "11 at 27.06 amended 2");
}

TEST_F(KrakenAmendVenue, what_an_amend_costs_by_age)
{
    constexpr std::int64_t kCosts[][2] = {{0, 4},      {4'999, 4},  {5'000, 3},  {9'999, 3},
                                          {10'000, 2}, {14'999, 2}, {15'000, 1}, {400'000, 1}};
    for (const auto& [age, cost] : kCosts) EXPECT_EQ(amend_cost(milliseconds(age)), cost) << age;
    AmendTimes times;
    const Timestamp start{1'700'000'000'000'000'000};
    const OrderId first = make_order_id(7, 1);
    EXPECT_EQ(times.begin(first, start), start);
    times.note(first, start + seconds(2));
    times.note(first, start + seconds(3));
    EXPECT_EQ(times.begin(first, start), start + seconds(3));
    EXPECT_EQ(times.begin(make_order_id(7, 2), start), start);
    // The oldest is forgotten first.
    for (std::uint32_t i = 0; i < 255; ++i) times.note(make_order_id(8, i), start + seconds(4));
    EXPECT_EQ(times.begin(first, start), start + seconds(3));
    times.note(make_order_id(9, 1), start + seconds(5));
    EXPECT_EQ(times.begin(first, start), start);
}

// Three quarters of 60 are 45: one order and eleven amends of four, while the counter falls by one a
// second.
TEST_F(KrakenAmendVenue, we_hold_amends_back_before_the_counter_is_full)
{
    start(60);
    const OrderId id = rest();
    for (int i = 0; i < 15; ++i) {
        link_.amend(id, i % 2 == 0 ? "27.01" : "27.02");
        settle(milliseconds(200));
    }
    EXPECT_EQ(amends_sent_, 11);
    EXPECT_EQ(ends(RequestKind::amend), 15U);
    EXPECT_EQ(last_end(RequestKind::amend), "rate_limited/rate_limited");
    EXPECT_GT(link_.last_end(RequestKind::amend)->end.retry_after, Duration{});
    EXPECT_LT(link_.last_end(RequestKind::amend)->end.retry_after, seconds(5));
    EXPECT_EQ(state(), "10 at 27.01 amended 11");
    // Older, it costs less: one a second again.
    settle(seconds(60));
    amends_sent_ = 0;
    for (int i = 0; i < 10; ++i) {
        link_.amend(id, i % 2 == 0 ? "27.01" : "27.02");
        settle(seconds(16));
    }
    EXPECT_EQ(amends_sent_, 10);
    link_.cancel(id);
    settle();
    EXPECT_EQ(last_end(RequestKind::cancel), "done/none");
}

TEST_F(KrakenAmendVenue, at_the_highest_tier_the_venue_never_has_to_refuse)
{
    start();
    const OrderId id = rest();
    for (int i = 0; i < 120; ++i) {
        link_.amend(id, i % 2 == 0 ? "27.01" : "27.02");
        settle(milliseconds(100));
    }
    EXPECT_GT(amends_sent_, 33);
    EXPECT_LT(amends_sent_, 120);
    for (const auto& end : link_.ends) EXPECT_EQ(end.text.find("EOrder"), end.text.npos) << end.text;
}

TEST_F(KrakenAmendVenue, the_venue_counts_amends)
{
    start(9'999);
    const OrderId id = rest();
    int taken = 0;
    for (int i = 0; i < 60; ++i) {
        link_.amend(id, i % 2 == 0 ? "27.01" : "27.02");
        settle(milliseconds(5));
        if (last_end(RequestKind::amend) == "rate_limited/rate_limited") break;
        ++taken;
    }
    // 1 and four each of 180, and what falls away in a third of a second.
    EXPECT_GE(taken, 44);
    EXPECT_LE(taken, 46);
    EXPECT_EQ(link_.last_end(RequestKind::amend)->text, "EOrder:Rate limit exceeded");
}

// An order that was changed is young again: cancelling it costs eight, not nothing.
TEST_F(KrakenAmendVenue, a_cancel_after_an_amend_costs_what_a_young_order_costs)
{
    // Told a ceiling beyond the venue's, we hold nothing back: the venue refuses.
    int taken[2] = {};
    for (const bool amended : {false, true}) {
        start(9'999);
        const OrderId id = rest();
        settle(seconds(301));
        if (amended) link_.amend(id, "27.01");
        settle(milliseconds(5));
        link_.cancel(id);
        settle(milliseconds(5));
        EXPECT_EQ(last_end(RequestKind::cancel), "done/none");
        taken[amended ? 1 : 0] = fill_counter();
        EXPECT_GT(taken[amended ? 1 : 0], 100);
        settle(seconds(100));
    }
    EXPECT_EQ(taken[0] - taken[1], 1 + 8) << taken[0] << " " << taken[1];
    // And so it counts here.
    int left[2] = {};
    for (const bool amended : {false, true}) {
        start(60);
        const OrderId id = rest();
        settle(seconds(301));
        if (amended) link_.amend(id, "27.01");
        settle(milliseconds(5));
        link_.cancel(id);
        settle(milliseconds(5));
        EXPECT_EQ(last_end(RequestKind::cancel), "done/none");
        left[amended ? 1 : 0] = fill_counter();
        settle(seconds(100));
    }
    EXPECT_EQ(left[0] - left[1], 1 + 8) << left[0] << " " << left[1];
}

}  // namespace
}  // namespace arb::kraken::test
