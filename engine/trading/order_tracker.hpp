#pragma once
// The state of one order as a join of the venue's evidence: what is filled only grows, a fill counts once by
// its trade id, the terminal word stays. Any order and any repetition of the same events ends in the same
// state. Used by PackageExecutor on the core thread. At most kFillsMax different fills an order; more is a
// broken promise of the venue that is reported by `overflow`.
#include <array>
#include <cstdint>

#include "engine/base/order.hpp"

namespace arb {

class OrderTracker {
  public:
    static constexpr std::size_t kFillsMax = 512;

    OrderTracker() = default;
    explicit OrderTracker(OrderId id) : id_(id) {}

    OrderId id() const { return id_; }
    /// True when the event told something new that changes quantities: its fill was counted.
    bool apply(const OrderEvent& event);

    /// The venue's terminal word has come.
    bool terminal() const { return terminal_; }
    bool rejected() const { return rejected_; }
    RejectReason reason() const { return reason_; }
    Quantity filled() const { return filled_; }
    Amount notional() const { return notional_; }
    Amount fees() const { return fees_; }
    bool overflow() const { return overflow_; }

  private:
    OrderId id_{};
    bool terminal_ = false;
    bool rejected_ = false;
    bool overflow_ = false;
    RejectReason reason_ = RejectReason::none;
    Quantity filled_;
    Amount notional_, fees_;
    std::array<std::uint64_t, kFillsMax> trades_{};
    std::size_t trade_count_ = 0;
};

}  // namespace arb
