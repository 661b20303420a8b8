#pragma once
// What Binance's refusals mean, as a table of data: HTTP status, error code and text to an Outcome and a
// reason. Whatever the table does not hold is Outcome::unknown: the order may or may not be there. Used by
// the trading side on the core thread; pure functions, no allocation, no error.
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/connect/error_table.hpp"

namespace arb::binance {

/// One documented answer, or a run of numbers that mean the same. An empty text fits every text; the first
/// row that fits counts.
struct ErrorRow {
    std::int32_t first = 0, last = 0;
    std::string_view text;  ///< part of the venue's text
    Verdict verdict;
};

std::span<const ErrorRow> error_table();

/// `status` is that of HTTP or of a websocket reply; a `code` of 0 means that the reply holds none.
Verdict judge(int status, std::int64_t code, std::string_view text);

/// Why an order ended, from the expiry reason (spot eR and expiryReason: words; USD-M er: a digit) or the
/// reject reason of a report.
RejectReason end_reason(std::string_view text);

}  // namespace arb::binance
