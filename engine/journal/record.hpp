#pragma once
// The values a journal holds, in memory. A recording and a live session's journal are the same thing: every
// input with its receive time, and every output (decision) where there is a session. format.hpp has the
// bytes.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/base/padded_text.hpp"
#include "engine/base/time.hpp"

namespace arb {

enum class RecordKind : std::uint8_t {
    frame = 1,    ///< one websocket frame: venue, connection, text
    http = 2,     ///< one REST reply: venue, url, status, text (body)
    open = 3,     ///< a websocket was opened: venue, connection, url
    close = 4,    ///< a websocket was closed: venue, connection, text (reason)
    wake = 5,     ///< a timer fired: venue
    book = 6,     ///< normalised levels where no wire frames exist: listing place, snapshot flag, levels
    output = 7,   ///< a decision of the engine: text, in the form replay compares
    command = 8,  ///< a word to the engine itself (operator, restored state): text; empty: time passed
};

/// A level of a normalised record: counts of the listing's own 10^-decimals of tick and of lot.
struct RecordedLevel {
    std::int64_t price = 0;
    std::int64_t quantity = 0;
    bool operator==(const RecordedLevel&) const = default;
};

/// One record. Text and spans point into the reader's block and are good until the next call of next().
struct Record {
    RecordKind kind{};
    VenueId venue{};  ///< place in JournalHeader::venues
    ConnectionId connection{};
    Timestamp time;  ///< receive time
    PaddedText text;
    std::string_view url;
    int status = 0;
    std::uint16_t listing = 0;  ///< book: place in that venue's definitions
    bool snapshot = false;
    bool over = false;         ///< book: no levels; the recording that it comes from has ended
    Timestamp venue_time;      ///< book: when the venue made the message, by its clock; 0: not told
    std::uint64_t number = 0;  ///< ordinal in the file, from 1: what error texts call the frame number
    std::span<const RecordedLevel> bids, asks;
};

struct JournalHeader {
    std::string build;   ///< version of the program that wrote it
    std::string source;  ///< where it comes from: "import cryptofeed binance.jsonl.zst", "backtest"
    std::uint64_t config_hash = 0;
    std::string config_text;  ///< the configuration of a session, so that a replay needs nothing else
    std::vector<InstrumentTable::VenueListings> venues;
};

}  // namespace arb
