#pragma once
// Gate's side of the wire for one market ("spot" or "usdt"): REST, and one websocket for public channels,
// the account's channels and orders. Made through ConnectorType; see engine/emulate/emulated_venue.hpp for
// the rules. Settings: "mode" (classic, or a mode of a unified account) and "stp_id" (the account's group for
// self-trade prevention; absent: in none). Cold path, one thread.
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"

namespace arb::gate {

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup);
/// "trade", "trade_next", "read" and "withdraw"; secrets contain "emulated".
std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account);

}  // namespace arb::gate
