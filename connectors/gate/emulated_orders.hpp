#pragma once
// Orders at the emulated Gate, by REST and by websocket: placing, amending and cancelling them, one or many,
// and the dead man's timer that cancels all (EmulatedOrders); how a client says what order it wants, as pairs
// and as contracts are ordered (EmulatedForms). Both markets go one way here. One thread.
#include <string>
#include <string_view>

#include "connectors/gate/emulated_order_notes.hpp"

namespace arb::gate {

class EmulatedForms {
  public:
    explicit EmulatedForms(const EmulatedDialect& dialect) : dialect_(dialect) {}

    VenueAnswer read_order(const EmulatedCall& call, PlaceOrder& order, OrderNote& note) const;
    VenueAnswer read_price(std::string_view text, const Listing& listing, Price& price) const;
    VenueAnswer read_size(std::string_view text, const Listing& listing, Quantity& quantity) const;

  private:
    VenueAnswer read_spot(const EmulatedCall& call, const Listing& listing, PlaceOrder& order) const;
    VenueAnswer read_contract(const EmulatedCall& call, const Listing& listing, PlaceOrder& order) const;
    VenueAnswer read_prevention(const EmulatedCall& call, PlaceOrder& order, OrderNote& note) const;

    const EmulatedDialect& dialect_;
};

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
