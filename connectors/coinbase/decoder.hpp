#pragma once
// Bytes of the Advanced Trade market-data websocket to facts. Called by the Coinbase venue for every frame,
// one thread. No allocation after warm-up, no exception. A frame is handed on wholly or not at all: a frame
// whose structure cannot be read reports `malformed` and withholds its sequence number, so that the judge of
// gaps sees the hole; an event whose levels cannot be read invalidates its own book only.
#include <simdjson.h>

#include "connectors/coinbase/book_frames.hpp"
#include "connectors/coinbase/feeds.hpp"

namespace arb::coinbase {

class Decoder {
  public:
    explicit Decoder(const VenueSetup& setup) : products_(setup), feeds_(setup, products_) {}
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    void decode(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);
    /// Forgets which books the venue confirmed on this connection.
    void forget(ConnectionId connection) { feeds_.forget(connection); }

  private:
    /// The members every frame shares; pointers lead to the raw values.
    struct Envelope {
        std::string_view channel, type, message, timestamp;
        const char* events = nullptr;
        std::uint64_t sequence = 0;
        bool has_sequence = false;
    };

    void decode_once(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);
    bool read_envelope(PaddedText frame, Envelope& envelope, UndecodedReason& reason);

    FrameProducts products_;
    simdjson::ondemand::parser parser_;
    ClockText clock_;
    BookFrames books_{products_, clock_};
    Feeds feeds_;
};

}  // namespace arb::coinbase
