#pragma once
// What Kraken's error texts mean, as a table of data: the beginning of the text decides. Whatever it does not
// hold is Outcome::unknown. A blank behind a colon counts for nothing. Pure, any thread. Source: Kraken API,
// "Errors".
#include <span>
#include <string_view>

#include "engine/connect/error_table.hpp"

namespace arb::kraken {

struct ErrorRow {
    std::string_view text;
    Verdict verdict;
};

std::span<const ErrorRow> error_table();
/// By HTTP status and the first error text; empty: there is none.
Verdict judge(int status, std::string_view error);
/// How long the venue wants to be left alone by this text; zero: it does not say.
Duration told_pause(std::string_view error, Timestamp now);
/// Why an order ended, from the `reason` of an execution.
RejectReason end_reason(std::string_view reason);

}  // namespace arb::kraken
