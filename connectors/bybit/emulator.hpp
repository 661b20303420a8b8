#pragma once
// Bybit's side of its public protocol, after the v5 documentation as of 2026: replies to operations,
// orderbook.50 with u, seq and cts, publicTrade, instrument replies. Spot and linear differ in key order and
// number texts, as on the wire. One thread, deterministic.
#include <memory>
#include <string_view>

#include "engine/emulate/emulator.hpp"

namespace arb::bybit {

std::unique_ptr<Emulator> make_emulator(std::string_view market);

}  // namespace arb::bybit
