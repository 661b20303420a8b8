#pragma once
// What Kraken lists and where it lives: addresses, AssetPairs and the v2 `instrument` channel, guesses from a
// pair's name. Symbols are always in the v2 form. Cold path, any thread, may allocate, never throws.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/result.hpp"

namespace arb::kraken {

/// The status of a pair, or of the venue, that takes every order.
inline constexpr std::string_view kOnline = "online";
inline constexpr std::string_view kStreamUrl = "wss://ws.kraken.com/v2";

std::optional<std::string> market_of_url(std::string_view url);
/// GET /0/public/AssetPairs, or a snapshot frame of the `instrument` channel under the websocket's address.
Result<std::vector<ListingDefinition>> read_instruments(std::string_view market, std::string_view url,
                                                        std::string_view body);
std::optional<ListingDefinition> guess_listing(std::string_view market, std::string_view symbol);

}  // namespace arb::kraken
