#pragma once
// Orders at the emulated Gate, by REST and by websocket: placing, amending and cancelling them, one or many,
// and the dead man's timer that cancels all. Both markets go one way here. Asked by EmulatedEndpoints; one
// thread.
#include <string>

#include "connectors/gate/emulated_forms.hpp"
#include "connectors/gate/emulated_order_notes.hpp"

namespace arb::gate {

class EmulatedOrders : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    /// One, or a list of them.
    VenueAnswer place(const EmulatedCall& call);
    VenueAnswer place_many(const EmulatedCall& call);
    VenueAnswer amend(const EmulatedCall& call);
    VenueAnswer cancel(const EmulatedCall& call);
    VenueAnswer cancel_ids(const EmulatedCall& call);
    /// Every order of a market.
    VenueAnswer cancel_market(const EmulatedCall& call);
    VenueAnswer dead_man(const EmulatedCall& call);

  private:
    std::string cancel_entry(const EmulatedCall& call, const Params& item);

    EmulatedForms forms_{dialect_};
};

}  // namespace arb::gate
