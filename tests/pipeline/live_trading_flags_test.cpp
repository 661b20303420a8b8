// Markets that are stopped because somebody must look: until somebody says that he did, in this run and the
// next ones; orders whose outcome stays unknown; and a state log that cannot be written.
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

// An order in the account that is not ours.
void flag_link(LiveWorld& world)
{
    world.tell(0, "order 0 0 working");
    ASSERT_EQ(world.live().flags().count(), 1U);
}

TEST(LiveTradingFlags, a_flag_stops_its_market_alone)
{
    LiveWorld world({{.venue = "hb"},
                     {.venue = "hb", .base = "UNI"},
                     {.venue = "kc"},
                     {.venue = "kc", .base = "UNI"},
                     {.venue = "zz"}});
    world.start_trading();
    // Of the market's third venue, for the venue itself is stopped as well.
    world.tell(2, "order 0 4 working");
    EXPECT_EQ(world.live().flags().count(), 1U);
    EXPECT_EQ(world.flags_with("not ours"), 1U);
    EXPECT_FALSE(world.propose(0, 2, "1"));
    EXPECT_EQ(world.refused, RiskReason::market_stopped);
    EXPECT_TRUE(world.propose(1, 3, "1"));
}

TEST(LiveTradingFlags, it_is_kept_until_it_is_cleared)
{
    LiveWorld world;
    world.start_trading();
    flag_link(world);
    for (int i = 0; i < 2; ++i) {
        world.kill();
        world.flags.clear();
        world.start_trading();
        EXPECT_EQ(world.flags_with("of an earlier run, not cleared yet"), 1U);
        EXPECT_EQ(world.live().flags().count(), 1U);
        EXPECT_FALSE(world.trades());
        EXPECT_EQ(world.refused, RiskReason::market_stopped);
    }
    EXPECT_FALSE(world.command("clear UNI/USDT")) << "no such market";
    EXPECT_TRUE(world.command("clear LINK/USDT"));
    EXPECT_EQ(world.cleared, std::vector<std::string>{"LINK/USDT"});
    EXPECT_EQ(world.lines_with("cleared\tLINK/USDT"), 1U);
    EXPECT_TRUE(world.trades());
    world.run(seconds(1));
    EXPECT_FALSE(world.command("clear LINK/USDT")) << "nothing to clear";
    EXPECT_EQ(world.lines_with("cleared\t"), 1U);
    world.kill();
    world.flags.clear();
    world.start_trading();
    EXPECT_EQ(world.flags.size(), 0U);
    EXPECT_EQ(world.live().flags().count(), 0U);
    EXPECT_TRUE(world.trades());
}

TEST(LiveTradingFlags, it_outlives_a_log_that_is_begun_anew)
{
    LiveWorld world;
    world.start_trading();
    flag_link(world);
    world.shorten();
    world.kill();
    world.start_trading();
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::market_stopped);
    EXPECT_TRUE(world.command("clear LINK/USDT"));
    EXPECT_TRUE(world.trades());
}

TEST(LiveTradingFlags, it_can_be_cleared_before_trading_begins)
{
    LiveWorld world;
    world.start_trading();
    flag_link(world);
    world.kill();
    world.start();
    EXPECT_TRUE(world.command("clear LINK/USDT"));
    EXPECT_TRUE(world.engine->risk().paused()) << "the gate has its own reasons";
    world.run(seconds(2));
    EXPECT_TRUE(world.trades());
}

TEST(LiveTradingFlags, what_cannot_be_unwound_is_flagged_and_told_again)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    world.exchange(0).fate = [](const ApprovedOrder& order) {
        return Fate{.percent = order.intent().side == Side::buy ? 100 : 0};
    };
    ASSERT_TRUE(world.propose(0, 1, "3"));
    world.run(seconds(60));
    EXPECT_EQ(world.flags_with("3 LINK not closed yet"), 1U) << "told once, and tried for ever";
    EXPECT_EQ(world.ends.size(), 0U);
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.difference(), "");
    // The next run sees what is left over, tries again, and keeps the market stopped all the same.
    world.kill();
    for (auto& exchange : world.exchanges) exchange->fate = [](const ApprovedOrder&) { return Fate{}; };
    world.start_trading();
    world.run(seconds(2));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().flags().count(), 1U);
    EXPECT_FALSE(world.trades());
}

TEST(LiveTradingFlags, a_strangers_fill_is_flagged_and_moves_nothing)
{
    LiveWorld world;
    world.start_trading();
    world.tell(1, "fill 0 1 buy 27.30 1 X1 0.01 USDT");
    EXPECT_EQ(world.flags_with("not ours"), 1U);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.late.size(), 0U);
}

TEST(LiveTradingFlags, an_outcome_that_stays_unknown_is_flagged_once)
{
    LiveWorld world;
    world.step = seconds(1);
    world.start_trading();
    for (auto& exchange : world.exchanges) exchange->silent = {RequestKind::query_order, RequestKind::fills};
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    ASSERT_TRUE(world.trades());
    world.run(seconds(598));
    EXPECT_EQ(world.live().desk().open().unknown_count(), 1U);
    EXPECT_EQ(world.live().flags().count(), 0U);
    world.run(seconds(4));
    EXPECT_EQ(world.flags_with("stays unknown"), 1U);
    world.run(seconds(600));
    EXPECT_EQ(world.live().flags().count(), 1U);
    EXPECT_EQ(world.lines_with("flag\t"), 1U);
    EXPECT_EQ(world.live().desk().open().count(), 1U) << "it stays open: nothing was proven";
    // The answer ends it whenever it comes.
    for (auto& exchange : world.exchanges) exchange->silent.clear();
    world.run(seconds(10));
    EXPECT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.net(), Amount{});
}

TEST(LiveTradingFlags, no_order_leaves_that_cannot_be_kept)
{
    LiveWorld world;
    world.start_trading();
    world.log_works = false;
    EXPECT_TRUE(world.trades()) << "the gate did not know yet";
    world.run(seconds(3));
    EXPECT_EQ(world.count(RequestKind::place), 0U);
    EXPECT_EQ(world.engine->executor().open_count(), 0U);
    EXPECT_EQ(world.engine->risk().open_orders(), 0U);
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::paused);
    EXPECT_TRUE(world.command("resume"));
    EXPECT_FALSE(world.trades()) << "no word opens the gate again";
    world.log_works = true;
    EXPECT_FALSE(world.trades()) << "nor a disk that has room again: lines are missing";
    EXPECT_EQ(world.count(RequestKind::place), 0U);
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingFlags, a_log_that_fails_while_recovering_ends_the_run)
{
    LiveWorld world;
    world.start();
    world.log_works = false;
    world.run(seconds(30));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_TRUE(world.live().records().failed());
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.count(RequestKind::place), 0U);
}

}  // namespace
}  // namespace arb
