#pragma once
// What `arbiter audit` found in recordings, as plain data, and its two forms: one JSON object for machines
// and an aligned table for a terminal. Filled by the caller (engine/app), which read the recordings; nothing
// here opens a file or a clock. Prices are exact decimal strings; an empty one means "no price" and is null
// in JSON. Symbols, reasons and notes may carry hostile text: both forms escape it. Any thread; no errors.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/trading/run_result.hpp"

namespace arb {

/// One venue's book of one instrument.
struct AuditBook {
    std::string venue, market, instrument, symbol;
    std::uint64_t frames = 0;  ///< frames that touched this book
    std::uint64_t snapshots = 0, deltas = 0;
    std::uint64_t gaps = 0, resyncs = 0;
    std::uint64_t checksums_ok = 0, checksums_bad = 0;
    std::uint64_t crossed = 0, locked = 0;  ///< updates that left best bid > / == best ask
    std::uint64_t quotes = 0, trades = 0;
    std::uint64_t levels_bid = 0, levels_ask = 0;  ///< at the end
    std::string best_bid, best_ask;                ///< at the end, exact decimals; empty: no such side
    bool valid = false;                            ///< at the end
    std::string state;                             ///< at the end, in a word: empty, syncing, valid, invalid
    std::uint64_t book_hash = 0;                   ///< independent of the way the book came about
    bool offset_known = false;                     ///< the venue's messages carry its time
    std::int64_t offset_min_ns = 0, offset_median_ns = 0;  ///< receive time minus venue time
    bool inferred = false;  ///< decimals were learnt from the data, not told by the venue
    BookUse use;            ///< for how much of the recording it was usable
};

struct AuditResult {
    std::vector<std::string> inputs;
    std::uint64_t frames = 0;   ///< websocket frames and normalised books
    std::uint64_t records = 0;  ///< everything in the files
    std::int64_t span_ns = 0;   ///< last receive time minus first
    std::uint64_t undecoded = 0;
    std::vector<std::pair<std::string, std::uint64_t>> undecoded_by_reason;
    std::vector<AuditBook> books;
    std::vector<std::string> notes;  ///< e.g. a cut-off tail, in words
};

/// One object: {"frames","span_ns","undecoded","books":[...],...}, ended by a line feed.
std::string audit_json(const AuditResult& result);

/// A table of at most 140 columns, then undecoded frames by reason, then notes. Colour only where asked.
std::string audit_text(const AuditResult& result, bool colour);

}  // namespace arb
