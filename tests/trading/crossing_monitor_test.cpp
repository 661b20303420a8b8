// Instants are counted, uninterrupted spells kept with their best moment, and each says what became of it.
#include "engine/trading/crossing_monitor.hpp"

#include <gtest/gtest.h>

#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::money;
using test::World;

constexpr MarketId kMarket{};

const World& calm(World& world)
{
    world.book(0, {{"27.00", "10"}}, {{"27.02", "10"}});
    world.book(1, {{"27.00", "10"}}, {{"27.02", "10"}});
    return world;
}

RunResult report(const CrossingMonitor& monitor)
{
    RunResult result;
    monitor.report(result);
    return result;
}

TEST(CrossingMonitor, equal_prices_do_not_cross)
{
    World world({{.venue = "hb"}, {.venue = "kc"}});
    calm(world);
    CrossingMonitor monitor(world.markets, world.fees);
    world.book(1, {{"27.02", "10"}}, {{"27.04", "10"}});
    monitor.observe(kMarket, at_ms(1));
    EXPECT_FALSE(monitor.since(kMarket, 0, 1).known());
    monitor.finish(at_ms(2));
    EXPECT_TRUE(report(monitor).crossings.empty());
    EXPECT_EQ(report(monitor).opportunities_total, 0U);
}

TEST(CrossingMonitor, a_spell_has_its_time_best_edge_and_depth)
{
    World world({{.venue = "hb", .fee_bps = 10}, {.venue = "kc", .fee_bps = 20}});
    calm(world);
    CrossingMonitor monitor(world.markets, world.fees);
    world.book(1, {{"27.10", "4"}}, {{"27.20", "10"}});
    monitor.observe(kMarket, at_ms(10));
    EXPECT_EQ(monitor.since(kMarket, 0, 1), at_ms(10));
    EXPECT_FALSE(monitor.since(kMarket, 1, 0).known());
    world.book(1, {{"27.29", "6"}}, {{"27.40", "10"}});
    monitor.observe(kMarket, at_ms(20));
    world.book(1, {{"27.05", "50"}}, {{"27.40", "10"}});
    monitor.observe(kMarket, at_ms(30));
    EXPECT_EQ(monitor.since(kMarket, 0, 1), at_ms(10));
    calm(world);
    monitor.observe(kMarket, at_ms(40));
    EXPECT_FALSE(monitor.since(kMarket, 0, 1).known());
    const RunResult result = report(monitor);
    ASSERT_EQ(result.crossings.size(), 1U);
    EXPECT_EQ(result.crossings[0].instrument, "LINK/USDT");
    EXPECT_EQ(result.crossings[0].buy_venue, "hb");
    EXPECT_EQ(result.crossings[0].sell_venue, "kc");
    EXPECT_EQ(result.crossings[0].instants, 3U);
    // (27.29 - 27.02) / 27.02 = 0.00999259...
    EXPECT_EQ(result.crossings[0].max_edge, Rate{999'259});
    ASSERT_EQ(result.opportunities.size(), 1U);
    const Opportunity& spell = result.opportunities[0];
    EXPECT_EQ(spell.begin, at_ms(10));
    EXPECT_EQ(spell.end, at_ms(30));
    EXPECT_EQ(spell.max_edge, Rate{999'259});
    // (27.29 x 0.998 - 27.02 x 1.001) / 27.02 = 0.00697260...
    EXPECT_EQ(spell.max_edge_after_fees, Rate{697'261});
    EXPECT_EQ(spell.max_notional, money("162.12"));  // 27.02 x min(10, 6), at the best instant
    EXPECT_FALSE(spell.taken);
}

TEST(CrossingMonitor, spells_are_apart_instants_add_up)
{
    World world({{.venue = "hb"}, {.venue = "kc"}});
    calm(world);
    CrossingMonitor monitor(world.markets, world.fees);
    for (std::int64_t round = 0; round < 3; ++round) {
        world.book(1, {{"27.10", "4"}}, {{"27.20", "10"}});
        monitor.observe(kMarket, at_ms(10 * round + 1));
        monitor.observe(kMarket, at_ms(10 * round + 2));
        calm(world);
        monitor.observe(kMarket, at_ms(10 * round + 3));
    }
    const RunResult result = report(monitor);
    EXPECT_EQ(result.crossings.at(0).instants, 6U);
    EXPECT_EQ(result.opportunities_total, 3U);
    EXPECT_EQ(result.opportunities.at(2).begin, at_ms(21));
}

TEST(CrossingMonitor, an_unusable_book_ends_the_spell)
{
    World world({{.venue = "hb"}, {.venue = "kc"}});
    calm(world);
    CrossingMonitor monitor(world.markets, world.fees);
    world.book(1, {{"27.10", "4"}}, {{"27.20", "10"}});
    monitor.observe(kMarket, at_ms(1));
    world.markets.on_unreadable(ListingId{1}, at_ms(2));
    monitor.observe(kMarket, at_ms(2));
    EXPECT_FALSE(monitor.since(kMarket, 0, 1).known());
    EXPECT_EQ(report(monitor).crossings.at(0).instants, 1U);
}

TEST(CrossingMonitor, every_pair_of_three_venues_is_watched)
{
    World world({{.venue = "hb"}, {.venue = "kc"}, {.venue = "ok"}});
    calm(world);
    world.book(2, {{"27.30", "1"}}, {{"27.40", "1"}});
    CrossingMonitor monitor(world.markets, world.fees);
    monitor.observe(kMarket, at_ms(1));
    const RunResult result = report(monitor);
    ASSERT_EQ(result.crossings.size(), 2U);
    EXPECT_EQ(result.crossings[0].buy_venue, "hb");
    EXPECT_EQ(result.crossings[1].buy_venue, "kc");
    EXPECT_EQ(result.crossings[0].sell_venue, "ok");
    EXPECT_EQ(result.crossings[1].sell_venue, "ok");
}

TEST(CrossingMonitor, missed_spells_are_counted_by_their_last_reason_taken_ones_are_not)
{
    World world({{.venue = "hb"}, {.venue = "kc"}});
    calm(world);
    CrossingMonitor monitor(world.markets, world.fees);
    const auto cross = [&](std::int64_t ms) {
        world.book(1, {{"27.10", "4"}}, {{"27.20", "10"}});
        monitor.observe(kMarket, at_ms(ms));
    };
    const auto part = [&](std::int64_t ms) {
        calm(world);
        monitor.observe(kMarket, at_ms(ms));
    };
    cross(1);
    monitor.missed(kMarket, 0, 1, MissedReason::clock_skew);
    monitor.missed(kMarket, 0, 1, MissedReason::balance);
    part(2);
    cross(3);
    monitor.missed(kMarket, 0, 1, MissedReason::cooldown);
    monitor.taken(kMarket, 0, 1);
    part(4);
    // A new spell knows nothing of the earlier one.
    cross(5);
    monitor.finish(at_ms(9));
    const RunResult result = report(monitor);
    const auto missed = [&](MissedReason reason) { return result.missed[static_cast<std::size_t>(reason)]; };
    EXPECT_EQ(missed(MissedReason::balance).opportunities, 1U);
    EXPECT_EQ(missed(MissedReason::balance).quoted, money("0.32"));  // (27.10 - 27.02) x 4
    EXPECT_EQ(missed(MissedReason::clock_skew).opportunities, 0U);
    EXPECT_EQ(missed(MissedReason::cooldown).opportunities, 0U);
    EXPECT_EQ(missed(MissedReason::fees).opportunities, 1U);
    ASSERT_EQ(result.opportunities.size(), 3U);
    EXPECT_EQ(result.opportunities[0].missed, MissedReason::balance);
    EXPECT_FALSE(result.opportunities[0].taken);
    EXPECT_TRUE(result.opportunities[1].taken);
    EXPECT_FALSE(result.opportunities[2].taken);
    EXPECT_EQ(result.opportunities[2].end, at_ms(9));
}

TEST(CrossingMonitor, every_missed_reason_has_a_name_and_a_sentence)
{
    for (std::size_t i = 0; i < static_cast<std::size_t>(MissedReason::count_); ++i) {
        EXPECT_STRNE(name(static_cast<MissedReason>(i)), "?");
        EXPECT_STRNE(describe(static_cast<MissedReason>(i)), "?");
    }
}

// Recordings are compared while both run; a gap against the last price of one that is over is only told.
TEST(CrossingMonitor, a_recording_that_is_over_is_not_compared)
{
    World world({{.venue = "hb"}, {.venue = "kc"}});
    const std::vector<Level> bids = world.levels(0, {{"27.00", "10"}}),
                             asks = world.levels(0, {{"27.02", "10"}});
    BookUpdate update;
    update.listing = ListingId{0};
    update.snapshot = true;
    update.receive_time = at_ms(0);
    update.bids = bids;
    update.asks = asks;
    world.markets.on_update(kLevelsConnection, update);
    world.book(1, {{"27.10", "4"}}, {{"27.20", "10"}});
    CrossingMonitor monitor(world.markets, world.fees);
    monitor.observe(kMarket, at_ms(1));
    EXPECT_EQ(monitor.since(kMarket, 0, 1), at_ms(1));
    world.markets.on_end(ListingId{0}, at_ms(2));
    monitor.observe(kMarket, at_ms(2));
    EXPECT_FALSE(monitor.since(kMarket, 0, 1).known()) << "nothing to trade on";
    world.book(1, {{"28.00", "4"}}, {{"28.20", "10"}});
    monitor.observe(kMarket, at_ms(3));
    monitor.finish(at_ms(9));
    const RunResult result = report(monitor);
    ASSERT_EQ(result.crossings.size(), 1U);
    EXPECT_EQ(result.crossings[0].instants, 1U);
    EXPECT_EQ(result.opportunities.size(), 1U);
    EXPECT_EQ(result.opportunities[0].end, at_ms(1)) << "it lasted while both were recorded";
    const MissedRow& stale = result.missed[static_cast<std::size_t>(MissedReason::book_stale)];
    EXPECT_EQ(stale.opportunities, 1U);
    EXPECT_EQ(stale.quoted, money("3.92"));
    EXPECT_EQ(result.opportunities_total, 2U);
}

}  // namespace
}  // namespace arb
