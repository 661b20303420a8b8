#pragma once
// The orders of one package that hedge or close, each until the venue's last word on it is counted. Part of
// OpenPackage; plain state in a fixed place; core thread.
#include <array>

#include "engine/trading/order_tracker.hpp"
#include "engine/trading/package.hpp"

namespace arb {

struct ClosingState {
    bool used = false;
    bool hedge = false;
    bool asked = false;  ///< it was silent, and its venue was asked
    std::uint8_t asset = 0;
    OrderTracker tracker;
    OrderIntent intent;
    std::int64_t factor = 1;  ///< instrument quantity to units of the asset's market
    std::size_t member = 0;
    Amount rate = kRateSame;  ///< what one of its listing's quote currency is worth in the package's
    bool elsewhere = false;   ///< in another market than the asset's
    Timestamp sent;

    /// Signed change of base, units of the asset's market.
    std::int64_t filled() const;
};

class ClosingOrders {
  public:
    /// One that is asked about and up to three that are silent.
    static constexpr std::size_t kMost = 4;

    // Field by field: the trackers' memories of fills are large and need no clearing.
    void clear()
    {
        for (ClosingState& order : orders_) order.used = false;
    }
    bool any() const;
    bool full() const;
    /// Another order; there must be room.
    ClosingState& take(OrderId order, const OrderIntent& intent, Timestamp sent);
    /// Null: it is none of these.
    ClosingState* find(OrderId order);
    /// Signed change of the asset by those that are out, units of its market.
    std::int64_t filled(std::size_t asset) const;
    /// What those of that side may still change of the asset, units of its market.
    std::int64_t left(std::size_t asset, Side side) const;
    // All places; those that are not used stand for nothing.
    ClosingState* begin() { return orders_.data(); }
    ClosingState* end() { return orders_.data() + kMost; }
    const ClosingState* begin() const { return orders_.data(); }
    const ClosingState* end() const { return orders_.data() + kMost; }

  private:
    std::array<ClosingState, kMost> orders_;
};

}  // namespace arb
