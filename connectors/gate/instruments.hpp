#pragma once
// Gate's addresses, symbols and instrument replies. Called through the ConnectorType on the cold path, on any
// thread; allocates, never throws. An unreadable reply is an Error, a bad entry is left out.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::gate {

inline constexpr std::string_view kRestUrl = "https://api.gateio.ws/api/v4";
inline constexpr std::string_view kSpotStream = "wss://api.gateio.ws/ws/v4/";
inline constexpr std::string_view kUsdtStream = "wss://fx-ws.gateio.ws/v4/ws/usdt";

/// The websocket address of a market, which is "spot" or "usdt".
std::string stream_url(std::string_view market);

/// GET /spot/currency_pairs and GET /futures/usdt/contracts. What cannot be expressed is left out.
Result<std::vector<ListingDefinition>> read_instruments(std::string_view market, std::string_view url,
                                                        std::string_view body);

/// BTC_USDT in both markets. The contract size is not in the symbol.
std::optional<ListingDefinition> guess_listing(std::string_view market, std::string_view symbol);

/// "spot" or "usdt" for the addresses of the venue and of its testnet; empty for those of markets that are
/// not served, and for strangers'.
std::optional<std::string> market_of_url(std::string_view url);

}  // namespace arb::gate
