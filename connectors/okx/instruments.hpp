#pragma once
// OKX's instrument replies, symbols and addresses. Called through the ConnectorType on the
// cold path, on any thread; allocates, never throws. An unreadable reply is an Error, a bad entry is left
// out.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::okx {

/// GET /api/v5/public/instruments (or /account/instruments): spot, swaps and futures. Options, margin
/// doubles of spot and entries that cannot be expressed are left out.
Result<std::vector<ListingDefinition>> read_instruments(std::string_view market, std::string_view url,
                                                        std::string_view body);

/// BTC-USDT, BTC-USDT-SWAP, BTC-USD-260925. The contract size is not in the symbol.
std::optional<ListingDefinition> guess_listing(std::string_view market, std::string_view symbol);

/// What the word `state` of an instrument means; unknown: none that is documented.
ListingStatus status_of_state(std::string_view state);

/// "" for every address of okx.com and its former name okex.com.
std::optional<std::string> market_of_url(std::string_view url);

/// The value of `key` in the query of `url`; empty when absent.
std::string_view query_value(std::string_view url, std::string_view key);

}  // namespace arb::okx
