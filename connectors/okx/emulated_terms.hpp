#pragma once
// What an order at the emulated OKX says of its price and size: limits, and market orders, whose size may be
// money. Read by EmulatedOrders; any thread, no state. What is wrong is told in OKX's codes.
#include "connectors/okx/emulated_call.hpp"
#include "connectors/okx/emulated_order_notes.hpp"

namespace arb::okx {

/// Price, time in force and quantity of a market order, whose side is known.
Refusal read_market_terms(const EmulatedVenueSetup& setup, const JsonBody& argument, const Listing& listing,
                          PlaceOrder& order, MarketTerms& terms);
Refusal read_limit_terms(const Instrument& instrument, const JsonBody& argument, const Listing& listing,
                         PlaceOrder& order);

}  // namespace arb::okx
