#pragma once
// Reads one side of a Kraken book message and keeps the decimals its numbers were written with, since the
// venue's checksum is taken over those digits. Called by the decoder on the hot path, no allocation once the
// lists have grown. Two readers of v2 that agree: one for text exactly as the venue writes it, one for any
// other valid JSON.
#include <cstring>

#include "engine/base/padded_text.hpp"
#include "engine/base/time.hpp"
#include "engine/venue/level_reader.hpp"

namespace arb::kraken {

/// What a side's numbers looked like: the most fraction digits written, and the newest level time (v1 only).
struct Wording {
    TextDecimals text;
    Timestamp newest;
};

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

/// v2 as documented: `at` stands behind '[' and is moved behind ']'. False for everything else, good or bad:
/// then the list holds a part, and read_objects is to judge.
bool read_documented(const char*& at, const char* end, const WireScale& scale, LevelList& out,
                     Wording& wording);

/// v2: [{"price":1.5,"qty":0.10000000},...]. On failure the reason is set and the list holds a part.
bool read_objects(TextCursor& cursor, const WireScale& scale, LevelList& out, Wording& wording,
                  UndecodedReason& reason);

/// v1: [["price","volume","seconds.micros"],["price","volume","seconds.micros","r"],...].
bool read_arrays(TextCursor& cursor, const WireScale& scale, LevelList& out, Wording& wording,
                 UndecodedReason& reason);

}  // namespace arb::kraken
