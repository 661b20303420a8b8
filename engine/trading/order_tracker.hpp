#pragma once
// The state of one order as a join of the venue's evidence: what is filled only grows, a fill counts once by
// its trade id, the terminal word stays. Any order and any repetition of the same events ends in the same
// state. Used by PackageExecutor on the core thread. An order may have any number of fills; a fill is known
// again while it is among the last kFillsKept (OrderDesk, who hears the venue, remembers far more of them).
#include <array>
#include <cstdint>

#include "engine/base/order.hpp"

namespace arb {

class OrderTracker {
  public:
    static constexpr std::size_t kFillsKept = 512;

    // Written out, so that the ids of fills are not cleared each time: how many there are says what counts.
    OrderTracker() {}
    explicit OrderTracker(OrderId id) { begin(id); }
    /// Another order from here on.
    void begin(OrderId id)
    {
        id_ = id;
        terminal_ = rejected_ = false;
        reason_ = RejectReason::none;
        filled_ = {};
        notional_ = fees_ = {};
        trade_count_ = 0;
    }

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

  private:
    OrderId id_{};
    bool terminal_ = false;
    bool rejected_ = false;
    RejectReason reason_ = RejectReason::none;
    Quantity filled_;
    Amount notional_, fees_;
    std::array<std::uint64_t, kFillsKept> trades_;  // ring
    std::size_t trade_count_ = 0;
};

}  // namespace arb
