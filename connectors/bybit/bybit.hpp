#pragma once
// The Bybit v5 connector. Two instances, "linear" (perpetuals and futures in USDT and USDC) and "spot": each
// has its own websocket address and the same symbols mean different things in each. Inverse contracts and
// options are not served. Found through connectors/registry.hpp. Sans-I/O, one
// thread. Trades when the setup holds credentials (account.hpp).
#include "engine/venue/venue.hpp"

namespace arb::bybit {

const ConnectorType& type();

}  // namespace arb::bybit
