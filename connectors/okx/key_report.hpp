#pragma once
// What OKX says a key may do (the reply of /api/v5/account/config) as a KeyReport: a pure function, tested
// with tables of replies. Called by Questions on the core thread; allocates, throws nothing. What should be
// there and is not, is told twice or has another shape makes the answer unreadable: it never reads as "no".
#include <string_view>

#include "engine/venue/key_fields.hpp"

namespace arb::okx {

/// `body` is a reply whose code is "0". Told or unreadable; the label is the caller's to set.
KeyReport read_key_report(std::string_view body, KeyTexts& texts);

}  // namespace arb::okx
