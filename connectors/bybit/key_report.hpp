#pragma once
// What Bybit says a key may do (the reply of /v5/user/query-api) as a KeyReport: a pure function, tested with
// tables of replies. Called by Questions on the core thread; allocates, throws nothing. What should be
// there and is not, is told twice or has another shape makes the answer unreadable: it never reads as "no".
#include <string_view>

#include "engine/venue/key_fields.hpp"

namespace arb::bybit {

/// `body` is a reply whose retCode is 0; `spot`: the market in which the key has to trade. Told or
/// unreadable; the label is the caller's to set.
KeyReport read_key_report(std::string_view body, bool spot, KeyTexts& texts);

}  // namespace arb::bybit
