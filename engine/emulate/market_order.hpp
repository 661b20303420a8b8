#pragma once
// How an emulated venue hands a market order to its matching, which knows limits alone: as an order that
// takes what the book holds, as far as the venue's own protection against bad prices lets it, and never
// rests. One thread.
#include <optional>

#include "engine/emulate/emulated_venue.hpp"

namespace arb {

enum class MarketOrderError : std::uint8_t {
    none,
    no_liquidity,  ///< the other side of the book is empty
    too_small,     ///< the money buys no lot
};

/// Sets the price, the time in force and (with `money`: an amount of quote currency to spend or to receive)
/// the quantity of `order`, whose listing and side are set. The price is the worst one that the quantity
/// would reach in the book of now, at most `slip` from the best: what an account needs for it is no more than
/// what it may cost. What is not there to take expires.
MarketOrderError make_market_order(const EmulatedMarket& market, const InstrumentTable& table, Rate slip,
                                   std::optional<Amount> money, PlaceOrder& order);

}  // namespace arb
