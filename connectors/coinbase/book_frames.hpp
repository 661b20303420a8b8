#pragma once
// Frames of l2_data to books. One written exactly as documented is validated, read and handed on in one pass,
// without an index of the whole frame first; whatever differs in a single byte is left to the general way,
// which gives the same facts for the same content and the reasons for what is wrong. Part of Decoder; hot
// path, no allocation after warm-up.
#include <vector>

#include "connectors/coinbase/frame_products.hpp"
#include "engine/venue/clock_text.hpp"
#include "engine/venue/level_reader.hpp"

namespace arb::coinbase {

class BookFrames {
  public:
    BookFrames(FrameProducts& products, ClockText& clock) : products_(products), clock_(clock)
    {
        events_.reserve(64);
    }

    /// False, and nothing done, for every frame that is not exactly as documented.
    bool decode_documented(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);
    /// Any frame of the channel; `events` is where they begin, nullptr: there are none.
    void decode(const char* events, const FrameInput& input, FactSink& sink);

  private:
    /// One event of a frame, its levels being ranges of bids_ and asks_.
    struct BookEvent {
        std::string_view product;
        const Listing* listing = nullptr;
        bool has_type = false, has_product = false, levels_read = false, failed = false, snapshot = false;
        UndecodedReason reason = UndecodedReason::malformed;
        const char* updates = nullptr;
        std::size_t bids_begin = 0, bids_end = 0, asks_begin = 0, asks_end = 0;
    };

    void begin();
    bool read_documented_event(const char*& at, const char* end);
    bool read_event(TextCursor& cursor, const FrameInput& input, BookEvent& event, UndecodedReason& reason);
    bool read_levels(TextCursor& cursor, const FrameInput& input, BookEvent& event);
    void emit(const BookEvent& event, const FrameInput& input, FactSink& sink) const;

    FrameProducts& products_;
    ClockText& clock_;
    LevelList bids_, asks_;
    std::vector<BookEvent> events_;
};

}  // namespace arb::coinbase
