// Somebody else on our account: an order or a fill that is not ours, and money that moves without us.
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::LiveWorld;
using test::money;

TEST(LiveTradingStrangers, an_order_that_is_not_ours_stops_its_venue_at_once)
{
    LiveWorld world({{.venue = "hb"}, {.venue = "kc"}, {.venue = "zz"}});
    world.start_trading();
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel_all), 0U);
    world.tell(0, "order 0 0 working");
    EXPECT_EQ(world.notes_with("ALARM"), 1U);
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel_all), 1U) << "the kill ladder of that venue";
    EXPECT_EQ(world.exchange(1).count(RequestKind::cancel_all), 0U);
    EXPECT_TRUE(world.view(0).stopped);
    world.run(milliseconds(100));
    EXPECT_EQ(world.view(0).why, "somebody else trades on this account");
    EXPECT_FALSE(world.view(1).stopped);
    // More of the same is one alarm.
    world.tell(0, "order 0 0 working");
    world.run(seconds(60));
    EXPECT_EQ(world.notes_with("ALARM"), 1U);
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel_all), 1U);
    EXPECT_TRUE(world.view(0).stopped) << "for good";
}

TEST(LiveTradingStrangers, a_venue_that_does_not_say_that_it_cancelled_is_asked_again)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(0).silent = {RequestKind::cancel_all};
    world.tell(0, "down order_entry");
    world.tell(0, "order 0 0 working");
    world.run(seconds(4));
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel_all), 0U) << "no channel is open";
    world.tell(0, "up order_entry");
    world.run(seconds(5));
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel_all), 3U);
    world.exchange(0).silent = {};
    world.run(seconds(60));
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel_all), 4U);
}

TEST(LiveTradingStrangers, so_does_a_fill)
{
    LiveWorld world;
    world.start_trading();
    world.tell(1, "fill 0 1 buy 27.10 1 stranger-1 0.01 USDT");
    EXPECT_EQ(world.notes_with("ALARM"), 1U);
    EXPECT_TRUE(world.view(1).stopped);
}

// Two engines on one account. Ids of the other one read like ours: taking its fills for late ones of our own,
// and closing them, would be a war that both lose.
TEST(LiveTradingStrangers, a_fill_of_another_engine_stops_the_venue_and_is_never_closed)
{
    LiveWorld world;
    world.start_trading();
    ASSERT_TRUE(world.trades());
    world.run(seconds(1));
    const std::size_t placed = world.count(RequestKind::place);
    const auto other = static_cast<std::uint64_t>(make_order_id(world.epoch + 12, 1));
    world.tell(1, fmt::format("fill {} 1 buy 27.10 5 other-1 0.01 USDT", other));
    EXPECT_EQ(world.notes_with("ALARM"), 1U);
    EXPECT_TRUE(world.view(1).stopped);
    EXPECT_EQ(world.late.size(), 0U);
    world.run(seconds(60));
    EXPECT_EQ(world.count(RequestKind::place), placed);
    EXPECT_TRUE(world.command("flatten"));
    world.run(seconds(5));
    EXPECT_EQ(world.count(RequestKind::place), placed) << "what was not opened here is not closed here";
    // A run of our own before this one is not another engine.
    world.kill();
    world.start_trading();
    world.shorten();
    world.kill();
    world.start_trading();
    const auto earlier = static_cast<std::uint64_t>(make_order_id(world.epoch - 2, 9));
    world.tell(1, fmt::format("fill {} 1 buy 27.10 5 earlier-1 0.01 USDT", earlier));
    EXPECT_EQ(world.late.size(), 1U);
}

// A fresh state directory soon after earlier trading: whoever traded may live, so nothing begins. And when
// the owner says that he does not, the fills that are still told, some of a package and not the others, are
// nobody's exposure here.
TEST(LiveTradingStrangers, a_fresh_directory_after_trading_closes_nothing_at_any_second)
{
    for (int gap = 1; gap <= 100; gap += 3) {
        SCOPED_TRACE(gap);
        LiveWorld world;
        world.start_trading();
        // A package whose buying leg is older than the order that closed it.
        bool first = true;
        world.exchange(1).fate = [first](const ApprovedOrder&) mutable {
            return test::Fate{.arrives = !std::exchange(first, false)};
        };
        ASSERT_TRUE(world.propose(0, 1, "100"));
        world.run(seconds(20));
        ASSERT_EQ(world.net(), Amount{});
        world.kill();
        world.lines.clear();
        world.now = world.now + seconds(gap);
        const std::size_t placed = world.count(RequestKind::place);
        world.start();
        world.run(seconds(5));
        EXPECT_EQ(world.live().phase(), Phase::stopped);
        EXPECT_FALSE(world.live().strangers().start_refusals().empty());
        EXPECT_EQ(world.flags.size(), 0U);
        world.kill();
        world.lines = {std::string(LineWriter("taken").number(world.epoch - 1).view())};
        world.start_trading();
        world.run(seconds(5));
        EXPECT_EQ(world.flags.size(), 0U);
        EXPECT_EQ(world.notes_with("ALARM"), 0U);
        EXPECT_TRUE(world.command("flatten"));
        world.run(seconds(5));
        EXPECT_TRUE(world.command("stop"));
        world.run(seconds(15));
        EXPECT_EQ(world.live().phase(), Phase::stopped);
        EXPECT_EQ(world.count(RequestKind::place), placed);
        EXPECT_EQ(world.net(), Amount{});
    }
}

TEST(LiveTradingStrangers, what_is_found_while_recovering_is_flagged_and_left_alone)
{
    LiveWorld world;
    world.start();
    world.tell(0, "order 0 0 working");
    world.run_until([&] { return world.live().phase() == Phase::trading; }, seconds(60));
    EXPECT_EQ(world.flags_with("not ours"), 1U);
    EXPECT_EQ(world.notes_with("ALARM"), 0U);
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel_all), 0U);
}

TEST(LiveTradingStrangers, money_that_leaves_is_noticed_within_five_seconds)
{
    LiveWorld world;
    world.start_trading();
    world.run(seconds(10));
    world.exchange(0).balances["USDT"] = money("99000");
    world.tell(0, "stream USDT 99000");
    const std::size_t asked = world.exchange(0).count(RequestKind::balances);
    const Timestamp moved = world.now;
    world.run_until([&] { return world.notes_with("ALARM") > 0; }, seconds(30));
    ASSERT_EQ(world.notes_with("ALARM"), 1U);
    EXPECT_LE((world.now - moved).ns, seconds(5).ns);
    EXPECT_EQ(world.exchange(0).count(RequestKind::balances), asked + 1) << "the venue was asked first";
    EXPECT_TRUE(world.view(0).stopped);
    EXPECT_EQ(world.notes_with("USDT should be 100000, the venue says 99000"), 1U);
}

// Orders that always rest are no hiding place: they are asked about once, and then the figure stands.
TEST(LiveTradingStrangers, money_that_leaves_while_an_order_rests_is_noticed_as_soon)
{
    LiveWorld world;
    world.start_trading();
    ASSERT_TRUE(world.propose_resting(0, 1, "10", Side::buy, "27.05"));
    world.run(seconds(10));
    const Amount free = world.exchange(0).balances["USDT"];
    world.exchange(0).balances["USDT"] = free - money("1000");
    world.tell(0, "stream USDT " + world.exchange(0).balances["USDT"].text());
    const Timestamp moved = world.now;
    world.run_until([&] { return world.notes_with("ALARM") > 0; }, seconds(60));
    EXPECT_EQ(world.notes_with("ALARM"), 1U);
    EXPECT_LE((world.now - moved).ns, seconds(8).ns);
}

// An order that rested was filled while nobody listened, its cancel is refused, and the venue owes answers.
TEST(LiveTradingStrangers, what_an_order_that_may_be_gone_explains_is_no_alarm)
{
    LiveWorld world;
    world.start_trading();
    ASSERT_TRUE(world.propose_resting(0, 1, "10", Side::buy, "27.05"));
    world.run(seconds(2));
    test::FakeExchange& venue = world.exchange(0);
    const std::vector<OrderId> resting = venue.resting();
    ASSERT_EQ(resting.size(), 1U);
    ASSERT_TRUE(venue.fill_resting(resting[0], 100, world.now, false));
    world.tell(0, "stream USDT " + venue.balances["USDT"].text());
    world.tell(0, "stream LINK " + venue.balances["LINK"].text());
    venue.silent = {RequestKind::query_order, RequestKind::fills};
    world.withdraw();
    world.run(seconds(15));
    EXPECT_EQ(world.notes_with("ALARM"), 0U);
    venue.silent.clear();
    world.run(seconds(10));
    EXPECT_EQ(world.notes_with("ALARM"), 0U);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.net(), Amount{}) << "what it bought is hedged";
}

TEST(LiveTradingStrangers, a_figure_that_the_venue_takes_back_is_no_alarm)
{
    LiveWorld world;
    world.start_trading();
    world.run(seconds(10));
    world.tell(0, "stream USDT 99000");
    world.run(seconds(30));
    EXPECT_EQ(world.notes_with("ALARM"), 0U);
    EXPECT_FALSE(world.view(0).stopped);
}

TEST(LiveTradingStrangers, the_time_between_a_fill_and_its_balance_is_no_alarm)
{
    LiveWorld world;
    world.start_trading();
    world.run(seconds(2));
    // Trade for half a minute; the stream tells figures of before each fill, then those after it.
    for (int i = 0; i < 100; ++i) {
        (void)world.trades();
        world.run(milliseconds(200));
        for (std::size_t v = 0; v < 2; ++v) {
            for (const char* asset : {"USDT", "LINK"}) {
                world.tell(v, fmt::format("stream {} {}", asset, world.exchange(v).balances[asset].text()));
            }
        }
        world.run(milliseconds(100));
    }
    EXPECT_EQ(world.notes_with("ALARM"), 0U);
}

}  // namespace
}  // namespace arb
