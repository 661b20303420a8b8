#pragma once
// OKX beside its main site: the sites of the EEA and of the US (Australia's too), and demo trading at each,
// which is the same REST host with a header and a websocket host of its own. A key works at its own site
// alone. Pure, any thread.
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::okx {

std::vector<VenueEnvironment> environments(std::string_view market);

}  // namespace arb::okx
