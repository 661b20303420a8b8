#pragma once
// What OKX's codes mean, as a table of data. Whatever it does not hold is Outcome::unknown. Pure, any thread.
// Source: OKX API v5, "Error Code".
#include <span>
#include <string_view>

#include "engine/connect/error_table.hpp"

namespace arb::okx {

std::span<const ErrorClass<int>> error_classes();
/// By HTTP status and code (sCode of the item where there is one), whose sub-codes ("51004_1102") mean what
/// the code means; an empty code: the reply holds none.
Verdict judge(int status, std::string_view code);
/// Why an order ended, from cancelSource.
RejectReason end_reason(std::string_view cancel_source);
/// cancelSource of an order that the dead-man timer cancelled.
inline constexpr std::string_view kDeadManSource = "20";
/// Our dead-man timer is over orders with this tag alone, and every order of ours carries it: orders that
/// the account's owner places by hand are not its business.
inline constexpr std::string_view kOrderTag = "arbiter";

}  // namespace arb::okx
