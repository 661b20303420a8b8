#pragma once
// What Kraken's error texts mean, as a table of data: the beginning of the text decides. Whatever it does not
// hold is Outcome::unknown. Pure, any thread. Source: Kraken API, "Errors".
#include <span>
#include <string_view>

#include "engine/venue/account_fields.hpp"

namespace arb::kraken {

struct ErrorRow {
    std::string_view text;
    Verdict verdict;
};

std::span<const ErrorRow> error_table();
/// By HTTP status and the first error text; empty: there is none.
Verdict judge(int status, std::string_view error);
/// Why an order ended, from the `reason` of an execution.
RejectReason end_reason(std::string_view reason);

}  // namespace arb::kraken
