#pragma once
// Gate beside its main site: the testnet, whose keys are its own. Its REST paths are those of the main site;
// its websockets have other paths as well. Pure, any thread.
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::gate {

std::vector<VenueEnvironment> environments(std::string_view market);

}  // namespace arb::gate
