// What a venue may say of a single order that is hard to believe: a trade id of two sides, fills without
// number, a word after the end. Our record of the money and the package's end stay right.
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

// Both sides of a trade between two orders of one account carry the venue's one trade id; the owner's comes
// first.
TEST(LiveTradingOrders, an_order_that_meets_the_owners_own_is_counted_and_the_venue_is_stopped)
{
    LiveWorld world;
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
    EXPECT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_EQ(world.ours(0, "LINK"), money("1010"));
    ASSERT_EQ(world.ends.size(), 1U);
    EXPECT_EQ(world.ends[0].residual, 0);
    EXPECT_EQ(world.notes_with("ALARM"), 1U) << "the other side of the trade is somebody else's";
    EXPECT_TRUE(world.view(0).stopped);
}

TEST(LiveTradingOrders, an_order_of_six_hundred_fills_is_counted_whole)
{
    LiveWorld world({{.venue = "hb", .lot = "0.1"}, {.venue = "kc", .lot = "0.1"}});
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

// Counted once, as it was first told: the venue's word on the money says whether that was right.
TEST(LiveTradingOrders, a_trade_told_again_with_another_quantity_is_told_and_stops_nothing)
{
    LiveWorld world;
    world.start_trading();
    ASSERT_TRUE(world.propose(0, 1, "10"));
    world.run(seconds(1));
    const std::uint64_t past = world.order(1);
    for (const char* quantity : {"1", "2"})
        world.tell(0, fmt::format("fill {} 0 buy 27.10 {} again 0.01 USDT", past, quantity));
    EXPECT_EQ(world.notes_with("one trade of it came with two quantities"), 1U);
    EXPECT_EQ(world.flags_with("contradicts itself"), 0U);
}

// Absence was proven and the other leg closed; then the order executes, and the stream tells totals only.
TEST(LiveTradingOrders, a_total_told_after_absence_was_proven_is_asked_for_and_closed)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.arrives = false}; };
    ASSERT_TRUE(world.propose(0, 1, "10"));
    const OrderIntent sell = world.exchange(1).last(RequestKind::place).intent;
    world.run(seconds(20));
    ASSERT_EQ(world.ends.size(), 1U);
    ASSERT_EQ(world.net(), Amount{});
    const std::size_t asked = world.exchange(1).count(RequestKind::fills);
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.exchange(1).fill_in_silence(static_cast<OrderId>(world.order(2)), sell, 100, world.now);
    world.tell(1, fmt::format("order {} 1 filled 10", world.order(2)));
    EXPECT_EQ(world.live().desk().open().count(), 1U) << "reserved until its fills are known";
    EXPECT_EQ(world.engine->risk().open_orders(), 1U);
    EXPECT_EQ(world.flags_with("contradicts itself"), 1U);
    world.run(seconds(10));
    EXPECT_GT(world.exchange(1).count(RequestKind::fills), asked);
    EXPECT_EQ(world.late.size(), 1U);
    EXPECT_EQ(world.net(), Amount{}) << "what executed late was closed";
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_EQ(world.engine->risk().open_orders(), 0U);
    EXPECT_FALSE(world.propose(0, 1, "1")) << "somebody must look first";
}

// Binance and OKX let a client id be used again once its order is over, and whoever has the key reads it.
struct Reuse {
    const char* what;
    bool restart, shortened, fill;
};
TEST(LiveTradingOrders, an_order_under_a_past_id_of_ours_stops_its_venue)
{
    for (const Reuse& row :
         {Reuse{"rests, while running", false, false, false},
          Reuse{"fills, while running", false, false, true}, Reuse{"rests, at a restart", true, false, false},
          Reuse{"fills, at a restart", true, false, true},
          Reuse{"rests, after a checkpoint", true, true, false},
          Reuse{"fills, after a checkpoint", true, true, true}}) {
        SCOPED_TRACE(row.what);
        LiveWorld world;
        world.start_trading();
        ASSERT_TRUE(world.trades());
        world.run(seconds(1));
        const std::uint64_t past = world.order(1);
        if (row.restart) {
            if (row.shortened) world.shorten();
            world.kill();
            world.start();
        }
        const std::size_t late = world.late.size();
        world.tell(0, row.fill ? fmt::format("fill {} 0 buy 27.10 1 S1 0.01 USDT as V9", past)
                               : fmt::format("order {} 0 working as V9", past));
        EXPECT_EQ(world.notes_with("carries the id of an order that was"), 1U);
        EXPECT_EQ(world.notes_with("ALARM"), 1U);
        EXPECT_TRUE(world.view(0).stopped);
        EXPECT_EQ(world.late.size(), late) << "it is none of ours";
        world.run(seconds(5));
        EXPECT_EQ(world.exchange(0).count(RequestKind::cancel_all), 1U) << "once its channels stand";
        EXPECT_EQ(world.view(0).why, "somebody else trades on this account");
        EXPECT_FALSE(world.view(1).stopped);
    }
}

}  // namespace
}  // namespace arb
