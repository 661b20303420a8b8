// Escaped once: while the engine recovered, the fills that venues told in answer to its questions were taken
// for those of the run before, whose money the state log holds: they moved nothing and were not kept.
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;

TEST(Regression, fills_found_while_recovering_move_money_and_are_kept)
{
    LiveWorld world;
    world.start_trading();
    for (auto& exchange : world.exchanges)
        exchange->fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    ASSERT_TRUE(world.propose(0, 1, "10"));
    world.kill();
    // One venue keeps recovery from ending.
    world.exchange(1).silent = {RequestKind::balances};
    world.start();
    world.run(seconds(2));
    ASSERT_EQ(world.live().phase(), Phase::recovering);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.lines_with("fill\t"), 2U);
    world.exchange(1).silent.clear();
    world.run(seconds(6));
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().flags().count(), 0U);
}

}  // namespace
}  // namespace arb
