#pragma once
// Kraken's frozen v1 feed: [channel id, payload (one or two), channel name, pair]. What the message is about
// stands last, so the elements are noted first and read from the raw bytes afterwards. Part of Decoder; no
// allocation after warm-up.
#include <span>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/kraken/books.hpp"

namespace arb::kraken {

class V1Decoder {
  public:
    /// Both outlive it.
    V1Decoder(const VenueSetup& setup, Books& books, simdjson::ondemand::parser& parser);

    void decode(PaddedText frame, const FrameInput& input, FactSink& sink);

  private:
    /// An element of an array message.
    struct Element {
        const char* at = nullptr;
        std::string_view text;
        bool is_text = false;
    };
    static constexpr std::size_t kElementsMax = 8;

    void decode_book(std::span<const Element> payload, std::string_view channel, const Listing& listing,
                     const FrameInput& input, FactSink& sink);
    bool read_book(TextCursor& cursor, const FrameInput& input, BookEvent& event);
    void decode_trades(const Element& payload, const Listing& listing, const FrameInput& input,
                       FactSink& sink);
    void decode_ticker(const Element& payload, const Listing& listing, const FrameInput& input,
                       FactSink& sink);

    VenueId venue_;
    const InstrumentTable& table_;
    Books& books_;
    simdjson::ondemand::parser& parser_;
    std::vector<Trade> trades_;
};

}  // namespace arb::kraken
