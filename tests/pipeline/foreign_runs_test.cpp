// Names of runs, and the orders that a run which was taken over left open.
#include "engine/pipeline/foreign_runs.hpp"

#include <gtest/gtest.h>

#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::kStart;

constexpr VenueId kOne{0}, kOther{1};

TEST(ForeignRuns, a_run_has_one_name)
{
    EXPECT_EQ(run_name(1'790'000'000), "6ab13b80");
    EXPECT_EQ(run_name(1), "00000001");
    for (const std::uint32_t epoch : {1U, 1'790'000'000U, 0xffffffffU})
        EXPECT_EQ(parse_run_name(run_name(epoch)), epoch);
    EXPECT_EQ(parse_run_name("6AB13B80"), 1'790'000'000U);
    for (const char* wrong : {"", "6ab13b8", "6ab13b800", "1790000000", "00000000", "6ab13b8g", " 6ab13b8",
                              "-6ab13b8", "0x6ab13b"})
        EXPECT_FALSE(parse_run_name(wrong)) << wrong;
}

TEST(ForeignRuns, orders_that_the_venue_lists_no_more_are_gone)
{
    ForeignRuns runs;
    runs.add_order(kOne, OrderId{1}, ListingId{0}, "A");
    runs.add_order(kOne, OrderId{2}, ListingId{0}, "B");
    runs.add_order(kOther, OrderId{3}, ListingId{1}, "C");
    ForeignRuns::Order* first = runs.to_cancel(kOne, kStart);
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->id, OrderId{1});
    first->cancelled = kStart;
    EXPECT_EQ(runs.to_cancel(kOne, kStart)->id, OrderId{2});
    runs.begin_list(kOne);
    runs.add_order(kOne, OrderId{1}, ListingId{0}, "A");
    runs.end_list(kOne);
    EXPECT_TRUE(runs.lists_any(kOne));
    EXPECT_EQ(runs.to_cancel(kOne, kStart + seconds(1)), nullptr) << "it was just asked for";
    ASSERT_NE(runs.to_cancel(kOne, kStart + seconds(6)), nullptr);
    runs.begin_list(kOne);
    runs.end_list(kOne);
    EXPECT_FALSE(runs.lists_any(kOne));
    EXPECT_TRUE(runs.lists_any(kOther)) << "another venue's list";
    runs.take(5);
    runs.take(5);
    runs.take(0);
    EXPECT_EQ(runs.all_taken(), std::vector<std::uint32_t>{5});
    EXPECT_TRUE(runs.first_at(kOne));
    EXPECT_FALSE(runs.first_at(kOne));
    EXPECT_TRUE(runs.first_at(kOther));
}

}  // namespace
}  // namespace arb
