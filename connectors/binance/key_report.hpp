#pragma once
// What Binance says about a key ("Get API Key Permission", apiRestrictions) as a KeyReport. Used by the
// trading side's REST side, core thread; pure functions that may allocate. Nothing throws: an answer that is
// not what is documented becomes KeyAnswer::unreadable, never a right that is simply not there.
#include <string>
#include <string_view>

#include "connectors/binance/account_tools.hpp"
#include "engine/base/key_report.hpp"

namespace arb::binance {

/// On the spot host for both markets.
inline constexpr std::string_view kKeyPath = "/sapi/v1/account/apiRestrictions";

/// The body of an answer with status 200. `words` keeps what the report's texts point to.
KeyReport read_key_report(Market market, std::string_view body, std::string& words);

/// Any other answer; a `status` of 0: none came.
KeyReport key_refusal(int status, const Refusal& refusal, std::string& words);

}  // namespace arb::binance
