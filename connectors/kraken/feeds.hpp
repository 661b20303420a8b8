#pragma once
// Trades and tickers of Kraken's websocket v2. Part of Decoder; no allocation after warm-up.
// What cannot be read of one entry is told, and the others are handed on.
#include <string_view>
#include <vector>

#include "connectors/kraken/books.hpp"
#include "engine/venue/clock_text.hpp"

namespace arb::kraken {

class FeedDecoder {
  public:
    explicit FeedDecoder(const VenueSetup& setup);

    /// `channel`: "trade" or "ticker".
    void decode(std::string_view channel, const char* data, const FrameInput& input, FactSink& sink);

  private:
    bool read_trade(TextCursor& cursor, const FrameInput& input, FactSink& sink);
    bool read_ticker(TextCursor& cursor, const FrameInput& input, FactSink& sink);

    VenueId venue_;
    const InstrumentTable& table_;
    ClockText clock_;
    std::vector<Trade> trades_;
};

}  // namespace arb::kraken
