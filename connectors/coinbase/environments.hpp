#pragma once
// Coinbase beside itself: a sandbox of the REST interface alone. It gives the same answers to everybody,
// whatever is asked and whoever asks, so the market data stay the real ones and no private stream stands.
// Pure, any thread.
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::coinbase {

std::vector<VenueEnvironment> environments(std::string_view market);

}  // namespace arb::coinbase
