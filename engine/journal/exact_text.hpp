#pragma once
// Numbers and times as others' text files write them, exactly: digits to integers, never through floating
// point. Used by the importers; any thread. An empty optional means: not of the form, or it does not fit.
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/time.hpp"

namespace arb {

/// mantissa x 10^-decimals without trailing zeros, so `decimals` is what the value needs (maybe more than
/// 18).
struct ExactNumber {
    std::int64_t mantissa = 0;
    unsigned decimals = 0;
    /// The count of 10^-target, if exact and within 64 bits.
    std::optional<std::int64_t> scaled(unsigned target) const;
    /// The same with the digits behind the target's last cut off (towards zero).
    std::optional<std::int64_t> cut(unsigned target) const;
};

/// -?digits(.digits)?(e[+-]?digits)? : exponents too, which spreadsheets and scripts write for small numbers.
std::optional<ExactNumber> parse_exact(std::string_view text);

/// Unsigned integer.
std::optional<std::uint64_t> parse_count(std::string_view text);

/// Seconds since 1970 with any number of decimals; what is finer than a nanosecond is cut off.
std::optional<Timestamp> parse_epoch_seconds(std::string_view text);

/// Integer count of units of `unit_ns`.
std::optional<Timestamp> parse_epoch(std::string_view text, std::int64_t unit_ns);

/// A count of units as scripts write it: also with decimals ("1629417600123.0") or an exponent
/// ("1.629417600123e+12"). Empty when the exponent reaches beyond the digits: then the count was rounded.
std::optional<Timestamp> parse_epoch_number(std::string_view text, std::int64_t unit_ns);

/// "YYYY-MM-DD HH:MM:SS[.f]" (UTC; also with T, Z or +00:00), or seconds, milliseconds, microseconds or
/// nanoseconds since 1970, told apart by their size, in all forms of parse_epoch_number.
std::optional<Timestamp> parse_time(std::string_view text);

/// Whether a receive time lies between 2000 and 2200: anything else is a wrong unit or a wrong column.
constexpr bool plausible(Timestamp time)
{
    return time.ns >= 946'684'800'000'000'000 && time.ns < 7'258'118'400'000'000'000;
}

}  // namespace arb
