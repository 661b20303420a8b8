#pragma once
// The fast path of the decoder: `books` frames spelled exactly as OKX spells them, read in one pass without
// simdjson's index (measured on a 900-byte delta: half the time). A frame that is spelled in any other way,
// good or bad, is left to the general walk: this path never judges an error itself. No allocation, any
// thread.
#include "connectors/okx/public_message.hpp"
#include "engine/base/padded_text.hpp"
#include "engine/venue/level_reader.hpp"

namespace arb::okx {

/// False: the frame is not spelled so, and what was filled is of no use.
bool read_quick_book(PaddedText frame, VenueId venue, const InstrumentTable& table, PublicMessage& message,
                     LevelList& bids, LevelList& asks);

}  // namespace arb::okx
