#pragma once
// Coinbase Advanced Trade to trade against: its REST interface, its market-data and user websockets and its
// tokens on one host and port, over any EmulatedMarket. Written from the protocol description, not from the
// connector. Made by ConnectorType::make_emulated_venue; one thread, sans-I/O. What it leaves out stands in
// the README.
#include <memory>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"

namespace arb::coinbase {

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup);
/// trade, read, withdraw and trade_next (which takes over from trade) with P-256 keys, trade_ed25519 with an
/// Ed25519 key; thrown-away ones.
std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account);

}  // namespace arb::coinbase
