#pragma once
// What is true of the emulated Gate and how it writes it: its market, how its accounts are set up, listings
// by name, numbers, ids, and why the matching refused an order. Any part of the venue asks; nothing here
// changes.
#include <string>
#include <string_view>

#include "connectors/gate/emulated_call.hpp"
#include "engine/emulate/venue_part.hpp"

namespace arb::gate {

class EmulatedDialect {
  public:
    explicit EmulatedDialect(const EmulatedVenueSetup& setup) : setup_(setup) {}

    bool spot() const { return setup_.market == "spot"; }
    /// Of every channel.
    std::string_view prefix() const { return spot() ? "spot" : "futures"; }
    /// "classic", or the mode of a unified account.
    std::string mode() const { return setting("mode", "classic"); }
    bool unified() const { return mode() != "classic"; }
    /// The account's group for self-trade prevention; empty: it is in none.
    std::string group() const { return setting("stp_id", ""); }
    /// Contracts: "single", where the owner of the account did not choose another one.
    std::string position_mode() const { return setting("position_mode", "single"); }

    const Listing* find_listing(std::string_view symbol) const;
    /// The market that a call names; nullptr with `why` said.
    const Listing* market_of(const EmulatedCall& call, VenueAnswer& why) const;
    VenueAnswer place_error(PlaceError error) const;

  private:
    std::string setting(std::string_view name, std::string_view otherwise) const;

    const EmulatedVenueSetup& setup_;
};

std::string price_text(const Listing& listing, Price price);
std::string size_text(const Listing& listing, Quantity quantity);
std::string order_id_text(std::uint64_t id);
/// The matching's number of an order; 0: no such id was ever given out.
std::uint64_t order_number(std::string_view id);
std::int64_t user_of(AccountId account);

// Of contracts.
/// Signed; whole numbers, rounded down, for who did not ask for decimals.
std::string contract_size(const Listing& listing, Quantity quantity, Side side, Form form);
std::string contract_number(const std::string& text, Form form);
/// Seconds.
std::string float_time(Timestamp time);

/// What each part of the venue is: it knows the others.
using EmulatedPart = VenuePart<EmulatedDialect, struct EmulatedParts>;

}  // namespace arb::gate
