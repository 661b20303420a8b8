#pragma once
// What Coinbase's refusals mean: a table of its documented words. Used where replies are judged, core thread,
// no allocation. A word that is not in the table proves nothing: unknown, unless the reply itself says that
// no order was created.
#include <span>
#include <string_view>

#include "engine/connect/error_table.hpp"

namespace arb::coinbase {

struct ErrorRow {
    std::string_view word;
    Verdict verdict;
};

std::span<const ErrorRow> error_table();

/// A word of error, preview_failure_reason, new_order_failure_reason, failure_reason or reject_reason; the
/// prefix PREVIEW_ does not matter.
Verdict judge_word(std::string_view word);
/// The same where the reply said "success": false, which tells whether the order was created: every word is
/// a refusal, but UNKNOWN_... stands for no reason at all and proves nothing.
Verdict judge_not_created(std::string_view word);
/// A status that says enough by itself: 0, 401, 429, 5xx; everything else is unknown.
Verdict judge_status(int status, bool sent);

}  // namespace arb::coinbase
