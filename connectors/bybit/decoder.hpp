#pragma once
// Bybit v5 public messages to facts: orderbook.50/200/1000 (and 500) as books, orderbook.1 and tickers as
// best quotes, publicTrade, replies to operations. Called by the venue for each frame, on the core thread. A
// frame is read once, wholly judged, and only then handed on; what cannot be used is reported with its
// reason, and with the listing when it was a book message. No allocation after warm-up, no exception.
#include <simdjson.h>

#include "connectors/bybit/public_message.hpp"
#include "engine/venue/json_fields.hpp"

namespace arb::bybit {

class Decoder : private FrameReader {
  public:
    Decoder(VenueId venue, const InstrumentTable& table);

    void decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);

  private:
    using Content = PublicMessage::Content;
    using Kind = PublicMessage::Kind;

    bool read();
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

    void report_failure(ConnectionId connection, FactSink& sink) const;

    VenueId venue_;
    const InstrumentTable* table_;
    simdjson::ondemand::parser parser_;
    PublicMessage message_;
    PaddedText frame_;
};

}  // namespace arb::bybit
