#pragma once
// Kraken's names in today's form: the v1 feed and REST say XBT and XDG where v2 and everyone else say BTC and
// DOGE. A listing's symbol is the v2 form, BTC/USD. Hot path, no allocation, any thread.
#include <array>
#include <string_view>

namespace arb::kraken {

using SymbolBuffer = std::array<char, 48>;

/// XBT -> BTC, XDG -> DOGE, anything else as it is.
std::string_view modern_asset(std::string_view asset);

/// XBT/USD -> BTC/USD. The result lies in `buffer`, or is `pair` itself when that has no slash or is too
/// long.
std::string_view modern_symbol(std::string_view pair, SymbolBuffer& buffer);

}  // namespace arb::kraken
