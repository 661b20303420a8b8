#pragma once
// Where Coinbase Advanced Trade lives: hosts, the path of its REST interface, addresses. Constants alone,
// used by every part of this folder's client side, on any thread.
#include <string_view>

namespace arb::coinbase {

inline constexpr std::string_view kRestHost = "api.coinbase.com";
inline constexpr std::string_view kRestPath = "/api/v3/brokerage";
inline constexpr std::string_view kUserUrl = "wss://advanced-trade-ws-user.coinbase.com";
inline constexpr std::string_view kUserHost = "advanced-trade-ws-user.coinbase.com";
inline constexpr std::string_view kStreamHost = "advanced-trade-ws.coinbase.com";
/// The first page of the products, as a rule all of them; futures are left out by read_instruments.
inline constexpr std::string_view kProductsUrl = "https://api.coinbase.com/api/v3/brokerage/market/products";

}  // namespace arb::coinbase
