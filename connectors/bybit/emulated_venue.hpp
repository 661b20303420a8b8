#pragma once
// Bybit's side of the wire for one market (spot or linear): REST and the public, private and trade websockets
// on one host. Made through ConnectorType; see engine/emulate/emulated_venue.hpp for the rules. Cold path,
// one thread.
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"

namespace arb::bybit {

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup);
/// "trade", "read" and "withdraw"; secrets contain "emulated".
std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account);

}  // namespace arb::bybit
