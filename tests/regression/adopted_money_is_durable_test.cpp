// Escaped once: the venues' opening balances were kept with the first fold of the state log alone. A run that
// died before it left orders without the money they were paid from, and the next run adopted whatever it
// found.
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

TEST(Regression, the_money_is_known_to_the_next_run_from_before_the_first_order)
{
    LiveWorld world;
    world.start_trading();
    for (auto& exchange : world.exchanges)
        exchange->fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    ASSERT_TRUE(world.propose(0, 1, "10"));
    const auto adopted = LiveWorld::found(world.history, "line adopted\t");
    ASSERT_EQ(adopted.size(), 2U);
    EXPECT_LT(adopted.back(), LiveWorld::found(world.history, "line package\t").front());
    world.kill();
    for (auto& exchange : world.exchanges) exchange->fate = [](const ApprovedOrder&) { return Fate{}; };
    world.start_trading();
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.engine->portfolio().find(VenueId{0}, "USDT")->start, money("100000"));
    EXPECT_EQ(world.lines_with("adopted\t"), 2U) << "it is not adopted anew";
    EXPECT_EQ(world.live().flags().count(), 0U);
}

TEST(Regression, money_that_went_while_nobody_looked_is_not_adopted)
{
    LiveWorld world;
    world.start_trading();
    world.kill();
    world.exchange(0).balances["USDT"] -= money("250");
    world.start_trading();
    EXPECT_EQ(world.flags_with("balances differ"), 1U);
    EXPECT_EQ(world.ours(0, "USDT"), money("100000"));
}

}  // namespace
}  // namespace arb
