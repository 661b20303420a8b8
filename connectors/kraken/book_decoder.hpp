#pragma once
// Books of Kraken's websocket v2. A frame in the very form the venue writes is validated, read and handed on
// in one pass, without an index of the whole frame first; whatever differs in a single byte is left to the
// general way, which gives the same facts for the same content and the reasons for what is wrong. Part of
// Decoder; hot path, no allocation after warm-up.
#include <string_view>
#include <vector>

#include "connectors/kraken/books.hpp"
#include "engine/venue/clock_text.hpp"

namespace arb::kraken {

class BookDecoder {
  public:
    /// `books` outlives it.
    BookDecoder(const VenueSetup& setup, Books& books);

    /// The short way; false, and nothing done, for every frame that is not written exactly as documented.
    bool decode_documented(PaddedText frame, const FrameInput& input, FactSink& sink);
    /// The general way: a message of that type whose data begin there.
    void decode(std::string_view type, const char* data, const FrameInput& input, FactSink& sink);

  private:
    bool read_documented_book(const char*& at, const FrameInput& input, BookEvent& event);
    bool read_book(TextCursor& cursor, const FrameInput& input, BookEvent& event, UndecodedReason& reason);
    bool read_side(TextCursor& cursor, const FrameInput& input, BookEvent& event, bool bids);

    VenueId venue_;
    const InstrumentTable& table_;
    Books& books_;
    ClockText clock_;
    std::vector<BookEvent> events_;
};

}  // namespace arb::kraken
