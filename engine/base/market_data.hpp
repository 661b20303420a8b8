#pragma once
// What venues say about markets, in Arbiter's words: the facts a decoder hands on. Plain values; the spans
// point into the decoder's scratch memory and are good only during the call that hands them over. Prices and
// quantities are in the instrument's units, sequence numbers as the venue sent them, times in ns UTC.
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/ids.hpp"
#include "engine/base/money.hpp"
#include "engine/base/time.hpp"

namespace arb {

/// One price level. In an update a zero quantity removes the level.
struct Level {
    Price price;
    Quantity quantity;
    bool operator==(const Level&) const = default;
};

/// Decimals of the wire text, for venues whose checksum is taken over digits as sent.
struct TextDecimals {
    std::uint8_t price = 0;
    std::uint8_t quantity = 0;
};

/// A whole book or a change to one, as one venue message carries it. Judged only by BookBuilder.
struct BookUpdate {
    ListingId listing = kNoListing;
    bool snapshot = false;
    bool has_checksum = false;
    std::uint32_t checksum = 0;           ///< as sent (a signed one as its two's complement)
    std::uint64_t sequence_first = 0;     ///< Binance U; 0 where the venue has none
    std::uint64_t sequence_last = 0;      ///< Binance u / lastUpdateId, OKX seqId, Bybit u
    std::uint64_t sequence_previous = 0;  ///< Binance futures pu, OKX prevSeqId
    bool has_previous = false;
    /// The message tells no number of its own although its venue numbers messages (absent, or -1).
    bool unnumbered = false;
    /// Levels of a recording that has no messages of the venue: nobody numbered them, and no rule of the venue's
    /// numbers can be broken.
    bool normalised = false;
    /// Of a snapshot that is cut: levels a side that it could hold at most. A side as long as that says
    /// nothing about what lies beyond its last level. 0: it is whole, or the venue itself keeps the depth.
    std::uint32_t limit = 0;
    TextDecimals text;        ///< set where the checksum is taken over digits as sent (Kraken)
    std::uint32_t depth = 0;  ///< levels kept a side after this update; 0: every level
    Timestamp venue_time;     ///< 0 when the message carries none
    Timestamp receive_time;
    std::span<const Level> bids;  ///< any order, a price may occur twice: applied first to last
    std::span<const Level> asks;
};

/// The venue's own best bid and offer. A missing side has a zero quantity.
struct BestQuote {
    ListingId listing = kNoListing;
    Level bid, ask;
    std::uint64_t sequence = 0;
    Timestamp venue_time;
    Timestamp receive_time;
};

struct Trade {
    ListingId listing = kNoListing;
    Price price;
    Quantity quantity;
    Side aggressor = Side::buy;
    Timestamp venue_time;
    Timestamp receive_time;
};

/// Why a message, or a part of one, could not be used.
enum class UndecodedReason : std::uint8_t {
    malformed,  ///< not the JSON or shape the venue documents
    missing_field,
    wrong_type,
    bad_number,    ///< not a strict decimal, or too large
    too_precise,   ///< more decimals than the instrument has
    bad_price,     ///< zero, negative or off the tick
    bad_quantity,  ///< negative
    unknown_instrument,
    unknown_message,  ///< a kind of message that we do not know
    too_many_levels,
    venue_error,  ///< the venue reports an error of ours or its own
    count_,
};

const char* name(UndecodedReason reason);

/// `listing` is set when the trouble touches one book's delta or snapshot: that book is then invalid.
struct Undecoded {
    UndecodedReason reason = UndecodedReason::malformed;
    ListingId listing = kNoListing;
    ConnectionId connection{};
    std::string_view text;  ///< an unknown symbol or the venue's error text; hostile, escape before showing
};

}  // namespace arb
