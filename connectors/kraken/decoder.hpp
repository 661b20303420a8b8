#pragma once
// Bytes of Kraken's public websocket to facts: v2 (objects) and the frozen v1 (arrays), told apart by the
// first character. Called by the Kraken venue for every frame, one thread. No allocation after warm-up, no
// exception. Books carry no sequence numbers, only a checksum over digits as written, so the decimals of the
// text are handed on: the most fraction digits seen since the book's snapshot. A book that cannot be read is
// reported with its listing.
#include <vector>

#include <simdjson.h>

#include "connectors/kraken/levels.hpp"
#include "engine/venue/clock_text.hpp"
#include "engine/venue/level_reader.hpp"
#include "engine/venue/listing_statuses.hpp"
#include "engine/venue/venue.hpp"

namespace arb::kraken {

inline constexpr std::uint32_t kDepthDefault = 1000;

/// The smallest depth Kraken offers that holds `depth` levels; 0: the default.
std::uint32_t offered_depth(std::uint32_t depth);

class Decoder {
  public:
    explicit Decoder(const VenueSetup& setup);

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
    struct Input {
        ConnectionId connection{};
        const char* end = nullptr;
        Timestamp now;
    };
    struct BookSide {
        const char* at = nullptr;
        bool read = false;
        std::size_t begin = 0, end = 0;
    };
    /// One book of a message, its levels being ranges of bids_ and asks_.
    struct BookEvent {
        std::string_view symbol;
        const Listing* listing = nullptr;
        bool failed = false, snapshot = false, has_checksum = false;
        UndecodedReason reason = UndecodedReason::malformed;
        std::uint32_t checksum = 0;
        BookSide bids, asks;
        Wording wording;
    };
    struct BookState {
        std::uint32_t depth = 0;
        TextDecimals text;
    };
    /// What was said of one pair, or of the venue as a whole (without a listing).
    struct State {
        const Listing* listing = nullptr;
        std::string_view word;
    };
    /// An element of a v1 array message.
    struct Element {
        const char* at = nullptr;
        std::string_view text;
        bool is_text = false;
    };
    static constexpr std::size_t kElementsMax = 8;

    /// One pass over a v2 book frame written exactly as documented; false, and nothing done, for every other.
    bool decode_documented(PaddedText frame, const Input& input, FactSink& sink);
    bool read_documented_book(const char*& at, const Input& input, BookEvent& event);

    bool read_envelope(PaddedText frame, Envelope& envelope, UndecodedReason& reason);
    void decode_object(const Envelope& envelope, const Input& input, FactSink& sink);
    void decode_method(const Envelope& envelope, const Input& input, FactSink& sink);
    void decode_event(const Envelope& envelope, const Input& input, FactSink& sink);

    void decode_books(const Envelope& envelope, const Input& input, FactSink& sink);
    bool read_book(TextCursor& cursor, const Input& input, BookEvent& event, UndecodedReason& reason);
    bool read_side(TextCursor& cursor, const Input& input, BookEvent& event, bool bids);
    bool read_checksum(TextCursor& cursor, const Input& input, BookEvent& event) const;
    void emit(const BookEvent& event, const Input& input, FactSink& sink);

    void decode_states(const Envelope& envelope, const Input& input, FactSink& sink);
    bool read_pair_state(TextCursor& cursor);
    bool read_system_state(TextCursor& cursor);

    bool read_trade(TextCursor& cursor, const Input& input, FactSink& sink);
    bool read_ticker(TextCursor& cursor, const Input& input, FactSink& sink);

    void decode_array(PaddedText frame, const Input& input, FactSink& sink);
    void decode_v1_book(std::span<const Element> payload, std::string_view channel, const Listing& listing,
                        const Input& input, FactSink& sink);
    bool read_v1_book(TextCursor& cursor, const Input& input, BookEvent& event);
    void decode_v1_trades(const Element& payload, const Listing& listing, const Input& input, FactSink& sink);
    void decode_v1_ticker(const Element& payload, const Listing& listing, const Input& input, FactSink& sink);

    VenueId venue_;
    const InstrumentTable& table_;
    simdjson::ondemand::parser parser_;
    ClockText clock_;
    LevelList bids_, asks_;
    std::vector<BookEvent> events_;
    std::vector<Trade> trades_;
    std::vector<State> states_;
    ListingStatuses statuses_;
    std::vector<BookState> books_;  ///< one a listing of the table
};

}  // namespace arb::kraken
