// What a package holds stays where it is, under its own name, until it is released; and over both the result
// is the money that moved.
#include "engine/trading/held_positions.hpp"

#include <gtest/gtest.h>

#include "tests/trading/executor_stage.hpp"

namespace arb {
namespace {

using test::at_ms;
using test::ExecutorStage;
using test::kStart;
using test::money;

Package holding(const test::World& world, std::string_view quantity)
{
    Package package = test::package_of(world, 0, "27.10", 1, "27.20", quantity);
    package.aim = Aim::hold;
    return package;
}

/// Sells what was bought and buys what was sold.
Package releasing(const test::World& world, std::string_view quantity)
{
    Package package = test::package_of(world, 1, "27.30", 0, "27.08", quantity);
    package.id = PackageId{2};
    package.aim = Aim::release;
    package.of = PackageId{1};
    return package;
}

void fill_both(ExecutorStage& desk, std::uint64_t first, const char* buy, const char* sell,
               const char* quantity)
{
    desk.fill(first, buy, quantity);
    desk.done(first);
    desk.fill(first + 1, sell, quantity);
    desk.done(first + 1);
}

std::string changes(const ExecutorStage& desk, const HeldPosition& held)
{
    std::string text;
    for (const ListingChanges::Entry& entry : held.changes) {
        if (entry.quantity == 0) continue;
        text += desk.world.table.label(desk.world.table.listing(entry.listing).venue) + " " +
                format_scaled(entry.quantity, desk.world.instrument(0).quantity_decimals) + " ";
    }
    return text;
}

TEST(HeldPositions, what_is_held_earns_nothing_until_it_is_released)
{
    ExecutorStage desk;
    desk.start(holding(desk.world, "10"));
    fill_both(desk, 1, "27.10", "27.20", "10");
    ASSERT_EQ(desk.ends.size(), 1U);
    EXPECT_STREQ(outcome(desk.ends[0]), "held");
    const Amount fees = money("0.271") + money("0.272");
    EXPECT_EQ(desk.ends[0].waterfall.realised, -fees);
    EXPECT_EQ(desk.ends[0].waterfall.sum(), -fees);
    const HeldPosition* held = desk.held.find(PackageId{1});
    ASSERT_NE(held, nullptr);
    EXPECT_EQ(changes(desk, *held), "hb 10 kc -10 ");
    EXPECT_EQ(held->cost, money("-1"));
    EXPECT_TRUE(desk.exposure.sum({}).empty());
    // Released in two parts, at prices that gave 0.05 and took 0.10.
    desk.start(releasing(desk.world, "4"), at_ms(2'000));
    fill_both(desk, 3, "27.30", "27.35", "4");
    EXPECT_EQ(desk.held.find(PackageId{1})->cost, money("-0.6"));
    EXPECT_EQ(changes(desk, *desk.held.find(PackageId{1})), "hb 6 kc -6 ");
    desk.start(releasing(desk.world, "6"), at_ms(3'000));
    fill_both(desk, 5, "27.30", "27.20", "6");
    EXPECT_EQ(desk.held.find(PackageId{1}), nullptr);
    Amount realised;
    for (const PackageEnd& end : desk.ends) {
        EXPECT_EQ(end.waterfall.sum(), end.waterfall.realised);
        realised += end.waterfall.realised;
    }
    EXPECT_EQ(realised, desk.cash);
    EXPECT_EQ(desk.base, 0);
}

TEST(HeldPositions, what_is_uneven_is_closed_and_the_rest_is_held)
{
    ExecutorStage desk;
    desk.start(holding(desk.world, "10"));
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.fill(2, "27.20", "7");
    desk.done(2);
    ASSERT_EQ(desk.sent.size(), 3U);
    desk.fill(3, "27.20", "3");  // at kc, which then offers most
    desk.done(3);
    ASSERT_EQ(desk.ends.size(), 1U);
    EXPECT_STREQ(outcome(desk.ends[0]), "held");
    EXPECT_EQ(changes(desk, *desk.held.find(PackageId{1})), "kc -10 hb 10 ");
    EXPECT_EQ(desk.ends[0].waterfall.sum(), desk.ends[0].waterfall.realised);
}

TEST(HeldPositions, nothing_even_is_nothing_held)
{
    ExecutorStage desk;
    desk.start(holding(desk.world, "10"));
    desk.fill(1, "27.10", "10");
    desk.done(1);
    desk.reject(2);
    ASSERT_EQ(desk.sent.size(), 3U);
    desk.executor.finish(at_ms(20));
    ASSERT_EQ(desk.ends.size(), 1U);
    EXPECT_STREQ(outcome(desk.ends[0]), "flagged");
    EXPECT_TRUE(desk.held.all().empty());
    EXPECT_EQ(desk.exposure.sum({}).quantity, desk.base);
    EXPECT_EQ(desk.ends[0].waterfall.sum(), desk.ends[0].waterfall.realised);
}

// A unit has one owner: what a release leaves open stands in a line, and is held no more than the rest.
TEST(HeldPositions, a_release_that_fills_unevenly_leaves_a_line)
{
    ExecutorStage desk;
    desk.start(holding(desk.world, "10"));
    fill_both(desk, 1, "27.10", "27.20", "10");
    desk.start(releasing(desk.world, "10"), at_ms(2'000));
    desk.fill(3, "27.30", "10");
    desk.done(3);
    desk.reject(4);
    desk.executor.finish(at_ms(2'100));
    ASSERT_EQ(desk.ends.size(), 2U);
    EXPECT_STREQ(outcome(desk.ends[1]), "flagged");
    EXPECT_EQ(changes(desk, *desk.held.find(PackageId{1})), "hb 10 kc -10 ");
    EXPECT_EQ(desk.exposure.sum({}).quantity, desk.base);
}

TEST(HeldPositions, what_is_not_held_cannot_be_released)
{
    ExecutorStage desk;
    EXPECT_STREQ(desk.executor.refuses(releasing(desk.world, "10")), "what it releases is not held");
    EXPECT_STREQ(desk.executor.refuses(holding(desk.world, "10")), "");
    Package resting = holding(desk.world, "10");
    resting.legs[0].part = Part::rest;
    EXPECT_STREQ(desk.executor.refuses(resting), "what is held or released does not rest");
    desk.start(holding(desk.world, "10"));
    fill_both(desk, 1, "27.10", "27.20", "10");
    EXPECT_STREQ(desk.executor.refuses(releasing(desk.world, "10")), "");
    desk.start(releasing(desk.world, "10"), at_ms(2'000));
    EXPECT_STREQ(desk.executor.refuses(releasing(desk.world, "10")), "what it releases is being released");
}

TEST(ListingChanges, what_has_another_owner_is_taken_out_of_its_own_sign)
{
    ListingChanges changes;
    EXPECT_TRUE(changes.add(ListingId{0}, 10));
    EXPECT_TRUE(changes.add(ListingId{1}, -7));
    EXPECT_TRUE(changes.add(ListingId{2}, 2));
    changes.take_out(11);
    std::vector<std::int64_t> left;
    for (const ListingChanges::Entry& entry : changes) left.push_back(entry.quantity);
    EXPECT_EQ(left, (std::vector<std::int64_t>{0, -7, 1}));
    EXPECT_EQ(changes.size(), 7);
    changes.take_out(-7);
    changes.take_out(1);
    EXPECT_TRUE(changes.empty());
    for (std::size_t i = 3; i < ListingChanges::kMost; ++i)
        EXPECT_TRUE(changes.add(static_cast<ListingId>(i), 1));
    EXPECT_FALSE(changes.add(ListingId{99}, 1));
}

}  // namespace
}  // namespace arb
