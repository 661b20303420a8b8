#pragma once
// Bytes of the Advanced Trade market-data websocket to facts. Called by the Coinbase venue for every frame,
// one thread. No allocation after warm-up, no exception. A frame is handed on wholly or not at all: a frame
// whose structure cannot be read reports `malformed` and withholds its sequence number, so that the judge of
// gaps sees the hole; an event whose levels cannot be read invalidates its own book only.
#include <vector>

#include <simdjson.h>

#include "connectors/coinbase/aliases.hpp"
#include "engine/venue/clock_text.hpp"
#include "engine/venue/level_reader.hpp"
#include "engine/venue/venue.hpp"

namespace arb::coinbase {

class Decoder {
  public:
    explicit Decoder(const VenueSetup& setup);

    void decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);
    /// Forgets which books the venue confirmed on this connection.
    void forget(ConnectionId connection);

  private:
    /// The members every frame shares; pointers lead to the raw values.
    struct Envelope {
        std::string_view channel, type, message, timestamp;
        const char* events = nullptr;
        std::uint64_t sequence = 0;
        bool has_sequence = false;
    };
    struct Input {
        ConnectionId connection{};
        const char* end = nullptr;
        Timestamp now;
        Timestamp venue_time;
        std::uint64_t sequence = 0;
        bool unnumbered = false;
    };
    /// One event of an l2_data frame, its levels being ranges of bids_ and asks_.
    struct BookEvent {
        std::string_view product;
        const Listing* listing = nullptr;
        bool has_type = false, has_product = false, levels_read = false, failed = false, snapshot = false;
        UndecodedReason reason = UndecodedReason::malformed;
        const char* updates = nullptr;
        std::size_t bids_begin = 0, bids_end = 0, asks_begin = 0, asks_end = 0;
    };
    /// What was said of one product.
    struct State {
        std::string_view product, word;
    };
    struct Acknowledgement {
        bool subscribed = false;
        ConnectionId connection{};
        std::uint64_t round = 0;
    };

    void decode_once(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);
    /// The listing that a product's facts belong to in this pass: its own first, then each of its aliases.
    const Listing* listing_of(std::string_view product)
    {
        const Listing* const alias = aliases_.find(product, pass_);
        if (alias != nullptr) more_ = true;
        return pass_ == 0 ? table_.find_symbol(venue_, product) : aliases_.find(product, pass_ - 1);
    }
    /// A product that is nobody's in this pass is worth a word only if it is nobody's at all.
    bool nobodys(std::string_view product) const
    {
        return pass_ == 0 && aliases_.find(product, 0) == nullptr;
    }

    /// One pass over an l2_data frame written exactly as documented; false, and nothing done, for every
    /// other.
    bool decode_documented(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);
    bool read_documented_event(const char*& at, const char* end);

    bool read_envelope(PaddedText frame, Envelope& envelope, UndecodedReason& reason);
    void decode_books(const Envelope& envelope, const Input& input, FactSink& sink);
    bool read_book_events(TextCursor& cursor, const Input& input, UndecodedReason& reason);
    bool read_book_event(TextCursor& cursor, const Input& input, BookEvent& event, UndecodedReason& reason);
    bool read_levels(TextCursor& cursor, const Input& input, BookEvent& event);
    void emit(const BookEvent& event, const Input& input, FactSink& sink) const;
    void acknowledge(const Listing* listing, ConnectionId connection, FactSink& sink);

    bool read_trades(TextCursor& cursor, const Input& input, FactSink& sink, UndecodedReason& reason);
    bool read_trade(TextCursor& cursor, const Input& input, FactSink& sink);
    bool read_tickers(TextCursor& cursor, const Input& input, FactSink& sink, UndecodedReason& reason);
    bool read_ticker(TextCursor& cursor, const Input& input, FactSink& sink);
    bool read_states(TextCursor& cursor, const Input& input, FactSink& sink, UndecodedReason& reason);
    void tell_state(const State& state, const Input& input, FactSink& sink) const;
    bool read_subscriptions(TextCursor& cursor, const Input& input, FactSink& sink, UndecodedReason& reason);

    VenueId venue_;
    const InstrumentTable& table_;
    Aliases aliases_;
    std::size_t pass_ = 0;  ///< over the frame: 0 for the products themselves
    bool more_ = false;     ///< a product of the frame has another alias
    simdjson::ondemand::parser parser_;
    ClockText clock_;
    LevelList bids_, asks_;
    std::vector<BookEvent> events_;
    std::vector<Trade> trades_;
    std::vector<State> states_;
    std::vector<Acknowledgement> acknowledged_;  ///< one a listing of the table
    std::uint64_t round_ = 0;
};

}  // namespace arb::coinbase
