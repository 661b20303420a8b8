#pragma once
// What OKX's codes mean, as a table of data. Whatever it does not hold is Outcome::unknown. Pure, any thread.
// Source: OKX API v5, "Error Code".
#include <span>
#include <string_view>

#include "engine/venue/account_fields.hpp"

namespace arb::okx {

struct ErrorRow {
    std::string_view code;
    Verdict verdict;
};

std::span<const ErrorRow> error_table();
/// By HTTP status and code (sCode of the item where there is one); an empty code: the reply holds none.
Verdict judge(int status, std::string_view code);
/// Why an order ended, from cancelSource.
RejectReason end_reason(std::string_view cancel_source);

}  // namespace arb::okx
