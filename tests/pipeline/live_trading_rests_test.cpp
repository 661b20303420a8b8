// Packages of which one leg rests: their life, killed at every line of state, and the start after it, which
// takes back what rests, hedges what was filled, each unit once, and ends flat.
#include <utility>

#include "tests/pipeline/resting_life.hpp"

namespace arb {
namespace {

using test::CancelFate;
using test::Fate;
using test::LiveWorld;
using test::money;

OrderId only_one_resting(const LiveWorld& world)
{
    const std::vector<OrderId> resting = world.exchanges[0]->resting();
    EXPECT_EQ(resting.size(), 1U);
    return resting.empty() ? OrderId{} : resting.front();
}

TEST(LiveTradingRests, each_part_is_hedged_as_it_comes_and_a_new_price_goes_on_with_the_rest)
{
    LiveWorld world;
    world.start_trading();
    ASSERT_TRUE(world.propose_resting(0, 1, "10", Side::buy, "27.05"));
    world.run(milliseconds(100));
    const OrderId first = only_one_resting(world);
    EXPECT_TRUE(world.exchange(0).fill_resting(first, 30, world.now));
    world.run(milliseconds(100));
    EXPECT_EQ(world.net(), Amount{}) << "hedged";
    EXPECT_EQ(world.exchange(1).trades.back().quantity, Quantity{30});
    EXPECT_TRUE(world.reprice("27.06"));
    world.run(milliseconds(100));
    const OrderId second = only_one_resting(world);
    EXPECT_NE(first, second);
    EXPECT_EQ(world.exchange(0).orders[second].intent.quantity, Quantity{70});
    EXPECT_TRUE(world.exchange(0).fill_resting(second, 100, world.now));
    world.run(milliseconds(100));
    ASSERT_EQ(world.ends.size(), 1U);
    EXPECT_EQ(world.ends[0].bought, Quantity{100});
    EXPECT_EQ(world.ends[0].sold, Quantity{100});
    EXPECT_EQ(world.live().flags().count(), 0U);
    test::expect_all_accounted(world);
}

// The cancel of a price that moves comes when all is filled; then one is lost, then one is done in silence.
TEST(LiveTradingRests, a_cancel_that_is_late_lost_or_silent_ends_with_the_venues_word)
{
    for (const CancelFate& fate :
         {CancelFate{.filled_first = 100}, CancelFate{.arrives = false}, CancelFate{.answers = false},
          CancelFate{.answers = false, .filled_first = 40}}) {
        LiveWorld world;
        world.start_trading();
        bool first = true;
        world.exchange(0).cancel_fate = [&](OrderId) {
            return std::exchange(first, false) ? fate : CancelFate{};
        };
        ASSERT_TRUE(world.propose_resting(0, 1, "10", Side::buy, "27.05"));
        world.run(milliseconds(100));
        EXPECT_TRUE(world.reprice("27.06"));
        world.run(seconds(6));
        EXPECT_EQ(world.count(RequestKind::place) - world.exchange(1).count(RequestKind::place),
                  fate.filled_first == 100 ? 1U : 2U);
        EXPECT_EQ(world.net(), Amount{});
        world.withdraw();
        world.run(seconds(3));
        test::expect_all_accounted(world);
        EXPECT_EQ(world.live().flags().count(), 0U);
    }
}

// Neither reply nor stream tell of it: it may rest, or be nowhere.
TEST(LiveTradingRests, a_resting_order_that_nobody_hears_of_is_asked_about)
{
    for (const bool arrives : {true, false}) {
        LiveWorld world;
        world.start_trading();
        world.exchange(0).fate = [=](const ApprovedOrder&) {
            return Fate{.arrives = arrives, .answers = false};
        };
        ASSERT_TRUE(world.propose_resting(0, 1, "10", Side::buy, "27.05"));
        world.run(seconds(10));
        EXPECT_EQ(world.resting().open, arrives);
        EXPECT_GE(world.exchange(0).count(RequestKind::query_order), 1U);
        world.withdraw();
        world.run(seconds(3));
        test::expect_all_accounted(world);
    }
}

TEST(LiveTradingRests, a_restart_takes_back_what_rests_at_once_and_hedges_what_was_filled_meanwhile)
{
    LiveWorld world;
    world.start_trading();
    ASSERT_TRUE(world.propose_resting(0, 1, "10", Side::buy, "27.05"));
    world.run(milliseconds(100));
    world.kill();
    EXPECT_TRUE(world.exchange(0).fill_resting(only_one_resting(world), 40, world.now, false));
    bool first = true;
    world.exchange(0).cancel_fate = [&](OrderId) {
        return CancelFate{.arrives = !std::exchange(first, false)};
    };
    const Timestamp begun = world.now;
    world.start();
    world.run_until([&] { return world.live().phase() == Phase::trading; }, seconds(60));
    EXPECT_LT((world.now - begun).ns, seconds(10).ns) << "though the first cancel was lost";
    world.run(seconds(1));
    EXPECT_EQ(world.exchange(1).trades.size(), 1U);
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.live().flags().count(), 0U);
    test::expect_all_accounted(world);
}

TEST(LiveTradingRests, whatever_ends_the_run_takes_back_what_rests_and_hedges_what_it_filled)
{
    for (const char* word : {"stop", "kill", "cancel", "flatten"}) {
        for (const bool repriced : {false, true}) {
            SCOPED_TRACE(fmt::format("{} {}", word, repriced));
            LiveWorld world;
            world.start_trading();
            ASSERT_TRUE(world.propose_resting(0, 1, "10", Side::buy, "27.05"));
            world.run(milliseconds(100));
            EXPECT_TRUE(world.exchange(0).fill_resting(only_one_resting(world), 30, world.now));
            // Its next price must not bring it back.
            if (repriced) EXPECT_TRUE(world.reprice("27.06"));
            EXPECT_TRUE(world.command(word));
            world.run(seconds(5));
            EXPECT_EQ(world.net(), Amount{});
            EXPECT_EQ(world.live().flags().count(), 0U);
            EXPECT_EQ(world.count(RequestKind::place), 2U);
            test::expect_all_accounted(world);
            EXPECT_EQ(world.ends.size(), 1U);
        }
    }
}

TEST(LiveTradingRests, killed_at_every_line_what_rests_is_taken_back_and_each_fill_is_hedged_once)
{
    std::size_t cuts = 0, filled = 0;
    for (std::uint64_t seed = 1; seed <= 9; ++seed) {
        std::size_t lines = SIZE_MAX;  // of a life that nobody ends
        for (std::size_t cut = 0; cut < lines; ++cut) {
            SCOPED_TRACE(fmt::format("seed {} cut {}", seed, cut));
            LiveWorld world;
            world.die_after = cut == 0 ? SIZE_MAX : cut;
            const bool shortens = cut % 2 == 1;
            live_resting(world, seed, shortens);
            if (cut == 0) {
                lines = world.lines_of_run;
                filled += world.exchange(0).trades.size();
            } else {
                EXPECT_FALSE(world.alive);
                be_dead(world, seed * 1000 + cut);
                // Now and then the next one dies as well, still recovering or not.
                if (cut % 3 == 0) {
                    world.die_after = 2 + cut % 5;
                    world.start();
                    world.run(seconds(4));
                    be_dead(world, seed * 1000 + cut + 500);
                }
                test::start_and_settle(world, seed);
                ++cuts;
            }
            if (shortens)
                test::expect_all_accounted_in_sum(world);
            else
                test::expect_all_accounted(world);
            const Side hedges = opposite(test::resting_side(seed));
            if (!test::rough_life(seed)) {
                EXPECT_EQ(world.live().flags().count(), 0U);
                EXPECT_EQ(world.net(), Amount{});
                EXPECT_EQ(test::taken(world, opposite(hedges)), Amount{}) << "hedged once and not back";
            }
            if (cut % 4 == 1) {
                world.shorten();
                test::start_and_settle(world, seed);
                EXPECT_EQ(world.difference(), "");
                EXPECT_EQ(world.net(), test::exposed(world));
            }
            if (::testing::Test::HasFailure()) FAIL() << test::told_of(world);
        }
    }
    EXPECT_GT(cuts, 120U);
    EXPECT_GT(filled, 15U) << "something was filled";
}

}  // namespace
}  // namespace arb
