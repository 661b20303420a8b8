#pragma once
// Bybit's instrument replies, symbols and addresses. Called through the ConnectorType on the
// cold path, on any thread; allocates, never throws. An unreadable reply is an Error, a bad entry is left
// out.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::bybit {

/// GET /v5/market/instruments-info of the market's category (one page). Empty for other addresses and
/// categories.
Result<std::vector<ListingDefinition>> read_instruments(std::string_view market, std::string_view url,
                                                        std::string_view body);

/// The address of the page behind this one; empty: it was the last, or is no such list.
std::string next_instrument_url(std::string_view url, std::string_view body);

/// BTCUSDT (spot or perpetual by market), BTCPERP, BTCUSDT-25SEP26, BTC-25SEP26.
std::optional<ListingDefinition> guess_listing(std::string_view market, std::string_view symbol);

/// "linear" or "spot", from the websocket path or the REST category; empty for anything else.
std::optional<std::string> market_of_url(std::string_view url);

}  // namespace arb::bybit
