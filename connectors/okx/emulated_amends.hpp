#pragma once
// Other terms for orders that rest at the emulated OKX. Asked by EmulatedOrders; one thread. How an amend
// went that was taken is told by the orders channel, from EmulatedOrderNotes.
#include "connectors/okx/emulated_call.hpp"
#include "connectors/okx/emulated_limits.hpp"
#include "connectors/okx/emulated_order_notes.hpp"

namespace arb::okx {

/// What a client wants of an order, by REST or by websocket.
struct OrderWish {
    const EmulatedKey& key;
    JsonBody argument;
    bool by_code = false;  ///< the websocket's: instruments are named by instIdCode
    Timestamp now;
    bool batched = false;
};

class EmulatedAmends : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer amend(const OrderWish& wish);

  private:
    Answer amend_to(const EmulatedOrder& order, Price limit, Quantity quantity, const OrderWish& wish);
};

}  // namespace arb::okx
