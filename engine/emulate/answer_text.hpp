#pragma once
// Pieces of emulated venues' answers that several of them write alike: times, lists of texts. Any thread; no
// errors.
#include <cstdint>
#include <string>

#include "engine/emulate/emulated_venue.hpp"

namespace arb {

// Whole milliseconds and seconds since 1970.
constexpr std::int64_t ms_of(Timestamp time)
{
    return time.ns / 1'000'000;
}
constexpr std::int64_t seconds_of(Timestamp time)
{
    return time.ns / kNsPerSecond;
}

/// "2026-11-21T09:00:00.123456Z"
inline std::string micros(Timestamp time)
{
    return format_utc(time).substr(0, 26) + "Z";
}

/// JSON strings with commas between them, of a vector or a set.
template <class Texts>
std::string quoted_list(const Texts& texts)
{
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ",") + json_text(text);
    return list;
}

}  // namespace arb
