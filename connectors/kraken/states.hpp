#pragma once
// Channels of Kraken's websocket v2 that tell whether trading goes on: `instrument` pair by pair, `status` of
// the venue as a whole. A word that nobody knows is told, and nothing is risked on it. Part of Decoder.
#include <string_view>
#include <vector>

#include "connectors/kraken/books.hpp"
#include "engine/venue/listing_statuses.hpp"

namespace arb::kraken {

class StateDecoder {
  public:
    explicit StateDecoder(const VenueSetup& setup);

    void decode(std::string_view channel, const char* data, const FrameInput& input, FactSink& sink);

  private:
    /// What was said of one pair, or of the venue as a whole (without a listing).
    struct State {
        const Listing* listing = nullptr;
        std::string_view word;
    };
    bool read_pair(TextCursor& cursor);
    bool read_system(TextCursor& cursor);

    VenueId venue_;
    const InstrumentTable& table_;
    std::vector<State> states_;
    ListingStatuses statuses_;
};

}  // namespace arb::kraken
