// What a venue may say of a single order that is hard to believe: a trade id of two sides, fills without
// number. Our record of the money and the package's end stay right.
#include "tests/pipeline/half_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::HalfWorld;
using test::money;

// Both sides of a trade between two orders of one account carry the venue's one trade id; the owner's comes
// first.
TEST(TradingHalfOrders, an_order_that_meets_the_owners_own_is_counted_and_the_venue_is_stopped)
{
    HalfWorld world;
    world.start_trading();
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    world.exchange(0).silent = {RequestKind::query_order, RequestKind::fills};
    ASSERT_TRUE(world.propose(0, 1, "10"));
    world.run(milliseconds(20));
    world.tell(0, "fill 0 0 sell 27.10 10 T0-1 0.1 USDT");
    world.tell(0, fmt::format("fill {} 0 buy 27.10 10 T0-1 0.271 USDT", world.order(1)));
    world.tell(0, fmt::format("order {} 0 filled 10", world.order(1)));
    world.exchange(0).silent = {};
    world.run(seconds(1));
    EXPECT_EQ(world.half().desk().open_count(), 0U);
    EXPECT_EQ(world.ours(0, "LINK"), money("1010"));
    ASSERT_EQ(world.ends.size(), 1U);
    EXPECT_EQ(world.ends[0].residual, 0);
    EXPECT_EQ(world.notes_with("ALARM"), 1U) << "the other side of the trade is somebody else's";
    EXPECT_TRUE(world.view(0).stopped);
}

TEST(TradingHalfOrders, an_order_of_six_hundred_fills_is_counted_whole)
{
    HalfWorld world({{.venue = "hb", .lot = "0.1"}, {.venue = "kc", .lot = "0.1"}});
    world.start_trading();
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.arrives = false}; };
    ASSERT_TRUE(world.propose(0, 1, "60"));
    world.run(milliseconds(10));
    for (int i = 0; i < 600; ++i)
        world.tell(0, fmt::format("fill {} 0 buy 27.10 0.1 X{} 0.00271 USDT", world.order(1), i));
    world.tell(0, fmt::format("order {} 0 filled 60", world.order(1)));
    world.run(seconds(1));
    ASSERT_EQ(world.ends.size(), 1U);
    const PackageEnd& end = world.ends[0];
    EXPECT_EQ(end.bought.units, end.sold.units);
    EXPECT_EQ(end.residual, 0);
    EXPECT_EQ(end.unwound, Quantity{0});
    EXPECT_EQ(world.count(RequestKind::place), 2U) << "nothing was left over to close";
    EXPECT_EQ(world.ours(0, "LINK"), money("1060"));
    EXPECT_EQ(world.lines_with("fill\t"), 601U);
}

}  // namespace
}  // namespace arb
