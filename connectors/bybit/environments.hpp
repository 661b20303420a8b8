#pragma once
// Bybit beside its main site: the sites of regions with websocket hosts of their own, the testnet, and demo
// trading, which has the main site's market data and no order entry over a websocket. Pure, any thread.
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::bybit {

std::vector<VenueEnvironment> environments(std::string_view market);

}  // namespace arb::bybit
