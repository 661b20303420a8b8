#pragma once
// A whole Kraken spot to trade against: websocket v2 (public and authenticated on one path), REST, tokens,
// nonces, orders, fills, balances, key information and the dead-man timer. Written from the venue's
// documents, sans-I/O; see engine/emulate/emulated_venue.hpp. One thread; everything received is hostile.
#include <memory>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"

namespace arb::kraken {

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup);
/// Labels trade, read and withdraw.
std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account);

}  // namespace arb::kraken
