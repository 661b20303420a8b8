#pragma once
// Orders at the emulated Bybit: placed, amended, cancelled, alone and several in one request. Asked by
// EmulatedBybit, for REST and for the trade socket; one thread.
#include "connectors/bybit/emulated_forms.hpp"
#include "connectors/bybit/emulated_identity.hpp"
#include "connectors/bybit/emulated_positions.hpp"

namespace arb::bybit {

class EmulatedOrders : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

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

    EmulatedForms forms_{parts_};
};

}  // namespace arb::bybit
