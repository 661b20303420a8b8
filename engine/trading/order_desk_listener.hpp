#pragma once
// What OrderDesk concludes from the venues' evidence, and to whom it is told: what became of orders, fills
// that nobody waited for, strangers, and words that cannot both be true. Core thread.
#include <string_view>

#include "engine/trading/desk_order.hpp"

namespace arb {

/// An order or fill in this account that was not made by us. The text is good during the call.
struct Stranger {
    ListingId listing = kNoListing;
    OrderId order = kForeignOrder;  ///< what its client id says; kForeignOrder: it is none of our kind
    std::string_view venue_id;
    bool our_id = false;  ///< under an id that an order of ours had, which nobody uses by accident
    bool works = false;   ///< an order that may still fill; else a fill, or an order that ended
    Timestamp time;       ///< the venue's; 0: not told
};

/// What the desk concludes.
class OrderDeskListener {
  public:
    virtual ~OrderDeskListener() = default;
    virtual void on_order_event(const OrderEvent& event, Timestamp now) = 0;
    /// The state of an order changed (ledger, journal).
    virtual void on_order_state(const OrderChange& change, Timestamp now) = 0;
    /// A fill of an order that was already ended or is open again, or of ours from a run before: money moved
    /// that no package expects.
    virtual void on_late_fill(const FillReport& fill, const Fill& counted, Timestamp now) = 0;
    /// A fill of an order of ours that is over or was, from before what is remembered: it may have been
    /// counted, so it is not counted now. Told once.
    virtual void on_old_fill(const FillReport& /*fill*/, Timestamp /*now*/) {}
    virtual void on_stranger(const Stranger& stranger, Timestamp now) = 0;
    /// The venue said two things of one order that cannot both be true; told once an order. `money`: what is
    /// counted may be wrong by it. (A trade told again with another quantity was counted once, as first
    /// told.)
    virtual void on_contradiction(OrderId order, ListingId listing, const char* what, bool money,
                                  Timestamp now) = 0;
    /// An order that was thought to be over is open again: `left` is what of it may still be filled. Its
    /// fills come as late ones, and no event of it will follow but on_reopened_end.
    virtual void on_reopened(OrderId order, const OrderIntent& left, Timestamp now) = 0;
    virtual void on_reopened_end(OrderId order) = 0;
    /// What the fee of this fill, taken from a third asset (fee_name, fee_paid), costs in quote currency.
    virtual Amount value_fee(ListingId /*listing*/, const Fill& /*fill*/) { return {}; }
};

}  // namespace arb
