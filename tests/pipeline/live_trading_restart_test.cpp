// A run that was killed in the middle of packages: the next one counts what happened once, writes it down,
// and ends what was begun.
#include <utility>

#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::Fate;
using test::LiveWorld;
using test::money;

// A world whose first run sent one package of which it heard nothing.
void begin_and_kill(LiveWorld& world, const Fate& buy, const Fate& sell)
{
    world.start_trading();
    world.exchange(0).fate = [buy](const ApprovedOrder&) { return buy; };
    world.exchange(1).fate = [sell](const ApprovedOrder&) { return sell; };
    ASSERT_TRUE(world.propose(0, 1, "10"));
    world.run(milliseconds(40));
    world.kill();
    for (auto& exchange : world.exchanges) exchange->fate = [](const ApprovedOrder&) { return Fate{}; };
}

// Half a package was open when the run ended; the next one trades without the venue that says nothing.
void begin_without(LiveWorld& world)
{
    begin_and_kill(world, {.answers = false}, {.answers = false, .percent = 50});
    world.exchange(1).dark = true;
    world.exchange(1).silent = {RequestKind::query_order, RequestKind::fills, RequestKind::time};
    world.start();
    world.run(seconds(31));
    EXPECT_EQ(world.live().phase(), Phase::trading);
}

// A package whose buying leg filled by half; the rest was bought afterwards. The leg, which the venue has
// ended.
test::Call trade_half(LiveWorld& world)
{
    bool first = true;
    world.exchange(0).fate = [first](const ApprovedOrder&) mutable {
        return Fate{.percent = std::exchange(first, false) ? 50 : 100};
    };
    EXPECT_TRUE(world.propose(0, 1, "10"));
    const test::Call order = world.exchange(0).last(RequestKind::place);
    world.run(seconds(1));
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.live().flags().count(), 0U);
    return order;
}

// Everything is counted, once, and nothing is left.
void expect_settled(LiveWorld& world)
{
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.engine->executor().open_count(), 0U);
    EXPECT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_EQ(world.engine->risk().open_orders(), 0U);
    std::size_t trades = 0;
    for (const auto& exchange : world.exchanges) {
        trades += exchange->trades.size();
        EXPECT_EQ(exchange->sent_twice, 0U);
    }
    EXPECT_EQ(world.lines_with("fill\t") + world.lines_with("late\t"), trades);
}

TEST(LiveTradingRestart, both_legs_filled_unheard_are_found_and_end_flat)
{
    LiveWorld world;
    begin_and_kill(world, {.answers = false}, {.answers = false});
    EXPECT_EQ(world.lines_with("fill\t"), 0U);
    world.start();
    EXPECT_EQ(world.engine->executor().open_count(), 1U);
    EXPECT_EQ(world.engine->risk().open_orders(), 2U) << "reserved until the venue says how they ended";
    world.run(seconds(5));
    EXPECT_EQ(world.live().phase(), Phase::trading);
    expect_settled(world);
    ASSERT_EQ(world.ends.size(), 1U);
    EXPECT_FALSE(world.ends[0].flagged);
    EXPECT_EQ(world.ends[0].bought, world.ends[0].sold);
    EXPECT_EQ(world.live().flags().count(), 0U);
    EXPECT_EQ(world.count(RequestKind::place), 2U);
    // Fills before the end of their order: a death in between finds it open and asks.
    for (const char* order : {"1", "2"}) {
        const std::string id =
            fmt::format("{}", static_cast<std::uint64_t>(
                                  make_order_id(world.epoch - 1, static_cast<std::uint32_t>(*order - '0'))));
        const auto fill = LiveWorld::found(world.lines, "fill\t" + id);
        const auto done = LiveWorld::found(world.lines, "done\t" + id);
        ASSERT_EQ(fill.size(), 1U);
        ASSERT_EQ(done.size(), 1U);
        EXPECT_LT(fill[0], done[0]);
    }
    EXPECT_EQ(world.lines_with("end\t"), 1U);
    // And the one after that has nothing to do.
    const std::size_t lines = world.lines.size();
    world.kill();
    world.start();
    EXPECT_EQ(world.engine->executor().open_count(), 0U);
    world.run(seconds(2));
    EXPECT_EQ(world.lines.size(), lines + 1) << "its epoch alone";
    expect_settled(world);
}

TEST(LiveTradingRestart, an_order_that_never_arrived_is_gone_after_the_window_and_its_sister_is_unwound)
{
    LiveWorld world;
    begin_and_kill(world, {.answers = false}, {.arrives = false});
    const Timestamp sent = world.exchange(1).last(RequestKind::place).time;
    const std::size_t asked = world.exchange(1).count(RequestKind::balances);
    world.start();
    world.run_until([&] { return world.live().phase() == Phase::trading; }, seconds(20));
    EXPECT_GE(world.now - sent, seconds(3)) << "absence is proven by time alone";
    EXPECT_EQ(world.exchange(1).count(RequestKind::balances), asked + 1)
        << "not before nothing is open that could change them";
    world.run(seconds(2));
    expect_settled(world);
    EXPECT_EQ(world.net(), Amount{});
    ASSERT_EQ(world.ends.size(), 1U);
    EXPECT_FALSE(world.ends[0].flagged);
    EXPECT_EQ(world.ends[0].sold.units, 0);
    EXPECT_EQ(world.ends[0].unwound, world.ends[0].bought);
    EXPECT_EQ(world.count(RequestKind::place), 3U);
    EXPECT_EQ(world.live().desk().counts().unknown_absent, 1U);
}

TEST(LiveTradingRestart, an_unwinding_order_of_unknown_outcome_is_not_sent_a_second_time)
{
    for (const bool arrives : {true, false}) {
        SCOPED_TRACE(arrives ? "it arrived" : "it did not");
        LiveWorld world;
        world.start_trading();
        unsigned sales = 0;
        world.exchange(1).fate = [=](const ApprovedOrder&) mutable {
            return ++sales == 1 ? Fate{.percent = 0} : Fate{.arrives = arrives, .answers = false};
        };
        ASSERT_TRUE(world.propose(0, 1, "10"));
        world.run(milliseconds(40));
        const auto kept = LiveWorld::found(world.history, "line unwind\t");
        const auto placed = LiveWorld::found(world.history, "1 place");
        ASSERT_EQ(kept.size(), 1U);
        ASSERT_EQ(placed.size(), 2U);
        EXPECT_LT(kept[0], placed[1]) << "kept before it left";
        world.kill();
        world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{}; };
        world.start_trading();
        world.run(seconds(2));
        expect_settled(world);
        EXPECT_EQ(world.net(), Amount{});
        EXPECT_EQ(world.count(RequestKind::place), arrives ? 3U : 4U);
        EXPECT_EQ(world.late.size(), 0U);
        EXPECT_EQ(world.live().flags().count(), 0U);
    }
}

TEST(LiveTradingRestart, fills_are_asked_for_from_before_the_oldest_open_package)
{
    LiveWorld world;
    begin_and_kill(world, {.answers = false}, {.answers = false});
    const Timestamp sent = world.exchange(0).last(RequestKind::place).time;
    world.now = world.now + seconds(3600);
    world.exchange(0).silent = {RequestKind::query_order};
    world.start();
    world.run(milliseconds(100));
    EXPECT_LT(world.exchange(0).last(RequestKind::fills).since, sent);
    EXPECT_EQ(world.live().desk().open().count(), 0U) << "they alone say it";
    world.run(seconds(2));
    expect_settled(world);
    // And no further back than venues keep them.
    world.kill();
    world.now = world.now + seconds(30 * 86'400);
    world.start();
    world.run(milliseconds(100));
    const test::Call asked = world.exchange(0).last(RequestKind::fills);
    EXPECT_EQ(asked.since, asked.time - seconds(7 * 86'400));
}

TEST(LiveTradingRestart, two_orders_that_never_arrived_end_with_nothing)
{
    LiveWorld world;
    begin_and_kill(world, {.arrives = false}, {.arrives = false});
    world.start_trading();
    world.run(seconds(2));
    expect_settled(world);
    EXPECT_EQ(world.count(RequestKind::place), 2U) << "never sent again";
    EXPECT_EQ(world.lines_with("end\t"), 1U);
    EXPECT_EQ(world.live().flags().count(), 0U);
}

TEST(LiveTradingRestart, unequal_legs_are_made_equal)
{
    LiveWorld world;
    begin_and_kill(world, {.answers = false, .percent = 40}, {.answers = false});
    world.start_trading();
    world.run(seconds(2));
    expect_settled(world);
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.count(RequestKind::place), 3U);
    EXPECT_EQ(world.exchange(0).trades.back().intent.side, Side::buy);
    EXPECT_EQ(world.live().flags().count(), 0U);
}

TEST(LiveTradingRestart, nothing_leaves_before_all_venues_are_recovered)
{
    LiveWorld world;
    begin_and_kill(world, {.answers = false}, {.refused = true});
    world.exchange(1).silent.insert(RequestKind::balances);
    world.start();
    world.run(seconds(10));
    EXPECT_EQ(world.live().phase(), Phase::recovering);
    EXPECT_EQ(world.count(RequestKind::place), 2U) << "the leftover leg waits";
    world.exchange(1).silent.clear();
    world.run(seconds(7));
    EXPECT_EQ(world.count(RequestKind::place), 3U);
    expect_settled(world);
    EXPECT_EQ(world.net(), Amount{});
}

TEST(LiveTradingRestart, a_trade_that_was_counted_is_never_counted_again)
{
    LiveWorld world;
    world.start_trading();
    ASSERT_TRUE(world.propose(0, 1, "10"));
    world.run(seconds(1));
    expect_settled(world);
    std::vector<std::string> told;
    for (const std::size_t v : {0U, 1U})
        told.push_back(world.exchange(v).fill_text(world.exchange(v).trades.front()));
    const auto tell_again = [&] {
        for (const std::size_t v : {0U, 1U}) world.tell(v, told[v]);
        world.run(seconds(1));
        EXPECT_EQ(world.late.size(), 0U);
        expect_settled(world);
    };
    tell_again();
    world.kill();
    world.start_trading();
    tell_again();
    // Nor after the log was begun anew with what is left of it.
    const std::size_t before = world.lines.size();
    world.shorten();
    EXPECT_LT(world.lines.size(), before);
    world.kill();
    world.start_trading();
    for (const std::size_t v : {0U, 1U}) world.tell(v, told[v]);
    world.run(seconds(1));
    EXPECT_EQ(world.late.size(), 0U);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().flags().count(), 0U);
}

TEST(LiveTradingRestart, a_late_fill_moves_money_flags_the_market_and_is_flattened)
{
    LiveWorld world;
    world.start_trading();
    const test::Call order = trade_half(world);
    // The venue had said that its rest will not fill.
    world.exchange(0).fill_in_silence(order.order, order.intent, 20, world.now);
    world.tell(0, world.exchange(0).fill_text(world.exchange(0).trades.back()));
    ASSERT_EQ(world.late.size(), 1U);
    EXPECT_EQ(world.flags_with("after its order was thought to be over"), 1U);
    EXPECT_EQ(world.lines_with("late\t"), 1U);
    world.run(seconds(1));
    EXPECT_EQ(world.net(), Amount{});
    expect_settled(world);
    EXPECT_FALSE(world.trades());
    EXPECT_EQ(world.refused, RiskReason::market_stopped);
}

TEST(LiveTradingRestart, a_fill_of_an_order_that_the_last_run_ended_is_counted_and_flattened)
{
    for (const bool books_first : {true, false}) {
        SCOPED_TRACE(books_first ? "books come first" : "books come later");
        LiveWorld world;
        world.start_trading();
        const test::Call order = trade_half(world);
        world.kill();
        world.exchange(0).fill_in_silence(order.order, order.intent, 20, world.now);
        world.start(books_first);
        world.run(seconds(3));
        EXPECT_EQ(world.live().phase(), Phase::trading);
        EXPECT_EQ(world.lines_with("late\t"), 1U);
        if (!books_first) world.show_books();
        world.run(seconds(3));
        EXPECT_EQ(world.difference(), "");
        EXPECT_TRUE(world.net() == Amount{} || world.live().flags().count() > 0)
            << world.net().text() << " is left, and nobody is told";
    }
}

TEST(LiveTradingRestart, a_fill_of_a_package_that_was_flagged_while_stopping_still_moves_money)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    world.exchange(0).silent = {RequestKind::query_order, RequestKind::fills};
    ASSERT_TRUE(world.propose(0, 1, "10"));
    world.run(seconds(1));
    EXPECT_TRUE(world.command("stop"));
    world.run(seconds(25));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.flags_with("stopped while the outcome of an order was unknown"), 1U);
    world.kill();
    world.exchange(0).silent.clear();
    world.exchange(0).fate = [](const ApprovedOrder&) { return Fate{}; };
    world.start();
    world.run(seconds(15));
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.live().desk().open().count(), 0U);
    EXPECT_EQ(world.engine->risk().open_orders(), 0U) << "what it reserved is free again";
}

TEST(LiveTradingRestart, a_log_that_is_begun_anew_means_the_same)
{
    // 3 LINK too much could not be sold; the log is folded; then they are.
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return Fate{.refused = true}; };
    world.exchange(0).fate = [](const ApprovedOrder& order) {
        return Fate{.percent = order.intent().side == Side::buy ? 100 : 0};
    };
    ASSERT_TRUE(world.propose(0, 1, "3"));
    world.run(seconds(3));
    for (auto& exchange : world.exchanges) exchange->fate = [](const ApprovedOrder&) { return Fate{}; };
    world.shorten();
    EXPECT_TRUE(world.command("flatten"));
    world.run(seconds(1));
    EXPECT_EQ(world.net(), Amount{});
    const std::size_t placed = world.count(RequestKind::place);
    world.kill();
    world.start_trading();
    world.run(seconds(3));
    EXPECT_EQ(world.count(RequestKind::place), placed) << "all is flat: nothing is left to close";
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.difference(), "");
}

TEST(LiveTradingRestart, a_leg_at_a_venue_that_is_left_out_is_settled_when_it_comes)
{
    LiveWorld world;
    begin_without(world);
    EXPECT_EQ(world.engine->executor().open_count(), 1U);
    EXPECT_EQ(world.engine->risk().open_orders(), 1U);
    world.exchange(1).silent.clear();
    world.tell(1, "up order_entry\nup private_stream");
    world.run(seconds(6));
    expect_settled(world);
    EXPECT_EQ(world.net(), Amount{});
}

// Whoever stops a run that has just come up does not leave behind what is at a venue that is slow to come.
TEST(LiveTradingRestart, a_venue_that_comes_while_it_stops_is_settled_as_well)
{
    LiveWorld world;
    begin_without(world);
    EXPECT_TRUE(world.command("stop"));
    world.run(seconds(5));
    EXPECT_EQ(world.live().phase(), Phase::stopping);
    world.exchange(1).silent.clear();
    world.tell(1, "up order_entry\nup private_stream");
    world.run(seconds(14));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_TRUE(world.view(1).recovered);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.net(), Amount{});
    EXPECT_EQ(world.live().flags().count(), 0U);
}

TEST(LiveTradingRestart, one_listings_fills_are_not_the_venues)
{
    // The venue's whole list lacks a page each time; the one of the order in question does not.
    LiveWorld world(
        {{.venue = "hb"}, {.venue = "hb", .base = "UNI"}, {.venue = "kc"}, {.venue = "kc", .base = "UNI"}});
    world.start_trading();
    for (auto& exchange : world.exchanges)
        exchange->fate = [](const ApprovedOrder&) { return Fate{.answers = false}; };
    ASSERT_TRUE(world.propose(0, 2, "10"));
    world.kill();
    world.exchange(0).cut = [](const test::Call& call) { return call.listings.size() > 1; };
    world.start();
    world.run(seconds(4));
    EXPECT_FALSE(world.view(0).recovered) << "what happened in the other listing is not known";
    world.exchange(0).cut = [](const test::Call&) { return false; };
    world.run(seconds(6));
    EXPECT_TRUE(world.view(0).recovered);
    expect_settled(world);
}

}  // namespace
}  // namespace arb
