#pragma once
// Orders at the emulated Bybit: placed, amended, cancelled, alone and several in one request
// (EmulatedOrders); what clients write of them, read and judged: the numbers' sizes and the money are the
// matching's (EmulatedForms). Asked for REST and for the trade socket; one thread. Refusals are Bybit's
// codes.
#include "connectors/bybit/emulated_account.hpp"
#include "connectors/bybit/emulated_identity.hpp"
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

class EmulatedOrders : EmulatedPart {
  public:
    explicit EmulatedOrders(EmulatedParts& parts);

    Answer create(const EmulatedCall& call);
    Answer amend(const EmulatedCall& call);
    Answer cancel(const EmulatedCall& call);
    Answer cancel_all(const EmulatedCall& call);
    Answer create_batch(const EmulatedCall& call);
    Answer amend_batch(const EmulatedCall& call);
    Answer cancel_batch(const EmulatedCall& call);

  private:
    using Handler = Answer (EmulatedOrders::*)(const EmulatedCall&);

    Answer place_error(PlaceError error, Side side) const;
    /// The open order that a change is about.
    Answer find_open(const EmulatedCall& call, const EmulatedOrder*& order) const;
    /// Each order is judged and counted by itself; the request as a whole is good all the same.
    Answer batch(const EmulatedCall& call, Handler each, std::string_view verb);

    EmulatedForms forms_;
};

}  // namespace arb::bybit
