#include "engine/base/decimal.hpp"

#include <algorithm>
#include <cstring>

#include "engine/base/digit.hpp"
#include "engine/base/ensure.hpp"
#include "engine/base/scan_decimal.hpp"

namespace arb {
namespace {

// The digits of one number, whole part then fraction, with the fraction's trailing zeros left out.
ScaledNumber scale_digits(const char* whole, std::size_t whole_count, const char* fraction, std::size_t count,
                          unsigned decimals)
{
    while (count > 0 && fraction[count - 1] == '0') --count;
    if (count > decimals) return {0, DecimalError::too_precise};
    std::int64_t value = 0;
    const auto push = [&value](char digit) {
        return !__builtin_mul_overflow(value, std::int64_t{10}, &value) &&
               !__builtin_add_overflow(value, static_cast<std::int64_t>(digit - '0'), &value);
    };
    for (std::size_t i = 0; i < whole_count; ++i) {
        if (!push(whole[i])) return {0, DecimalError::overflow};
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (!push(fraction[i])) return {0, DecimalError::overflow};
    }
    if (__builtin_mul_overflow(value, kPowersOfTen[decimals - count], &value))
        return {0, DecimalError::overflow};
    return {value, DecimalError::none};
}

// Longer numbers are refused, so that a run of digits beyond the frame's end is never followed past its
// padding.
constexpr std::ptrdiff_t kCharactersMax = 56;

}  // namespace

ScannedNumber scan_decimal_slowly(const char* at, unsigned decimals)
{
    const char* const limit = at + kCharactersMax + 1;  // one more, to tell 56 characters from 57
    const char* whole = at;
    while (at < limit && is_digit(*at)) ++at;
    const auto whole_count = static_cast<std::size_t>(at - whole);
    const char* fraction = at;
    std::size_t count = 0;
    if (*at == '.') {
        fraction = ++at;
        while (at < limit && is_digit(*at)) ++at;
        count = static_cast<std::size_t>(at - fraction);
        if (count == 0 && at < limit) return {0, at, 0, DecimalError::malformed};
    }
    if (whole_count == 0) return {0, at, 0, DecimalError::malformed};
    if (at >= limit) return {0, at, 0, DecimalError::overflow};
    const ScaledNumber scaled = scale_digits(whole, whole_count, fraction, count, decimals);
    return {scaled.value, at, static_cast<std::uint8_t>(count), scaled.error};
}

ScaledNumber parse_scaled(std::string_view text, unsigned decimals)
{
    ENSURE(decimals <= kDecimalsMax, "a scale has at most eighteen decimals");
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    std::size_t at = 0;
    while (at < text.size() && is_digit(text[at])) ++at;
    const std::size_t whole_count = at;
    std::size_t count = 0;
    if (at < text.size() && text[at] == '.') {
        ++at;
        while (at < text.size() && is_digit(text[at])) ++at;
        count = at - whole_count - 1;
        if (count == 0) return {0, DecimalError::malformed};
    }
    if (whole_count == 0 || at != text.size()) return {0, DecimalError::malformed};
    const ScaledNumber scaled =
        scale_digits(text.data(), whole_count, text.data() + whole_count + (count > 0), count, decimals);
    return {negative ? -scaled.value : scaled.value, scaled.error};
}

namespace {

// "00" to "99": two digits a division.
struct DigitPairs {
    char text[200];
    constexpr DigitPairs() : text()
    {
        for (int i = 0; i < 100; ++i) {
            text[2 * i] = static_cast<char>('0' + i / 10);
            text[2 * i + 1] = static_cast<char>('0' + i % 10);
        }
    }
};
constexpr DigitPairs kPairs;

// Digits of the value, at least `least` of them with leading zeros, written so that they end at `end`.
char* print_backwards(std::uint64_t value, std::size_t least, char* end)
{
    char* at = end;
    while (value >= 100) {
        at -= 2;
        std::memcpy(at, kPairs.text + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        std::memcpy(at, kPairs.text + value * 2, 2);
    } else if (value != 0) {
        *--at = static_cast<char>('0' + value);
    }
    while (static_cast<std::size_t>(end - at) < least) *--at = '0';
    return at;
}

std::size_t print_with_point(std::int64_t value, unsigned decimals, bool shortest, char* out)
{
    char digits[kDecimalTextMax];
    char* const end = digits + sizeof digits;
    const bool negative = value < 0;
    const std::uint64_t magnitude =
        negative ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
    const char* const begin = print_backwards(magnitude, decimals + std::size_t{1}, end);
    const char* last = end;
    if (shortest) {
        while (last > end - decimals && last[-1] == '0') --last;
    }
    const auto whole = static_cast<std::size_t>(end - begin) - decimals;
    char* to = out;
    if (negative) *to++ = '-';
    std::memcpy(to, begin, whole);
    to += whole;
    const auto fraction = static_cast<std::size_t>(last - (begin + whole));
    if (fraction != 0) {
        *to++ = '.';
        std::memcpy(to, begin + whole, fraction);
        to += fraction;
    }
    return static_cast<std::size_t>(to - out);
}

}  // namespace

std::size_t print_integer(std::uint64_t value, char* out)
{
    char digits[kDecimalTextMax];
    char* const end = digits + sizeof digits;
    const char* const begin = print_backwards(value, 1, end);
    std::memcpy(out, begin, static_cast<std::size_t>(end - begin));
    return static_cast<std::size_t>(end - begin);
}

std::size_t print_scaled(std::int64_t value, unsigned decimals, char* out)
{
    return print_with_point(value, decimals, false, out);
}

std::size_t print_scaled_short(std::int64_t value, unsigned decimals, char* out)
{
    return print_with_point(value, decimals, true, out);
}

std::string format_scaled(std::int64_t value, unsigned decimals)
{
    char text[kDecimalTextMax];
    return std::string(text, print_scaled_short(value, decimals, text));
}

std::string format_scaled128(Int128 value, unsigned decimals)
{
    const bool negative = value < 0;
    auto rest = negative ? ~static_cast<unsigned __int128>(value) + 1 : static_cast<unsigned __int128>(value);
    std::string text;
    for (unsigned i = 0; rest != 0 || i <= decimals; ++i) {
        if (i == decimals && decimals != 0) text.push_back('.');
        text.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
        rest /= 10;
    }
    if (negative) text.push_back('-');
    std::reverse(text.begin(), text.end());
    if (decimals != 0) {
        while (text.back() == '0') text.pop_back();
        if (text.back() == '.') text.pop_back();
    }
    return text;
}

Decimal::Decimal(std::int64_t mantissa, unsigned decimals) : mantissa_(mantissa)
{
    ENSURE(decimals <= kDecimalsMax, "a decimal has at most eighteen decimals");
    while (decimals > 0 && mantissa_ % 10 == 0) {
        mantissa_ /= 10;
        --decimals;
    }
    decimals_ = static_cast<std::uint8_t>(mantissa_ == 0 ? 0 : decimals);
}

std::optional<Decimal> Decimal::parse(std::string_view text)
{
    const std::size_t point = text.find('.');
    std::size_t decimals = point == std::string_view::npos ? 0 : text.size() - point - 1;
    std::string_view kept = text;
    // Trailing zeros must not make a number too large for its scale.
    while (decimals > 1 && kept.back() == '0') {
        kept.remove_suffix(1);
        --decimals;
    }
    if (decimals == 1 && kept.back() == '0') {
        kept.remove_suffix(2);
        decimals = 0;
    }
    if (decimals > kDecimalsMax) return std::nullopt;
    const ScaledNumber number = parse_scaled(kept, static_cast<unsigned>(decimals));
    if (number.error != DecimalError::none) return std::nullopt;
    return Decimal(number.value, static_cast<unsigned>(decimals));
}

std::optional<std::int64_t> Decimal::scaled(unsigned decimals) const
{
    if (decimals < decimals_ || decimals > kDecimalsMax) return std::nullopt;
    std::int64_t value = 0;
    if (__builtin_mul_overflow(mantissa_, kPowersOfTen[decimals - decimals_], &value)) return std::nullopt;
    return value;
}

std::optional<Decimal> Decimal::times(Decimal other) const
{
    Int128 product = Int128{mantissa_} * other.mantissa_;
    unsigned decimals = decimals_ + other.decimals_;
    while (decimals > 0 && product % 10 == 0) {
        product /= 10;
        --decimals;
    }
    if (decimals > kDecimalsMax || product > INT64_MAX || product < INT64_MIN) return std::nullopt;
    return Decimal(static_cast<std::int64_t>(product), decimals);
}

std::string Decimal::text() const
{
    return format_scaled(mantissa_, decimals_);
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const
{
    const unsigned decimals = std::max(decimals_, other.decimals_);
    const Int128 mine = Int128{mantissa_} * kPowersOfTen[decimals - decimals_];
    const Int128 theirs = Int128{other.mantissa_} * kPowersOfTen[decimals - other.decimals_];
    return mine <=> theirs;
}

}  // namespace arb
