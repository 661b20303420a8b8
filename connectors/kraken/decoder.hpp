#pragma once
// Bytes of Kraken's public websocket to facts: v2 (objects) and the frozen v1 (arrays), told apart by the
// first character; what a message is about, replies and v1's events are read here. Called by the Kraken venue
// for every frame, one thread. No allocation after warm-up, no exception. Books carry no sequence numbers,
// only a checksum over digits as written, so the decimals of the text are handed on: the most fraction digits
// seen since the book's snapshot. A book that cannot be read is reported with its listing.
#include <string_view>

#include <simdjson.h>

#include "connectors/kraken/book_decoder.hpp"
#include "connectors/kraken/feeds.hpp"
#include "connectors/kraken/states.hpp"
#include "connectors/kraken/v1.hpp"

namespace arb::kraken {

inline constexpr std::uint32_t kDepthDefault = 1000;

/// The smallest depth Kraken offers that holds `depth` levels; 0: the default.
std::uint32_t offered_depth(std::uint32_t depth);

class Decoder {
  public:
    explicit Decoder(const VenueSetup& setup);
    Decoder(const Decoder&) = delete;  // its parts share its books and its parser

    void decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);

  private:
    /// The members of v2 messages and of v1 events; pointers lead to the raw values.
    struct Envelope {
        std::string_view channel, type, method, error, time_out;
        std::string_view event, status, pair, channel_name, error_message;
        const char* data = nullptr;
        const char* result = nullptr;
        bool success = true;
    };

    bool read_envelope(PaddedText frame, Envelope& envelope, UndecodedReason& reason);
    void decode_object(const Envelope& envelope, const FrameInput& input, FactSink& sink);
    void decode_method(const Envelope& envelope, const FrameInput& input, FactSink& sink);
    void decode_event(const Envelope& envelope, const FrameInput& input, FactSink& sink) const;

    VenueId venue_;
    const InstrumentTable& table_;
    simdjson::ondemand::parser parser_;
    Books books_;
    BookDecoder book_decoder_;
    FeedDecoder feeds_;
    StateDecoder states_;
    V1Decoder v1_;
};

}  // namespace arb::kraken
