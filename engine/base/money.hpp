#pragma once
// The exact quantities of trade. Price and Quantity are strong integers in their *instrument's* smallest
// unit (see instrument.hpp), so two venues' prices of one instrument compare as one integer. An Amount is
// money in one asset, a 128-bit count of 10^-18 of it: products of price and quantity are exact in it, so
// sums of fills, fees and profits add up to the last digit. Rates are counts of 10^-8 (1 bps = 10,000).
// None of these converts from or to floating point. Overflow is an empty optional where the numbers come
// from outside, and a broken promise (ENSURE) where they are our own sums.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/decimal.hpp"
#include "engine/base/ensure.hpp"

namespace arb {

struct Price {
    std::int64_t units = 0;
    constexpr auto operator<=>(const Price&) const = default;
};

struct Quantity {
    std::int64_t units = 0;
    constexpr auto operator<=>(const Quantity&) const = default;
    constexpr bool zero() const { return units == 0; }
};

constexpr Quantity operator-(Quantity a, Quantity b)
{
    return {a.units - b.units};
}

/// Sum of two quantities of our own or of one book; a wrap is a broken promise.
inline Quantity operator+(Quantity a, Quantity b)
{
    std::int64_t sum = 0;
    ENSURE(!__builtin_add_overflow(a.units, b.units, &sum), "quantities sum within 64 bits");
    return {sum};
}

inline constexpr unsigned kAmountDecimals = 18;

struct Amount {
    Int128 units = 0;  ///< 10^-18 of the asset

    constexpr auto operator<=>(const Amount&) const = default;
    constexpr bool zero() const { return units == 0; }

    Amount& operator+=(Amount other)
    {
        ENSURE(!__builtin_add_overflow(units, other.units, &units), "amounts sum within 128 bits");
        return *this;
    }
    Amount& operator-=(Amount other)
    {
        ENSURE(!__builtin_sub_overflow(units, other.units, &units), "amounts differ within 128 bits");
        return *this;
    }
    friend Amount operator+(Amount a, Amount b) { return a += b; }
    friend Amount operator-(Amount a, Amount b) { return a -= b; }
    friend constexpr Amount operator-(Amount a) { return {-a.units}; }
    friend constexpr Amount absolute(Amount a) { return a.units < 0 ? -a : a; }
    /// What a venue's word of this amount may be off by: some reckon in binary fractions. 10^-9 of it.
    friend constexpr Amount rounding_of(Amount a) { return {absolute(a).units / 1'000'000'000}; }

    /// Exact decimal text without trailing zeros.
    std::string text() const { return format_scaled128(units, kAmountDecimals); }
};

/// The amount a Decimal says, if it fits.
inline std::optional<Amount> amount_of(Decimal value)
{
    Int128 units = value.mantissa();
    for (unsigned i = value.decimals(); i < kAmountDecimals; ++i) units *= 10;
    return Amount{units};
}

/// The amount that a text says, with as many digits as a venue likes to print (123456.52768569797846, or a
/// double's 106.44801351999999): what is finer than 10^-18 is rounded down, so that never more is read than
/// there is. For money as venues tell it. Same grammar as Decimal; empty: no decimal, or more than fits. Any
/// thread.
std::optional<Amount> amount_rounded_down(std::string_view text);

/// A fraction in 10^-8: fees, edges, bands. Negative is a rebate or a loss.
struct Rate {
    std::int64_t units = 0;
    constexpr auto operator<=>(const Rate&) const = default;
};

inline constexpr std::int64_t kRateOne = 100'000'000;
inline constexpr std::int64_t kRatePerBasisPoint = 10'000;

/// amount x rate, rounded up: a fee is never under-booked and a rebate never over-booked.
inline Amount apply_rate(Amount amount, Rate rate)
{
    Int128 product = 0;
    ENSURE(!__builtin_mul_overflow(amount.units, Int128{rate.units}, &product), "a fee fits 128 bits");
    Int128 quotient = product / kRateOne;
    if (product % kRateOne > 0) ++quotient;
    return {quotient};
}

}  // namespace arb
