#pragma once
// What Coinbase lists and where it lives: addresses, the product list, guesses from a product id. Cold path,
// any thread, may allocate, never throws.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/result.hpp"

namespace arb::coinbase {

inline constexpr std::string_view kStreamUrl = "wss://advanced-trade-ws.coinbase.com";

std::optional<std::string> market_of_url(std::string_view url);
/// GET /api/v3/brokerage/products and /market/products, or one product of them (/products/BTC-USD).
Result<std::vector<ListingDefinition>> read_instruments(std::string_view market, std::string_view url,
                                                        std::string_view body);
/// The address of the next page of the product list; empty: that was the last.
std::string next_page_url(std::string_view url, std::string_view body);
std::optional<ListingDefinition> guess_listing(std::string_view market, std::string_view symbol);

}  // namespace arb::coinbase
