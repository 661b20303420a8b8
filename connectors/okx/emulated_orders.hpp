#pragma once
// Orders at the emulated OKX from wherever they come, alone or in batches: placed and cancelled by
// EmulatedOrders, amended by EmulatedAmends, cancelled by the dead man's timers, an account's by tag: what is
// not set again in time. Asked by EmulatedOkx and its websockets; one thread. Refusals are OKX's codes in
// answers; how an amend went that was taken is told by the orders channel, from EmulatedOrderNotes.
#include <map>
#include <string>
#include <utility>

#include "connectors/okx/emulated_call.hpp"
#include "connectors/okx/emulated_limits.hpp"
#include "connectors/okx/emulated_order_notes.hpp"

namespace arb::okx {

/// Price, time in force and quantity of a market order, whose side is known.
Refusal read_market_terms(const EmulatedVenueSetup& setup, const JsonBody& argument, const Listing& listing,
                          PlaceOrder& order, MarketTerms& terms);
Refusal read_limit_terms(const Instrument& instrument, const JsonBody& argument, const Listing& listing,
                         PlaceOrder& order);

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

class EmulatedDeadMan : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer set(const EmulatedCall& call);
    void run(Timestamp now);

  private:
    std::map<std::pair<AccountId, std::string>, Timestamp> timers_;  ///< by tag
};

class EmulatedOrders : EmulatedPart {
  public:
    explicit EmulatedOrders(EmulatedParts& parts);

    Answer one(OrderVerb verb, const OrderWish& wish);
    /// Up to 20 orders, which `wishes` lists.
    Answer batch(OrderVerb verb, const OrderWish& wishes);

  private:
    Answer place(const OrderWish& wish);
    Answer cancel(const OrderWish& wish);
    /// OKX's code where the account's settings do not allow the order; empty: they do.
    std::string_view unsettled(const JsonBody& argument, const Listing& listing) const;

    EmulatedAmends amends_;
};

}  // namespace arb::okx
