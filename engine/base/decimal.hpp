#pragma once
// Exact decimals. Text becomes an integer count of 10^-decimals and back, digit by digit; there is no way in
// from floating point. The grammar is strict: -?digits(.digits)? and nothing else (no exponent, no blanks,
// no leading plus, no bare point). A value that does not fit exactly is refused, never rounded.
//
// parse_scaled  any text, any sign, the ordinary path.
// scan_decimal  the hot path, in scan_decimal.hpp.
// Decimal       a number with its own scale, for increments, limits and rates read once at start.
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arb {

using Int128 = __int128;

inline constexpr unsigned kDecimalsMax = 18;

/// 10^n for n in 0..18.
constexpr std::int64_t power_of_ten(unsigned n)
{
    std::int64_t result = 1;
    for (unsigned i = 0; i < n; ++i) result *= 10;
    return result;
}

enum class DecimalError : std::uint8_t {
    none,
    malformed,    ///< not -?digits(.digits)?
    too_precise,  ///< more decimals than the scale holds, and not zeros
    overflow,     ///< does not fit 64 bits at this scale
};

inline constexpr std::array<std::int64_t, kDecimalsMax + 1> kPowersOfTen = [] {
    std::array<std::int64_t, kDecimalsMax + 1> powers{};
    for (unsigned i = 0; i <= kDecimalsMax; ++i) powers[i] = power_of_ten(i);
    return powers;
}();

struct ScaledNumber {
    std::int64_t value = 0;
    DecimalError error = DecimalError::none;
};

/// Digits to a count of 10^-decimals. `decimals` at most kDecimalsMax.
ScaledNumber parse_scaled(std::string_view text, unsigned decimals);

/// Room for any printed int64 with a point.
inline constexpr std::size_t kDecimalTextMax = 40;

/// Digits of an integer without leading zeros; returns the length.
std::size_t print_integer(std::uint64_t value, char* out);
/// Prints value x 10^-decimals with all decimals ("0.10"); returns the length. `out` holds kDecimalTextMax.
std::size_t print_scaled(std::int64_t value, unsigned decimals, char* out);
/// The same without trailing zeros ("0.1", "30261").
std::size_t print_scaled_short(std::int64_t value, unsigned decimals, char* out);
std::string format_scaled(std::int64_t value, unsigned decimals);

/// A 128-bit count of 10^-decimals as text without trailing zeros.
std::string format_scaled128(Int128 value, unsigned decimals);

/// mantissa x 10^-decimals, kept without trailing zeros so that equal numbers have equal parts.
class Decimal {
  public:
    constexpr Decimal() = default;
    Decimal(std::int64_t mantissa, unsigned decimals);

    static std::optional<Decimal> parse(std::string_view text);

    std::int64_t mantissa() const { return mantissa_; }
    unsigned decimals() const { return decimals_; }
    bool zero() const { return mantissa_ == 0; }

    /// The count of 10^-decimals, if exact and within 64 bits.
    std::optional<std::int64_t> scaled(unsigned decimals) const;
    std::optional<Decimal> times(Decimal other) const;
    std::string text() const;

    bool operator==(const Decimal&) const = default;
    std::strong_ordering operator<=>(const Decimal& other) const;

  private:
    std::int64_t mantissa_ = 0;
    std::uint8_t decimals_ = 0;
};

}  // namespace arb
