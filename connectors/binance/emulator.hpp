#pragma once
// Binance's side of public market data, written after the protocol sheets: subscription replies, diff depth
// with running update ids, bookTicker, trades, REST depth and exchangeInfo, for all three markets. Used by
// tests and generated recordings; sans-I/O, one thread, equal calls give equal bytes. Errors do not occur.
#include <memory>
#include <string_view>

#include "engine/emulate/emulator.hpp"

namespace arb::binance {

std::unique_ptr<Emulator> make_emulator(std::string_view market);

}  // namespace arb::binance
