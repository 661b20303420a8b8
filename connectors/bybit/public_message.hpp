#pragma once
// What one public message of Bybit said, filled field by field while its frame is read and handed on as facts
// once it has been read to its end. Kept between frames: no allocation after warm-up. Of Decoder; one thread.
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/venue/level_reader.hpp"
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

struct PublicFields {
    enum class Content : std::uint8_t { unknown, book, top, trades, ticker, quiet };
    enum class Kind : std::uint8_t { none, snapshot, delta };

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

struct PublicMessage : PublicFields {
    LevelList bids, asks;
    std::vector<Trade> trades;

    void clear()
    {
        static_cast<PublicFields&>(*this) = {};
        bids.clear();
        asks.clear();
        trades.clear();
    }
    void hand_on(ConnectionId connection, Timestamp now, FactSink& sink);
    void hand_on_reply(ConnectionId connection, Timestamp now, FactSink& sink) const;
    void hand_on_book(Timestamp now, FactSink& sink) const;
    /// Which book the unreadable frame was about.
    ListingId listing_in_doubt(PaddedText frame, VenueId venue, const InstrumentTable& table) const;

  private:
    void hand_on_top(Timestamp now, FactSink& sink) const;
};

}  // namespace arb::bybit
