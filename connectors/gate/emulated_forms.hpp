#pragma once
// How a client of the emulated Gate says what order it wants, as pairs and as contracts are ordered. Asked by
// EmulatedOrders; nothing here changes.
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

}  // namespace arb::gate
