#include "engine/journal/exact_text.hpp"

#include "engine/base/digit.hpp"

#include <algorithm>
#include <limits>

namespace arb {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

bool times_ten(std::int64_t& value)
{
    return !__builtin_mul_overflow(value, std::int64_t{10}, &value);
}

/// [+-]digits behind an e; small enough to add to other counts.
std::optional<int> parse_exponent(std::string_view text)
{
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.size() > 4) return std::nullopt;
    int value = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return negative ? -value : value;
}

/// Digits with at most one point between digits; `point` is the count of digits behind it.
bool parse_digits(std::string_view text, std::int64_t& mantissa, int& point)
{
    mantissa = 0;
    point = 0;
    const std::size_t dot = text.find('.');
    if (dot != std::string_view::npos) {
        if (dot == 0 || dot + 1 == text.size()) return false;
        while (text.size() > dot + 1 && text.back() == '0') text.remove_suffix(1);
        point = static_cast<int>(text.size() - dot - 1);
    }
    if (text.empty()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == dot) continue;
        if (!is_digit(text[i]) || !times_ten(mantissa) ||
            __builtin_add_overflow(mantissa, std::int64_t{text[i] - '0'}, &mantissa)) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::optional<std::int64_t> ExactNumber::scaled(unsigned target) const
{
    if (target < decimals) return std::nullopt;
    std::int64_t value = mantissa;
    for (unsigned i = decimals; i < target; ++i) {
        if (!times_ten(value)) return std::nullopt;
    }
    return value;
}

std::optional<std::int64_t> ExactNumber::cut(unsigned target) const
{
    ExactNumber shorter = *this;
    for (; shorter.decimals > target && shorter.mantissa != 0; --shorter.decimals) shorter.mantissa /= 10;
    if (shorter.mantissa == 0) return 0;
    return shorter.scaled(target);
}

std::optional<ExactNumber> parse_exact(std::string_view text)
{
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    int exponent = 0;
    const std::size_t e = text.find_first_of("eE");
    if (e != std::string_view::npos) {
        const std::optional<int> parsed = parse_exponent(text.substr(e + 1));
        if (!parsed) return std::nullopt;
        exponent = *parsed;
        text = text.substr(0, e);
    }
    std::int64_t mantissa = 0;
    int decimals = 0;
    if (!parse_digits(text, mantissa, decimals)) return std::nullopt;
    decimals -= exponent;
    if (mantissa == 0) return ExactNumber{};
    for (; decimals > 0 && mantissa % 10 == 0; --decimals) mantissa /= 10;
    for (; decimals < 0; ++decimals) {
        if (!times_ten(mantissa)) return std::nullopt;
    }
    return ExactNumber{negative ? -mantissa : mantissa, static_cast<unsigned>(decimals)};
}

std::optional<std::uint64_t> parse_count(std::string_view text)
{
    if (text.empty() || text.size() > 19) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
}

std::optional<Timestamp> parse_epoch(std::string_view text, std::int64_t unit_ns)
{
    const std::optional<std::uint64_t> count = parse_count(text);
    if (!count || *count > static_cast<std::uint64_t>(kMax / unit_ns)) return std::nullopt;
    return Timestamp{static_cast<std::int64_t>(*count) * unit_ns};
}

std::optional<Timestamp> parse_epoch_seconds(std::string_view text)
{
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::optional<Timestamp> whole = parse_epoch(text.substr(0, dot), 1'000'000'000);
    if (!whole) return std::nullopt;
    if (dot == text.size()) return whole;
    if (dot + 1 == text.size()) return std::nullopt;
    std::int64_t fraction = 0;
    std::int64_t unit = 100'000'000;
    for (const char c : text.substr(dot + 1)) {
        if (!is_digit(c)) return std::nullopt;
        fraction += (c - '0') * unit;
        unit /= 10;
    }
    if (whole->ns > kMax - fraction) return std::nullopt;
    return Timestamp{whole->ns + fraction};
}

std::optional<Timestamp> parse_time(std::string_view text)
{
    if (text.size() > 10 && text[4] == '-') {
        if (text.ends_with("+00:00")) text.remove_suffix(6);
        return parse_utc(text);
    }
    if (text.find('.') != std::string_view::npos) return parse_epoch_seconds(text);
    const std::optional<std::uint64_t> count = parse_count(text);
    if (!count) return std::nullopt;
    // 10^11 seconds is the year 5138, 10^11 milliseconds is 1973, and so on: the units do not overlap.
    if (*count < 100'000'000'000) return parse_epoch(text, 1'000'000'000);
    if (*count < 100'000'000'000'000) return parse_epoch(text, 1'000'000);
    if (*count < 100'000'000'000'000'000) return parse_epoch(text, 1'000);
    return parse_epoch(text, 1);
}

}  // namespace arb
