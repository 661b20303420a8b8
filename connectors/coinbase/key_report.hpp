#pragma once
// What Coinbase says about a key ("Get API Key Permissions") as a KeyReport. Used by the trading side's REST
// side, core thread; pure functions that may allocate. Nothing throws: an answer that is not what is
// documented becomes KeyAnswer::unreadable, never a right that is simply not there.
#include <string>
#include <string_view>

#include "connectors/coinbase/order_answers.hpp"
#include "engine/base/key_report.hpp"

namespace arb::coinbase {

/// The body of an answer with status 200. `words` keeps what the report's texts point to.
KeyReport read_key_report(std::string_view body, std::string& words);

/// Any other answer; a `status` of 0: none came.
KeyReport key_refusal(int status, const Envelope& answer, std::string& words);

/// The session's own question: trouble unless the key may do what the session needs, and no more. `orders`:
/// it needs to trade.
Next read_permissions(Inquiry& inquiry, simdjson::dom::object body, bool orders);

}  // namespace arb::coinbase
