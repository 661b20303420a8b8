// Packages of three legs over three markets, and packages that hold, killed at every line of state: the next
// run ends them like the run that nobody killed would have, our record is the venues' truth, no order leaves
// twice, and every unit has one owner.
#include "tests/pipeline/resting_life.hpp"
#include "tests/pipeline/seeded_fates.hpp"

namespace arb {
namespace {

using test::LiveWorld;
using test::money;

/// BTC/USDT, ETH/BTC and ETH/USDT at two venues alike.
std::vector<test::Spec> pairs()
{
    std::vector<test::Spec> specs;
    for (const char* venue : {"hb", "kc"}) {
        specs.push_back({.venue = venue, .base = "BTC", .tick = "0.01", .lot = "0.0001"});
        specs.push_back({.venue = venue, .base = "ETH", .quote = "BTC", .tick = "0.00001", .lot = "0.01"});
        specs.push_back({.venue = venue, .base = "ETH", .tick = "0.01", .lot = "0.01"});
    }
    return specs;
}

/// Takes at the touch of that listing's book.
void take(Package& package, const MarketView& view, std::size_t listing, Side side,
          const std::string& quantity)
{
    Leg& leg = package.add(side);
    leg.intent.listing = static_cast<ListingId>(listing);
    for (std::size_t m = 0; m < view.markets.market_count(); ++m) {
        const ConsolidatedBook& book = view.markets.consolidated(static_cast<MarketId>(m));
        const auto& members = book.definition().members;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (members[i].listing != leg.intent.listing) continue;
            leg.market = static_cast<MarketId>(m);
            leg.member = static_cast<std::uint32_t>(i);
            leg.best = side == Side::buy ? book.quotes()[i].ask : book.quotes()[i].bid;
        }
    }
    const Instrument& instrument = view.markets.table().instrument_of(leg.intent.listing);
    leg.intent.price = leg.best;
    leg.intent.quantity = {parse_scaled(quantity, instrument.quantity_decimals).value};
    leg.expected = *instrument.notional(leg.best, leg.intent.quantity);
}

/// Tenths of an ETH: bitcoin for them, the ETH with it, and the ETH sold, all at hb.
Package cycle(const MarketView& view, Timestamp now, std::int64_t tenths)
{
    Package package;
    package.decided = now;
    const std::string ether = fmt::format("{}.{}", tenths / 10, tenths % 10);
    take(package, view, 0, Side::buy, fmt::format("0.{:04}", tenths * 69));
    take(package, view, 1, Side::buy, ether);
    take(package, view, 2, Side::sell, ether);
    package.market = package.legs[0].market;
    package.quantity = package.legs[0].intent.quantity;
    return package;
}

Package pair(const MarketView& view, Timestamp now, Side at_first, std::int64_t quantity, Aim aim,
             PackageId of)
{
    Package package;
    package.decided = now;
    package.aim = aim;
    package.of = of;
    take(package, view, at_first == Side::buy ? 0 : 1, Side::buy, std::to_string(quantity));
    take(package, view, at_first == Side::buy ? 1 : 0, Side::sell, std::to_string(quantity));
    package.quantity = package.legs[0].intent.quantity;
    return package;
}

/// What trades at all venues brought of an asset, as what is bought or as what is paid with.
Amount net(const LiveWorld& world, const std::string& asset)
{
    Amount sum;
    for (const auto& exchange : world.exchanges) {
        for (const test::FakeExchange::Trade& trade : exchange->trades) {
            const Instrument& instrument = world.table.instrument_of(trade.intent.listing);
            const bool buys = trade.intent.side == Side::buy;
            const Amount base = instrument.amount(trade.quantity);
            const Amount paid = *instrument.notional(trade.price, trade.quantity);
            if (instrument.base == asset) sum += buys ? base : -base;
            if (instrument.quote == asset) sum += buys ? -paid : paid;
        }
    }
    return sum;
}

/// What stands in lines of markets of that asset.
Amount in_lines(const LiveWorld& world, const std::string& asset)
{
    Amount sum;
    for (std::size_t m = 0; m < world.engine->markets().market_count(); ++m) {
        const auto id = static_cast<MarketId>(m);
        const MarketDefinition& market = world.engine->markets().consolidated(id).definition();
        if (market.base != asset) continue;
        const ExposureLine line = world.engine->exposure().sum(id);
        sum += Amount{Int128{line.quantity} * power_of_ten(kAmountDecimals - market.quantity_decimals)};
        sum += line.rest;
    }
    return sum;
}

void expect_no_order_left(const LiveWorld& world)
{
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().desk().open_count(), 0U);
    EXPECT_EQ(world.engine->executor().open_count(), 0U);
    EXPECT_EQ(world.engine->risk().open_orders(), 0U);
    std::set<OrderId> sent;
    for (const auto& exchange : world.exchanges) {
        EXPECT_EQ(exchange->sent_twice, 0U);
        for (const test::Call& call : exchange->calls)
            EXPECT_TRUE(call.kind != RequestKind::place || sent.insert(call.order).second) << "sent twice";
    }
}

LiveWorld cycle_world()
{
    LiveWorld world(pairs());
    world.config.risk.rates.currency = "USDT";
    for (auto& exchange : world.exchanges) {
        for (auto& [listing, touch] : exchange->touch) {
            const std::size_t kind = index(listing) % 3;
            touch = kind == 0   ? test::FakeExchange::Touch{"40000.00", "40010.00"}
                    : kind == 1 ? test::FakeExchange::Touch{"0.06890", "0.06900"}
                                : test::FakeExchange::Touch{"2790.00", "2792.00"};
        }
    }
    return world;
}

void live_cycles(LiveWorld& world, std::uint64_t seed, bool fares_badly, int packages)
{
    test::start_with_fates(world, seed, fares_badly);
    Random random(seed * 31 + world.epoch);
    for (int i = 0; i < packages && world.alive; ++i) {
        const std::int64_t tenths = random.between(1, 20);
        (void)world.propose_made(
            [tenths](const MarketView& view, Timestamp now) { return cycle(view, now, tenths); });
        world.run(milliseconds(random.between(1, 3000)));
    }
}

void expect_owned(const LiveWorld& world)
{
    expect_no_order_left(world);
    for (const char* asset : {"BTC", "ETH"}) {
        EXPECT_EQ(net(world, asset), in_lines(world, asset)) << asset;
        const Amount left = absolute(net(world, asset));
        EXPECT_TRUE(left < money("0.0001") || world.live().flags().count() > 0) << asset << " " << left.text();
    }
}

TEST(LiveTradingLegs, cycles_killed_at_every_line_leave_no_unit_without_an_owner)
{
    std::size_t cuts = 0, traded = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        std::size_t lines = SIZE_MAX;  // of a run that nobody kills
        for (std::size_t cut = 0; cut < lines; ++cut) {
            SCOPED_TRACE(fmt::format("seed {} cut {}", seed, cut));
            LiveWorld world = cycle_world();
            world.die_after = cut == 0 ? SIZE_MAX : cut;
            live_cycles(world, seed, true, 2);
            world.run(seconds(10));
            if (cut == 0) {
                lines = world.lines.size();
                traded += world.exchange(0).trades.size();
            } else {
                EXPECT_FALSE(world.alive);
                world.die_after = SIZE_MAX;
                world.kill();
                live_cycles(world, seed, false, 0);
                world.run(seconds(5));
                ++cuts;
            }
            expect_owned(world);
            if (::testing::Test::HasFailure()) FAIL() << test::told_of(world);
        }
    }
    EXPECT_GT(cuts, 100U);
    EXPECT_GT(traded, 12U) << "something was traded";
}

// Each listing's change is what is held there, unless something is left over or was closed elsewhere late.
void expect_held(const LiveWorld& world)
{
    expect_no_order_left(world);
    EXPECT_EQ(net(world, "LINK"), in_lines(world, "LINK"));
    if (world.live().flags().count() > 0) return;
    std::vector<Amount> held(world.exchanges.size());
    for (const HeldPosition& position : world.engine->held().all()) {
        for (const ListingChanges::Entry& entry : position.changes)
            held[index(world.table.listing(entry.listing).venue)] +=
                world.table.instrument_of(entry.listing).amount({entry.quantity});
    }
    for (std::size_t v = 0; v < held.size(); ++v)
        EXPECT_EQ(world.exchanges[v]->net("LINK"), held[v]) << "venue " << v;
}

void live_held(LiveWorld& world, std::uint64_t seed, bool fares_badly, bool trades)
{
    test::start_with_fates(world, seed, fares_badly);
    Random random(seed * 31 + world.epoch);
    for (int i = 0; i < 3 && trades && world.alive; ++i) {
        // Holds twice, and gives a part of the first back.
        const std::int64_t quantity = random.between(2, 20);
        const auto& all = world.engine->held().all();
        const bool gives = i == 2 && !all.empty();
        const PackageId of = gives ? all.front().package : PackageId{};
        (void)world.propose_made([=](const MarketView& view, Timestamp now) {
            return pair(view, now, gives ? Side::sell : Side::buy, gives ? 1 : quantity,
                        gives ? Aim::release : Aim::hold, of);
        });
        world.run(milliseconds(random.between(1, 3000)));
    }
}

TEST(LiveTradingLegs, what_is_held_outlives_a_kill_at_every_line_a_stop_and_a_new_log)
{
    std::size_t held = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        std::size_t lines = SIZE_MAX;
        for (std::size_t cut = 0; cut < lines; ++cut) {
            SCOPED_TRACE(fmt::format("seed {} cut {}", seed, cut));
            LiveWorld world;
            world.die_after = cut == 0 ? SIZE_MAX : cut;
            live_held(world, seed, true, true);
            world.run(seconds(10));
            if (cut == 0) {
                lines = world.lines.size();
                held += world.engine->held().all().size();
                expect_held(world);
                world.shorten();
                (void)world.command("stop");
                world.run(seconds(25));
                EXPECT_EQ(world.live().phase(), Phase::stopped);
            } else {
                EXPECT_FALSE(world.alive);
            }
            world.die_after = SIZE_MAX;
            world.kill();
            live_held(world, seed, false, false);
            world.run(seconds(5));
            expect_held(world);
            if (::testing::Test::HasFailure()) FAIL() << test::told_of(world);
        }
    }
    EXPECT_GT(held, 6U) << "something was held";
}

TEST(LiveTradingLegs, the_line_of_a_package_says_all_of_its_legs)
{
    LiveWorld world = cycle_world();
    world.start_trading();
    ASSERT_TRUE(world.propose_made([](const MarketView& view, Timestamp now) {
        Package package = cycle(view, now, 5);
        package.until = now + seconds(7);
        return package;
    }));
    const std::vector<std::size_t> found = LiveWorld::found(world.lines, "package\t");
    ASSERT_EQ(found.size(), 1U);
    LineReader reader(world.lines[found[0]], world.table);
    const auto restored = reader.package(world.engine->markets());
    ASSERT_TRUE(restored.has_value());
    const Package& package = restored->package;
    ASSERT_EQ(package.count, 3U);
    EXPECT_EQ(package.until, package.decided + seconds(7));
    EXPECT_EQ(package.legs[1].rate, money("40005"));
    EXPECT_EQ(package.legs[2].intent.side, Side::sell);
    EXPECT_NE(package.legs[2].market, package.legs[1].market);
    for (const std::size_t i : {0U, 1U, 2U}) EXPECT_NE(restored->orders[i], OrderId{});
}

}  // namespace
}  // namespace arb
