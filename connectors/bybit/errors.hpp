#pragma once
// Bybit's refusals as data: retCode, HTTP status and the words of the order stream, each with what it means
// for a request of ours. What is not in the tables is of unknown outcome. Used by the trading side on the
// core thread; no allocation, no errors of its own.
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/connect/error_table.hpp"

namespace arb::bybit {

inline constexpr Verdict kDone{Outcome::done, RejectReason::none};

std::span<const ErrorClass<int>> error_classes();
/// 0 is done. `text`, the reply's retMsg, decides where one code says several things.
Verdict verdict_of(std::int64_t ret_code, std::string_view text = {});
/// Order requests on the trade socket: some codes mean something else there.
Verdict order_socket_verdict(std::int64_t ret_code, std::string_view text = {});
/// "There is no such order": true of an open one, and of one that has ended already.
bool says_absent(std::int64_t ret_code);
/// For replies whose body tells nothing. `sent`: at least a byte may have left.
Verdict verdict_of_status(int status, bool sent);
/// `rejectReason` and `cancelType` of an order that ended.
RejectReason reason_of(std::string_view reject_reason, std::string_view cancel_type);

}  // namespace arb::bybit
