#pragma once
// The hot path of the decoder: reads a depth, bookTicker, trade or aggTrade frame, raw or in the
// combined-stream wrapper, in one pass over its bytes. Called by Decoder for every frame, on the core thread;
// neither allocates (once the level lists have grown) nor throws.
//
// It knows only the documented shape (any key order as long as the symbol comes before prices, blanks
// allowed) and is as strict as JSON there. Whatever else it meets, good or bad, it gives up on: read()
// returns false, and the general walk starts again from the frame's first byte and judges. So it can refuse
// but never excuse.
#include "connectors/binance/message.hpp"
#include "engine/base/padded_text.hpp"
#include "engine/venue/level_reader.hpp"
#include "engine/venue/venue.hpp"

namespace arb::binance {

class QuickReader {
  public:
    QuickReader(const VenueSetup& setup, bool futures) : setup_(setup), futures_(futures) {}

    /// True when `message` and, for a delta, the lists hold the whole frame. On false `message` still says
    /// which listing's delta it was, if the frame got that far.
    bool read(PaddedText frame, Message& message, LevelList& bids, LevelList& asks) const;

  private:
    struct Event;
    bool read_event(Event& event, Message& message) const;
    bool read_value(Key key, Event& event, Message& message) const;

    VenueSetup setup_;
    bool futures_;
};

}  // namespace arb::binance
