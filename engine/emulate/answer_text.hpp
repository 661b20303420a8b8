#pragma once
// Pieces of emulated venues' answers that several of them write alike: times, lists, the best of a book, what
// was paid for one. Any thread; no errors.
#include <algorithm>
#include <cstdint>
#include <string>
#include <type_traits>

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

/// What `write` says of each entry, or of what it points to, with commas between. Of which it says nothing is
/// left out.
template <class Entries, class Write>
std::string json_list(const Entries& entries, Write write)
{
    std::string list;
    for (const auto& entry : entries) {
        std::string text;
        if constexpr (std::is_pointer_v<std::decay_t<decltype(entry)>>)
            text = write(*entry);
        else
            text = write(entry);
        if (!text.empty()) list += (list.empty() ? "" : ",") + text;
    }
    return list;
}

/// JSON strings with commas between them, of a vector or a set.
template <class Texts>
std::string quoted_list(const Texts& texts)
{
    return json_list(texts, [](const std::string& text) { return json_text(text); });
}

/// At most so many, from the best on.
inline std::span<const Level> best_levels(std::span<const Level> side, std::size_t most)
{
    return side.first(std::min(most, side.size()));
}
inline EmulatedBook best_levels(const EmulatedBook& book, std::size_t most)
{
    return {best_levels(book.bids, most), best_levels(book.asks, most)};
}
/// Zeros where there is none.
inline Level best_level(std::span<const Level> side)
{
    return side.empty() ? Level{} : side.front();
}

/// What was paid for one, with eight decimals, cut off: nobody counts with it. `otherwise`: too little was
/// bought to tell.
inline std::string price_paid(Amount paid, Amount quantity, const std::string& otherwise = "0")
{
    // Both are counts of 10^-18: a quantity with eight digits less leaves a quotient of 10^-8.
    const Int128 bought = quantity.units / power_of_ten(8);
    return bought == 0 ? otherwise : format_scaled128(paid.units / bought, 8);
}

}  // namespace arb
