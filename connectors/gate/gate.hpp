#pragma once
// The Gate v4 connector. Two instances, "spot" and "usdt" (perpetuals settled in USDT): each has its own
// websocket address, and a symbol is another thing in each. Contracts settled in bitcoin, delivery contracts
// and options are not served. Found through connectors/registry.hpp. Sans-I/O, one thread.
#include "engine/venue/venue.hpp"

namespace arb::gate {

const ConnectorType& type();

}  // namespace arb::gate
