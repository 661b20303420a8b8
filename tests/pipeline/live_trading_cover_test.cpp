// An order is silent: asked about at once, and then covered or waited for, whichever is expected to cost
// less.
#include "tests/pipeline/made_packages.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

/// Both books go up and down by so many cents a second.
void drift(LiveWorld& world, int seconds_long, std::int64_t cents)
{
    for (int i = 0; i < seconds_long; ++i) {
        const std::int64_t at = i % 2 == 0 ? cents : 0;
        const auto price = [at](std::int64_t hundredths) { return format_scaled(hundredths + at, 2); };
        world.exchange(0).touch[ListingId{0}] = {price(2708), price(2710)};
        world.exchange(1).touch[ListingId{1}] = {price(2720), price(2730)};
        world.show_books();
        world.run(seconds(1));
    }
}

LiveWorld waiting_world()
{
    LiveWorld world;
    world.config.executor.cover = milliseconds(500);
    world.config.executor.cover_most = milliseconds(1500);
    return world;
}

// The reply was lost and the order had executed: the venue says so when it is asked, before anything was
// covered.
TEST(LiveTradingCover, a_silent_order_is_asked_about_and_waited_for_in_a_calm_market)
{
    LiveWorld world = waiting_world();
    world.start_trading();
    drift(world, 10, 1);
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    ASSERT_TRUE(world.propose(0, 1, "100"));
    world.run(milliseconds(480));
    EXPECT_EQ(world.exchange(1).count(RequestKind::query_order), 0U);
    world.run(milliseconds(1000));
    EXPECT_EQ(world.exchange(1).count(RequestKind::query_order), 1U) << "once";
    EXPECT_EQ(world.count(RequestKind::place), 2U) << "nothing was covered";
    ASSERT_EQ(world.ends.size(), 1U);
    EXPECT_FALSE(world.ends.back().covered);
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingCover, waiting_has_an_end)
{
    LiveWorld world = waiting_world();
    world.start_trading();
    drift(world, 10, 1);
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.arrives = false}; };
    world.exchange(1).silent = {RequestKind::query_order, RequestKind::fills};
    ASSERT_TRUE(world.propose(0, 1, "100"));
    world.run(milliseconds(1400));
    EXPECT_EQ(world.count(RequestKind::place), 2U);
    world.run(milliseconds(200));
    EXPECT_EQ(world.count(RequestKind::place), 3U) << "covered at last";
    EXPECT_EQ(world.net(), Amount{});
}

// What it may lose meanwhile is more than spread and fees.
TEST(LiveTradingCover, in_a_wild_market_nobody_waits)
{
    LiveWorld world = waiting_world();
    world.start_trading();
    drift(world, 10, 10);
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.arrives = false}; };
    world.exchange(1).silent = {RequestKind::query_order, RequestKind::fills};
    ASSERT_TRUE(world.propose(0, 1, "100"));
    world.run(milliseconds(700));
    EXPECT_EQ(world.count(RequestKind::place), 3U);
    EXPECT_EQ(world.net(), Amount{});
}

// A venue whose silent orders never executed is not waited for: most likely this one has not either.
TEST(LiveTradingCover, a_venue_that_loses_orders_is_not_waited_for)
{
    LiveWorld world = waiting_world();
    world.start_trading();
    drift(world, 10, 1);
    for (int i = 0; i < 4; ++i) {
        world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.arrives = false}; };
        ASSERT_TRUE(world.propose(0, 1, "10"));
        world.run(milliseconds(1));
        world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
        drift(world, 6, 1);
        ASSERT_EQ(world.engine->executor().open_count(), 0U);
    }
    EXPECT_EQ(world.net(), Amount{});
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.arrives = false}; };
    world.exchange(1).silent = {RequestKind::query_order, RequestKind::fills};
    const std::size_t placed = world.count(RequestKind::place);
    ASSERT_TRUE(world.propose(0, 1, "10"));
    world.run(milliseconds(700));
    EXPECT_EQ(world.count(RequestKind::place), placed + 3);
}

}  // namespace
}  // namespace arb
