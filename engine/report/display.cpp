#include "engine/report/display.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/decimal.hpp"
#include "engine/report/utf8.hpp"

namespace arb::display {
namespace {

constexpr std::int64_t kMicrosecond = 1'000;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kNsPerSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

Int128 rounded(Int128 value, Int128 step)
{
    const Int128 rest = value % step;
    Int128 quotient = value / step;
    if (rest >= step - rest && rest > 0) ++quotient;
    if (-rest >= step + rest && rest < 0) --quotient;
    return quotient;
}

/// A whole number of 10^-decimals as text with all decimals.
std::string fixed(Int128 value, unsigned decimals)
{
    std::string text = format_scaled128(value, decimals);
    if (decimals == 0) return text;
    const std::size_t point = text.find('.');
    if (point == std::string::npos) return text + '.' + std::string(decimals, '0');
    text.append(decimals - (text.size() - point - 1), '0');
    return text;
}

/// 1250 of unit 1000 as "1.3": at most one decimal, none from 100 on.
std::string in_unit(std::int64_t value, std::int64_t unit, std::string_view name)
{
    const std::int64_t tenths = static_cast<std::int64_t>(rounded(Int128{value} * 10, unit));
    if (tenths >= 1'000 || tenths % 10 == 0) {
        return fmt::format("{} {}", static_cast<std::int64_t>(rounded(value, unit)), name);
    }
    return fmt::format("{}.{} {}", tenths / 10, tenths % 10, name);
}

std::string two_units(std::int64_t ns, std::int64_t big, std::string_view big_name, std::int64_t small,
                      std::string_view small_name)
{
    const auto total = static_cast<std::int64_t>(rounded(ns, small));
    const std::int64_t ratio = big / small;
    if (total % ratio == 0) return fmt::format("{} {}", total / ratio, big_name);
    return fmt::format("{} {} {} {}", total / ratio, big_name, total % ratio, small_name);
}

}  // namespace

std::string count(std::uint64_t value)
{
    return grouped(std::to_string(value));
}

std::string grouped(std::string_view decimal)
{
    const std::size_t begin = decimal.starts_with('-') ? 1 : 0;
    const std::size_t end = std::min(decimal.find('.'), decimal.size());
    std::string out(decimal.substr(0, begin));
    for (std::size_t i = begin; i < end; ++i) {
        if (i > begin && (end - i) % 3 == 0) out += ',';
        out += decimal[i];
    }
    out += decimal.substr(end);
    return out;
}

std::string money(Amount value, unsigned decimals)
{
    const Int128 step = power_of_ten(kAmountDecimals - std::min(decimals, kAmountDecimals));
    return grouped(fixed(rounded(value.units, step), std::min(decimals, kAmountDecimals)));
}

std::string signed_money(Amount value, unsigned decimals)
{
    const std::string text = money(value, decimals);
    const bool shows_something = text.find_first_of("123456789") != std::string::npos;
    return value.units > 0 && shows_something ? "+" + text : text;
}

std::string exact(Amount value)
{
    return grouped(value.text());
}

unsigned money_decimals(Amount largest)
{
    const Int128 size = magnitude(largest).units;
    unsigned decimals = 2;
    if (size == 0) return decimals;
    // From 100 on two decimals will do; each factor of ten below it earns one more.
    Int128 limit = Int128{power_of_ten(18)} * 100;
    while (size < limit && decimals < 12) {
        limit /= 10;
        ++decimals;
    }
    return decimals;
}

std::string bps(Rate rate)
{
    return grouped(fixed(rounded(rate.units, kRatePerBasisPoint / 100), 2));
}

std::string duration(std::int64_t ns)
{
    if (ns < 0) return "-" + duration(ns == INT64_MIN ? INT64_MAX : -ns);
    if (ns == 0) return "0 s";
    if (ns < kMicrosecond) return fmt::format("{} ns", ns);
    if (ns < kMillisecond) return in_unit(ns, kMicrosecond, "\u00b5s");
    if (ns < kNsPerSecond) return in_unit(ns, kMillisecond, "ms");
    if (ns < 10 * kMinute) return in_unit(ns, kNsPerSecond, "s");
    if (ns < kHour) return two_units(ns, kMinute, "min", kNsPerSecond, "s");
    if (ns < kDay) return two_units(ns, kHour, "h", kMinute, "min");
    return two_units(ns, kDay, "d", kHour, "h");
}

std::string time_of_day(Timestamp time)
{
    const std::string text = format_utc(time);
    const bool whole = time.ns % kNsPerSecond == 0;
    return text.substr(11, whole ? 8 : 12);
}

std::string moment(Timestamp time)
{
    if (!time.known()) return "unknown";
    return format_utc(time).substr(0, 10) + " " + time_of_day(time) + " UTC";
}

std::string counted(std::uint64_t value, std::string_view singular, std::string_view plural)
{
    return fmt::format("{} {}", count(value), value == 1 ? singular : plural);
}

std::string clipped(std::string_view text, std::size_t columns)
{
    if (columns_of(text) <= columns) return std::string(text);
    std::size_t at = 0;
    for (std::size_t i = 1; i < columns; ++i) next_code_point(text, at);
    return std::string(text.substr(0, at)) + "\u2026";
}

}  // namespace arb::display
