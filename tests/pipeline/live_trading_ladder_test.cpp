// The words of the operator, one rung after the other: pause, cancel, flatten, stop, kill; and the loss
// limit, which pauses on its own.
#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::FakeExchange;
using test::Fate;
using test::LiveWorld;
using test::money;

// Both venues say nothing of orders any more, not even when asked.
void fall_silent(LiveWorld& world, std::size_t venue)
{
    world.exchange(venue).fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    world.exchange(venue).silent = {RequestKind::query_order, RequestKind::fills};
}

// Leaves 3 LINK too much, which could not be sold yet.
void leave_exposure(LiveWorld& world)
{
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    world.exchange(0).fate = [](const ApprovedOrder& order) {
        return Fate{.percent = order.intent().side == Side::buy ? 100 : 0};
    };
    ASSERT_TRUE(world.propose(0, 1, "3"));
    world.run(milliseconds(300));
    ASSERT_EQ(world.net(), money("3"));
    ASSERT_EQ(world.engine->executor().open_count(), 1U);
    for (auto& exchange : world.exchanges) exchange->fate = [](const ApprovedOrder&) { return Fate{}; };
}

TEST(LiveTradingLadder, pause_holds_new_packages_and_resume_lets_them_go)
{
    LiveWorld world;
    world.start_trading();
    EXPECT_TRUE(world.command("pause"));
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::paused);
    EXPECT_TRUE(world.command("resume"));
    EXPECT_TRUE(world.trades());
    EXPECT_EQ(world.count(RequestKind::cancel_all), 0U);
    EXPECT_FALSE(world.command("pauses"));
    EXPECT_EQ(world.engine->commands_refused(), 1U);
}

TEST(LiveTradingLadder, a_pause_before_trading_holds)
{
    LiveWorld world;
    world.start();
    EXPECT_TRUE(world.command("pause"));
    EXPECT_TRUE(world.command("resume"));
    EXPECT_TRUE(world.engine->risk().paused()) << "resume opens nothing that recovery holds";
    EXPECT_TRUE(world.command("pause"));
    world.run(seconds(3));
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_FALSE(world.trades());
    EXPECT_TRUE(world.command("resume"));
    EXPECT_TRUE(world.trades());
}

TEST(LiveTradingLadder, paused_it_still_unwinds)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    ASSERT_TRUE(world.propose(0, 1, "3"));
    EXPECT_TRUE(world.command("pause"));
    world.run(seconds(2));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.live().flags().count(), 0U);
}

TEST(LiveTradingLadder, cancel_asks_only_where_something_of_ours_is_open)
{
    LiveWorld world;
    world.start_trading();
    EXPECT_TRUE(world.command("cancel"));
    EXPECT_EQ(world.count(RequestKind::cancel_all), 0U) << "the account may hold its owner's own orders";
    EXPECT_FALSE(world.trades());
    EXPECT_TRUE(world.command("resume"));
    fall_silent(world, 1);
    EXPECT_TRUE(world.trades());
    world.run(milliseconds(100));
    EXPECT_EQ(world.live().desk().open().count(), 1U);
    EXPECT_TRUE(world.command("cancel"));
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel_all), 0U);
    EXPECT_EQ(world.exchange(1).count(RequestKind::cancel_all), 1U);
    EXPECT_EQ(world.exchange(1).last(RequestKind::cancel_all).listings, std::vector{ListingId{1}});
    EXPECT_TRUE(world.engine->risk().paused());
    // Without order entry there is no way to ask.
    world.tell(1, "down order_entry");
    EXPECT_TRUE(world.command("cancel"));
    EXPECT_EQ(world.count(RequestKind::cancel_all), 1U);
}

TEST(LiveTradingLadder, flatten_closes_what_is_left_over_with_a_priced_order)
{
    LiveWorld world;
    world.start_trading();
    leave_exposure(world);
    const std::size_t placed = world.count(RequestKind::place);
    EXPECT_TRUE(world.command("flatten"));
    world.run(seconds(1));
    EXPECT_EQ(world.count(RequestKind::place), placed + 1);
    const OrderIntent& intent = world.exchange(1).last(RequestKind::place).intent;
    EXPECT_EQ(intent.side, Side::sell);
    EXPECT_EQ(intent.time_in_force, TimeInForce::ioc);
    EXPECT_EQ(intent.quantity.units, 30);
    // 27.20 at the better venue, at most the band of 100 basis points below.
    EXPECT_LE(intent.price.units, 2720);
    EXPECT_GE(intent.price.units, 2692);
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
    EXPECT_TRUE(world.engine->risk().paused()) << "until resume";
    // Flat already: nothing more to send.
    EXPECT_TRUE(world.command("flatten"));
    world.run(seconds(1));
    EXPECT_EQ(world.count(RequestKind::place), placed + 1);
}

TEST(LiveTradingLadder, an_exposure_that_a_dead_run_was_closing_is_closed_by_the_next)
{
    for (const bool answers : {true, false}) {
        for (const bool arrives : {true, false}) {
            SCOPED_TRACE(fmt::format("answers {} arrives {}", answers, arrives));
            LiveWorld world;
            world.start_trading();
            leave_exposure(world);
            world.exchange(1).fate = [=](const ApprovedOrder&) {
                return Fate{.arrives = arrives, .answers = answers};
            };
            world.run(milliseconds(250));
            world.kill();
            world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
            world.start_trading();
            world.run(seconds(2));
            EXPECT_EQ(world.net(), Amount{});
            EXPECT_EQ(world.difference(), "");
            EXPECT_EQ(world.engine->executor().open_count(), 0U);
        }
    }
}

TEST(LiveTradingLadder, stop_ends_only_with_the_venues_word_on_the_money)
{
    LiveWorld world;
    world.start_trading();
    EXPECT_TRUE(world.trades());
    world.run(seconds(1));
    world.exchange(1).silent = {RequestKind::balances};
    world.balances.clear();
    EXPECT_TRUE(world.command("stop"));
    EXPECT_EQ(world.live().phase(), Phase::stopping);
    EXPECT_FALSE(world.trades());
    world.run(seconds(5));
    EXPECT_EQ(world.live().phase(), Phase::stopping);
    world.exchange(1).silent.clear();
    world.run(seconds(3));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.balances.size(), 4U);
    for (const auto& [text, final] : world.balances) EXPECT_TRUE(final) << text;
    EXPECT_EQ(world.live().money().mismatches(), 0U);
    // Stopped is the end.
    const std::size_t calls = world.exchange(0).calls.size();
    EXPECT_TRUE(world.command("resume"));
    EXPECT_FALSE(world.trades());
    world.run(seconds(60));
    EXPECT_EQ(world.exchange(0).calls.size(), calls);
}

TEST(LiveTradingLadder, stop_asks_again_while_the_money_differs)
{
    LiveWorld world;
    world.start_trading();
    const std::size_t asked = world.exchange(0).count(RequestKind::balances);
    world.exchange(0).balances["USDT"] += money("1");
    EXPECT_TRUE(world.command("stop"));
    world.run(seconds(5));
    EXPECT_EQ(world.live().phase(), Phase::stopping);
    EXPECT_EQ(world.exchange(0).count(RequestKind::balances), asked + 3) << "every two seconds";
    world.exchange(0).balances["USDT"] -= money("1");
    world.run(seconds(3));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.live().money().mismatches(), 0U);
}

TEST(LiveTradingLadder, a_difference_that_stays_is_told_after_a_few_looks)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(0).balances["USDT"] += money("1");
    const std::size_t asked = world.exchange(0).count(RequestKind::balances);
    EXPECT_TRUE(world.command("stop"));
    world.run(milliseconds(7'900));
    EXPECT_EQ(world.live().phase(), Phase::stopping);
    world.run(seconds(1));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.exchange(0).count(RequestKind::balances), asked + 5);
    EXPECT_EQ(world.live().money().mismatches(), 1U);
    EXPECT_EQ(world.notes_with("hb: USDT should be 100000, the venue says 100001"), 1U);
}

TEST(LiveTradingLadder, a_venue_that_says_nothing_at_the_end_is_not_said_to_hold_nothing)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).silent = {RequestKind::balances};
    world.balances.clear();
    EXPECT_TRUE(world.command("stop"));
    world.run(seconds(34));
    EXPECT_EQ(world.live().phase(), Phase::stopping) << "flat and quiet: it is waited for a little longer";
    world.run(seconds(4));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.notes_with("the venue says 0"), 0U);
}

// What an unknown order elsewhere may still do changes nothing for this market.
TEST(LiveTradingLadder, a_market_is_closed_while_an_order_of_another_one_is_unknown)
{
    test::Spec link_hb{.venue = "hb"}, link_kc{.venue = "kc"}, eth_hb = link_hb, eth_kc = link_kc;
    eth_hb.base = eth_kc.base = "ETH";
    for (const char* word : {"flatten", "stop"}) {
        SCOPED_TRACE(word);
        LiveWorld world({link_hb, eth_hb, link_kc, eth_kc});
        world.start_trading();
        world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
        world.exchange(0).fate = [](const ApprovedOrder& order) {
            return Fate{.percent = order.intent().side == Side::buy ? 100 : 0};
        };
        ASSERT_TRUE(world.propose(0, 2, "3"));
        world.run(seconds(3));
        ASSERT_EQ(world.net(), money("3"));
        world.exchange(0).fate = [](const ApprovedOrder& order) {
            return Fate{.answers = order.intent().listing != ListingId{1}};
        };
        world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
        world.exchange(0).silent = {RequestKind::query_order, RequestKind::fills};
        ASSERT_TRUE(world.propose(1, 3, "1"));
        EXPECT_TRUE(world.command(word));
        world.run(seconds(3));
        EXPECT_EQ(world.net(), Amount{});
        EXPECT_EQ(world.engine->executor().open_count(), 1U) << "ETH still waits for its answer";
    }
}

TEST(LiveTradingLadder, what_a_package_left_is_closed_by_stop_and_by_kill)
{
    for (const char* word : {"stop", "kill"}) {
        SCOPED_TRACE(word);
        LiveWorld world;
        world.start_trading();
        leave_exposure(world);
        const std::size_t placed = world.count(RequestKind::place);
        EXPECT_TRUE(world.command(word));
        world.run(seconds(5));
        EXPECT_EQ(world.live().phase(), Phase::stopped);
        EXPECT_EQ(world.count(RequestKind::place), placed + 1);
        EXPECT_EQ(world.net(), Amount{});
        EXPECT_EQ(world.difference(), "");
    }
}

TEST(LiveTradingLadder, stop_finishes_the_package_that_is_out)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.percent = 50}; };
    ASSERT_TRUE(world.propose(0, 1, "10"));
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
    EXPECT_TRUE(world.command("stop"));
    EXPECT_EQ(world.count(RequestKind::cancel_all), 2U);
    world.run(seconds(5));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().flags().count(), 0U);
}

TEST(LiveTradingLadder, what_is_still_open_when_the_time_is_over_is_flagged)
{
    LiveWorld world;
    world.start_trading();
    fall_silent(world, 0);
    ASSERT_TRUE(world.trades());
    EXPECT_TRUE(world.command("stop"));
    world.run(milliseconds(19'900));
    EXPECT_EQ(world.live().phase(), Phase::stopping);
    world.run(milliseconds(200));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.flags_with("stopped while the outcome of an order was unknown"), 1U);
    ASSERT_EQ(world.ends.size(), 1U);
    EXPECT_TRUE(world.ends[0].flagged);
}

// Said twice: nobody waits for a venue that is silent, and nothing stays behind without a cancel.
TEST(LiveTradingLadder, a_second_word_ends_it_within_seconds_and_cancels_what_is_open)
{
    LiveWorld world;
    world.start_trading();
    fall_silent(world, 0);
    ASSERT_TRUE(world.trades());
    EXPECT_TRUE(world.command("stop"));
    world.run(seconds(1));
    const std::size_t cancels = world.exchange(0).count(RequestKind::cancel_all);
    EXPECT_TRUE(world.command("kill"));
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel_all), cancels + 1);
    const std::size_t placed = world.count(RequestKind::place);
    world.run(milliseconds(4'900));
    EXPECT_EQ(world.live().phase(), Phase::stopping) << "its word would still count";
    EXPECT_TRUE(world.command("kill")) << "once more changes nothing";
    world.run(milliseconds(200));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.count(RequestKind::place), placed) << "nothing was closed any more";
    EXPECT_EQ(world.flags_with("stopped while the outcome of an order was unknown"), 1U);
    ASSERT_EQ(world.ends.size(), 1U);
    EXPECT_TRUE(world.ends[0].flagged);
}

TEST(LiveTradingLadder, a_second_word_flags_what_closing_would_have_taken)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    ASSERT_TRUE(world.propose(0, 1, "10"));
    EXPECT_TRUE(world.command("stop"));
    EXPECT_TRUE(world.command("kill"));
    world.run(seconds(1));
    EXPECT_EQ(world.live().phase(), Phase::stopped) << "nothing is open there: nobody is waited for";
    ASSERT_EQ(world.ends.size(), 1U);
    EXPECT_EQ(world.ends[0].flagged, world.net() != Amount{});
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingLadder, a_second_word_flags_exposure_that_was_still_to_be_closed)
{
    LiveWorld world;
    world.start_trading();
    leave_exposure(world);
    world.engine->on_command("stop", world.now);
    world.engine->on_command("kill", world.now);
    world.engine->decide(world.now);
    world.run(seconds(6));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.flags_with("3 LINK left"), 1U);
    EXPECT_EQ(world.net(), money("3"));
}

TEST(LiveTradingLadder, stop_before_trading_sends_nothing)
{
    LiveWorld world;
    world.exchange(1).dark = true;
    world.start();
    world.run(seconds(2));
    EXPECT_TRUE(world.command("stop"));
    world.run(seconds(5));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.count(RequestKind::place), 0U);
    EXPECT_EQ(world.count(RequestKind::cancel_all), 0U);
}

TEST(LiveTradingLadder, the_loss_limit_pauses_until_the_next_day)
{
    LiveWorld world;
    world.config.risk.loss_day_max = money("0.5");
    world.step = seconds(1);
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder& order) {
        return Fate{.refused = order.intent().side == Side::sell};
    };
    ASSERT_TRUE(world.propose(0, 1, "20"));
    world.run(seconds(3));
    EXPECT_EQ(world.net(), Amount{}) << "bought and sold again at a loss";
    EXPECT_EQ(world.notes_with("loss limit"), 1U);
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::loss_limit);
    EXPECT_TRUE(world.command("resume"));
    EXPECT_FALSE(world.trades()) << "no word lifts it";
    const std::int64_t day = seconds(86'400).ns;
    world.now = Timestamp{(world.now.ns / day + 1) * day};
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.run(seconds(2));
    EXPECT_TRUE(world.trades());
}

// A venue that refuses everything leaves a leg of every package behind.
TEST(LiveTradingLadder, a_venue_that_refuses_order_after_order_gets_a_pause)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder& order) {
        return Fate{.refused = order.intent().side == Side::sell};
    };
    std::size_t opened = 0;
    for (int second = 0; second < 60; ++second) {
        opened += world.trades() ? 1 : 0;
        world.run(seconds(1));
    }
    EXPECT_GE(opened, 1U);
    EXPECT_LE(opened, 6U) << "after five refusals, and one try half a minute later";
    EXPECT_EQ(world.refused, RiskReason::refused_often);
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.notes_with("nothing is opened there for 30 s"), 1U);
    EXPECT_EQ(world.notes_with("nothing is opened there for 60 s"), 1U);
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.run(seconds(90));
    EXPECT_TRUE(world.trades()) << "it opens again by itself";
}

TEST(LiveTradingLadder, fees_in_a_third_coin_count_for_the_loss_limit)
{
    LiveWorld world;
    world.config.risk.loss_day_max = money("0.5");
    world.step = seconds(1);
    for (std::size_t v = 0; v < 2; ++v) {
        FakeExchange& exchange = world.exchange(v);
        exchange.coin = FakeExchange::Coin{"COIN", money("0.001")};
        exchange.balances["COIN"] = money("1");
        // Bought and sold a cent apart: nothing but the fees can make so much of a loss.
        exchange.touch[static_cast<ListingId>(v)] = {"27.10", "27.11"};
    }
    world.start_trading();
    ASSERT_TRUE(world.propose(0, 1, "20"));
    world.run(seconds(3));
    EXPECT_EQ(world.net(), Amount{});
    // Two legs of about 542 USDT at the ordinary 10 bps, for no book tells what the coin costs.
    EXPECT_EQ(world.notes_with("loss limit"), 1U);
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::loss_limit);
}

}  // namespace
}  // namespace arb
