#pragma once
// Bybit v5 public messages to facts: orderbook.50/200/1000 (and 500) as books, orderbook.1 and tickers as
// best quotes, publicTrade, replies to operations. Called by the venue for each frame, on the core thread. A
// frame is read once, wholly judged, and only then handed on; what cannot be used is reported with its
// reason, and with the listing when it was a book message. No allocation after warm-up, no exception.
#include <cstdint>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "engine/venue/json_fields.hpp"
#include "engine/venue/venue.hpp"

namespace arb::bybit {

/// Fields met in one message, at the root and in its data: a second one makes it malformed.
enum : unsigned {
    kRootTopic = 1,
    kRootType = 2,
    kRootData = 4,
    kRootSent = 8,
    kRootMatched = 16,
    kRootCross = 32,
    kRootOperation = 64,
    kRootSuccess = 128,
    kRootText = 256,
    kRootArgs = 512,
};
enum : unsigned {
    kDataSymbol = 1,
    kDataBids = 2,
    kDataAsks = 4,
    kDataUpdate = 8,
    kDataCross = 16,
    kDataTime = 32,
    kDataPrice = 64,
    kDataSize = 128,
    kDataSide = 256,
    kDataBidSize = 512,
    kDataAskSize = 1024,
};

class Decoder : private FrameReader {
  public:
    Decoder(VenueId venue, const InstrumentTable& table);

    void decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);

  private:
    enum class Content : std::uint8_t { unknown, book, top, trades, ticker, quiet };
    enum class Kind : std::uint8_t { none, snapshot, delta };

    /// What one message said, filled field by field.
    struct Message {
        std::string_view topic, symbol, operation, text;
        Content content = Content::unknown;
        Kind kind = Kind::none;
        const Listing* listing = nullptr;
        unsigned seen = 0;       // bits of kRoot*
        unsigned seen_data = 0;  // bits of kData*
        bool success = true;
        bool both_sides = false;        // of a ticker
        Timestamp sent, matched, pong;  // ts, cts, args[0] of a pong
        std::int64_t update = 0, cross_sequence = 0;
        BestQuote quote;
    };

    bool read_quick(PaddedText frame);
    bool read(PaddedText frame);
    bool read_root_field(JsonKey key, JsonValue& value, bool& data_waits);
    bool read_topic(JsonValue& value);
    bool read_kind(JsonValue& value);
    bool read_success(JsonValue& value);
    bool read_pong(JsonValue& value);
    bool read_data(JsonValue& value);
    bool read_book(JsonObject& object);
    bool read_trades(JsonValue& value);
    bool read_trade(JsonObject& object);
    bool read_ticker(JsonObject& object);
    bool read_quote_side(JsonValue& value, Price* price, Quantity* quantity);
    bool complete();

    void hand_on(ConnectionId connection, Timestamp now, FactSink& sink);
    void hand_on_reply(ConnectionId connection, Timestamp now, FactSink& sink) const;
    void hand_on_book(Timestamp now, FactSink& sink) const;
    void hand_on_top(Timestamp now, FactSink& sink) const;
    void report_failure(ConnectionId connection, FactSink& sink) const;
    ListingId listing_in_doubt() const;

    VenueId venue_;
    const InstrumentTable* table_;
    simdjson::ondemand::parser parser_;
    LevelList bids_, asks_;
    std::vector<Trade> trades_;
    Message message_;
    PaddedText frame_;
};

}  // namespace arb::bybit
