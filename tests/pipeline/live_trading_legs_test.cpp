// Packages of three legs over three markets, and packages that hold, killed at every line of state: the next
// run ends them like the run that nobody killed would have, our record is the venues' truth, no order leaves
// twice, and every unit has one owner.
#include "tests/pipeline/made_packages.hpp"
#include "tests/pipeline/resting_life.hpp"

namespace arb {
namespace {

using test::cycle;
using test::cycle_world;
using test::expect_no_order_left;
using test::expect_owned;
using test::in_lines;
using test::live_cycles;
using test::live_held;
using test::LiveWorld;
using test::money;
using test::net;
using test::pair;

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

// The strategy that held it is gone, or its operator wants it back: he names the package.
TEST(LiveTradingLegs, what_is_held_is_given_back_by_hand)
{
    LiveWorld world;
    world.start_trading();
    ASSERT_TRUE(world.propose_made(
        [](const MarketView& view, Timestamp now) { return pair(view, now, Side::buy, 10, Aim::hold, {}); }));
    world.run(seconds(1));
    ASSERT_EQ(world.engine->held().all().size(), 1U);
    const std::string id = std::to_string(static_cast<std::uint64_t>(world.engine->held().all()[0].package));
    EXPECT_EQ(world.exchange(0).net("LINK"), money("10"));
    const std::string more = "release " + id + " 1";
    for (const std::string_view wrong :
         std::initializer_list<std::string_view>{"release 7", "release x", more})
        EXPECT_FALSE(world.command(wrong)) << wrong;
    EXPECT_FALSE(world.command("release 7"));
    EXPECT_NE(world.engine->refusal().find("holds anything"), std::string::npos);
    ASSERT_TRUE(world.command("pause"));
    EXPECT_FALSE(world.command("release " + id));
    EXPECT_EQ(world.engine->refusal(), "the risk gate refuses it: paused");
    ASSERT_TRUE(world.command("resume"));
    // A restart knows it still, and a second word while the first is being done is refused.
    world.kill();
    world.start_trading();
    world.run(seconds(1));
    ASSERT_TRUE(world.command("release " + id)) << world.engine->refusal();
    EXPECT_FALSE(world.command("release " + id));
    EXPECT_EQ(world.engine->refusal(), "what it releases is being released");
    world.run(seconds(1));
    EXPECT_TRUE(world.engine->held().all().empty());
    EXPECT_EQ(world.exchange(0).net("LINK"), Amount{});
    EXPECT_EQ(world.exchange(1).net("LINK"), Amount{});
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.ends.back().waterfall.sum(), world.ends.back().waterfall.realised);
    EXPECT_FALSE(world.command("release " + id));
}

TEST(LiveTradingLegs, a_release_that_fills_by_half_leaves_the_other_half_held)
{
    LiveWorld world;
    world.start_trading();
    ASSERT_TRUE(world.propose_made(
        [](const MarketView& view, Timestamp now) { return pair(view, now, Side::buy, 10, Aim::hold, {}); }));
    world.run(seconds(1));
    const std::string id = std::to_string(static_cast<std::uint64_t>(world.engine->held().all()[0].package));
    for (auto& exchange : world.exchanges)
        exchange->fate = [](const ApprovedOrder&) { return test::Fate{.percent = 50}; };
    ASSERT_TRUE(world.command("release " + id));
    world.run(seconds(2));
    ASSERT_EQ(world.engine->held().all().size(), 1U);
    EXPECT_EQ(world.exchange(0).net("LINK"), money("5"));
    EXPECT_EQ(world.exchange(1).net("LINK"), money("-5"));
    EXPECT_EQ(world.net(), Amount{});
    for (auto& exchange : world.exchanges) exchange->fate = [](const ApprovedOrder&) { return test::Fate{}; };
    ASSERT_TRUE(world.command("release " + id)) << world.engine->refusal();
    world.run(seconds(2));
    EXPECT_TRUE(world.engine->held().all().empty());
    EXPECT_EQ(world.exchange(0).net("LINK"), Amount{});
}

}  // namespace
}  // namespace arb
