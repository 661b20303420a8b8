// Packages end flat or flagged whatever the venues do, and the waterfall adds up to the money that really
// moved, which these tests count for themselves from the fills they invent.
#include "engine/trading/package_executor.hpp"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"
#include "tests/trading/executor_stage.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::ExecutorStage;
using test::kStart;
using test::money;

TEST(PackageExecutor, two_full_legs_end_flat)
{
    ExecutorStage desk;
    desk.start("10");
    EXPECT_EQ(desk.sent.size(), 2U);
    EXPECT_TRUE(desk.executor.in_flight(MarketId{}, 0, 1));
    EXPECT_TRUE(desk.executor.in_flight(MarketId{}, 1, 0));
    desk.tell(1, OrderEventKind::accepted);
    desk.fill(1, "27.10", "4");
    desk.fill(1, "27.10", "6");
    desk.done(1);
    EXPECT_TRUE(desk.ends.empty());
    desk.fill(2, "27.20", "10");
    EXPECT_TRUE(desk.ends.empty()) << "only the venue's terminal word ends a leg";
    desk.done(2);
    const PackageEnd& end = desk.end();
    EXPECT_FALSE(end.flagged);
    EXPECT_STREQ(end.detail, "");
    EXPECT_EQ(end.residual, 0);
    EXPECT_EQ(end.waterfall.quoted, money("1"));
    EXPECT_EQ(end.waterfall.fees, money("-0.543"));
    EXPECT_EQ(end.waterfall.depth, Amount{});
    EXPECT_EQ(end.waterfall.latency, Amount{});
    EXPECT_EQ(end.waterfall.unwind, Amount{});
    EXPECT_EQ(end.waterfall.realised, money("0.457"));
    EXPECT_EQ(desk.gate.open_orders(), 0U);
    EXPECT_EQ(desk.unwinds, 0U);
    EXPECT_FALSE(desk.executor.in_flight(MarketId{}, 0, 1));
}

TEST(PackageExecutor, better_and_worse_prices_are_latency)
{
    ExecutorStage desk;
    desk.start("10");
    desk.fill(1, "27.08", "10");
    desk.done(1);
    desk.fill(2, "27.15", "10");
    desk.done(2);
    EXPECT_EQ(desk.end().waterfall.latency, money("-0.3"));  // 0.2 gained, 0.5 lost
    EXPECT_EQ(desk.end().waterfall.quoted, money("1"));
}

TEST(PackageExecutor, walking_the_book_is_depth)
{
    ExecutorStage desk;
    Package package = test::package_of(desk.world, 0, "27.10", 1, "27.20", "10");
    package.legs[0].expected =
        money("271.3");  // the plan knew of worse levels: 0.3 more to pay, 0.1 less to get
    package.legs[1].expected = money("271.9");
    RiskReason reason = RiskReason::none;
    desk.executor.start(package, *desk.gate.approve(package, kStart, reason), kStart);
    desk.fill(1, "27.13", "10");
    desk.done(1);
    desk.fill(2, "27.19", "10");
    desk.done(2);
    EXPECT_EQ(desk.end().waterfall.depth, money("-0.4"));
    EXPECT_EQ(desk.end().waterfall.latency, Amount{});
}

TEST(PackageExecutor, the_part_that_one_leg_lacks_is_closed_where_most_is_offered)
{
    ExecutorStage desk;
    desk.start("10");
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.fill(2, "27.20", "7");
    desk.done(2);
    ASSERT_EQ(desk.sent.size(), 3U);
    const OrderIntent& unwind = desk.sent[2].intent();
    EXPECT_EQ(unwind.side, Side::sell);
    EXPECT_EQ(unwind.listing, ListingId{1});  // kc bids 27.20, hb 27.08
    EXPECT_EQ(unwind.quantity, desk.world.quantity(1, "3"));
    EXPECT_EQ(unwind.price, desk.world.price(1, "26.93"));  // at most one per cent below, on the tick
    EXPECT_EQ(unwind.time_in_force, TimeInForce::ioc);
    EXPECT_EQ(desk.unwinds, 1U);
    EXPECT_TRUE(desk.ends.empty());
    desk.fill(3, "27.05", "3");
    desk.done(3);
    const PackageEnd& end = desk.end();
    EXPECT_FALSE(end.flagged);
    EXPECT_STREQ(end.detail, "unwound");
    EXPECT_EQ(end.unwound, desk.world.quantity(0, "3"));
    // Three bought at 27.10 and never sold at the package's price: 0.05 a piece to be rid of them.
    EXPECT_EQ(end.waterfall.unwind, money("-0.15"));
    EXPECT_EQ(desk.gate.open_orders(), 0U);
}

TEST(PackageExecutor, a_rejected_leg_is_bought_back)
{
    ExecutorStage desk;
    desk.start("10");
    desk.reject(1);
    desk.fill(2, "27.20", "10");
    desk.done(2);
    ASSERT_EQ(desk.sent.size(), 3U);
    EXPECT_EQ(desk.rejects, std::vector<RejectReason>{RejectReason::balance});
    EXPECT_EQ(desk.sent[2].intent().side, Side::buy);
    EXPECT_EQ(desk.sent[2].intent().listing, ListingId{0});  // hb asks 27.10, kc 27.30
    desk.fill(3, "27.12", "10");
    desk.done(3);
    EXPECT_FALSE(desk.end().flagged);
    EXPECT_EQ(desk.end().waterfall.unwind, money("0.8"));  // bought back below what it was sold at
}

TEST(PackageExecutor, two_rejected_legs_end_flat_with_nothing)
{
    ExecutorStage desk;
    desk.start("10");
    desk.reject(1);
    desk.reject(2);
    EXPECT_FALSE(desk.end().flagged);
    EXPECT_EQ(desk.end().waterfall.realised, Amount{});
    EXPECT_EQ(desk.rejects.size(), 2U);
}

TEST(PackageExecutor, repeated_events_count_once)
{
    ExecutorStage desk;
    desk.start("10");
    const Fill fill = desk.world.fill(desk.sent[0].intent(), 99, "27.10", "10");
    desk.cash -= fill.notional + fill.fee;
    desk.base += fill.quantity.units;
    for (int i = 0; i < 3; ++i) desk.tell(1, OrderEventKind::fill, at_ms(1), fill);
    desk.done(1);
    desk.done(1);
    desk.fill(2, "27.20", "10");
    desk.done(2);
    EXPECT_EQ(desk.fills, 2U);
    EXPECT_EQ(desk.end().residual, 0);
}

TEST(PackageExecutor, what_no_lot_can_close_is_dust)
{
    ExecutorStage desk({{.venue = "hb", .minimum = "0.5"}, {.venue = "kc", .minimum = "0.5"}});
    desk.start("10");
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.fill(2, "27.20", "9.6");
    desk.done(2);
    EXPECT_FALSE(desk.end().flagged);
    EXPECT_STREQ(desk.end().detail, "dust below every venue's lot");
    EXPECT_EQ(desk.end().residual, desk.world.quantity(0, "0.4").units);
    EXPECT_EQ(desk.unwinds, 0U);
}

TEST(PackageExecutor, what_is_below_every_minimum_notional_is_dust)
{
    ExecutorStage desk({{.venue = "hb", .notional = "10"}, {.venue = "kc", .notional = "10"}});
    desk.start("10");
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.fill(2, "27.20", "9.7");
    desk.done(2);
    EXPECT_FALSE(desk.end().flagged);
    EXPECT_STREQ(desk.end().detail, "dust below the minimum notional");
}

// The best venue may ask for more than is left; as long as another takes it, it is no dust.
TEST(PackageExecutor, a_minimum_of_the_best_venue_does_not_make_dust_of_what_another_takes)
{
    ExecutorStage desk({{.venue = "hb"}, {.venue = "kc", .notional = "10"}});
    desk.start("10");
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.fill(2, "27.20", "9.7");
    desk.done(2);
    ASSERT_EQ(desk.sent.size(), 3U);
    EXPECT_EQ(desk.sent[2].intent().listing, ListingId{0});
    desk.fill(3, "27.08", "0.3");
    desk.done(3);
    EXPECT_FALSE(desk.end().flagged);
    EXPECT_EQ(desk.end().residual, 0);
}

TEST(PackageExecutor, unwinding_that_does_not_fill_is_told_once_and_goes_on_until_it_does)
{
    ExecutorStage desk({{.venue = "hb"}, {.venue = "kc"}}, {.unwind_attempts = 3});
    desk.start("10");
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.done(2);
    std::uint64_t order = 3;
    std::int64_t ms = 10;
    std::vector<std::int64_t> pauses;
    for (; order <= 30; ++order) {
        ASSERT_EQ(desk.sent.size(), order);
        EXPECT_EQ(desk.stuck.size(), order <= 5 ? 0U : 1U);
        desk.done(order, at_ms(ms));
        const std::int64_t before = ms;
        while (desk.sent.size() == order && ms - before < 5'000) desk.executor.on_time(at_ms(ms += 10));
        pauses.push_back(ms - before);
        // The books of a living market.
        desk.world.book(0, {{"27.08", "100"}}, {{"27.10", "100"}}, at_ms(ms));
        desk.world.book(1, {{"27.20", "100"}}, {{"27.30", "100"}}, at_ms(ms));
    }
    EXPECT_EQ(pauses.front(), 100);
    EXPECT_EQ(pauses.back(), 1000);
    EXPECT_EQ(desk.stuck, std::vector<std::string>{"the unwinding orders did not fill"});
    EXPECT_TRUE(desk.ends.empty());
    // It reaches farther by and by, to a limit: 5 % below 27.20.
    EXPECT_EQ(desk.sent[2].intent().price, desk.world.price(1, "26.93"));
    EXPECT_EQ(desk.sent.back().intent().price, desk.world.price(1, "25.84"));
    desk.fill(order, "27.20", "10", at_ms(ms));
    desk.done(order, at_ms(ms));
    EXPECT_FALSE(desk.end().flagged);
    EXPECT_STREQ(desk.end().detail, "unwound");
}

TEST(PackageExecutor, a_venue_that_refuses_the_unwinding_order_comes_last_from_then_on)
{
    ExecutorStage desk({{.venue = "hb"}, {.venue = "kc"}}, {.unwind_attempts = 3});
    desk.start("10");
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.done(2);
    ASSERT_EQ(desk.sent.size(), 3U);
    EXPECT_EQ(desk.sent[2].intent().listing, ListingId{1});  // kc pays more
    desk.reject(3, RejectReason::price_limit);
    desk.executor.on_time(at_ms(110));
    ASSERT_EQ(desk.sent.size(), 4U);
    EXPECT_EQ(desk.sent[3].intent().listing, ListingId{0});
    desk.fill(4, "27.08", "10");
    desk.done(4);
    EXPECT_FALSE(desk.end().flagged);
}

TEST(PackageExecutor, what_a_venue_refuses_as_too_small_and_the_others_cannot_take_is_dust)
{
    // hb has no minimum that we know of, kc wants five dollars' worth.
    ExecutorStage desk({{.venue = "hb"}, {.venue = "kc", .notional = "5"}}, {.unwind_attempts = 3});
    desk.start("10");
    desk.fill(1, "27.10", "10");
    desk.fill(2, "27.20", "9.9");
    desk.done(1);
    desk.done(2);
    ASSERT_EQ(desk.sent.size(), 3U);
    EXPECT_EQ(desk.sent[2].intent().listing, ListingId{0});
    desk.reject(3, RejectReason::lot);
    desk.executor.on_time(at_ms(110));
    EXPECT_EQ(desk.sent.size(), 3U) << "refused once is enough";
    EXPECT_FALSE(desk.end().flagged);
    EXPECT_STREQ(desk.end().detail, "dust below the minimum notional");
}

TEST(PackageExecutor, what_only_the_venues_call_too_small_is_told_and_tried_again)
{
    ExecutorStage desk({{.venue = "hb"}, {.venue = "kc"}}, {.unwind_attempts = 3});
    desk.start("10");
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.done(2);
    desk.reject(3, RejectReason::lot);
    desk.executor.on_time(at_ms(110));
    desk.reject(4, RejectReason::notional_minimum, at_ms(120));
    desk.executor.on_time(at_ms(220));
    EXPECT_EQ(desk.sent.size(), 4U);
    EXPECT_EQ(desk.stuck, std::vector<std::string>{"the venues refuse what is left as too small"});
    EXPECT_TRUE(desk.ends.empty());
    // What they call too small may change with their rules.
    desk.executor.on_time(at_ms(420));
    ASSERT_EQ(desk.sent.size(), 5U);
    desk.fill(5, "27.20", "10", at_ms(430));
    desk.done(5, at_ms(430));
    EXPECT_FALSE(desk.end().flagged);
}

// One second without a usable book was once enough to give up for ever.
TEST(PackageExecutor, without_a_book_it_waits_tells_and_closes_when_there_is_one)
{
    ExecutorStage desk({{.venue = "hb"}, {.venue = "kc"}}, {.unwind_attempts = 3});
    desk.start("10");
    for (const ListingId id : {ListingId{0}, ListingId{1}}) desk.world.markets.on_unreadable(id, at_ms(5));
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.reject(2);
    for (int ms = 20; ms <= 60'000; ms += 10) desk.executor.on_time(at_ms(ms));
    EXPECT_TRUE(desk.ends.empty());
    EXPECT_EQ(desk.stuck, std::vector<std::string>{"no usable book to unwind in"});
    EXPECT_EQ(desk.unwinds, 0U);
    desk.world.book(0, {{"27.00", "100"}}, {{"27.02", "100"}}, at_ms(60'000));
    desk.executor.on_time(at_ms(61'010));
    ASSERT_EQ(desk.sent.size(), 3U);
    desk.fill(3, "27.00", "10", at_ms(61'020));
    desk.done(3, at_ms(61'020));
    EXPECT_FALSE(desk.end().flagged);
    EXPECT_EQ(desk.end().unhedged, milliseconds(61'010));
    // 10 at 27.10 for 61.01 seconds.
    EXPECT_EQ(desk.end().exposure, money("16533.71"));
}

TEST(PackageExecutor, our_own_pace_is_waited_for_and_is_no_failed_attempt)
{
    ExecutorStage desk({{.venue = "hb"}, {.venue = "kc"}},
                       {.unwind_attempts = 3, .unwind_pause = milliseconds(100)});
    desk.start("10");
    for (const VenueId venue : {VenueId{0}, VenueId{1}}) desk.gate.pace().set_budget(venue, 1, 0);
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.done(2);
    for (int ms = 20; ms < 1000; ms += 10) desk.executor.on_time(at_ms(ms));
    EXPECT_EQ(desk.sent.size(), 2U) << "each venue had its order of this second";
    EXPECT_TRUE(desk.ends.empty());
    for (int ms = 1000; ms <= 1110; ms += 10) desk.executor.on_time(at_ms(ms));
    ASSERT_EQ(desk.sent.size(), 3U);
    desk.fill(3, "27.20", "10");
    desk.done(3, at_ms(1120));
    EXPECT_FALSE(desk.end().flagged);
}

TEST(PackageExecutor, a_book_that_comes_back_is_used)
{
    ExecutorStage desk;
    desk.start("10");
    for (const ListingId id : {ListingId{0}, ListingId{1}}) desk.world.markets.on_unreadable(id, at_ms(5));
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.reject(2);
    desk.world.book(0, {{"27.00", "100"}}, {{"27.02", "100"}}, at_ms(50));
    desk.executor.on_time(at_ms(50));
    EXPECT_EQ(desk.sent.size(), 2U) << "the pause is not over";
    desk.executor.on_time(at_ms(110));
    ASSERT_EQ(desk.sent.size(), 3U);
    desk.fill(3, "27.00", "10");
    desk.done(3);
    desk.executor.on_time(at_ms(500));
    EXPECT_FALSE(desk.end().flagged);
}

TEST(PackageExecutor, open_packages_are_flagged_when_the_inputs_end)
{
    ExecutorStage silent;
    silent.start("10");
    silent.executor.finish(at_ms(99));
    EXPECT_TRUE(silent.end().flagged);
    EXPECT_STREQ(silent.end().detail, "the inputs ended before the venue answered");
    EXPECT_EQ(silent.end().finished, at_ms(99));
    EXPECT_EQ(silent.gate.open_orders(), 2U) << "no evidence, so still reserved";

    ExecutorStage unwinding;
    unwinding.start("10");
    unwinding.fill(1, "27.10", "10");
    unwinding.done(1);
    unwinding.done(2);
    unwinding.fill(3, "27.10", "4");
    unwinding.executor.finish(at_ms(99));
    EXPECT_TRUE(unwinding.end().flagged);
    EXPECT_STREQ(unwinding.end().detail, "the inputs ended before the venue answered");
    EXPECT_EQ(unwinding.end().residual, unwinding.world.quantity(0, "6").units);
}

// The other venue says nothing: the known leg is closed after half a second, at a venue that answers.
TEST(PackageExecutor, a_silent_leg_is_covered_as_if_it_had_done_nothing)
{
    ExecutorStage desk;
    desk.start("10");
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.executor.on_time(at_ms(499));
    EXPECT_EQ(desk.sent.size(), 2U);
    desk.executor.on_time(at_ms(500));
    ASSERT_EQ(desk.sent.size(), 3U);
    EXPECT_EQ(desk.sent[2].intent().listing, ListingId{0}) << "not a second order to a venue that is silent";
    EXPECT_EQ(desk.sent[2].intent().side, Side::sell);
    desk.fill(3, "27.08", "10", at_ms(505));
    desk.done(3, at_ms(505));
    EXPECT_TRUE(desk.ends.empty()) << "its fate is the venue's to tell";
    EXPECT_EQ(desk.gate.open_orders(), 1U) << "and it stays reserved";
    desk.done(2, at_ms(30'000));
    const PackageEnd& end = desk.end();
    EXPECT_TRUE(end.covered);
    EXPECT_FALSE(end.cover_reversed);
    EXPECT_FALSE(end.flagged);
    EXPECT_STREQ(end.detail, "covered");
    EXPECT_EQ(end.unhedged, milliseconds(495));
    EXPECT_EQ(end.waterfall.unwind, money("-0.2"));
}

TEST(PackageExecutor, a_silent_leg_that_was_executed_after_all_is_taken_back)
{
    ExecutorStage desk;
    desk.start("10");
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.executor.on_time(at_ms(500));
    desk.fill(3, "27.08", "10", at_ms(505));
    desk.done(3, at_ms(505));
    desk.fill(2, "27.20", "10", at_ms(9'000));
    desk.done(2, at_ms(9'000));
    ASSERT_EQ(desk.sent.size(), 4U);
    EXPECT_EQ(desk.sent[3].intent().side, Side::buy);
    desk.fill(4, "27.11", "10", at_ms(9'010));
    desk.done(4, at_ms(9'010));
    const PackageEnd& end = desk.end();
    EXPECT_TRUE(end.covered);
    EXPECT_TRUE(end.cover_reversed);
    EXPECT_EQ(end.residual, 0);
    EXPECT_EQ(end.unhedged, milliseconds(505));
}

TEST(PackageExecutor, a_silent_covering_order_is_covered_at_the_next_venue_and_never_twice_at_one)
{
    ExecutorStage desk({{.venue = "hb"}, {.venue = "kc"}, {.venue = "ok"}});
    desk.world.start_with(2, "LINK", "1000");
    desk.world.book(2, {{"27.05", "100"}}, {{"27.15", "100"}});
    desk.start("10");
    desk.fill(1, "27.10", "10");
    desk.done(1);
    for (int ms = 20; ms <= 5'000; ms += 10) desk.executor.on_time(at_ms(ms));
    // kc is silent on the leg, hb on the first cover, ok on the second: there is nobody left to ask.
    ASSERT_EQ(desk.sent.size(), 4U);
    EXPECT_EQ(desk.sent[2].intent().listing, ListingId{0});
    EXPECT_EQ(desk.sent[3].intent().listing, ListingId{2});
    EXPECT_EQ(desk.stuck,
              std::vector<std::string>{"an order is silent at the only venues that could take it"});
    EXPECT_EQ(desk.gate.open_orders(), 3U);
    // They were all executed: two of three are taken back.
    desk.fill(3, "27.08", "10", at_ms(6'000));
    desk.done(3, at_ms(6'000));
    desk.fill(4, "27.05", "10", at_ms(6'001));
    desk.done(4, at_ms(6'001));
    desk.executor.on_time(at_ms(8'000));
    desk.fill(2, "27.20", "10", at_ms(8'100));
    desk.done(2, at_ms(8'100));
    for (std::uint64_t order = 5; order <= desk.sent.size() && order < 9; ++order) {
        EXPECT_EQ(desk.sent[order - 1].intent().side, Side::buy);
        desk.fill(order, "27.15", "10", at_ms(8'200));
        desk.done(order, at_ms(8'200));
        desk.executor.on_time(at_ms(8'200 + static_cast<int>(order)));
    }
    EXPECT_TRUE(desk.end().cover_reversed);
    EXPECT_EQ(desk.end().residual, 0);
}

// A venue that answers after half a second every time would have each package closed and taken back.
TEST(PackageExecutor, a_venue_that_is_silent_time_after_time_gets_a_pause)
{
    ExecutorStage desk;
    for (int n = 0; n < 5; ++n) {
        EXPECT_LT(desk.gate.refusals().until(ListingId{1}), at_ms(0)) << n;
        const std::uint64_t first = desk.sent.size() + 1;
        desk.start("1");
        desk.fill(first, "27.10", "1");
        desk.done(first);
        desk.executor.on_time(at_ms(500));
        desk.fill(first + 2, "27.08", "1", at_ms(510));
        desk.done(first + 2, at_ms(510));
        desk.fill(first + 1, "27.20", "1", at_ms(700));
        desk.done(first + 1, at_ms(700));
        desk.fill(first + 3, "27.11", "1", at_ms(710));
        desk.done(first + 3, at_ms(710));
        ASSERT_EQ(desk.ends.size(), static_cast<std::size_t>(n) + 1);
        EXPECT_TRUE(desk.ends.back().cover_reversed);
    }
    EXPECT_EQ(desk.gate.refusals().until(ListingId{1}), at_ms(700) + seconds(30));
    EXPECT_LT(desk.gate.refusals().until(ListingId{0}), at_ms(0)) << "hb answered at once";
}

// A stalled loop reads both answers in one go: the second is not thought missing because the first is late.
TEST(PackageExecutor, late_news_of_both_legs_is_no_silence)
{
    ExecutorStage desk;
    desk.start("10");
    desk.fill(1, "27.10", "10", at_ms(5'000));
    desk.done(1, at_ms(5'000));
    desk.executor.on_time(at_ms(5'000));
    EXPECT_EQ(desk.sent.size(), 2U);
    desk.fill(2, "27.20", "10", at_ms(5'001));
    desk.done(2, at_ms(5'001));
    EXPECT_STREQ(desk.end().detail, "");
    EXPECT_FALSE(desk.end().covered);
}

// The fee was taken in what was bought: 9.99 are there of the 10 that should be sold.
TEST(PackageExecutor, what_the_fee_left_is_sold)
{
    ExecutorStage desk({{.venue = "hb", .lot = "0.01"}, {.venue = "kc", .lot = "0.01"}});
    desk.world.start_with(0, "LINK", "0");
    desk.start("10");
    Fill fill = desk.world.fill(desk.sent[0].intent(), 9, "27.10", "10");
    fill.fee_asset = FeeAsset::base;
    fill.fee_paid = money("0.01");
    desk.tell(1, OrderEventKind::fill, at_ms(10), fill);
    desk.done(1);
    desk.world.markets.on_unreadable(ListingId{1}, at_ms(10));
    desk.reject(2);
    ASSERT_EQ(desk.sent.size(), 3U);
    EXPECT_EQ(desk.sent[2].intent().listing, ListingId{0});
    EXPECT_EQ(desk.sent[2].intent().quantity, desk.world.quantity(0, "9.99"));
}

TEST(PackageExecutor, a_book_that_is_too_old_prices_nothing)
{
    RiskLimits risk = test::wide_limits();
    risk.book_age_max = seconds(10);
    ExecutorStage desk({{.venue = "hb"}, {.venue = "kc"}}, {}, risk);
    desk.start("10");
    desk.fill(1, "27.10", "10", at_ms(15'000));
    desk.done(1, at_ms(15'000));
    desk.done(2, at_ms(15'000));
    EXPECT_EQ(desk.sent.size(), 2U) << "both books are of fifteen seconds ago";
    desk.world.book(0, {{"26.90", "100"}}, {{"26.92", "100"}}, at_ms(15'050));
    desk.executor.on_time(at_ms(15'100));
    ASSERT_EQ(desk.sent.size(), 3U);
    EXPECT_EQ(desk.sent[2].intent().listing, ListingId{0});
}

TEST(PackageExecutor, any_fills_end_flat_or_flagged_with_books_that_add_up)
{
    unsigned flagged = 0, unwound = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed);
        ExecutorStage desk;
        desk.start("10");
        for (std::uint64_t order = 1; order <= desk.sent.size() && order < 20; ++order) {
            if (random.one_in(6)) {
                desk.reject(order);
                continue;
            }
            std::int64_t left = desk.sent[order - 1].intent().quantity.units;
            for (std::int64_t n = random.between(0, 3); n > 0 && left > 0; --n) {
                const std::int64_t part = random.one_in(2) ? left : random.between(1, left);
                left -= part;
                desk.fill(order, format_scaled(random.between(2650, 2750), 2), format_scaled(part, 1));
            }
            desk.done(order);
        }
        if (desk.ends.empty()) desk.executor.finish(at_ms(50));
        const PackageEnd& end = desk.end();
        EXPECT_EQ(end.flagged, end.residual != 0);
        flagged += end.flagged;
        unwound += !end.unwound.zero();
    }
    EXPECT_GT(flagged, 10U);
    EXPECT_GT(unwound, 50U);
}

TEST(PackageExecutor, a_full_table_says_so)
{
    ExecutorStage desk;
    for (std::size_t i = 0; i < OpenPackages::kMost; ++i) {
        EXPECT_FALSE(desk.executor.full());
        desk.start("0.1");
    }
    EXPECT_TRUE(desk.executor.full());
    desk.reject(1);
    desk.reject(2);
    EXPECT_FALSE(desk.executor.full());
}

}  // namespace
}  // namespace arb
