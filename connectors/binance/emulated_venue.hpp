#pragma once
// A whole Binance market (spot or USD-M; COIN-M with public data only) to trade against: REST, market
// streams, websocket API, private streams. Written from the venue's documents, sans-I/O; see
// engine/emulate/emulated_venue.hpp. One thread; everything received is hostile.
#include <memory>

#include "engine/emulate/emulated_venue.hpp"

namespace arb::binance {

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup);

}  // namespace arb::binance
