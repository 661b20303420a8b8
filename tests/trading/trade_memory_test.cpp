// Trades that were counted: known until they are forgotten, and what is forgotten is known to be old.
#include "engine/trading/trade_memory.hpp"

#include <gtest/gtest.h>

#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::kStart;

constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15ULL;

bool remember(TradeMemory& memory, std::uint64_t i, bool open = false)
{
    return memory.remember({i * kSpread,
                            VenueId{0},
                            static_cast<OrderId>(i),
                            kStart + seconds(static_cast<std::int64_t>(i)),
                            {}},
                           [open](OrderId order) { return open && static_cast<std::uint64_t>(order) == 1; });
}

TEST(TradeMemory, forgets_the_oldest_and_keeps_the_rest)
{
    constexpr std::uint64_t kKept = 1000;
    TradeMemory memory(2, kKept);
    for (std::uint64_t i = 1; i <= kKept + 300; ++i) {
        EXPECT_TRUE(remember(memory, i));
        EXPECT_FALSE(remember(memory, i));
    }
    for (std::uint64_t i = 1; i <= 300; ++i) EXPECT_FALSE(memory.knows(i * kSpread));
    for (std::uint64_t i = 301; i <= kKept + 300; ++i) ASSERT_TRUE(memory.knows(i * kSpread)) << i;
    std::size_t kept = 0;
    std::uint64_t first = 0;
    memory.for_each([&](const TradeMemory::Trade& trade) {
        if (kept++ == 0) first = trade.key;
    });
    EXPECT_EQ(kept, kKept);
    EXPECT_EQ(first, 301 * kSpread);
    EXPECT_EQ(memory.floor(VenueId{0}), kStart + seconds(300) + Duration{1})
        << "what was forgotten lies before";
    EXPECT_EQ(memory.floor(VenueId{1}), Timestamp{});
}

TEST(TradeMemory, trades_of_an_open_order_are_not_forgotten)
{
    TradeMemory memory(1, 8);
    for (std::uint64_t i = 1; i <= 100; ++i) EXPECT_TRUE(remember(memory, i, true));
    EXPECT_TRUE(memory.knows(kSpread));
    std::size_t kept = 0;
    memory.for_each([&](const TradeMemory::Trade&) { ++kept; });
    EXPECT_EQ(kept, 8U);
    EXPECT_TRUE(memory.knows(100 * kSpread));
    // Where all are open the oldest goes nevertheless: the memory has an end.
    TradeMemory full(1, 8);
    const auto all = [](OrderId) { return true; };
    for (std::uint64_t i = 1; i <= 100; ++i) EXPECT_TRUE(full.remember({i, VenueId{0}, {}, kStart, {}}, all));
    EXPECT_TRUE(full.knows(100));
}

TEST(TradeMemory, a_trade_with_another_quantity_is_a_lie_where_the_first_is_known)
{
    TradeMemory memory(1, 8);
    const auto none = [](OrderId) { return false; };
    EXPECT_TRUE(memory.remember({1, VenueId{0}, {}, kStart, Quantity{4}}, none));
    EXPECT_TRUE(memory.remember({2, VenueId{0}, {}, kStart, {}}, none));
    EXPECT_FALSE(memory.contradicts(1, Quantity{4}));
    EXPECT_TRUE(memory.contradicts(1, Quantity{5}));
    EXPECT_FALSE(memory.contradicts(2, Quantity{5})) << "a checkpoint keeps no quantities";
    EXPECT_FALSE(memory.contradicts(3, Quantity{5})) << "never heard of";
}

TEST(TradeMemory, one_of_an_unknown_venue_raises_every_floor)
{
    TradeMemory memory(2, 1);
    const auto none = [](OrderId) { return false; };
    EXPECT_TRUE(memory.remember({1, kNoVenue, {}, kStart, {}}, none));
    EXPECT_TRUE(memory.remember({2, VenueId{0}, {}, kStart + seconds(9), {}}, none));
    EXPECT_EQ(memory.floor(VenueId{0}), kStart + Duration{1});
    EXPECT_EQ(memory.floor(VenueId{1}), kStart + Duration{1});
}

}  // namespace
}  // namespace arb
