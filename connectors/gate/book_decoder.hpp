#pragma once
// Gate's obu books. Frames spelled exactly as Gate spells them are read in one pass without simdjson's index;
// one that is spelled in any other way, good or bad, is left to the general walk: the quick pass never judges
// an error itself. A test compares the two on every one-byte change of a frame. Part of Decoder; hot path, no
// allocation after warm-up.
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/venue/json_fields.hpp"
#include "engine/venue/level_reader.hpp"
#include "engine/venue/venue.hpp"

namespace arb::gate {

class BookDecoder : private FrameReader {
  public:
    /// `prefix`: of the market's channels.
    BookDecoder(VenueId venue, const InstrumentTable& table, std::string_view prefix);

    /// The quick pass; false, and nothing done: the frame is the general walk's.
    bool decode_quick(PaddedText frame, Timestamp now, FactSink& sink);
    /// The general walk over a book whose value begins there (nullptr: it has none), told at that time.
    /// False: it cannot be used, for that reason().
    bool read(const char* result, PaddedText frame, Timestamp sent);
    UndecodedReason reason() const { return reason_; }
    /// Of the book that was read; nullptr: it is nobody's.
    const Listing* listing() const { return book_.listing; }
    std::string_view stream() const { return book_.stream; }
    void hand_on(Timestamp now, FactSink& sink) const;
    /// Which book an unreadable frame was about.
    ListingId listing_in_doubt(PaddedText frame) const;

  private:
    /// Members met in a book, and behind it: a second one makes it malformed.
    enum : unsigned {
        kBookTime = 1,
        kBookFull = 2,
        kBookStream = 4,
        kBookFirst = 8,
        kBookLast = 16,
        kBookBids = 32,
        kBookAsks = 64,
    };
    enum : unsigned { kSent = 1, kEvent = 2 };
    struct Book {
        std::string_view stream;
        const Listing* listing = nullptr;
        std::uint32_t depth = 0;
        bool full = false;
        std::int64_t first = 0, last = 0;
        Timestamp time;
    };

    void clear();
    bool read_quick(PaddedText frame);
    bool read_field(std::string_view key, TextCursor& cursor, unsigned& seen, const char*& bids,
                    const char*& asks);
    bool name_listing(std::string_view stream);

    VenueId venue_;
    const InstrumentTable* table_;
    std::string quick_;          ///< how a book frame of this market begins
    const char* end_ = nullptr;  ///< of the frame in the general walk
    LevelList bids_, asks_;
    Book book_;
};

/// The listing's part of "ob.BTC_USDT.50" and its levels; empty: it is no such name.
std::string_view symbol_of_stream(std::string_view stream, std::uint32_t& depth);
/// Milliseconds since 1970, with or without a fraction, bare or in quotes.
bool read_milliseconds(TextCursor& cursor, Timestamp& out, UndecodedReason& reason);

}  // namespace arb::gate
