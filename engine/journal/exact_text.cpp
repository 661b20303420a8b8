#include "engine/journal/exact_text.hpp"

#include "engine/base/digit.hpp"

#include <algorithm>
#include <array>
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

namespace {

/// A count of time as written: its whole units, and the digits behind them.
struct CountText {
    std::uint64_t whole = 0;
    std::array<char, 48> digits{};
    std::size_t point = 0, size = 0;
};

std::optional<CountText> read_count(std::string_view text)
{
    const std::size_t e = std::min(text.find_first_of("eE"), text.size());
    int exponent = 0;
    if (e != text.size()) {
        const std::optional<int> parsed = parse_exponent(text.substr(e + 1));
        if (!parsed || *parsed < 0) return std::nullopt;
        exponent = *parsed;
    }
    CountText out;
    bool point = false;
    for (const char c : text.substr(0, e)) {
        if (c == '.' && !point && out.size > 0) {
            point = true;
            out.point = out.size;
        } else if (is_digit(c) && out.size < out.digits.size()) {
            out.digits[out.size++] = c;
        } else {
            return std::nullopt;
        }
    }
    if (point && out.point == out.size) return std::nullopt;
    if (!point) out.point = out.size;
    out.point += static_cast<std::size_t>(exponent);
    if (out.point > out.size) return std::nullopt;
    const std::optional<std::uint64_t> whole = parse_count({out.digits.data(), out.point});
    if (!whole) return std::nullopt;
    out.whole = *whole;
    return out;
}

std::optional<Timestamp> time_of(const CountText& count, std::int64_t unit_ns)
{
    if (count.whole > static_cast<std::uint64_t>(kMax / unit_ns)) return std::nullopt;
    std::int64_t fraction = 0;
    std::int64_t unit = unit_ns / 10;
    for (std::size_t i = count.point; i < count.size; ++i) {
        fraction += (count.digits[i] - '0') * unit;
        unit /= 10;
    }
    const std::int64_t whole = static_cast<std::int64_t>(count.whole) * unit_ns;
    if (whole > kMax - fraction) return std::nullopt;
    return Timestamp{whole + fraction};
}

}  // namespace

std::optional<Timestamp> parse_epoch(std::string_view text, std::int64_t unit_ns)
{
    const std::optional<std::uint64_t> count = parse_count(text);
    if (!count || *count > static_cast<std::uint64_t>(kMax / unit_ns)) return std::nullopt;
    return Timestamp{static_cast<std::int64_t>(*count) * unit_ns};
}

std::optional<Timestamp> parse_epoch_seconds(std::string_view text)
{
    if (text.find_first_of("eE") != std::string_view::npos) return std::nullopt;
    return parse_epoch_number(text, 1'000'000'000);
}

std::optional<Timestamp> parse_epoch_number(std::string_view text, std::int64_t unit_ns)
{
    const std::optional<CountText> count = read_count(text);
    return count ? time_of(*count, unit_ns) : std::nullopt;
}

std::optional<Timestamp> parse_time(std::string_view text)
{
    if (text.size() > 10 && text[4] == '-') {
        if (text.ends_with("+00:00")) text.remove_suffix(6);
        return parse_utc(text);
    }
    const std::optional<CountText> count = read_count(text);
    if (!count) return std::nullopt;
    // 10^11 seconds is the year 5138, 10^11 milliseconds is 1973, and so on: the units do not overlap.
    if (count->whole < 100'000'000'000) return time_of(*count, 1'000'000'000);
    if (count->whole < 100'000'000'000'000) return time_of(*count, 1'000'000);
    if (count->whole < 100'000'000'000'000'000) return time_of(*count, 1'000);
    return time_of(*count, 1);
}

}  // namespace arb
