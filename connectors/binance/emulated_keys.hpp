#pragma once
// Thrown-away keys of the emulated Binance: HMAC keys, and one Ed25519 key as PEM, all made from a seed and
// worth nothing anywhere. Called by tests and the demonstration before the first input; no errors.
#include <cstdint>
#include <vector>

#include "engine/venue/emulated_venue.hpp"

namespace arb::binance {

/// Labels "trade", "read", "withdraw", and "trade_ed25519".
std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account);

}  // namespace arb::binance
