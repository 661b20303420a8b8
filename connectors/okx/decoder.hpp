#pragma once
// OKX v5 public messages to facts: books (books, books-l2-tbt, books50-l2-tbt, books5), bbo-tbt and tickers
// as best quotes, trades, the state of instruments and of the trading service, subscription events. Called by
// the venue for each frame and book reply, on the core thread. A frame is read once, wholly judged, and only
// then handed on; what cannot be used is reported with its reason, and with the listing when it was a book
// message. No allocation after warm-up, no exception. Sizes of contracts become base (linear) or quote
// (inverse) units through the listing's WireScale.
#include <cstdint>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "engine/venue/json_fields.hpp"
#include "engine/venue/listing_statuses.hpp"
#include "engine/venue/venue.hpp"

namespace arb::okx {

/// Fields met in one message, at the root and in its data: a second one makes it malformed.
enum : unsigned {
    kRootArg = 1,
    kRootAction = 2,
    kRootData = 4,
    kRootEvent = 8,
    kRootCode = 16,
    kRootText = 32
};
enum : unsigned {
    kDataAsks = 1,
    kDataBids = 2,
    kDataTime = 4,
    kDataChecksum = 8,
    kDataSequence = 16,
    kDataPrevious = 32,
    kDataPrice = 64,
    kDataSize = 128,
    kDataSide = 256,
    kDataBidSize = 512,
    kDataAskSize = 1024,
};

class Decoder : private FrameReader {
  public:
    Decoder(VenueId venue, const InstrumentTable& table);

    /// True when the venue announces that it will close the connection soon (notice 64008).
    [[nodiscard]] bool decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);

    /// Instruments are subscribed anew: pushes may hold the changed ones alone.
    void forget_states(FactSink& sink) { statuses_.forget(sink); }

    /// The reply to GET /api/v5/market/books of one symbol, a snapshot.
    void decode_book_reply(std::string_view symbol, PaddedText body, Timestamp now, FactSink& sink);

  private:
    enum class Content : std::uint8_t { unknown, book, top, trades, ticker, instruments, service, quiet };
    enum class Action : std::uint8_t { none, snapshot, update };

    /// What one message said, filled field by field.
    struct Message {
        std::string_view channel, symbol, event, code, text;
        Content content = Content::unknown;
        Action action = Action::none;
        const Listing* listing = nullptr;
        unsigned seen = 0;       // bits of kRoot*
        unsigned seen_data = 0;  // bits of kData*
        std::int64_t checksum = 0, sequence = -1, previous = -1;
        Timestamp time;
        BestQuote quote;
    };

    /// What was said of one instrument, or of the trading service (without a listing).
    struct State {
        const Listing* listing = nullptr;
        ListingStatus status = ListingStatus::unknown;
        std::string_view word;
    };

    bool read_quick(PaddedText frame);
    bool read(PaddedText frame);
    bool read_root_field(JsonKey key, JsonValue& value, bool& data_waits);
    bool read_arg(JsonValue& value);
    bool read_action(JsonValue& value);
    bool read_data(JsonValue& value);
    bool read_book(JsonObject& object);
    bool read_trade(JsonObject& object);
    bool read_ticker(JsonObject& object);
    bool read_instrument(JsonObject& object);
    bool read_service(JsonObject& object);
    bool read_quote_side(JsonValue& value, Price* price, Quantity* quantity);
    bool complete();

    void hand_on(ConnectionId connection, Timestamp now, FactSink& sink);
    void hand_on_event(ConnectionId connection, FactSink& sink) const;
    void hand_on_book(Timestamp now, FactSink& sink) const;
    void hand_on_states(ConnectionId connection, FactSink& sink);
    void hand_on_top(Timestamp now, FactSink& sink) const;
    void report_failure(ConnectionId connection, FactSink& sink) const;
    ListingId listing_in_doubt() const;

    VenueId venue_;
    const InstrumentTable* table_;
    simdjson::ondemand::parser parser_;
    LevelList bids_, asks_;
    std::vector<Trade> trades_;
    std::vector<State> states_;
    ListingStatuses statuses_;
    Message message_;
    PaddedText frame_;
};

}  // namespace arb::okx
