// The gate: every reason to refuse is reachable, a package passes whole or not at all, and what was approved
// stays reserved at its worst case until the venue has spoken.
#include "engine/trading/risk_gate.hpp"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::bps;
using test::kStart;
using test::money;
using test::package_of;
using test::Spec;
using test::World;

constexpr ListingId kHb{0}, kKc{1};

std::vector<Spec> two_venues()
{
    return {{.venue = "hb", .minimum = "1", .notional = "5"}, {.venue = "kc", .lot = "0.01"}};
}

void give(World& world)
{
    for (const std::size_t venue : {0U, 1U}) {
        world.start_with(venue, "USDT", "1000");
        world.start_with(venue, "LINK", "20");
    }
    world.book(0, {{"27.08", "100"}}, {{"27.11", "100"}});
    world.book(1, {{"27.20", "100"}}, {{"27.30", "100"}});
}

// The good package of these tests: 10 LINK bought for 271.1, sold for 272.
Package good(const World& world)
{
    return package_of(world, 0, "27.11", 1, "27.20", "10");
}

struct Case {
    std::string title;
    RiskReason reason;
    std::function<void(std::vector<Spec>&)> specs;
    std::function<void(World&, RiskLimits&, Package&)> change;
    std::function<void(RiskGate&)> gate = [](RiskGate&) {};
};

void quantity(const World& world, Package& package, std::string_view text)
{
    package.legs[0].intent.quantity = package.legs[1].intent.quantity = world.quantity(0, text);
}

std::vector<Case> cases()
{
    const auto same = [](std::vector<Spec>&) {};
    using W = World;
    using L = RiskLimits;
    using P = Package;
    return {
        {"as it should be", RiskReason::none, same, [](W&, L&, P&) {}},
        {"buying venue halted", RiskReason::not_trading, [](auto& s) { s[0].status = ListingStatus::halted; },
         [](W&, L&, P&) {}},
        {"selling venue halted", RiskReason::not_trading,
         [](auto& s) { s[1].status = ListingStatus::halted; }, [](W&, L&, P&) {}},
        {"off the lot", RiskReason::lot, same, [](W& w, L&, P& p) { quantity(w, p, "10.05"); }},
        {"below the minimum", RiskReason::lot, same, [](W& w, L&, P& p) { quantity(w, p, "0.9"); }},
        {"at the minimum", RiskReason::none, same, [](W& w, L&, P& p) { quantity(w, p, "1"); }},
        {"zero quantity", RiskReason::lot, same, [](W& w, L&, P& p) { quantity(w, p, "0"); }},
        {"negative quantity", RiskReason::lot, same, [](W& w, L&, P& p) { quantity(w, p, "-10"); }},
        {"off the tick", RiskReason::lot, [](auto& s) { s[0].tick = "0.02"; }, [](W&, L&, P&) {}},
        {"no price", RiskReason::lot, same, [](W&, L&, P& p) { p.legs[1].intent.price = {}; }},
        {"below the minimum notional", RiskReason::notional_minimum,
         [](auto& s) { s[1].notional = "272.01"; }, [](W&, L&, P&) {}},
        {"at the minimum notional", RiskReason::none, [](auto& s) { s[1].notional = "272"; },
         [](W&, L&, P&) {}},
        {"order too large", RiskReason::order_notional, same,
         [](W&, L& l, P&) { l.order_notional_max = money("271.99"); }},
        {"order as large as allowed", RiskReason::none, same,
         [](W&, L& l, P&) { l.order_notional_max = money("272"); }},
        {"money beyond 128 bits", RiskReason::order_notional, same,
         [](W& w, L&, P& p) {
             p.legs[0].intent.price = {INT64_MAX};
             p.legs[0].intent.quantity = {INT64_MAX / w.table.listing(kHb).lot.units *
                                          w.table.listing(kHb).lot.units};
         }},
        // The middle of 27.20 bid and 27.11 ask is 27.155; 27.11 is 16.57 bps off, 27.20 as much.
        {"inside the price band", RiskReason::none, same, [](W&, L& l, P&) { l.price_band = bps(17); }},
        {"outside the price band", RiskReason::price_band, same,
         [](W&, L& l, P&) { l.price_band = bps(16); }},
        {"no book", RiskReason::no_price, same,
         [](W& w, L&, P&) {
             w.markets.on_unreadable(kHb, kStart);
             w.markets.on_unreadable(kKc, kStart);
         }},
        {"too many orders a second", RiskReason::rate, same, [](W&, L& l, P&) { l.orders_per_second = 1; }},
        {"quote currency short by the fee", RiskReason::balance, same,
         [](W& w, L&, P&) { w.start_with(0, "USDT", "271.3710"); }},
        {"quote currency just enough", RiskReason::none, same,
         [](W& w, L&, P&) { w.start_with(0, "USDT", "271.3711"); }},
        {"base short", RiskReason::balance, same, [](W& w, L&, P&) { w.start_with(1, "LINK", "9.99"); }},
        {"base just enough", RiskReason::none, same, [](W& w, L&, P&) { w.start_with(1, "LINK", "10"); }},
        {"position", RiskReason::position, same, [](W&, L& l, P&) { l.position_max = money("9.99"); }},
        {"position at the limit", RiskReason::none, same, [](W&, L& l, P&) { l.position_max = money("10"); }},
        {"exposure of one leg alone", RiskReason::net_exposure, same,
         [](W&, L& l, P&) { l.net_exposure_max = money("271"); }},
        {"exposure at the limit", RiskReason::none, same,
         [](W&, L& l, P&) { l.net_exposure_max = money("272"); }},
    };
}

// Packages that are none, and limits in another currency than the market's.
std::vector<Case> package_cases()
{
    const auto same = [](std::vector<Spec>&) {};
    using W = World;
    using L = RiskLimits;
    using P = Package;
    return {
        {"a leg of no place in its market", RiskReason::legs, same,
         [](W&, L&, P& p) { p.legs[1].member = 7; }},
        {"no legs", RiskReason::legs, same, [](W&, L&, P& p) { p.count = 0; }},
        {"limits of another currency, and nothing says what this one is worth", RiskReason::no_rate, same,
         [](W&, L& l, P&) { l.rates.currency = "EUR"; }},
        // 272 USDT of 1.5 EUR each are 408.
        {"an order too large in the currency of limits", RiskReason::order_notional, same,
         [](W&, L& l, P&) {
             l.rates = {"EUR", {{"USDT", "", money("1.5"), ""}}, seconds(60)};
             l.order_notional_max = money("407.99");
         }},
        {"as large as allowed in the currency of limits", RiskReason::none, same,
         [](W&, L& l, P&) {
             l.rates = {"EUR", {{"USDT", "", money("1.5"), ""}}, seconds(60)};
             l.order_notional_max = money("408");
         }},
    };
}

// What closes the gate for new risk, and the limits over everything.
std::vector<Case> gate_cases()
{
    const auto same = [](std::vector<Spec>&) {};
    using W = World;
    using L = RiskLimits;
    using P = Package;
    return {
        {"paused", RiskReason::paused, same, [](W&, L&, P&) {}, [](RiskGate& g) { g.set_paused(true); }},
        {"buying venue stopped", RiskReason::venue_stopped, same, [](W&, L&, P&) {},
         [](RiskGate& g) { g.set_venue_stopped(VenueId{0}, true); }},
        {"selling venue stopped", RiskReason::venue_stopped, same, [](W&, L&, P&) {},
         [](RiskGate& g) { g.set_venue_stopped(VenueId{1}, true); }},
        {"market stopped", RiskReason::market_stopped, same, [](W&, L&, P&) {},
         [](RiskGate& g) { g.set_market_stopped(MarketId{0}, true); }},
        {"all of the venue's budget is kept for unwinding", RiskReason::budget, same, [](W&, L&, P&) {},
         [](RiskGate& g) { g.pace().set_budget(VenueId{1}, 2, 2); }},
        {"one request left for opening", RiskReason::none, same, [](W&, L&, P&) {},
         [](RiskGate& g) { g.pace().set_budget(VenueId{1}, 3, 2); }},
        {"a cancel used the last request", RiskReason::budget, same, [](W&, L&, P&) {},
         [](RiskGate& g) {
             g.pace().set_budget(VenueId{1}, 3, 2);
             g.pace().on_request(VenueId{1}, kStart - milliseconds(999));
         }},
        {"the cancel was a second ago", RiskReason::none, same, [](W&, L&, P&) {},
         [](RiskGate& g) {
             g.pace().set_budget(VenueId{1}, 3, 2);
             g.pace().on_request(VenueId{1}, kStart - seconds(1));
         }},
        {"book too old", RiskReason::book_age, same,
         [](W& w, L& l, P&) {
             l.book_age_max = milliseconds(5);
             w.book(0, {{"27.08", "100"}}, {{"27.11", "100"}}, kStart - milliseconds(6));
         }},
        {"open orders", RiskReason::open_orders, same, [](W&, L& l, P&) { l.open_orders_max = 1; }},
        {"open orders at the limit", RiskReason::none, same, [](W&, L& l, P&) { l.open_orders_max = 2; }},
        // Bought for 271.1 and its fee at hb, then sold for 272 at kc with hb's purchase in the sum, at its
        // ask.
        {"instrument", RiskReason::instrument_limit, same,
         [](W&, L& l, P&) { l.instrument_max = money("543"); }},
        {"instrument within", RiskReason::none, same, [](W&, L& l, P&) { l.instrument_max = money("544"); }},
        {"venue", RiskReason::venue_limit, same, [](W&, L& l, P&) { l.venue_max = money("272.2"); }},
        {"venue within", RiskReason::none, same, [](W&, L& l, P&) { l.venue_max = money("272.3"); }},
        {"gross", RiskReason::gross_limit, same, [](W&, L& l, P&) { l.gross_max = money("543"); }},
        {"gross within", RiskReason::none, same, [](W&, L& l, P&) { l.gross_max = money("544"); }},
        {"loss of the day", RiskReason::loss_limit, same, [](W&, L& l, P&) { l.loss_day_max = money("5"); },
         [](RiskGate& g) { EXPECT_TRUE(g.day().on_realised(money("-5"), kStart)); }},
        {"loss below the limit", RiskReason::none, same, [](W&, L& l, P&) { l.loss_day_max = money("5"); },
         [](RiskGate& g) { EXPECT_FALSE(g.day().on_realised(money("-4.99"), kStart)); }},
        {"refused one after the other", RiskReason::refused_often, same, [](W&, L&, P&) {},
         [](RiskGate& g) {
             for (int i = 1; i <= 5; ++i)
                 EXPECT_EQ(g.refusals().on_refused(kHb, kStart - milliseconds(29'999)), i == 5) << i;
         }},
        {"the pause is over", RiskReason::none, same, [](W&, L&, P&) {},
         [](RiskGate& g) {
             for (int i = 0; i < 5; ++i) (void)g.refusals().on_refused(kHb, kStart - seconds(30));
         }},
        {"one taken in between", RiskReason::none, same, [](W&, L&, P&) {},
         [](RiskGate& g) {
             for (int i = 0; i < 4; ++i) EXPECT_FALSE(g.refusals().on_refused(kHb, kStart));
             g.refusals().on_taken(kHb);
             for (int i = 0; i < 4; ++i) EXPECT_FALSE(g.refusals().on_refused(kHb, kStart));
         }},
        {"yesterday's loss", RiskReason::none, same, [](W&, L& l, P&) { l.loss_day_max = money("5"); },
         [](RiskGate& g) { EXPECT_TRUE(g.day().on_realised(money("-5"), kStart - seconds(86'400))); }},
    };
}

TEST(RiskGate, each_reason_is_reached_and_each_limit_may_be_touched)
{
    std::vector<bool> reached(static_cast<std::size_t>(RiskReason::count_));
    std::vector<Case> all = cases();
    for (const Case& test : gate_cases()) all.push_back(test);
    for (const Case& test : package_cases()) all.push_back(test);
    for (const Case& test : all) {
        SCOPED_TRACE(test.title);
        std::vector<Spec> specs = two_venues();
        test.specs(specs);
        World world(specs);
        give(world);
        RiskLimits limits = test::wide_limits();
        Package package = good(world);
        test.change(world, limits, package);
        RiskGate gate(world.markets, world.portfolio, limits, world.fees);
        test.gate(gate);
        RiskReason reason = RiskReason::count_;
        const auto orders = gate.approve(package, kStart, reason);
        EXPECT_STREQ(name(reason), name(test.reason));
        EXPECT_EQ(orders.has_value(), test.reason == RiskReason::none);
        EXPECT_EQ(gate.open_orders(), orders ? 2U : 0U);
        reached[static_cast<std::size_t>(test.reason)] = true;
    }
    for (std::size_t i = 0; i < reached.size(); ++i) {
        EXPECT_TRUE(reached[i]) << "no case reaches " << name(static_cast<RiskReason>(i));
        EXPECT_STRNE(name(static_cast<RiskReason>(i)), "?");
    }
}

struct Gate {
    explicit Gate(const std::function<void(RiskLimits&)>& change = [](RiskLimits&) {}) : world(two_venues())
    {
        give(world);
        RiskLimits limits = test::wide_limits();
        change(limits);
        gate.emplace(world.markets, world.portfolio, limits, world.fees);
    }
    std::optional<LegOrders> approve(const Package& package, Timestamp now = kStart)
    {
        return gate->approve(package, now, reason);
    }
    World world;
    std::optional<RiskGate> gate;
    RiskReason reason = RiskReason::count_;
};

TEST(RiskGate, a_refused_package_leaves_nothing_reserved_and_no_trace_in_the_rate)
{
    Gate g([](RiskLimits& limits) { limits.orders_per_second = 3; });
    Package bad = good(g.world);
    bad.legs[1].intent.quantity = g.world.quantity(1, "20.01");  // the buying leg alone would pass
    EXPECT_FALSE(g.approve(bad));
    EXPECT_EQ(g.reason, RiskReason::balance);
    EXPECT_EQ(g.gate->open_orders(), 0U);
    EXPECT_EQ(g.gate->money().free_quote(kHb), money("1000"));
    EXPECT_EQ(g.gate->money().free_base(kKc), money("20"));
    EXPECT_TRUE(g.approve(good(g.world)));
}

// What is held where nobody quotes any more is still held: at its last price.
TEST(RiskGate, a_book_that_is_gone_makes_no_room_under_the_limits)
{
    Gate g([](RiskLimits& limits) { limits.gross_max = money("600"); });
    ASSERT_TRUE(g.approve(good(g.world)));
    g.world.book(1, {{"27.20", "100"}}, {});
    OrderIntent more = good(g.world).legs[0].intent;
    more.quantity = g.world.quantity(0, "5");
    EXPECT_FALSE(g.gate->approve_single(MarketId{}, more, kStart, g.reason));
    EXPECT_STREQ(name(g.reason), name(RiskReason::gross_limit));
}

// Held at a venue whose book has not come yet: at the price of another venue; where nobody shows any, nothing
// is opened.
TEST(RiskGate, what_was_never_priced_is_priced_elsewhere_or_refuses)
{
    Spec eth{.venue = "kc"};
    eth.base = "ETH";
    World world({{.venue = "hb"}, {.venue = "kc"}, eth});
    give(world);
    world.book(1, {{"27.20", "100"}}, {});
    RiskLimits limits = test::wide_limits();
    limits.gross_max = money("600");
    RiskGate gate(world.markets, world.portfolio, limits, world.fees);
    const OrderIntent one = world.intent(0, Side::buy, "27.11", "1");
    RiskReason reason = RiskReason::none;
    const auto opens = [&] {
        const auto order = gate.approve_single(MarketId{}, one, kStart, reason);
        if (order) gate.on_done(order->id());
        return order.has_value();
    };
    const OrderIntent held = world.intent(1, Side::buy, "27.20", "10");
    world.portfolio.apply(kKc, Side::buy, world.fill(held, 1, "27.20", "10"));
    EXPECT_TRUE(opens()) << name(reason);
    world.portfolio.apply(kKc, Side::buy, world.fill(held, 2, "27.20", "15"));
    EXPECT_FALSE(opens()) << "25 at hb's 27.11 are 677";
    world.portfolio.apply(kKc, Side::sell, world.fill(held, 3, "27.20", "25"));
    EXPECT_TRUE(opens());
    const OrderIntent ether = world.intent(2, Side::buy, "1", "0.1");
    world.portfolio.apply(ListingId{2}, Side::buy, world.fill(ether, 4, "1", "0.1"));
    EXPECT_FALSE(opens()) << "nobody knows what it is worth";
    EXPECT_STREQ(name(reason), name(RiskReason::gross_limit));
}

TEST(RiskGate, each_pause_after_refusals_is_twice_as_long_until_an_order_is_taken)
{
    Gate g;
    Timestamp now = kStart;
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(g.gate->refusals().on_refused(kKc, now));
    for (const std::int64_t pause : {30, 60, 120, 240, 480, 600, 600}) {
        EXPECT_TRUE(g.gate->refusals().on_refused(kKc, now));
        EXPECT_FALSE(g.gate->refusals().on_refused(kKc, now)) << "one that was out already";
        EXPECT_EQ(g.gate->refusals().until(kKc), now + seconds(pause));
        now = g.gate->refusals().until(kKc);
    }
    g.gate->refusals().on_taken(kKc);
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(g.gate->refusals().on_refused(kKc, now));
    EXPECT_TRUE(g.gate->refusals().on_refused(kKc, now));
    EXPECT_EQ(g.gate->refusals().until(kKc), now + seconds(30));
    g.world.book(1, {{"27.20", "100"}}, {{"27.30", "100"}}, now);
    EXPECT_TRUE(g.gate->approve_unwind({PackageId{1}, MarketId{}, {}, 0},
                                       g.world.intent(1, Side::sell, "27.20", "1"), now, g.reason))
        << "closing is never held back";
}

// Another price for an order that rests is judged like the order in its place; until the venue says which of
// both it has, the worse one is reserved.
TEST(RiskGate, another_price_is_judged_and_the_worse_one_reserved)
{
    Gate g([](RiskLimits& limits) { limits.orders_per_second = 6; });
    OrderIntent rests = g.world.intent(0, Side::buy, "27.00", "10");
    rests.time_in_force = TimeInForce::post_only;
    const auto order = g.gate->approve_single(MarketId{}, rests, kStart, g.reason);
    ASSERT_TRUE(order);
    const Amount before = g.gate->money().free_quote(kHb);
    const auto amend = [&](std::string_view price, OrderId id, Timestamp now) {
        return g.gate->approve_amend(PackageId{}, id, MarketId{}, g.world.price(0, price), now, g.reason);
    };
    EXPECT_FALSE(amend("40.00", order->id(), kStart));
    EXPECT_EQ(g.reason, RiskReason::price_band);
    EXPECT_FALSE(amend("27.05", OrderId{1234}, kStart)) << "none of ours";
    EXPECT_EQ(g.gate->money().free_quote(kHb), before) << "a refusal changes nothing";
    const auto higher = amend("27.10", order->id(), kStart);
    ASSERT_TRUE(higher);
    EXPECT_EQ(higher->id(), order->id());
    EXPECT_EQ(higher->intent().price, g.world.price(0, "27.10"));
    EXPECT_EQ(higher->intent().quantity, rests.quantity);
    const Amount worse = g.gate->money().free_quote(kHb);
    EXPECT_LT(worse, before);
    EXPECT_TRUE(amend("26.90", order->id(), kStart));
    EXPECT_EQ(g.gate->money().free_quote(kHb), worse);
    g.gate->on_amended(order->id(), g.world.price(0, "26.90"));
    EXPECT_GT(g.gate->money().free_quote(kHb), before);
    // What is filled needs no money any more, and the rest is judged alone.
    g.gate->on_fill(order->id(), g.world.quantity(0, "9"));
    ASSERT_TRUE(amend("27.00", order->id(), kStart));
    g.gate->on_amended(order->id(), g.world.price(0, "27.00"));
    g.gate->on_done(order->id());
    EXPECT_EQ(g.gate->open_orders(), 0U);
    EXPECT_EQ(g.gate->money().free_quote(kHb), money("1000"));
}

TEST(RiskGate, another_price_counts_as_an_order_and_needs_its_money)
{
    Gate g([](RiskLimits& limits) { limits.orders_per_second = 2; });
    OrderIntent rests = g.world.intent(0, Side::buy, "27.00", "10");
    const auto order = g.gate->approve_single(MarketId{}, rests, kStart, g.reason);
    ASSERT_TRUE(order);
    g.gate->set_paused(true);
    EXPECT_FALSE(g.gate->approve_amend(PackageId{}, order->id(), MarketId{}, g.world.price(0, "27.01"),
                                       kStart, g.reason));
    EXPECT_EQ(g.reason, RiskReason::paused);
    g.gate->set_paused(false);
    EXPECT_TRUE(g.gate->approve_amend(PackageId{}, order->id(), MarketId{}, g.world.price(0, "27.01"), kStart,
                                      g.reason));
    EXPECT_FALSE(g.gate->approve_amend(PackageId{}, order->id(), MarketId{}, g.world.price(0, "27.02"),
                                       kStart, g.reason));
    EXPECT_EQ(g.reason, RiskReason::rate);
    // Others take all money but what it holds itself: one tick more is too much.
    Gate poor([](RiskLimits& limits) { limits.orders_per_second = 100; });
    rests.quantity = poor.world.quantity(0, "36.9");
    const auto large = poor.gate->approve_single(MarketId{}, rests, kStart, poor.reason);
    ASSERT_TRUE(large) << name(poor.reason);
    EXPECT_FALSE(poor.gate->approve_amend(PackageId{}, large->id(), MarketId{}, poor.world.price(0, "27.10"),
                                          kStart, poor.reason))
        << "1000 are enough for 36.9 at 27.00 with its fee, and not at this price";
    EXPECT_EQ(poor.reason, RiskReason::balance);
}

// What covering would cost: against the middle, and nothing where the price is the better one.
TEST(RiskGate, a_price_better_than_the_middle_costs_nothing)
{
    Gate g;
    g.world.book(0, {{"27.08", "100"}}, {{"27.10", "100"}});
    g.world.book(1, {{"27.20", "100"}}, {{"27.30", "100"}});
    const auto cost = [&](Side side, std::int64_t price) {
        return g.gate->prices().cost_against_middle(MarketId{}, side, Int128{price} * kRateOne, kStart);
    };
    EXPECT_EQ(cost(Side::sell, 2720), Rate{0});
    EXPECT_EQ(cost(Side::buy, 2710), Rate{0});
    EXPECT_EQ(cost(Side::sell, 2708), (Rate{14 * kRateOne / 5430})) << "the middle is 27.15";
    EXPECT_EQ(cost(Side::buy, 2730), (Rate{30 * kRateOne / 5430}));
}

// One venue is left, and its book has crashed by 40 %: it is not its own judge. What two venues last agreed
// on and what was paid stand beside it; each round of failed attempts lets the price be a little farther off.
TEST(RiskGate, a_crashed_book_that_is_alone_judges_no_closing_order)
{
    Gate g([](RiskLimits&) {});
    g.gate->prices().remember(at_ms(1'000));
    g.world.markets.on_unreadable(kKc, at_ms(2'000));
    g.world.book(0, {{"16.20", "100"}}, {{"16.23", "100"}}, at_ms(2'000));
    g.gate->prices().remember(at_ms(3'000));
    const auto approve = [&](std::string_view limit, const char* paid, unsigned round) {
        const Price reference = g.world.price(0, paid);
        return g.gate
            ->approve_unwind({PackageId{1}, MarketId{}, reference, round},
                             g.world.intent(0, Side::sell, limit, "1"), at_ms(3'000), g.reason)
            .has_value();
    };
    EXPECT_FALSE(approve("16.20", "27.10", 0));
    EXPECT_EQ(g.reason, RiskReason::price_band);
    EXPECT_FALSE(approve("16.20", "27.10", 1'000)) << "not even after an hour";
    // A market that truly fell a little is followed, step by step: 4 % below.
    g.world.book(0, {{"26.10", "100"}}, {{"26.12", "100"}}, at_ms(3'000));
    EXPECT_FALSE(approve("26.02", "27.10", 0));
    EXPECT_TRUE(approve("26.02", "27.10", 1));
    // Paid while the market was there: the book is believed.
    EXPECT_TRUE(approve("26.02", "26.10", 0));
    // As long as nothing is remembered the only book is all there is.
    Gate fresh([](RiskLimits&) {});
    fresh.world.markets.on_unreadable(kKc, at_ms(2));
    EXPECT_TRUE(fresh.gate->approve_unwind({PackageId{1}, MarketId{}, {}, 0},
                                           fresh.world.intent(0, Side::sell, "27.08", "1"), at_ms(3),
                                           fresh.reason));
}

TEST(RiskGate, orders_carry_their_intents_and_distinct_ids)
{
    Gate g;
    const auto orders = g.approve(good(g.world));
    ASSERT_TRUE(orders);
    EXPECT_NE((*orders)[0].id(), (*orders)[1].id());
    EXPECT_EQ((*orders)[0].intent().listing, kHb);
    EXPECT_EQ((*orders)[0].intent().side, Side::buy);
    EXPECT_EQ((*orders)[1].intent().listing, kKc);
    EXPECT_EQ((*orders)[1].intent().side, Side::sell);
    EXPECT_EQ((*orders)[1].package(), PackageId{1});
}

TEST(RiskGate, what_is_approved_is_reserved_until_it_is_done)
{
    Gate g;
    const auto orders = g.approve(good(g.world));
    ASSERT_TRUE(orders);
    const Amount cost = money("271.3711");  // 271.1 and its fee
    EXPECT_EQ(g.gate->money().free_quote(kHb), money("1000") - cost);
    EXPECT_EQ(g.gate->money().free_base(kKc), money("10"));
    EXPECT_EQ(g.gate->money().free_base(kHb), money("20"));  // what may come is not ours yet
    EXPECT_EQ(g.gate->money().free_quote(kKc), money("1000"));
    EXPECT_EQ(g.gate->worst().position(kHb, Side::buy), money("10"));
    EXPECT_EQ(g.gate->worst().position(kHb, Side::sell), Amount{});
    EXPECT_EQ(g.gate->worst().position(kKc, Side::sell), money("-10"));
    // A partial fill uses its part of the reservation; the terminal word frees the rest.
    g.gate->on_fill((*orders)[0].id(), g.world.quantity(0, "4"));
    EXPECT_EQ(g.gate->money().free_quote(kHb), money("1000") - money("162.82266"));
    EXPECT_EQ(g.gate->open_orders(), 2U);
    g.gate->on_done((*orders)[0].id());
    EXPECT_EQ(g.gate->money().free_quote(kHb), money("1000"));
    EXPECT_EQ(g.gate->worst().position(kHb, Side::buy), Amount{});
    EXPECT_EQ(g.gate->open_orders(), 1U);
    g.gate->on_done((*orders)[0].id());
    EXPECT_EQ(g.gate->open_orders(), 1U);
    g.gate->on_fill((*orders)[1].id(),
                    g.world.quantity(1, "99"));  // more than was ordered frees no more than it
    EXPECT_EQ(g.gate->money().free_base(kKc), money("20"));
    g.gate->on_done((*orders)[1].id());
    EXPECT_EQ(g.gate->open_orders(), 0U);
}

TEST(RiskGate, an_unknown_fate_stays_reserved_however_long_it_takes)
{
    Gate g;
    g.world.start_with(0, "USDT", "500");
    ASSERT_TRUE(g.approve(good(g.world)));
    EXPECT_FALSE(g.approve(good(g.world), kStart + seconds(86'400)));
    EXPECT_EQ(g.reason, RiskReason::balance);
    EXPECT_EQ(g.gate->open_orders(), 2U);
    EXPECT_EQ(g.gate->money().free_base(kKc), money("10"));
}

TEST(RiskGate, open_orders_count_as_filled_against_position_and_exposure)
{
    Gate g([](RiskLimits& limits) { limits.position_max = money("19.9"); });
    ASSERT_TRUE(g.approve(good(g.world)));
    EXPECT_FALSE(g.approve(good(g.world)));
    EXPECT_EQ(g.reason, RiskReason::position);
    Gate h([](RiskLimits& limits) { limits.net_exposure_max = money("500"); });
    ASSERT_TRUE(h.approve(good(h.world)));
    EXPECT_FALSE(h.approve(good(h.world)));
    EXPECT_EQ(h.reason, RiskReason::net_exposure);
}

TEST(RiskGate, a_position_beyond_the_limit_may_be_reduced)
{
    Gate g([](RiskLimits& limits) { limits.position_max = money("5"); });
    const OrderIntent intent = g.world.intent(0, Side::sell, "27.10", "16");
    g.world.portfolio.apply(kHb, Side::sell, g.world.fill(intent, 1, "27.10", "16"));
    EXPECT_TRUE(g.approve(package_of(g.world, 0, "27.11", 1, "27.20", "5"))) << name(g.reason);
    EXPECT_FALSE(g.approve(package_of(g.world, 1, "27.20", 0, "27.11", "1")));
    EXPECT_EQ(g.reason, RiskReason::position);
}

TEST(RiskGate, the_rate_holds_in_any_window_of_one_second)
{
    Gate g([](RiskLimits& limits) { limits.orders_per_second = 5; });
    const Package small = package_of(g.world, 0, "27.11", 1, "27.20", "1");
    const OrderIntent one = g.world.intent(0, Side::buy, "27.11", "1");
    const auto unwind = [&](std::int64_t ms) {
        return g.gate->approve_unwind({PackageId{1}, MarketId{}, {}, 0}, one, at_ms(ms), g.reason)
            .has_value();
    };
    const auto opened = [&](std::int64_t ms) {
        const auto orders = g.approve(small, at_ms(ms));
        if (orders) {
            for (const std::size_t leg : {0U, 1U}) g.gate->on_done(orders->id(leg));
        }
        return orders.has_value();
    };
    EXPECT_TRUE(opened(0));
    EXPECT_TRUE(opened(400));
    EXPECT_FALSE(opened(500));  // two would be six
    EXPECT_EQ(g.reason, RiskReason::rate);
    EXPECT_TRUE(unwind(500));
    EXPECT_FALSE(unwind(999));
    EXPECT_EQ(g.reason, RiskReason::rate);
    g.gate->on_done(OrderId{5});
    EXPECT_FALSE(opened(1399));  // its own closing order would be the sixth
    EXPECT_TRUE(opened(1400));
    EXPECT_TRUE(unwind(1400));
    EXPECT_TRUE(unwind(1400));
    EXPECT_FALSE(unwind(1499));
    EXPECT_TRUE(unwind(1500));
}

// Opening never takes the orders that closing may need: one for each package that is out, and for the new
// one.
TEST(RiskGate, opening_leaves_room_for_closing)
{
    Gate g([](RiskLimits& limits) { limits.orders_per_second = 7; });
    const Package small = package_of(g.world, 0, "27.11", 1, "27.20", "1");
    const OrderIntent one = g.world.intent(0, Side::buy, "27.11", "1");
    ASSERT_TRUE(g.approve(small, at_ms(0)));
    ASSERT_TRUE(g.approve(small, at_ms(1)));  // four orders, two packages that may each need one more
    EXPECT_FALSE(g.approve(small, at_ms(2)));
    EXPECT_EQ(g.reason, RiskReason::rate);
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(g.gate->approve_unwind({PackageId{1}, MarketId{}, {}, 0}, one, at_ms(3), g.reason)) << i;
    }
    EXPECT_FALSE(g.gate->approve_unwind({PackageId{1}, MarketId{}, {}, 0}, one, at_ms(3), g.reason));
}

TEST(RiskGate, a_single_order_keeps_every_limit_that_a_package_keeps)
{
    struct Narrowed {
        const char* what;
        std::function<void(RiskLimits&)> narrow;
        RiskReason reason;
    };
    const Narrowed kNarrowed[] = {
        {"nothing in its way", [](RiskLimits&) {}, RiskReason::none},
        {"size", [](RiskLimits& l) { l.order_notional_max = money("27"); }, RiskReason::order_notional},
        {"position", [](RiskLimits& l) { l.position_max = Amount{}; }, RiskReason::position},
        {"exposure", [](RiskLimits& l) { l.net_exposure_max = Amount{}; }, RiskReason::net_exposure},
        {"venue", [](RiskLimits& l) { l.venue_max = Amount{}; }, RiskReason::venue_limit},
        {"open orders", [](RiskLimits& l) { l.open_orders_max = 0; }, RiskReason::open_orders},
    };
    for (const Narrowed& c : kNarrowed) {
        Gate g(c.narrow);
        const OrderIntent one = g.world.intent(0, Side::buy, "27.11", "1");
        const auto order = g.gate->approve_single(MarketId{}, one, kStart, g.reason);
        EXPECT_EQ(g.reason, c.reason) << c.what;
        EXPECT_EQ(order.has_value(), c.reason == RiskReason::none) << c.what;
        EXPECT_EQ(g.gate->open_orders(), order ? 1U : 0U) << c.what;
    }
    Gate paused([](RiskLimits&) {});
    paused.gate->set_paused(true);
    const OrderIntent one = paused.world.intent(0, Side::buy, "27.11", "1");
    EXPECT_FALSE(paused.gate->approve_single(MarketId{}, one, kStart, paused.reason));
    EXPECT_EQ(paused.reason, RiskReason::paused);
}

TEST(RiskGate, unwinding_passes_position_and_exposure_but_nothing_else)
{
    Gate g([](RiskLimits& limits) {
        limits.position_max = Amount{};
        limits.net_exposure_max = Amount{};
    });
    const auto approve = [&](const OrderIntent& intent) {
        return g.gate->approve_unwind({PackageId{3}, MarketId{}, {}, 0}, intent, kStart, g.reason);
    };
    EXPECT_FALSE(g.approve(good(g.world)));
    EXPECT_EQ(g.reason, RiskReason::position);
    const auto order = approve(g.world.intent(0, Side::sell, "27.08", "10"));
    ASSERT_TRUE(order);
    EXPECT_EQ(order->package(), PackageId{3});
    EXPECT_EQ(g.gate->money().free_base(kHb), money("10"));
    EXPECT_FALSE(approve(g.world.intent(0, Side::sell, "27.08", "10.1")));
    EXPECT_EQ(g.reason, RiskReason::balance);
    EXPECT_FALSE(approve(g.world.intent(0, Side::sell, "20.00", "1")));
    EXPECT_EQ(g.reason, RiskReason::price_band);
    EXPECT_FALSE(approve(g.world.intent(0, Side::sell, "27.08", "0.5")));
    EXPECT_EQ(g.reason, RiskReason::lot);
}

TEST(RiskGate, a_full_table_refuses_instead_of_breaking)
{
    Gate g([](RiskLimits& limits) { limits.orders_per_second = 4000; });
    g.world.start_with(0, "USDT", "100000");
    g.world.start_with(1, "LINK", "100000");
    const Package small = package_of(g.world, 0, "27.11", 1, "27.20", "1");
    std::size_t passed = 0;
    while (passed < 1000 && g.approve(small)) ++passed;
    EXPECT_EQ(passed, 128U);
    EXPECT_EQ(g.reason, RiskReason::not_trading);
    g.gate->on_done(OrderId{1});
    g.gate->on_done(OrderId{2});
    EXPECT_TRUE(g.approve(small));
}

// A spot and a perpetual of one venue pay from one quote account: the legs must not both count on the same
// money.
TEST(RiskGate, two_legs_of_one_venue_do_not_spend_the_same_money)
{
    const auto approve = [](const char* usdt) {
        World world({{.venue = "ok"}, {.venue = "ok", .kind = InstrumentKind::perpetual}}, &test::one_market);
        world.start_with(0, "USDT", usdt);
        world.book(0, {{"27.08", "100"}}, {{"27.11", "100"}});
        world.book(1, {{"27.20", "100"}}, {{"27.30", "100"}});
        RiskGate gate(world.markets, world.portfolio, test::wide_limits(), world.fees);
        RiskReason reason = RiskReason::none;
        const bool passed = gate.approve(good(world), kStart, reason).has_value();
        EXPECT_EQ(gate.open_orders(), passed ? 2U : 0U);
        EXPECT_EQ(reason, passed ? RiskReason::none : RiskReason::balance);
        EXPECT_TRUE(passed || gate.money().free_quote(kHb) == money(usdt));
        return passed;
    };
    EXPECT_TRUE(approve("543.6431"));  // 271.3711 for the spot leg, 272.272 margin for the perpetual
    EXPECT_FALSE(approve("543.6430"));
}

}  // namespace
}  // namespace arb
