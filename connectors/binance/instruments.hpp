#pragma once
// Binance's instruments: exchangeInfo replies to listing definitions, and what a bare symbol tells. Cold
// path, before the first input; pure functions, any thread. Numbers stay exact; an entry that cannot be
// expressed is left out.
#include <optional>
#include <string_view>
#include <vector>

#include "connectors/binance/decoder.hpp"
#include "engine/base/instrument.hpp"
#include "engine/base/result.hpp"

namespace arb::binance {

/// Empty when `url` is another reply than exchangeInfo; an error when it is one and cannot be read.
Result<std::vector<ListingDefinition>> read_instruments(Market market, std::string_view url,
                                                        std::string_view body);

/// What the status of a symbol means; unknown: no word that is documented.
ListingStatus status_of_word(std::string_view status);

/// Base, quote and kind from the symbol's text; for COIN-M also the contract size, which decides the unit.
std::optional<ListingDefinition> guess_listing(Market market, std::string_view symbol);

}  // namespace arb::binance
