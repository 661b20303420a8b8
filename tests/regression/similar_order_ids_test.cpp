// Orders whose ids differ in the last letters alone once shared a few rows of Coinbase's memory and pushed
// each other out: their fills' orders were then asked for one by one, again and again, until the venue
// refused.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/coinbase/known_orders.hpp"

namespace arb {
namespace {

TEST(SimilarOrderIds, thousands_in_a_row_are_all_remembered)
{
    coinbase::KnownOrders known;
    constexpr std::uint64_t kOrders = 4'000;
    const auto id = [](std::uint64_t n) {
        return fmt::format("0e3017a7-ed00-4000-8000-{:012x}", 0xf4000 + n);
    };
    for (std::uint64_t n = 0; n < kOrders; ++n)
        ASSERT_NE(known.put(id(n), static_cast<OrderId>(n + 1), ListingId{0}), nullptr);
    std::uint64_t lost = 0;
    for (std::uint64_t n = 0; n < kOrders; ++n) {
        const coinbase::KnownOrder* const entry = known.find(id(n));
        if (entry == nullptr || entry->order != static_cast<OrderId>(n + 1)) ++lost;
    }
    // Half full: a full row here and there is chance.
    EXPECT_LT(lost, kOrders / 50);
}

}  // namespace
}  // namespace arb
