// Runs of somebody else's on our accounts: one that may live refuses a start before anything is sent; one
// that its owner says is over is cleared away; and whoever appears while we trade stops the venue.
#include <utility>

#include "tests/pipeline/live_world.hpp"

namespace arb {
namespace {

using test::LiveWorld;
using test::money;

constexpr std::uint32_t kOther = 1'780'000'000;  // 6a18a500

OrderId order_of_other(std::uint32_t counter)
{
    return make_order_id(kOther, counter);
}

/// A fill of the other run, so long ago.
void add_fill(LiveWorld& world, std::size_t venue, std::uint32_t counter, Duration age)
{
    test::FakeExchange::Trade trade;
    trade.id = fmt::format("F{}", counter);
    trade.order = order_of_other(counter);
    trade.intent.listing = static_cast<ListingId>(venue);
    trade.price = {2'710};
    trade.quantity = {10};
    trade.time = world.now - age;
    world.exchange(venue).trades.push_back(trade);
}

void take_over(LiveWorld& world)
{
    world.lines.emplace_back(LineWriter("taken").number(kOther).view());
}

std::size_t sent(const LiveWorld& world)
{
    return world.count(RequestKind::place) + world.count(RequestKind::cancel) +
           world.count(RequestKind::cancel_all);
}

TEST(LiveTradingForeign, a_run_that_may_live_refuses_the_start)
{
    struct Row {
        const char* what;
        std::optional<Duration> fill;
        bool order;
        const char* seen;  ///< empty: it trades
    };
    const Row rows[] = {
        {"an open order", {}, true, "open orders now: 1"},
        {"a fill of just now", seconds(2), false, "fills of the last hour: 1, the last one 2 s ago"},
        {"one of this hour", seconds(3'590), false, "fills of the last hour: 1, the last one 3590 s ago"},
        {"both", seconds(40), true, "open orders now: 1"},
        {"an older one", seconds(3'700), false, ""},
    };
    for (const Row& row : rows) {
        for (const bool fresh : {true, false}) {
            // An old directory asks fills since its watermark alone.
            if (!fresh && row.fill && *row.fill > seconds(60)) continue;
            SCOPED_TRACE(fmt::format("{} {}", row.what, fresh));
            LiveWorld world;
            if (!fresh) {
                world.start_trading();
                world.run(seconds(1));
                world.kill();
                world.now = world.now + seconds(3600);
            }
            if (row.order) world.exchange(0).others[order_of_other(1)] = ListingId{0};
            if (row.fill) add_fill(world, 0, 2, *row.fill);
            world.start();
            world.run(seconds(5));
            EXPECT_EQ(sent(world), 0U);
            EXPECT_EQ(world.flags.size(), 0U);
            EXPECT_EQ(world.lines_with("flag\t"), 0U) << "nothing is left of it for the next start";
            if (*row.seen == '\0') {
                EXPECT_EQ(world.live().phase(), Phase::trading);
                EXPECT_TRUE(world.live().strangers().start_refusals().empty());
                continue;
            }
            EXPECT_EQ(world.live().phase(), Phase::stopped);
            ASSERT_EQ(world.live().strangers().start_refusals().size(), 1U);
            const std::string& why = world.live().strangers().start_refusals()[0];
            for (const char* part : {"hb: run 6a18a500", row.seen, "arbiter take-over CONFIG 6a18a500"})
                EXPECT_NE(why.find(part), std::string::npos) << part << ": " << why;
            world.run(seconds(600));
            EXPECT_EQ(sent(world), 0U) << "it is over";
            EXPECT_FALSE(world.trades());
        }
    }
}

TEST(LiveTradingForeign, what_a_stream_tells_before_trading_refuses_as_well)
{
    for (const char* what : {"order {} 1 working as X1", "fill {} 1 buy 27.10 5 other-1 0.01 USDT"}) {
        SCOPED_TRACE(what);
        LiveWorld world;
        world.exchange(0).silent = {RequestKind::balances};
        world.start();
        world.run(seconds(1));
        ASSERT_EQ(world.live().phase(), Phase::recovering);
        world.tell(1, fmt::format(fmt::runtime(what), static_cast<std::uint64_t>(order_of_other(1))));
        EXPECT_EQ(world.live().phase(), Phase::stopped);
        ASSERT_EQ(world.live().strangers().start_refusals().size(), 1U);
        EXPECT_EQ(sent(world), 0U);
    }
}

// The last moment before trading begins without a venue that did not answer in time.
TEST(LiveTradingForeign, what_is_answered_in_the_very_call_refuses_too)
{
    LiveWorld world;
    for (auto& exchange : world.exchanges) exchange->at_once = true;
    world.exchange(1).silent = {RequestKind::open_orders, RequestKind::fills};
    world.start();
    world.run(milliseconds(29'900));
    ASSERT_EQ(world.live().phase(), Phase::recovering);
    add_fill(world, 1, 2, seconds(1));
    world.exchange(1).silent.clear();
    world.now = world.now + seconds(10);
    world.run(seconds(1));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.live().strangers().start_refusals().size(), 1U);
    EXPECT_EQ(sent(world), 0U);
}

// What a run of long ago left.
TEST(LiveTradingForeign, an_old_fill_is_flagged_and_refuses_nothing)
{
    LiveWorld world;
    world.exchange(0).silent = {RequestKind::balances};
    world.start();
    world.run(seconds(1));
    world.tell(0,
               fmt::format("fill {} 0 buy 27.10 5 other-1 0.01 USDT {}",
                           static_cast<std::uint64_t>(order_of_other(1)), (world.now - seconds(3'601)).ns));
    world.exchange(0).silent.clear();
    world.run(seconds(10));
    EXPECT_EQ(world.live().phase(), Phase::trading);
    EXPECT_EQ(world.flags_with("not ours"), 1U);
    EXPECT_EQ(world.notes_with("but by run 6a18a500"), 1U);
    EXPECT_EQ(world.notes_with("ALARM"), 0U);
}

TEST(LiveTradingForeign, an_empty_directory_asks_fills_of_an_hour)
{
    LiveWorld world;
    world.start_trading();
    test::Call asked = world.exchange(0).last(RequestKind::fills);
    EXPECT_EQ(asked.since, asked.time - seconds(3600));
    world.kill();
    world.start_trading();
    asked = world.exchange(0).last(RequestKind::fills);
    EXPECT_GE(asked.since, asked.time - seconds(60)) << "from where the record begins";
}

TEST(LiveTradingForeign, what_a_run_that_was_taken_over_left_is_cleared_away_order_by_order)
{
    for (const bool shorten : {false, true}) {
        SCOPED_TRACE(shorten);
        LiveWorld world;
        world.exchange(0).others = {{order_of_other(1), ListingId{0}}, {order_of_other(2), ListingId{0}}};
        add_fill(world, 0, 3, seconds(30));
        add_fill(world, 0, 4, seconds(20));
        add_fill(world, 1, 5, seconds(20));
        take_over(world);
        world.exchange(0).silent = {RequestKind::cancel};
        world.start();
        world.run(seconds(12));
        EXPECT_EQ(world.live().phase(), Phase::recovering) << "they are still there";
        EXPECT_EQ(world.exchange(0).count(RequestKind::balances), 0U);
        EXPECT_GE(world.exchange(0).count(RequestKind::cancel), 4U) << "and cancelled again";
        world.exchange(0).silent.clear();
        // The last of it fills before it is cancelled.
        world.exchange(0).balances["USDT"] -= money("27.10");
        add_fill(world, 0, 1, Duration{});
        world.tell(0, world.exchange(0).fill_text(world.exchange(0).trades.back()));
        world.run(seconds(12));
        EXPECT_EQ(world.live().phase(), Phase::trading);
        EXPECT_TRUE(world.exchange(0).others.empty());
        EXPECT_EQ(world.count(RequestKind::cancel_all), 0U);
        EXPECT_EQ(world.count(RequestKind::place), 0U) << "what it left is not closed";
        for (const test::Call& call : world.exchange(0).calls)
            EXPECT_TRUE(call.kind != RequestKind::cancel || epoch_of(call.order) == kOther);
        EXPECT_EQ(world.difference(), "");
        EXPECT_EQ(world.late.size(), 0U);
        EXPECT_EQ(world.live().flags().count(), 0U);
        EXPECT_EQ(world.notes_with("it was taken over"), 2U) << "one a venue";
        EXPECT_EQ(world.notes_with("ALARM"), 0U);
        EXPECT_TRUE(world.trades());
        world.run(seconds(1));
        // Once said it stays said.
        if (shorten) world.shorten();
        EXPECT_EQ(world.lines_with("taken\t"), 1U);
        world.kill();
        world.exchange(1).others = {{order_of_other(9), ListingId{1}}};
        world.start_trading();
        EXPECT_TRUE(world.exchange(1).others.empty());
        EXPECT_EQ(world.live().flags().count(), 0U);
        EXPECT_EQ(world.difference(), "");
    }
}

TEST(LiveTradingForeign, the_owners_own_orders_are_not_touched)
{
    LiveWorld world;
    world.exchange(0).others = {{order_of_other(1), ListingId{0}}, {kForeignOrder, ListingId{0}}};
    take_over(world);
    world.start_trading();
    EXPECT_EQ(world.exchange(0).others.size(), 1U);
    EXPECT_EQ(world.exchange(0).count(RequestKind::cancel), 1U);
    EXPECT_EQ(world.count(RequestKind::cancel_all), 0U);
    EXPECT_EQ(world.flags_with("not ours"), 1U) << "as ever";
}

TEST(LiveTradingForeign, another_run_than_the_one_that_was_taken_over_refuses)
{
    LiveWorld world;
    world.lines.emplace_back(LineWriter("taken").number(kOther + 1).view());
    world.exchange(0).others = {{order_of_other(1), ListingId{0}}};
    world.start();
    world.run(seconds(5));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(sent(world), 0U);
}

TEST(LiveTradingForeign, one_that_was_taken_over_and_trades_stops_its_venue)
{
    for (const char* what : {"order {} 1 working as X1", "fill {} 1 buy 27.10 5 other-1 0.01 USDT"}) {
        SCOPED_TRACE(what);
        LiveWorld world;
        take_over(world);
        add_fill(world, 1, 5, seconds(20));
        world.start_trading();
        world.run(seconds(10));
        // What is told once more is no news, however much was told meanwhile.
        for (std::uint32_t i = 0; i < FillNews::kStrangersKept + 10; ++i) {
            world.tell(1, fmt::format("fill {} 1 buy 27.10 5 old-{} 0.01 USDT {}",
                                      static_cast<std::uint64_t>(order_of_other(7)), i,
                                      (world.now - seconds(100)).ns));
        }
        world.tell(1, world.exchange(1).fill_text(world.exchange(1).trades.front()));
        EXPECT_EQ(world.notes_with("ALARM"), 0U);
        EXPECT_EQ(world.live().flags().count(), 0U);
        world.tell(1, fmt::format(fmt::runtime(what), static_cast<std::uint64_t>(order_of_other(1))));
        EXPECT_EQ(world.notes_with("ALARM kc"), 1U);
        EXPECT_TRUE(world.view(1).stopped);
        EXPECT_FALSE(world.view(0).stopped);
        EXPECT_EQ(world.late.size(), 0U);
    }
}

// Its other venues trade on: there is no start left to refuse.
TEST(LiveTradingForeign, at_a_venue_that_comes_late_it_stops_that_venue)
{
    for (const bool taken : {false, true}) {
        SCOPED_TRACE(taken);
        LiveWorld world;
        if (taken) take_over(world);
        world.exchange(1).dark = true;
        world.start_trading();
        world.exchange(1).others = {{order_of_other(1), ListingId{1}}};
        world.tell(1, "up order_entry\nup private_stream");
        world.run(seconds(12));
        EXPECT_EQ(world.live().phase(), Phase::trading);
        EXPECT_EQ(world.notes_with("ALARM kc"), taken ? 0U : 1U);
        EXPECT_EQ(world.view(1).stopped, !taken);
        EXPECT_TRUE(world.exchange(1).others.empty());
        EXPECT_EQ(world.exchange(1).count(RequestKind::cancel_all), taken ? 0U : 1U);
    }
}

// Both see each other's fills, and each stops the venue.
TEST(LiveTradingForeign, two_engines_that_trade_stop_each_other)
{
    LiveWorld one, two;
    two.epoch += 1000;
    for (LiveWorld* world : {&one, &two}) {
        world->start_trading();
        ASSERT_TRUE(world->trades());
        world->run(seconds(1));
    }
    const std::string fills[] = {one.exchange(0).fill_text(one.exchange(0).trades.back()),
                                 two.exchange(0).fill_text(two.exchange(0).trades.back())};
    one.tell(0, fills[1]);
    two.tell(0, fills[0]);
    for (LiveWorld* world : {&one, &two}) {
        world->run(seconds(5));
        EXPECT_EQ(world->notes_with("ALARM hb: somebody else trades on this account"), 1U);
        EXPECT_TRUE(world->view(0).stopped);
        EXPECT_EQ(world->exchange(0).count(RequestKind::cancel_all), 1U);
        EXPECT_FALSE(world->trades());
        EXPECT_EQ(world->count(RequestKind::place), 2U);
        EXPECT_EQ(world->late.size(), 0U);
    }
}

// A panic ends what is ours, whoever else trades there.
TEST(LiveTradingForeign, a_start_that_only_cleans_up_is_not_refused)
{
    LiveWorld world;
    world.start_trading();
    world.exchange(1).fate = [](const ApprovedOrder&) { return test::Fate{.arrives = false}; };
    ASSERT_TRUE(world.propose(0, 1, "10"));
    world.run(milliseconds(40));
    world.kill();
    world.exchange(1).fate = [](const ApprovedOrder&) { return test::Fate{}; };
    add_fill(world, 0, 2, seconds(1));
    world.start();
    world.run(seconds(5));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.engine->executor().open_count(), 1U);
    world.kill();
    world.cleans_up = true;
    world.start_trading();
    EXPECT_FALSE(world.trades());
    EXPECT_FALSE(world.command("resume"));
    EXPECT_FALSE(world.trades()) << "it begins nothing";
    EXPECT_TRUE(world.command("stop"));
    world.run(seconds(30));
    EXPECT_EQ(world.live().phase(), Phase::stopped);
    EXPECT_EQ(world.engine->executor().open_count(), 0U);
    EXPECT_EQ(world.flags_with("not ours"), 1U);
}

}  // namespace
}  // namespace arb
