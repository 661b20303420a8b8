#pragma once
// What is true of the emulated Kraken as long as it stands, and how it writes it: its listings and their
// several names, ids of orders, numbers, refusals. Everything here is const and may be asked by all its
// parts.
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/kraken/emulated_limits.hpp"
#include "engine/emulate/venue_part.hpp"

namespace arb::kraken {

class EmulatedDialect {
  public:
    /// Throws StartError when the settings, which outlive it, are not Kraken's.
    explicit EmulatedDialect(const EmulatedVenueSetup& setup);

    const EmulatedVenueSetup& setup() const { return setup_; }
    EmulatedMarket& exchange() const { return *setup_.exchange; }
    /// Of every account.
    const VenueTier& tier() const { return tier_; }

    const Listing& listing(ListingId id) const { return setup_.table->listing(id); }
    const Instrument& instrument(const Listing& listing) const
    {
        return setup_.table->instrument(listing.instrument);
    }
    const Instrument& instrument(ListingId id) const { return instrument(listing(id)); }
    /// BTC/USD
    const Listing* find(std::string_view symbol) const
    {
        return setup_.table->find_symbol(setup_.id, symbol);
    }
    /// Any of its names.
    const Listing* by_name(std::string_view name) const;
    /// XBT/USD, XBTUSD and XXBTZUSD
    std::string old_name(const Listing& listing, std::string_view between = "/") const;
    std::string altname(const Listing& listing) const { return old_name(listing, {}); }
    std::string pair_key(const Listing& listing) const;
    std::string_view state(const Listing& listing) const;
    /// What the order cost on average.
    std::string average(const EmulatedOrder& order) const;

  private:
    const EmulatedVenueSetup& setup_;
    VenueTier tier_;
};

/// XBT for BTC, XDG for DOGE.
std::string old_asset(const std::string& asset);
/// The id of an asset: XXBT, ZUSD, SOL.
std::string asset_id(const std::string& asset);
/// The key of AssetPairs: XXBTZUSD, USDTZUSD, XBTUSDT.
std::string key_of_pair(const std::string& base, const std::string& quote);

std::string order_id(std::uint64_t id);
/// 0: it is none.
std::uint64_t order_number(std::string_view id);
/// Why the matching refused an order; empty: that is no refusal.
std::string refusal(PlaceError error);

/// What each part of the venue is: it knows the others.
using EmulatedPart = VenuePart<EmulatedDialect, struct EmulatedParts>;

}  // namespace arb::kraken
