#pragma once
// Gate v4 public messages to facts: obu books, trades, book_ticker, replies to subscriptions, pongs, and the
// notice of an upgrade. Called by the venue for each frame, on the core thread. A frame is read once, wholly
// judged, and only then handed on; what cannot be used is reported with its reason, and with the listing
// when it was a book message. No allocation after warm-up, no exception.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/gate/book_decoder.hpp"
#include "connectors/gate/trade_decoder.hpp"
#include "engine/venue/json_fields.hpp"
#include "engine/venue/venue.hpp"

namespace arb::gate {

class Decoder : private FrameReader {
  public:
    /// What a frame asks the venue to do.
    enum class News : std::uint8_t {
        none,
        upgrade,  ///< the connection will soon be closed
        refused,  ///< a subscription: see refusal()
    };
    /// A subscription that the venue did not make. Its texts are good until the next frame.
    struct Refusal {
        std::string_view channel;
        std::vector<std::string_view> wanted;  ///< what the request named
        bool server_fault = false;
    };

    Decoder(VenueId venue, const InstrumentTable& table);

    News decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);
    const Refusal& refusal() const { return refusal_; }

  private:
    /// Members met at the root of one frame: a second one makes it malformed.
    enum : unsigned {
        kRootChannel = 1,
        kRootEvent = 2,
        kRootResult = 4,
        kRootPayload = 8,
        kRootError = 16,
        kRootSent = 32,
        kRootType = 64,
        kRootText = 128,
    };
    enum class Content : std::uint8_t { book, trades, ticker, quiet, unknown };
    /// The members that every frame shares; pointers lead to the raw values.
    struct Envelope {
        std::string_view channel, event, type, text;
        const char* result = nullptr;
        const char* payload = nullptr;
        Timestamp sent;
        bool failed = false;      ///< an error was told
        bool is_request = false;  ///< the reply to a request of the trading side
        std::int64_t code = 0;
    };

    bool read_envelope(PaddedText frame);
    bool read_root_field(JsonKey key, JsonValue& value, unsigned& seen);
    bool read_error(JsonValue& value);
    bool read_payload();
    Content content() const;

    News hand_on_reply(ConnectionId connection, FactSink& sink);
    void hand_on_data(ConnectionId connection, Timestamp now, FactSink& sink);

    VenueId venue_;
    const InstrumentTable* table_;
    std::string prefix_;  ///< "spot." or "futures."
    BookDecoder books_;
    TradeDecoder trades_;
    simdjson::ondemand::parser parser_;
    Envelope envelope_;
    Refusal refusal_;
    PaddedText frame_;
};

}  // namespace arb::gate
