#pragma once
// Thrown-away keys of the emulated Binance: HMAC keys, and one Ed25519 key as PEM, all made from a seed and
// worth nothing anywhere. Called by tests and the demonstration before the first input; no errors.
#include <cstdint>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"

namespace arb::binance {

/// Labels "trade", "read", "withdraw", "trade_ed25519", and "trade_next", which takes over from "trade". All
/// are bound to this machine's own addresses.
std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account);

}  // namespace arb::binance
