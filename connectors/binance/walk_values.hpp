#pragma once
// The numbers that stand at the places which a walk has met, read once the listing is known whose units they
// are in. Used by Decoder on the core thread; pure functions, errors are reasons, no allocation once the
// level lists have grown.
#include "connectors/binance/walk.hpp"
#include "engine/venue/level_reader.hpp"

namespace arb::binance {

/// `finer`: how many levels are finer than the listing's units, and so cut or left out.
bool read_sides(const Walk& walk, const WireScale& scale, LevelList& bids, LevelList& asks,
                std::size_t& finer, UndecodedReason& reason);
/// The walk's message, whose listing is set; of a delta the levels too.
bool read_message(Walk& walk, bool futures, LevelList& bids, LevelList& asks, std::size_t& finer,
                  UndecodedReason& reason);

}  // namespace arb::binance
