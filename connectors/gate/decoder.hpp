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
    static constexpr std::size_t kTradesMost = 4096;  ///< in one message
    /// Members met in one frame, at its root and in a book: a second one makes it malformed.
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
    enum : unsigned {
        kBookTime = 1,
        kBookFull = 2,
        kBookStream = 4,
        kBookFirst = 8,
        kBookLast = 16,
        kBookBids = 32,
        kBookAsks = 64,
    };
    enum class Content : std::uint8_t { book, trades, ticker, quiet, unknown };
    /// The members that every frame shares; pointers lead to the raw values.
    struct Envelope {
        std::string_view channel, event, type, text;
        const char* result = nullptr;
        const char* payload = nullptr;
        Timestamp sent;
        bool failed = false;      ///< an error was told
        bool is_request = false;  ///< the reply to a request of the trading half
        std::int64_t code = 0;
    };
    struct Book {
        std::string_view stream;
        const Listing* listing = nullptr;
        std::uint32_t depth = 0;
        bool full = false;
        std::int64_t first = 0, last = 0;
        Timestamp time;
    };
    /// Where the values of a trade or ticker stand: they are read once its listing is known.
    struct Fields {
        const char *price = nullptr, *size = nullptr, *bid = nullptr, *bid_size = nullptr, *ask = nullptr,
                   *ask_size = nullptr;
        std::string_view symbol;
    };

    bool read_quick(PaddedText frame);
    bool read_envelope(PaddedText frame);
    bool read_root_field(JsonKey key, JsonValue& value, unsigned& seen);
    bool read_error(JsonValue& value);
    bool read_payload();
    Content content() const;

    bool read_book();
    bool read_book_field(std::string_view key, TextCursor& cursor, unsigned& seen, const char*& bids,
                         const char*& asks);
    bool read_trades();
    bool read_trade(TextCursor& cursor);
    bool read_signed_size(TextCursor cursor, const Listing& listing, Trade& trade);
    bool read_ticker();
    bool read_quote_side(const char* price, const char* size, const Listing& listing, Level& out);
    bool read_time(TextCursor& cursor, Timestamp& out);
    bool name_listing(std::string_view stream);

    News hand_on_reply(ConnectionId connection, FactSink& sink);
    void hand_on_data(ConnectionId connection, Timestamp now, FactSink& sink);
    void hand_on_book(Timestamp now, FactSink& sink) const;
    ListingId listing_in_doubt() const;

    VenueId venue_;
    const InstrumentTable* table_;
    std::string prefix_;  ///< "spot." or "futures."
    std::string quick_;   ///< how a book frame of this market begins
    simdjson::ondemand::parser parser_;
    LevelList bids_, asks_;
    std::vector<Trade> trades_;
    BestQuote quote_;
    Envelope envelope_;
    Book book_;
    Refusal refusal_;
    std::string_view stranger_;  ///< a name in the frame that is no listing's
    PaddedText frame_;
};

/// The listing's part of "ob.BTC_USDT.50" and its levels; empty: it is no such name.
std::string_view symbol_of_stream(std::string_view stream, std::uint32_t& depth);

}  // namespace arb::gate
