#pragma once
// What Kraken says a key may do (the reply of GetApiKeyInfo) as a KeyReport: a pure function, tested with
// tables of replies. Called by Questions on the core thread; allocates, throws nothing. What should be there
// and is not, is told twice or has another shape makes the answer unreadable: it never reads as "no".
#include <string_view>

#include "engine/venue/key_fields.hpp"

namespace arb::kraken {

/// `body` is a reply without an error. Told or unreadable; the label is the caller's to set.
KeyReport read_key_report(std::string_view body, KeyTexts& texts);

}  // namespace arb::kraken
