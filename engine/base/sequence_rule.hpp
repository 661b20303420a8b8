#pragma once
// How a venue numbers its book messages, as data. A connector declares one rule a listing; BookBuilder, and
// nothing else, judges by it. Sources: the venues' own "how to keep a local order book" pages.
#include <cstdint>

namespace arb {

enum class SequenceKind : std::uint8_t {
    none,        ///< no numbers: a snapshot replaces, a delta applies (Kraken: the checksum is the judge)
    range,       ///< Binance spot: first <= last applied + 1; an update wholly in the past is ignored
    chained,     ///< Binance futures `pu`, OKX prevSeqId, Gate `U` - 1: previous must equal the last applied
    increment,   ///< Bybit: last must be the last applied + 1
    connection,  ///< Coinbase: one counter for all frames of a connection, judged by on_connection_sequence
};

enum class ChecksumKind : std::uint8_t {
    none,
    kraken,  ///< CRC32 of the digits of the ten best levels, asks then bids
    okx,     ///< CRC32 of the 25 best levels as "price:size" text, bid and ask in turn; 0 means not sent
};

struct SequenceRule {
    SequenceKind kind = SequenceKind::none;
    ChecksumKind checksum = ChecksumKind::none;
    /// The snapshot comes over REST and joins deltas that were buffered meanwhile.
    bool rest_snapshot = false;
    /// Binance futures: the first delta after the snapshot must have first <= snapshot <= last.
    /// Otherwise (spot) first <= snapshot + 1 <= last. Later deltas follow `kind`.
    bool join_covers_snapshot = false;
    /// Bybit: last == 1 announces a restarted service; such a message replaces the book.
    bool one_is_restart = false;
};

}  // namespace arb
