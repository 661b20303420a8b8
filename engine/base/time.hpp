#pragma once
// Points and lengths of time in integer nanoseconds. Time is an argument in Arbiter, never a call: nothing
// here reads a clock. A Timestamp counts nanoseconds since 1970-01-01 UTC; 0 means "not known".
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arb {

struct Duration {
    std::int64_t ns = 0;
    constexpr auto operator<=>(const Duration&) const = default;
};

inline constexpr std::int64_t kNsPerSecond = 1'000'000'000;

constexpr Duration nanoseconds(std::int64_t n)
{
    return {n};
}
constexpr Duration microseconds(std::int64_t n)
{
    return {n * 1'000};
}
constexpr Duration milliseconds(std::int64_t n)
{
    return {n * 1'000'000};
}
constexpr Duration seconds(std::int64_t n)
{
    return {n * 1'000'000'000};
}

struct Timestamp {
    std::int64_t ns = 0;
    constexpr auto operator<=>(const Timestamp&) const = default;
    constexpr bool known() const { return ns != 0; }
};

constexpr Timestamp operator+(Timestamp t, Duration d)
{
    return {t.ns + d.ns};
}
constexpr Timestamp operator-(Timestamp t, Duration d)
{
    return {t.ns - d.ns};
}
constexpr Duration operator-(Timestamp a, Timestamp b)
{
    return {a.ns - b.ns};
}

/// `2026-08-09T21:05:48.228568804Z` (also with a blank for the T, without fraction or Z): UTC only.
/// Empty when the text is anything else or a field is out of range.
std::optional<Timestamp> parse_utc(std::string_view text);

/// The time as `2026-08-09T21:05:48.228568804Z`, always nine decimals.
std::string format_utc(Timestamp time);

}  // namespace arb
