#pragma once
// OKX v5 public messages to facts: books (books, books-l2-tbt, books50-l2-tbt, books5), bbo-tbt and tickers
// as best quotes, trades, the state of instruments and of the trading service, subscription events. Called by
// the venue for each frame and book reply, on the core thread. A frame is read once, wholly judged, and only
// then handed on; what cannot be used is reported with its reason, and with the listing when it was a book
// message. No allocation after warm-up, no exception. Sizes of contracts become base (linear) or quote
// (inverse) units through the listing's WireScale.
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/okx/public_message.hpp"
#include "connectors/okx/states.hpp"
#include "engine/venue/json_fields.hpp"
#include "engine/venue/venue.hpp"

namespace arb::okx {

class Decoder : private FrameReader {
  public:
    Decoder(VenueId venue, const InstrumentTable& table);

    /// True when the venue announces that it will close the connection soon (notice 64008).
    [[nodiscard]] bool decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);

    /// Instruments are subscribed anew: pushes may hold the changed ones alone.
    void forget_states(FactSink& sink) { states_.forget(sink); }

    /// The reply to GET /api/v5/market/books of one symbol, a snapshot.
    void decode_book_reply(std::string_view symbol, PaddedText body, Timestamp now, FactSink& sink);

  private:
    bool read(PaddedText frame);
    bool read_root_field(JsonKey key, JsonValue& value, bool& data_waits);
    bool read_arg(JsonValue& value);
    bool read_action(JsonValue& value);
    bool read_data(JsonValue& value);
    bool read_book(JsonObject& object);
    bool read_trade(JsonObject& object);
    bool read_ticker(JsonObject& object);
    bool read_quote_side(JsonValue& value, Price* price, Quantity* quantity);
    bool complete();

    void hand_on(ConnectionId connection, Timestamp now, FactSink& sink);
    void report_failure(ConnectionId connection, FactSink& sink) const;

    VenueId venue_;
    const InstrumentTable* table_;
    simdjson::ondemand::parser parser_;
    LevelList bids_, asks_;
    std::vector<Trade> trades_;
    TradingStates states_;
    PublicMessage message_;
    PaddedText frame_;
};

}  // namespace arb::okx
