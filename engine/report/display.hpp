#pragma once
// Numbers and times as people read them: thousands separators, a sensible number of decimals, units. Rounding
// happens here and only here, half away from zero, and only for display: exact values stay with the caller.
// All integer arithmetic; no floating point. Pure, any thread, no errors. Used by the text and HTML reports.
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/money.hpp"
#include "engine/base/time.hpp"

namespace arb::display {

/// "1,339"
std::string count(std::uint64_t value);

/// Separators put into the whole part of an exact decimal text: "-1234.5" to "-1,234.5".
std::string grouped(std::string_view decimal);

/// Rounded to `decimals` (at most 18) and grouped: "-1,234.50". Never "-0.00".
std::string money(Amount value, unsigned decimals);
/// The same with a plus sign in front of what is above zero.
std::string signed_money(Amount value, unsigned decimals);
/// Exact, all digits, grouped: "-1,234.500000001".
std::string exact(Amount value);

/// How many decimals show `largest` with about five digits: 2 from a hundred on, more for small amounts.
unsigned money_decimals(Amount largest);

/// The amount without its sign.
constexpr Amount magnitude(Amount value)
{
    return value.units < 0 ? -value : value;
}

/// "8.03": basis points with two decimals.
std::string bps(Rate rate);

/// "2 h 5 min", "346.4 s", "12.5 ms", "0 s".
std::string duration(std::int64_t ns);

/// "2021-08-20 00:00:00 UTC", with milliseconds where there are any; "unknown" when the time is 0.
std::string moment(Timestamp time);
/// "00:01:30", with milliseconds where there are any.
std::string time_of_day(Timestamp time);

/// "1 package", "2 packages".
std::string counted(std::uint64_t value, std::string_view singular, std::string_view plural);

/// At most `columns` code points, an ellipsis at the end when it was longer.
std::string clipped(std::string_view text, std::size_t columns);

}  // namespace arb::display
