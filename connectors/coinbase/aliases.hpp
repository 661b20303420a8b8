#pragma once
// Products that share one book. BTC-USDC is an alias of BTC-USD: orders name the alias and its wallet pays,
// public channels know the target alone. A listing keeps its target as `code`. Built once, then read on the
// hot path without allocation; core thread.
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"

namespace arb::coinbase {

/// The product under which the listing's market data is published.
inline std::string_view published_as(const Listing& listing)
{
    const bool alias = listing.code.find('-') != std::string::npos;
    return alias ? std::string_view(listing.code) : std::string_view(listing.symbol);
}

class Aliases {
  public:
    Aliases(const InstrumentTable& table, VenueId venue)
    {
        for (const Listing& listing : table.listings()) {
            if (listing.venue == venue && published_as(listing) != listing.symbol)
                listings_.push_back(&listing);
        }
    }
    /// The n-th alias of that product; nullptr: there are not so many.
    const Listing* find(std::string_view product, std::size_t n) const
    {
        for (const Listing* listing : listings_) {
            if (listing->code == product && n-- == 0) return listing;
        }
        return nullptr;
    }

  private:
    std::vector<const Listing*> listings_;
};

}  // namespace arb::coinbase
