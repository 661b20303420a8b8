// How far a price moves in a second on average, what that means for other times, and how silences ended.
#include "engine/trading/price_moves.hpp"

#include <gtest/gtest.h>

#include "engine/trading/silence_record.hpp"
#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::bps;
using test::kStart;

constexpr MarketId kMoved{0};

TEST(PriceMoves, the_average_step_grows_with_the_root_of_the_time)
{
    PriceMoves moves(1);
    EXPECT_EQ(moves.expected(kMoved, seconds(1)), std::nullopt);
    moves.see(kMoved, 2'000'000, kStart);
    EXPECT_EQ(moves.expected(kMoved, seconds(1)), std::nullopt) << "one price is no step";
    for (int i = 1; i <= 100; ++i)
        moves.see(kMoved, i % 2 == 0 ? 2'000'000 : 2'000'200, kStart + seconds(i));
    EXPECT_NEAR(static_cast<double>(moves.expected(kMoved, seconds(1))->units),
                static_cast<double>(bps(1).units), 2.0);
    EXPECT_NEAR(static_cast<double>(moves.expected(kMoved, seconds(4))->units),
                static_cast<double>(bps(2).units), 4.0);
    EXPECT_NEAR(static_cast<double>(moves.expected(kMoved, milliseconds(250))->units),
                static_cast<double>(bps(1).units) / 2, 20.0);
    EXPECT_EQ(moves.expected(kMoved, {}), std::nullopt);
}

TEST(PriceMoves, a_step_over_a_gap_is_none_and_a_jump_is_the_whole_price_at_most)
{
    PriceMoves moves(1);
    moves.see(kMoved, 1000, kStart);
    moves.see(kMoved, 2000, kStart + seconds(60));
    EXPECT_EQ(moves.expected(kMoved, seconds(1)), std::nullopt);
    moves.see(kMoved, 2'000'000'000'000'000'000, kStart + seconds(61));
    EXPECT_EQ(moves.expected(kMoved, seconds(1)), Rate{kRateOne});
}

TEST(SilenceRecord, recent_ends_count_most)
{
    SilenceRecord record(2);
    const VenueId first{0}, second{1};
    EXPECT_EQ(record.executed(first), Rate{kRateOne / 2});
    for (int i = 0; i < 8; ++i) record.note(first, false);
    EXPECT_EQ(record.executed(first), Rate{kRateOne / 10});
    EXPECT_EQ(record.executed(second), Rate{kRateOne / 2});
    for (int i = 0; i < 200; ++i) record.note(first, true);
    EXPECT_GT(record.executed(first), Rate{kRateOne / 100 * 85});
}

}  // namespace
}  // namespace arb
