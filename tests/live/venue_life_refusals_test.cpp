// Over real TLS sockets: every kind of refusal that a venue documents, told by the venue in its own code and
// by our connector in our word. What a venue answers at once and what it takes and ends later differs: the
// table says which.
#include "tests/live/venue_life.hpp"

namespace arb::test {
namespace {

class VenueLifeRefusals : public VenueLife {
  protected:
    // The venue has become stricter since we asked what it lists: orders that our own gate lets through
    // break its rules.
    ListingDefinition looser() const
    {
        ListingDefinition d = definition();
        d.tick = decimal("0.001");
        d.lot = decimal("0.01");
        d.quantity_min = decimal("0");
        d.notional_min = decimal("0");
        return d;
    }
    /// "refused/balance" by the answer, "cancelled/would_take" by the stream.
    std::string fate(OrderId id)
    {
        const auto over = [&] {
            const LinkOrder* order = link->last(id);
            return order != nullptr && (order->report.status == OrderStatus::cancelled ||
                                        order->report.status == OrderStatus::rejected);
        };
        const auto ended = [&] { return link->last_end(RequestKind::place, id) != nullptr; };
        if (!until("the end of placing", [&] { return ended(); })) return "nothing";
        if (!end_text(RequestKind::place, id).starts_with("done")) return end_text(RequestKind::place, id);
        if (!until("the order's end", [&] { return over(); })) return "taken";
        return std::string(name(status(id))) + "/" + name(link->last(id)->report.reason);
    }
    /// The venue counts how many orders come a second.
    void pause()
    {
        skip(seconds(1));
        settle(milliseconds(15));
        venue->street("27.10", "27.20");
    }
    void expect(const char* what, const char* expected, const std::string& got)
    {
        EXPECT_EQ(got, expected) << label() << ": " << what << state_text();
        pause();
    }
    void begin_loosely()
    {
        connect("trade", looser());
        begin();
    }
    std::string fate(std::string_view quantity, std::string_view price, TimeInForce tif,
                     Side side = Side::buy)
    {
        return fate(link->place(side, quantity, price, tif));
    }
};

struct Refusals {
    std::string_view label;
    // The listing's rules.
    const char *tick, *lot, *minimum, *notional;
    // The account and the market.
    const char *balance, *price_limit, *cancel_only, *halted;
    // Kinds of orders.
    const char *would_take, *unfilled, *self_trade;
    // Ids and numbers.
    const char *duplicate, *too_many, *too_fast;
};

constexpr const char* kNone = "-";  // the venue refuses nothing of that kind, or the emulated one cannot
constexpr const char *kTick = "refused/tick", *kLot = "refused/lot", *kNotional = "refused/notional_minimum",
                     *kBalance = "refused/balance", *kPrice = "refused/price_limit",
                     *kMarket = "refused/no_market", *kTakes = "refused/would_take",
                     *kUnfilled = "cancelled/unfilled", *kOther = "refused/other",
                     *kSelf = "cancelled/self_trade", *kTwice = "refused/duplicate",
                     *kMany = "refused/too_many", *kFast = "rate_limited/rate_limited";

// Bybit's linear market has one code for everything about a parameter, and tells by its text. Derivatives
// bind a tenth of what they are worth: too little here to be refused. Coinbase answers a client id used twice
// with the first order, and gives no reason for an order that ends. Kraken calls a price far away "invalid",
// has no code of its own for steps of the quantity, and its emulated side counts no orders a second. OKX
// documents no code for the tick. It and Binance end the resting one of two own orders that meet. Gate has
// one label for every step and one for every minimum, and own orders trade there unless the account is in a
// group.
constexpr Refusals kRefusals[] = {
    {"binance", kTick, kLot, kLot, kNotional, kBalance, kPrice, kMarket, kMarket, kTakes, kUnfilled,
     "cancelled/none", kTwice, kMany, kFast},
    {"binance_usdm", kTick, kLot, kLot, kNotional, kNone, kPrice, kMarket, kMarket, kTakes,
     "refused/unfilled", "cancelled/none", kTwice, kMany, kFast},
    {"bybit", kTick, kLot, kLot, kNotional, kBalance, kPrice, kMarket, kMarket, "rejected/would_take",
     kUnfilled, kSelf, kTwice, kMany, kFast},
    {"bybit_linear", kTick, kLot, kLot, kNotional, kNone, kPrice, kMarket, kMarket, "cancelled/would_take",
     kUnfilled, kSelf, kTwice, kMany, kFast},
    {"coinbase", kTick, kLot, kLot, kNotional, kBalance, kPrice, kMarket, kMarket, kTakes, "cancelled/none",
     "cancelled/none", kNone, kMany, kFast},
    {"gate", kTick, kTick, kLot, kLot, kBalance, kPrice, kMarket, kMarket, kTakes, kUnfilled, kNone, kTwice,
     kMany, kFast},
    {"gate_usdt", kTick, kTick, kLot, kLot, kNone, kPrice, kMarket, kMarket, kTakes, "refused/unfilled",
     kNone, kTwice, kMany, kFast},
    {"kraken", kTick, kOther, kLot, kNotional, kBalance, kTick, kMarket, kMarket, kTakes, kUnfilled, kSelf,
     kTwice, kMany, kNone},
    {"okx", kOther, kLot, kLot, kLot, kBalance, kPrice, kMarket, kMarket, "cancelled/would_take", kUnfilled,
     kUnfilled, kTwice, kMany, kFast},
};

INSTANTIATE_TEST_SUITE_P(Venues, VenueLifeRefusals, testing::ValuesIn(venue_days()), case_name);

TEST_P(VenueLifeRefusals, ByTheRulesOfTheListing)
{
    const Refusals& row = row_of(kRefusals, label());
    begin_loosely();
    expect("tick", row.tick, fate("1", "27.005", TimeInForce::gtc));
    expect("lot", row.lot, fate("1.05", "27.00", TimeInForce::gtc));
    expect("minimum", row.minimum, fate("0.2", "27.00", TimeInForce::gtc));
    expect("notional", row.notional, fate("0.3", "27.00", TimeInForce::gtc));
    EXPECT_EQ(venue->exchange.order_count(), 0U);
}

TEST_P(VenueLifeRefusals, ByTheAccountAndTheMarket)
{
    const Refusals& row = row_of(kRefusals, label());
    begin();
    if (row.balance != kNone) expect("balance", row.balance, fate("9000", "27.20", TimeInForce::ioc));
    expect("price limit", row.price_limit, fate("1", "99.00", TimeInForce::ioc));
    venue->exchange.set_cancel_only(LifeServer::kListing, true);
    expect("cancel only", row.cancel_only, fate("1", "27.00", TimeInForce::gtc));
    venue->exchange.set_cancel_only(LifeServer::kListing, false);
    venue->exchange.set_halted(LifeServer::kListing, true);
    expect("halted", row.halted, fate("1", "27.00", TimeInForce::gtc));
    venue->exchange.set_halted(LifeServer::kListing, false);
    EXPECT_EQ(venue->exchange.order_count(), 0U);
    EXPECT_TRUE(until_filled(take(), "1")) << "then it trades again";
}

TEST_P(VenueLifeRefusals, ByWhatTheOrderAsks)
{
    const Refusals& row = row_of(kRefusals, label());
    begin();
    expect("post-only", row.would_take, fate("1", "27.20", TimeInForce::post_only));
    expect("fill or kill", row.unfilled, fate("2000", "27.20", TimeInForce::fok));
    EXPECT_EQ(venue->exchange.trade_count(), 0U);
    EXPECT_TRUE(link->fills.empty());
    const OrderId resting = rest("27.15");
    if (row.self_trade == kNone) {
        const OrderId taking = link->place(Side::sell, "1", "27.15", TimeInForce::ioc);
        EXPECT_TRUE(until_filled(taking, "1")) << "own orders meet like any others";
        EXPECT_TRUE(until_filled(resting, "1"));
        return;
    }
    expect("self trade", row.self_trade, fate("1", "27.15", TimeInForce::ioc, Side::sell));
    EXPECT_EQ(venue->exchange.trade_count(), 0U);
    EXPECT_TRUE(link->fills.empty());
}

TEST_P(VenueLifeRefusals, ByIdsAndNumbers)
{
    const Refusals& row = row_of(kRefusals, label());
    begin();
    const ApprovedOrder order = link->approve(Side::buy, "1", "27.00", TimeInForce::gtc);
    link->send(order);
    ASSERT_TRUE(until_status(order.id(), OrderStatus::working));
    link->ends.clear();
    link->send(order);
    ASSERT_TRUE(
        until("the second end", [&] { return link->last_end(RequestKind::place, order.id()) != nullptr; }));
    EXPECT_EQ(end_text(RequestKind::place, order.id()), row.duplicate == kNone ? "done/none" : row.duplicate);
    EXPECT_EQ(venue->open_orders(), 1U) << "one id, one order";
    pause();
    for (int i = 0; i < 210; ++i) {
        PlaceOrder others;
        others.account = LifeServer::kAccount;
        others.listing = LifeServer::kListing;
        others.client_id = "web" + std::to_string(i);
        others.price = {2500};
        others.quantity = {10};
        venue->exchange.place(others, venue->server().venue_now());
    }
    expect("too many open orders", row.too_many, fate("1", "27.00", TimeInForce::gtc));
}

TEST_P(VenueLifeRefusals, ByTheNumberOfOrdersASecond)
{
    const Refusals& row = row_of(kRefusals, label());
    if (row.too_fast == kNone) GTEST_SKIP() << label() << ": uncounted";
    // On a day of manners a venue refuses for other reasons too, as the pace of the test would have it.
    if (GetParam().manners) GTEST_SKIP() << label() << ": its counts are those of a quiet day";
    begin();
    const auto refused = [&] {
        return std::any_of(link->ends.begin(), link->ends.end(),
                           [](const LinkEnd& end) { return end.end.outcome == Outcome::rate_limited; });
    };
    // Venues count by the clock: time is held still, well before the end of ten seconds, so that what is
    // counted together does not depend on how fast this machine sends.
    if (clock.now().ns % seconds(10).ns > seconds(6).ns) skip(seconds(4));
    // The venue's own clock runs on for as long as a turn lasts: from the beginning of a second it does not
    // come into the next one.
    skip({seconds(1).ns - clock.now().ns % seconds(1).ns});
    clock.held = clock.now();
    constexpr std::size_t kMost = 350;
    std::size_t sent = 0;
    for (; sent < kMost && !refused(); ++sent) {
        (void)link->place(Side::buy, "1", "26.00", TimeInForce::ioc);  // meets nobody
        if (sent % 5 == 4) turn();
    }
    ASSERT_TRUE(
        until("every order has its answer", [&] { return link->end_count(RequestKind::place) == sent; }));
    // A slow machine has sent all of them before it hears the first answer.
    EXPECT_TRUE(refused()) << "the venue never said that it is enough";
    std::size_t done = 0;
    for (const LinkEnd& end : link->ends) {
        if (end.end.kind != RequestKind::place) continue;
        done += end.end.outcome == Outcome::done;
        if (end.end.outcome != Outcome::done) {
            EXPECT_EQ(end_text(RequestKind::place, end.end.order), row.too_fast);
        }
    }
    EXPECT_EQ(venue->exchange.order_count(), done) << "what was refused is not there";
}

}  // namespace
}  // namespace arb::test
