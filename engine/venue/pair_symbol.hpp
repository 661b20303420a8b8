#pragma once
// How a venue writes a pair, found out from its connector: for invented markets and emulated venues, which
// know base and quote alone. Cold path, any thread.
#include <optional>
#include <string>
#include <string_view>

#include "engine/venue/venue.hpp"

namespace arb {

/// The first way of writing the pair that the connector reads as that pair, and for which `is_wanted` holds
/// (of its kind, say). Empty: none.
template <class IsWanted>
std::optional<ListingDefinition> listing_of_pair(const ConnectorType& type, std::string_view market,
                                                 std::string_view base, std::string_view quote,
                                                 IsWanted&& is_wanted)
{
    for (const std::string_view separator : {"-", "/", "", "_"}) {
        const std::string symbol = std::string(base).append(separator).append(quote);
        std::optional<ListingDefinition> d = type.guess_listing(market, symbol);
        if (d && d->base == base && d->quote == quote && is_wanted(*d)) return d;
    }
    return std::nullopt;
}

}  // namespace arb
