#pragma once
// Binance beside itself: spot has a testnet and a demo, USD-M one of both names, COIN-M none here. The rights
// of a key cannot be read on a testnet: that question finds nothing there. Pure, any thread.
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::binance {

std::vector<VenueEnvironment> environments(std::string_view market);

}  // namespace arb::binance
