// Packages of more legs than two, over several markets: each asset that a leg trades ends at nothing, also
// where another leg pays with it, and the waterfall is the money that really moved.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"
#include "tests/trading/executor_stage.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::kStart;
using test::money;

// One bitcoin is 40,005 USDT when the cycle is decided.
constexpr const char* kBitcoinPrice = "40005";

/// BTC/USDT, ETH/BTC and ETH/USDT at two venues; a cycle buys BTC, buys ETH with it and sells the ETH.
class CycleStage : public test::Stage {
  public:
    CycleStage() : Stage(pairs(), {}, test::wide_limits())
    {
        for (const std::size_t venue : {0U, 1U}) {
            world.start_with(venue, "USDT", "1000000");
            world.start_with(venue, "BTC", "10");
            world.start_with(venue, "ETH", "100");
        }
        show_books(kStart);
    }
    static std::vector<test::Spec> pairs()
    {
        std::vector<test::Spec> specs;
        for (const char* venue : {"hb", "kc"}) {
            specs.push_back({.venue = venue, .base = "BTC", .tick = "0.01", .lot = "0.0001"});
            specs.push_back(
                {.venue = venue, .base = "ETH", .quote = "BTC", .tick = "0.00001", .lot = "0.01"});
            specs.push_back({.venue = venue, .base = "ETH", .tick = "0.01", .lot = "0.01"});
        }
        return specs;
    }
    void show_books(Timestamp now)
    {
        for (const std::size_t venue : {0U, 3U}) {
            world.book(venue, {{"40000.00", "5"}}, {{"40010.00", "5"}}, now);
            world.book(venue + 1, {{"0.06890", "50"}}, {{"0.06900", "50"}}, now);
            world.book(venue + 2, {{"2790.00", "50"}}, {{"2792.00", "50"}}, now);
        }
    }
    /// At hb: 0.069 BTC for 2,760.69 USDT, 1 ETH for them, sold for 2,790.
    Package cycle() const
    {
        Package package;
        package.id = PackageId{1};
        package.market = market_of(0);
        package.decided = kStart;
        package.quantity = world.quantity(0, "0.069");
        add(package, 0, Side::buy, "40010.00", "0.069");
        add(package, 1, Side::buy, "0.06900", "1");
        add(package, 2, Side::sell, "2790.00", "1");
        return package;
    }
    void add(Package& package, std::size_t listing, Side side, std::string_view price,
             std::string_view quantity) const
    {
        Leg& leg = package.add(side);
        leg.market = market_of(listing);
        leg.intent = world.intent(listing, side, price, quantity);
        const auto& members = world.markets.consolidated(leg.market).definition().members;
        while (index(members[leg.member].listing) != listing) ++leg.member;
        leg.best = {leg.intent.price.units * members[leg.member].price_factor};
        leg.expected = *world.instrument(listing).notional(leg.intent.price, leg.intent.quantity);
        if (world.instrument(listing).quote == "BTC") leg.rate = money(kBitcoinPrice);
    }
    MarketId market_of(std::size_t listing) const
    {
        for (std::size_t m = 0; m < world.markets.market_count(); ++m) {
            for (const MarketMember& member :
                 world.markets.consolidated(static_cast<MarketId>(m)).definition().members) {
                if (index(member.listing) == listing) return static_cast<MarketId>(m);
            }
        }
        ENSURE(false, "each listing stands in a market");
    }
    /// The package has ended: no order is out, the waterfall sums, and the result is the money that moved,
    /// with what is left valued as the package values it.
    const PackageEnd& end() const
    {
        ENSURE(ends.size() == 1, "one package ended");
        const PackageEnd& end = ends.front();
        EXPECT_EQ(executor.open_count(), 0U);
        EXPECT_EQ(end.waterfall.sum(), end.waterfall.realised);
        Amount result = amount(moved, "USDT") - amount(fees, "USDT");
        result -= at_rate(amount(fees, "BTC"), money(kBitcoinPrice));
        for (std::size_t a = 0; a < end.assets; ++a) {
            const MarketDefinition& market = world.markets.consolidated(end.residuals[a].market).definition();
            const Amount unit{power_of_ten(kAmountDecimals - market.quantity_decimals)};
            const Residual& left = end.residuals[a];
            EXPECT_EQ(Amount{unit.units * left.quantity} + left.rest, amount(moved, market.base))
                << market.base;
            EXPECT_LT(absolute(left.rest), unit);
            const ExposureLine line = exposure.sum(left.market);
            EXPECT_EQ(line.quantity, left.quantity) << market.base;
            EXPECT_EQ(line.rest, left.rest) << market.base;
            result += line.cost;
        }
        EXPECT_EQ(end.waterfall.realised, result) << end.waterfall.realised.text() << " " << result.text();
        return end;
    }
    static Amount amount(const std::map<std::string, Amount>& amounts, const std::string& asset)
    {
        const auto found = amounts.find(asset);
        return found == amounts.end() ? Amount{} : found->second;
    }
    std::string symbol(std::size_t order) const
    {
        return world.table.listing(sent.at(order - 1).intent().listing).symbol;
    }
    std::string quantity(std::size_t order) const
    {
        const OrderIntent& intent = sent.at(order - 1).intent();
        return std::string(name(intent.side)) + " " +
               world.instrument(index(intent.listing)).text(intent.quantity);
    }
};

TEST(PackageLegs, a_cycle_that_fills_ends_flat_in_every_asset)
{
    CycleStage desk;
    desk.start(desk.cycle());
    ASSERT_EQ(desk.sent.size(), 3U);
    desk.fill(1, "40010.00", "0.069");
    desk.done(1);
    desk.fill(2, "0.06900", "1");
    desk.done(2);
    EXPECT_TRUE(desk.ends.empty());
    desk.fill(3, "2790.00", "1");
    desk.done(3);
    const PackageEnd& end = desk.end();
    EXPECT_STREQ(outcome(end), "flat");
    EXPECT_EQ(end.assets, 2U);
    EXPECT_EQ(end.waterfall.quoted, money("29.31"));
    EXPECT_EQ(end.waterfall.latency, Amount{});
    EXPECT_EQ(end.waterfall.unwind, Amount{});
    EXPECT_EQ(desk.unwinds, 0U);
}

TEST(PackageLegs, what_the_others_left_of_each_asset_is_closed_against_money)
{
    CycleStage desk;
    desk.start(desk.cycle());
    desk.fill(1, "40010.00", "0.069");
    desk.done(1);
    desk.fill(3, "2790.00", "1");
    desk.done(3);
    EXPECT_EQ(desk.sent.size(), 3U) << "the leg that pays with BTC is not known yet";
    desk.reject(2);
    // 0.069 BTC too many, one ETH too few.
    ASSERT_EQ(desk.sent.size(), 5U);
    EXPECT_EQ(desk.symbol(4), "BTCUSDT");
    EXPECT_EQ(desk.quantity(4), "sell 0.069");
    EXPECT_EQ(desk.symbol(5), "ETHUSDT");
    EXPECT_EQ(desk.quantity(5), "buy 1");
    desk.fill(4, "40000.00", "0.069");
    desk.done(4);
    desk.fill(5, "2792.00", "1");
    desk.done(5);
    EXPECT_STREQ(desk.end().detail, "unwound");
    EXPECT_LT(desk.end().waterfall.unwind, Amount{});
}

TEST(PackageLegs, a_part_of_the_paying_leg_leaves_what_it_was_to_pay_with)
{
    CycleStage desk;
    desk.start(desk.cycle());
    desk.fill(1, "40010.00", "0.069");
    desk.done(1);
    desk.fill(2, "0.06900", "0.4");
    desk.done(2);
    desk.fill(3, "2790.00", "0.4");
    desk.done(3);
    // 0.4 ETH took 0.0276 BTC.
    ASSERT_EQ(desk.sent.size(), 4U);
    EXPECT_EQ(desk.quantity(4), "sell 0.0414");
    desk.fill(4, "40000.00", "0.0414");
    desk.done(4);
    EXPECT_EQ(desk.end().residual, 0);
}

TEST(PackageLegs, a_silent_leg_holds_up_none_of_the_known_assets)
{
    CycleStage desk;
    desk.start(desk.cycle());
    desk.fill(1, "40010.00", "0.069");
    desk.done(1);
    desk.reject(3);
    desk.show_books(at_ms(520));
    desk.executor.on_time(at_ms(520));
    ASSERT_EQ(desk.sent.size(), 4U) << "the BTC are closed as if the silent leg had done nothing";
    EXPECT_EQ(desk.quantity(4), "sell 0.069");
    EXPECT_EQ(index(desk.sent[3].intent().listing), 3U) << "never a second order to the silent venue";
    desk.fill(4, "40000.00", "0.069", at_ms(530));
    desk.done(4, at_ms(530));
    // It was executed after all: one ETH that nobody sold, and the BTC are missing now.
    desk.fill(2, "0.06900", "1", at_ms(900));
    desk.done(2, at_ms(900));
    ASSERT_EQ(desk.sent.size(), 6U);
    EXPECT_EQ(desk.quantity(5), "buy 0.069");
    EXPECT_EQ(desk.quantity(6), "sell 1");
    desk.fill(5, "40010.00", "0.069", at_ms(910));
    desk.done(5, at_ms(910));
    desk.fill(6, "2790.00", "1", at_ms(910));
    desk.done(6, at_ms(910));
    const PackageEnd& end = desk.end();
    EXPECT_TRUE(end.covered);
    EXPECT_TRUE(end.cover_reversed);
}

TEST(PackageLegs, several_venues_of_one_market_are_one_package)
{
    test::ExecutorStage desk({{.venue = "hb"}, {.venue = "kc"}, {.venue = "ok"}});
    desk.world.start_with(2, "USDT", "100000");
    desk.world.book(2, {{"27.00", "100"}}, {{"27.11", "100"}});
    Package package = test::package_of(desk.world, 0, "27.10", 1, "27.20", "10");
    Leg& more = package.add(Side::buy);
    more = package.legs[0];
    more.member = 2;
    more.intent = desk.world.intent(2, Side::buy, "27.11", "5");
    more.best = more.intent.price;
    more.expected = money("135.55");
    package.legs[1].intent.quantity = desk.world.quantity(1, "15");
    package.legs[1].expected = money("408");
    desk.start(package);
    ASSERT_EQ(desk.sent.size(), 3U);
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.fill(2, "27.20", "15");
    desk.done(2);
    desk.fill(3, "27.11", "4");
    desk.done(3);
    // One too few was bought.
    ASSERT_EQ(desk.sent.size(), 4U);
    EXPECT_EQ(desk.sent[3].intent().side, Side::buy);
    desk.fill(4, "27.10", "1");
    desk.done(4);
    EXPECT_EQ(desk.end().waterfall.quoted, money("1.45"));
    EXPECT_EQ(venues_text(desk.end().package, Side::buy, desk.world.table), "hb+ok");
}

// One dollar coin is half a tether here: what is left over of a market is told in that market's own money.
TEST(PackageLegs, what_is_left_over_costs_its_own_markets_currency)
{
    // LINK/USDT is market 0, UNI/USDC market 1; the package trades at the first venue of each.
    test::Stage desk({{.venue = "hb"},
                      {.venue = "kc", .base = "UNI", .quote = "USDC"},
                      {.venue = "kc"},
                      {.venue = "hb", .base = "UNI", .quote = "USDC"}},
                     {}, test::wide_limits());
    desk.world.start_with(0, "USDT", "1000");
    desk.world.start_with(1, "UNI", "100");
    for (const std::size_t listing : {0U, 1U})
        desk.world.book(listing, {{"19.99", "50"}}, {{"20.00", "50"}}, kStart);
    Package package;
    package.id = PackageId{1};
    package.decided = kStart;
    package.quantity = desk.world.quantity(0, "10");
    for (const std::size_t listing : {0U, 1U}) {
        Leg& leg = package.add(listing == 0 ? Side::buy : Side::sell);
        leg.market = static_cast<MarketId>(listing);
        leg.intent = desk.world.intent(listing, leg.intent.side, "20.00", "10");
        leg.best = leg.intent.price;
        leg.expected = money("200");
    }
    package.market = package.legs[0].market;
    package.legs[1].rate = money("0.5");
    desk.start(package);
    ASSERT_EQ(desk.sent.size(), 2U);
    desk.fill(2, "20.00", "10");
    desk.executor.for_each_open([&](const PackageExecutor::View& view) {
        EXPECT_EQ(view.value, view.market == package.market ? Amount{} : money("-200"));
    });
    desk.reject(1);
    desk.executor.finish(at_ms(500));
    ASSERT_EQ(desk.ends.size(), 1U);
    EXPECT_EQ(desk.exposure.sum(package.legs[1].market).cost, money("-200"));
    // The 200 received and the ten owed are the package's hundred each.
    EXPECT_EQ(desk.ends[0].waterfall.realised + at_rate(desk.fees.at("USDC"), money("0.5")), Amount{});
}

TEST(PackageLegs, what_rests_is_taken_back_when_its_time_is_over)
{
    test::ExecutorStage desk;
    Package package = test::package_of(desk.world, 0, "27.08", 1, "27.20", "10");
    package.legs[0].part = Part::rest;
    package.legs[0].intent.time_in_force = TimeInForce::post_only;
    package.legs[1].part = Part::hedge;
    package.until = at_ms(3'000);
    desk.start(package);
    ASSERT_EQ(desk.sent.size(), 1U);
    desk.executor.on_time(at_ms(2'999));
    EXPECT_TRUE(desk.cancelled.empty());
    desk.executor.on_time(at_ms(3'000));
    ASSERT_EQ(desk.cancelled.size(), 1U);
    // A fill on the way is hedged all the same.
    desk.fill(1, "27.08", "4", at_ms(3'010));
    desk.done(1, at_ms(3'020));
    ASSERT_EQ(desk.sent.size(), 2U);
    desk.fill(2, "27.20", "4", at_ms(3'030));
    desk.done(2, at_ms(3'030));
    EXPECT_STREQ(outcome(desk.end()), "flat");
}

// What may have to be sold at any moment is not promised to somebody else; what closes goes before it.
TEST(PackageLegs, the_money_of_a_hedge_opens_nothing_else)
{
    test::ExecutorStage desk;
    Package package = test::package_of(desk.world, 0, "27.08", 1, "27.20", "600");
    package.legs[0].part = Part::rest;
    package.legs[0].intent.time_in_force = TimeInForce::post_only;
    package.legs[1].part = Part::hedge;
    desk.start(package);
    const ListingId there{1};
    EXPECT_EQ(desk.gate.money().free_base(there), money("400"));
    EXPECT_EQ(desk.gate.money().free_base(there, package.id), money("1000"));
    RiskReason reason = RiskReason::none;
    Package other = test::package_of(desk.world, 0, "27.10", 1, "27.20", "500");
    other.id = PackageId{2};
    EXPECT_FALSE(desk.gate.approve(other, kStart, reason));
    EXPECT_EQ(reason, RiskReason::balance);
    EXPECT_EQ(desk.gate.money().covered(desk.world.intent(1, Side::sell, "27.20", "900")),
              desk.world.quantity(1, "900"));
    desk.fill(1, "27.08", "200");
    ASSERT_EQ(desk.sent.size(), 2U) << "200 are asked for, 400 may come";
    EXPECT_EQ(desk.gate.money().free_base(there), money("400"));
    desk.fill(2, "27.20", "200");
    desk.done(2);
    EXPECT_EQ(desk.gate.money().free_base(there), money("400"));
    desk.executor.withdraw(package.id, at_ms(50));
    desk.done(1, at_ms(60));
    EXPECT_STREQ(outcome(desk.end()), "flat");
    EXPECT_EQ(desk.gate.money().free_base(there), money("800"));
}

TEST(PackageLegs, legs_that_do_not_belong_together_are_refused)
{
    CycleStage desk;
    const auto refused = [&](Package package) {
        RiskReason reason = RiskReason::none;
        EXPECT_FALSE(desk.gate.approve(package, kStart, reason));
        return std::string(name(reason));
    };
    Package lonely;  // BTC is traded, and nothing trades it against money
    lonely.market = desk.market_of(2);
    desk.add(lonely, 2, Side::sell, "2790.00", "1");
    desk.add(lonely, 1, Side::buy, "0.06900", "1");
    RiskReason reason = RiskReason::none;
    EXPECT_TRUE(desk.gate.approve(lonely, kStart, reason)) << "there BTC is money, of another currency";
    Package foreign = desk.cycle();
    foreign.market = desk.market_of(1);
    EXPECT_EQ(refused(foreign), "legs") << "its own market is paid with one of its assets";
    Package held = desk.cycle();
    held.aim = Aim::hold;
    EXPECT_EQ(refused(held), "legs") << "what is held is counted in one market";
}

// Whatever the venues do, in whatever order: every unit is closed or stands in a line.
TEST(PackageLegs, cycles_end_with_every_unit_owned)
{
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        CycleStage desk;
        desk.start(desk.cycle());
        std::size_t told = 0;
        std::int64_t ms = 10;
        std::vector<std::size_t> late;
        const auto answer = [&](std::size_t order, Timestamp now) {
            const OrderIntent intent = desk.sent[order - 1].intent();
            const Instrument& instrument = desk.world.instrument(index(intent.listing));
            const std::int64_t lot = desk.world.table.listing(intent.listing).lot.units;
            const std::int64_t lots = intent.quantity.units / lot;
            const Quantity filled{random.between(0, lots) * lot};
            const bool whole = !random.one_in(3);
            const Quantity quantity = whole ? intent.quantity : filled;
            if (!quantity.zero())
                desk.fill(order, instrument.text(intent.price), instrument.text(quantity), now);
            desk.done(order, now);
        };
        for (int turn = 0; turn < 400 && desk.ends.empty(); ++turn) {
            ms += random.between(1, 300);
            const Timestamp now = at_ms(ms);
            desk.show_books(now);
            if (told < desk.sent.size()) {
                ++told;
                // Some are silent for a while.
                if (random.one_in(5))
                    late.push_back(told);
                else
                    answer(told, now);
            } else if (!late.empty() && random.one_in(2)) {
                answer(late.back(), now);
                late.pop_back();
            }
            desk.executor.on_time(now);
        }
        for (; !late.empty(); late.pop_back()) answer(late.back(), at_ms(ms));
        for (; told < desk.sent.size() && desk.ends.empty(); ++told) answer(told + 1, at_ms(ms));
        if (desk.ends.empty()) desk.executor.finish(at_ms(ms));
        (void)desk.end();
    }
}

}  // namespace
}  // namespace arb
