#pragma once
// Reads the `updates` array of an l2_data event: objects {"side","event_time","price_level","new_quantity"}.
// Called by the decoder on the hot path, no allocation once the lists have grown. Two readers that agree: one
// for text exactly as the venue writes it (no blanks, documented key order), one for any other valid JSON.
#include <cstring>

#include "engine/base/padded_text.hpp"
#include "engine/venue/level_reader.hpp"

namespace arb::coinbase {

/// Moves `at` behind the literal if that is what stands there. The padding behind a frame makes it safe at
/// any place inside the frame, its end included.
template <std::size_t Size>
bool skip(const char*& at, const char (&literal)[Size])
{
    static_assert(Size - 1 <= kTextPadding);
    if (std::memcmp(at, literal, Size - 1) != 0) return false;
    at += Size - 1;
    return true;
}

/// The text up to the next quote; false when it holds anything but what a symbol or a time is made of.
bool read_plain(const char*& at, const char* end, std::string_view& out);

/// As documented: `at` stands behind '[' and is moved behind ']'. False for everything else, good or bad:
/// then the lists hold a part, and read_updates is to judge.
bool read_documented(const char*& at, const char* end, const WireScale& scale, LevelList& bids,
                     LevelList& asks);

/// The cursor stands at or before '[' and is left behind ']'. On failure the reason is set and the lists hold
/// a part.
bool read_updates(TextCursor& cursor, const WireScale& scale, LevelList& bids, LevelList& asks,
                  UndecodedReason& reason);

}  // namespace arb::coinbase
