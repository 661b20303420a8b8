#pragma once
// What is true of the emulated OKX and how it writes it: what its accounts are set to, its instruments by
// name and code, prices and sizes in a listing's digits, amounts in those of doubles where it has manners.
// Any part of the venue asks; nothing here changes.
#include <span>
#include <string>
#include <string_view>

#include "engine/emulate/venue_part.hpp"

namespace arb::okx {

/// What the accounts of this venue are set to.
struct EmulatedSettings {
    explicit EmulatedSettings(const EmulatedVenueSetup& setup);
    std::string level = "2", positions = "net_mode", fees = "0";
    std::string quote;  ///< "required": orders for spot must say tradeQuoteCcy
};

/// SPOT, SWAP or FUTURES.
std::string_view kind_of(const Listing& listing);
/// The number that OKX knows an account by.
std::uint32_t uid_of(AccountId account);

class EmulatedDialect {
  public:
    explicit EmulatedDialect(const EmulatedVenueSetup& setup) : setup_(setup) {}

    const Instrument& instrument(const Listing& listing) const
    {
        return setup_.table->instrument(listing.instrument);
    }
    /// By its instId; nullptr: there is none.
    const Listing* listing(std::string_view symbol) const
    {
        return setup_.table->find_symbol(setup_.id, symbol);
    }
    /// By its instIdCode.
    const Listing* listing_of_code(std::int64_t code) const;
    static std::int64_t code_of(const Listing& listing)
    {
        return 10'000 + static_cast<std::int64_t>(index(listing.id));
    }
    /// OKX has one word for a market that takes nothing and for one that takes cancellations alone.
    bool suspended(ListingId listing) const
    {
        return setup_.exchange->halted(listing) || setup_.exchange->cancel_only(listing);
    }
    std::string price(Price price, const Listing& listing) const;
    static std::string size(Quantity quantity, const Listing& listing);
    /// An amount of the instrument's units, counted as orders count it.
    std::string contracts(Amount amount, const Listing& listing) const;
    std::string levels(std::span<const Level> side, const Listing& listing) const;
    /// In figures as the venue prints its doubles.
    std::string figure(Amount amount) const;

  private:
    const EmulatedVenueSetup& setup_;
};

/// What each part of the venue is: it knows the others.
using EmulatedPart = VenuePart<EmulatedDialect, struct EmulatedParts>;

}  // namespace arb::okx
