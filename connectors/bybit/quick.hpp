#pragma once
// The fast path of the decoder: order book frames spelled exactly as Bybit spells them, read in one pass
// without simdjson's index (measured: half the time of a 350-byte delta). A frame that is spelled in any
// other way, good or bad, is left to the general walk: this path never judges an error itself. A test
// compares the two on every one-byte change of a frame.
#include "connectors/bybit/public_message.hpp"

namespace arb::bybit {

/// Into a message that is clear; false: the frame is spelled in another way, and the message of no use.
bool read_quick(PaddedText frame, VenueId venue, const InstrumentTable& table, PublicMessage& m);

}  // namespace arb::bybit
