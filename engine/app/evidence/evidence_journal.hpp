#pragma once
// The end of a session's journal as lines of JSON: orders and what became of them, without the market data
// that fills a journal. Used by evidence.cpp. One walk through the journal; memory is what is handed out in
// the end. Cold path, one thread. Texts are venues' words: they are masked and escaped.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"
#include "engine/sim/session.hpp"

namespace arb {

/// The text with every run of 32 or more characters that a token, key or signature is made of replaced by as
/// many x. UUIDs and numbers stay: order ids are that long. In an address or path (`path`) a slash ends a
/// run.
std::string mask_tokens(std::string_view text, bool path = false);

struct JournalExtractOptions {
    Duration span = seconds(600);           ///< before the journal's last record
    std::uint64_t bytes_max = 64ULL << 20;  ///< the newest lines are kept
    std::size_t text_max = 256U << 10;      ///< of one record; the rest is cut and told
};

struct JournalExtract {
    std::uint64_t records = 0;   ///< read
    std::uint64_t lines = 0;     ///< handed out
    std::uint64_t left_out = 0;  ///< older lines of the span, for want of room
    Timestamp first, last;       ///< of the lines
    std::string config_text;     ///< the configuration of that session
    std::string trouble;         ///< why the journal could not be (wholly) read
};

/// The newest session-NUMBER.arb (or .arb.part, while it is written) of a state directory; empty: there is
/// none.
std::string newest_journal(const std::string& directory);

/// `line` takes finished lines, oldest first; false ends it.
JournalExtract extract_journal(const std::string& path, const Plugins& plugins,
                               const JournalExtractOptions& options,
                               const std::function<bool(std::string_view)>& line);

}  // namespace arb
