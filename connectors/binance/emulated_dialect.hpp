#pragma once
// What is true of an emulated Binance market, and how it writes numbers, reads symbols and says why an order
// cannot be. Spot and the futures differ in each. Const, one thread.
#include <string>
#include <vector>

#include "connectors/binance/emulated_call.hpp"
#include "engine/emulate/venue_part.hpp"

namespace arb::binance {

/// With eight decimals at least.
std::string amount_text(Amount amount);
/// 10^-8 as a decimal number.
std::string eight_decimals(Int128 value);
/// Money over a quantity in 10^-decimals.
Int128 price_of(Amount money, Amount quantity, unsigned decimals);
/// As streams name a symbol.
std::string stream_symbol(const Listing& listing);

class EmulatedDialect {
  public:
    explicit EmulatedDialect(const EmulatedVenueSetup& setup) : setup_(setup) {}

    bool spot() const { return setup_.market == "spot"; }
    bool coinm() const { return setup_.market == "coinm"; }

    std::string price_text(ListingId listing, Price price) const;
    std::string quantity_text(ListingId listing, Quantity quantity) const;
    std::string money_text(Amount amount) const;
    std::string format_rate(Rate rate) const;
    /// "BTCUSDT", as JSON.
    std::string symbol_text(ListingId listing) const;

    Answer find_listing(const Call& call, ListingId& listing, bool required) const;
    /// `one`: a single symbol was asked for.
    Answer choose(const Call& call, std::vector<ListingId>& listings, bool& one) const;
    /// Of every symbol there is.
    std::vector<ListingId> all_listings() const;

    Answer place_error(PlaceError error, Side side) const;

  private:
    std::string number(std::int64_t units, std::int64_t step, unsigned decimals) const;

    const EmulatedVenueSetup& setup_;
};

/// What each part of the venue is: it knows the others.
using EmulatedPart = VenuePart<EmulatedDialect, struct EmulatedParts>;

}  // namespace arb::binance
