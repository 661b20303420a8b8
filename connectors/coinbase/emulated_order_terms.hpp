#pragma once
// The body of an order to the emulated Coinbase, read for placing and for previews alike: product, side and
// exactly one configuration, a market order turned into one that the matching knows. No state, any thread;
// what is refused is an answer in the venue's words.
#include "connectors/coinbase/emulated_call.hpp"
#include "connectors/coinbase/emulated_order_notes.hpp"

namespace arb::coinbase {

/// An answer with an empty body: the order was read.
CoinbaseAnswer read_order(const EmulatedVenueSetup& setup, const EmulatedWords& words, JsonBody body,
                          PlaceOrder& order, MarketTerms& said);
/// An order that was not created.
CoinbaseAnswer refused_order(std::string_view error, std::string_view preview, std::string_view message);

}  // namespace arb::coinbase
