#pragma once
// What one public message of OKX said, filled field by field while it is read and handed on once it has been
// read to its end. Used by Decoder and its quick path; a value without behaviour. Texts are views into the
// frame.
#include <cstdint>
#include <string_view>

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

enum class Content : std::uint8_t { unknown, book, top, trades, ticker, instruments, service, quiet };
enum class Action : std::uint8_t { none, snapshot, update };

struct PublicMessage {
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

}  // namespace arb::okx
