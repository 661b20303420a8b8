#pragma once
// What clients of the emulated Bybit write of orders, read and judged: the numbers' sizes and the money are
// the matching's. Asked by EmulatedOrders; no state, one thread. Refusals are Bybit's codes.
#include "connectors/bybit/emulated_order_notes.hpp"

namespace arb::bybit {

class EmulatedForms : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// A new order; `hedged`: of an account in hedge mode.
    Answer read_order(const EmulatedCall& call, bool hedged, PlaceOrder& order, AskedTerms& asked) const;
    /// Other terms for an order that rests.
    Answer read_amend(const EmulatedCall& call, const EmulatedOrder& order, Price& price,
                      Quantity& quantity) const;

  private:
    Answer read_asked(const EmulatedCall& call, bool hedged, PlaceOrder& order, AskedTerms& asked) const;
    Answer read_numbers(const EmulatedCall& call, const Listing& listing, PlaceOrder& order) const;
    Answer read_price(const EmulatedCall& call, const Listing& listing, Price& price) const;
    Answer read_size(const EmulatedCall& call, Decimal& size) const;
    Answer fit_quantity(Decimal size, const Listing& listing, Quantity& quantity) const;
    Answer check_terms(const EmulatedCall& call) const;
    bool quote_units(const EmulatedCall& call) const;
    Answer read_market_order(const EmulatedCall& call, const Listing& listing, Decimal size,
                             PlaceOrder& order) const;
};

}  // namespace arb::bybit
