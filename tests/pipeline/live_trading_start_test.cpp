// Start-up is recovery: nothing is sent before every venue said what is open, filled and owned, or was left
// out; and our record of the money is kept before the first order leaves.
#include <utility>

#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::LiveWorld;
using test::money;

TEST(LiveTradingStart, trades_only_when_every_venue_said_what_is_open_filled_and_owned)
{
    for (const RequestKind missing : {RequestKind::open_orders, RequestKind::fills, RequestKind::balances}) {
        SCOPED_TRACE(name(missing));
        LiveWorld world;
        world.exchange(1).silent.insert(missing);
        world.start();
        EXPECT_EQ(world.live().phase(), Phase::connecting);
        world.run(seconds(10));
        EXPECT_EQ(world.live().phase(), Phase::recovering);
        EXPECT_TRUE(world.engine->risk().paused());
        EXPECT_FALSE(world.trades());
        EXPECT_EQ(world.refused, RiskReason::paused);
        EXPECT_TRUE(world.view(0).recovered);
        EXPECT_FALSE(world.view(1).recovered);
        world.exchange(1).silent.clear();
        world.run(seconds(6));
        EXPECT_EQ(world.phases, (std::vector{Phase::recovering, Phase::trading}));
        EXPECT_FALSE(world.engine->risk().paused());
        EXPECT_EQ(world.count(RequestKind::place), 0U);
        EXPECT_TRUE(world.trades());
        EXPECT_EQ(world.count(RequestKind::place), 2U);
    }
}

TEST(LiveTradingStart, a_cut_list_is_no_answer)
{
    for (const RequestKind cut : {RequestKind::open_orders, RequestKind::fills, RequestKind::balances}) {
        SCOPED_TRACE(name(cut));
        LiveWorld world;
        world.exchange(1).silent.insert(cut);
        world.start();
        world.run_until([&] { return world.exchange(1).count(cut) == 1; }, seconds(5));
        world.tell(1, fmt::format("end {} done cut", name(cut)));
        world.run(seconds(2));
        EXPECT_EQ(world.live().phase(), Phase::recovering);
        world.exchange(1).silent.clear();
        world.run(seconds(6));
        EXPECT_EQ(world.live().phase(), Phase::trading);
        EXPECT_EQ(world.exchange(1).count(cut), 2U) << "asked again";
    }
}

TEST(LiveTradingStart, waits_for_both_channels_of_every_venue)
{
    for (const char* channel : {"order_entry", "private_stream"}) {
        SCOPED_TRACE(channel);
        LiveWorld world;
        world.exchange(0).dark = world.exchange(1).dark = true;
        world.start();
        world.tell(0, fmt::format("up {}", channel));
        world.run(seconds(1));
        EXPECT_EQ(world.live().phase(), Phase::connecting);
        EXPECT_EQ(world.count(RequestKind::open_orders), 0U);
        world.tell(0, "up order_entry\nup private_stream");
        world.tell(1, fmt::format("up {}", channel));
        world.run(seconds(1));
        EXPECT_EQ(world.live().phase(), Phase::recovering);
        EXPECT_EQ(world.exchange(1).count(RequestKind::open_orders), 0U);
        world.tell(1, "up order_entry\nup private_stream");
        world.run(seconds(1));
        EXPECT_EQ(world.live().phase(), Phase::trading);
    }
}

TEST(LiveTradingStart, balances_are_asked_last)
{
    for (const RequestKind missing : {RequestKind::open_orders, RequestKind::fills}) {
        SCOPED_TRACE(name(missing));
        LiveWorld world;
        world.exchange(0).silent.insert(missing);
        world.start();
        world.run(seconds(12));
        EXPECT_EQ(world.exchange(0).count(RequestKind::balances), 0U);
        EXPECT_EQ(world.exchange(0).count(missing), 3U) << "what is missing is asked for every five seconds";
        EXPECT_EQ(world.exchange(1).count(RequestKind::balances), 1U);
        world.exchange(0).silent.clear();
        world.run(seconds(6));
        EXPECT_EQ(world.exchange(0).count(RequestKind::balances), 1U);
        EXPECT_EQ(world.live().phase(), Phase::trading);
    }
}

TEST(LiveTradingStart, the_venues_word_on_the_money_is_kept_before_the_first_order)
{
    LiveWorld world;
    world.exchange(1).balances["KCS"] = money("7.5");  // of no market here
    world.start_trading();
    EXPECT_TRUE(world.trades());
    EXPECT_EQ(world.lines_with("account\t"), 5U);
    const auto adopted = LiveWorld::found(world.history, "line adopted\t");
    ASSERT_EQ(adopted.size(), 2U);
    const auto placed = LiveWorld::found(world.history, "0 place");
    ASSERT_EQ(placed.size(), 1U);
    EXPECT_LT(adopted.back(), placed.front());
    for (const char* venue : {"hb", "kc"}) {
        const auto accounts = LiveWorld::found(world.history, fmt::format("line account\t{}\t", venue));
        const auto whole = LiveWorld::found(world.history, fmt::format("line adopted\t{}", venue));
        ASSERT_EQ(whole.size(), 1U);
        EXPECT_LT(accounts.back(), whole.front()) << "whole only with its last line";
    }
    EXPECT_EQ(world.ours(1, "KCS"), money("7.5"));
    world.run(seconds(1));
    EXPECT_EQ(world.difference(), "");
    // The next run knows it already.
    world.kill();
    world.start_trading();
    EXPECT_EQ(world.lines_with("account\t"), 5U);
    EXPECT_EQ(world.lines_with("adopted\t"), 2U);
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingStart, the_package_is_kept_before_its_orders_leave)
{
    LiveWorld world;
    world.start_trading();
    EXPECT_TRUE(world.trades());
    const auto package = LiveWorld::found(world.history, "line package\t");
    ASSERT_EQ(package.size(), 1U);
    EXPECT_LT(package[0], LiveWorld::found(world.history, "0 place").front());
    EXPECT_LT(package[0], LiveWorld::found(world.history, "1 place").front());
}

TEST(LiveTradingStart, a_venue_that_is_not_ready_in_time_is_left_out_until_it_is)
{
    LiveWorld world;
    world.exchange(1).dark = true;
    world.start();
    world.run(milliseconds(29'900));
    EXPECT_EQ(world.live().phase(), Phase::recovering);
    world.run(milliseconds(200));
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_EQ(world.notes_with("left out"), 1U);
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::venue_stopped);
    world.run(seconds(20));
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.count(RequestKind::place), 0U);
    // On its own, without a word from anybody.
    world.tell(1, "up order_entry\nup private_stream");
    EXPECT_FALSE(world.trades()) << "ready, but not recovered";
    world.run(seconds(2));
    EXPECT_TRUE(world.view(1).recovered);
    EXPECT_EQ(world.view(1).why, "");
    EXPECT_TRUE(world.trades());
    const auto adopted = LiveWorld::found(world.history, "line adopted\tkc");
    ASSERT_EQ(adopted.size(), 1U);
    EXPECT_LT(adopted[0], LiveWorld::found(world.history, "1 place").front());
    world.run(seconds(1));
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().flags().count(), 0U);
}

TEST(LiveTradingStart, a_venue_may_answer_in_the_very_call)
{
    LiveWorld world;
    for (auto& exchange : world.exchanges) exchange->at_once = true;
    world.exchange(0).balances["USDT"] = money("123456");  // each venue's word is its own
    world.start_trading();
    EXPECT_EQ(world.difference(), "");
    EXPECT_TRUE(world.view(0).clock_known && world.view(1).clock_known);
    // A leg that is refused at once, and its sister's unwinding.
    world.exchange(1).fate = [](const ApprovedOrder&) { return test::Fate{.refused = true}; };
    EXPECT_TRUE(world.trades());
    world.run(seconds(2));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_EQ(world.live().flags().count(), 0U);
    // One whose outcome is unknown.
    bool first = true;
    world.exchange(1).fate = [first](const ApprovedOrder&) mutable {
        return std::exchange(first, false) ? test::Fate{.answers = false, .percent = 50} : test::Fate{};
    };
    EXPECT_TRUE(world.propose(0, 1, "10"));
    world.run(seconds(5));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
    world.kill();
    world.start_trading();
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.flags_with("balances differ"), 0U);
}

TEST(LiveTradingStart, without_any_venue_it_trades_with_nobody)
{
    LiveWorld world;
    world.exchange(0).dark = world.exchange(1).dark = true;
    world.start();
    world.run(seconds(31));
    EXPECT_EQ(world.phases, std::vector{Phase::trading});
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.count(RequestKind::place), 0U);
}

TEST(LiveTradingStart, the_venues_fees_take_the_place_of_assumed_ones)
{
    LiveWorld world;
    world.exchange(0).silent.insert(RequestKind::fees);
    world.start_trading();
    EXPECT_EQ(world.engine->risk().fees().taker(ListingId{0}), test::bps(10));
    world.tell(0, "fee 0 25");
    EXPECT_EQ(world.engine->risk().fees().taker(ListingId{0}), test::bps(25));
    EXPECT_EQ(world.exchange(0).count(RequestKind::fees), 1U) << "fees hold nothing up";
}

TEST(LiveTradingStart, lines_that_say_nothing_known_are_refused)
{
    LiveWorld world;
    world.start();
    for (const char* line :
         {"account\tnowhere\tUSDT\t0\t0\t0", "account\thb\tUSDT\tx\t0\t0", "adopted\tnowhere", "novelty\t1",
          "package\t1\tLINK/USDT", "unwind\t1\t2\thb\tNONE\tbuy", "closing\t1\tNONE",
          "line\tLINK/USDT\tnothing\t1\t1\t1", "fill\tx", "done\tx", "trade\tnot hexadecimal", "nonsense",
          "clear", "late\thb\tLINKUSDT\tup", "taken\tx", "lapsed\tx",
          "transfer\t1\thb\tnowhere\tUSDT\t5\t1\t0\t0", "transfer\t1\thb\tkc\tUSDT\tx\t1\t0\t0",
          "adopt\thb\tUSDT\t5\tx"}) {
        EXPECT_FALSE(world.command(line)) << line;
    }
    world.run(seconds(1));
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_EQ(world.difference(), "");
}

}  // namespace
}  // namespace arb
