#pragma once
// What Gate's words mean, as tables of data: the labels of refusals, the codes of subscriptions, and why an
// order ended. Whatever the tables do not hold is Outcome::unknown. Pure, any thread. Source: Gate API v4,
// "Error Handling", and the websockets' "Error".
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/connect/error_table.hpp"

namespace arb::gate {

std::span<const ErrorClass<std::string_view>> error_classes();
/// By HTTP status (or header.status of a reply on the websocket) and label; an empty label: there is none.
Verdict judge(int status, std::string_view label);
/// Of a channel that was not subscribed. The message may hold a label, which says more than the code.
Verdict judge_subscription(std::int64_t code, std::string_view message);
/// The venue has no such order (any more): of a question, or of a cancellation that comes too late.
bool says_no_order(std::string_view label);

/// How an order ended, from finish_as.
struct EndWord {
    std::string_view word;
    RejectReason reason = RejectReason::none;
    bool filled = false;
};
/// Null: a word that is not documented.
const EndWord* find_end(std::string_view finish_as);

}  // namespace arb::gate
