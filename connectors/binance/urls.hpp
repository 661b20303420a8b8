#pragma once
// Where Binance's three markets live: websocket and REST addresses, and which market an address belongs to.
// Pure functions, any thread. Pages: "General WSS information", "General API information" of each market, and
// the futures change log of 2026-04 for the routed paths.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/binance/decoder.hpp"

namespace arb::binance {

/// "spot", "usdm" or "coinm" for production, testnet, demo and historic addresses; empty when not Binance's.
std::optional<std::string> market_of_url(std::string_view url);
/// Books and best quotes (all streams on spot and COIN-M).
std::string stream_url(Market market);
/// Trades, where they need a connection of their own (USD-M), else empty.
std::string trade_stream_url(Market market);
/// A depth snapshot of at most `limit` levels a side; 0 or more than the venue has: the venue's most.
std::string snapshot_url(Market market, std::string_view symbol, std::uint32_t limit);
std::string instruments_url(Market market);

// The trading side.

/// "https://api.binance.com", without a path.
std::string rest_base(Market market);
/// The websocket API: order entry, and on spot the private stream too.
std::string_view order_url(Market market);
/// The private stream of USD-M, whose listen key stands in the query.
inline constexpr std::string_view kPrivateUrl = "wss://fstream.binance.com/private/ws";
std::string listen_query(std::string_view listen_key);
/// Every host (and port, where it is not the usual one) that an instance talks to.
std::vector<std::string_view> hosts(std::string_view market);

}  // namespace arb::binance
