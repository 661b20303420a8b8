#pragma once
// The questions about an account's orders and fills at the emulated Gate: one order, pages of orders, pages
// of fills, and for contracts both by spans of time. Asked by EmulatedEndpoints; one thread.
#include <string_view>

#include "connectors/gate/emulated_fills.hpp"
#include "connectors/gate/emulated_order_notes.hpp"

namespace arb::gate {

class EmulatedLists : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    VenueAnswer order(const EmulatedCall& call) const;
    VenueAnswer orders(const EmulatedCall& call) const;
    VenueAnswer orders_of_span(const EmulatedCall& call) const;
    VenueAnswer fills(const EmulatedCall& call) { return list_fills(call, false); }
    VenueAnswer fills_of_span(const EmulatedCall& call) { return list_fills(call, true); }

  private:
    /// How many entries of a list come before the page that is asked for.
    std::size_t skipped_entries(const EmulatedCall& call, std::size_t page) const;
    /// `status` empty: those that are open and those that have ended.
    VenueAnswer list_orders(const EmulatedCall& call, const Listing* listing, std::string_view status) const;
    VenueAnswer list_fills(const EmulatedCall& call, bool by_span);
};

}  // namespace arb::gate
