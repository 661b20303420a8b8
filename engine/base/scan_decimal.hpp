#pragma once
// The hot path of reading numbers: unsigned decimal digits up to a closing character inside a padded frame,
// sixteen bytes at a time. Same grammar and same results as parse_scaled (a test compares them). Included by
// decoders only. Any thread; no allocation, no error but the value it returns.
#include <cstdint>

#include "engine/base/decimal.hpp"

#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

namespace arb {

struct ScannedNumber {
    std::int64_t value = 0;
    const char* end = nullptr;         ///< first character that is no digit and no point
    std::uint8_t fraction_digits = 0;  ///< digits written after the point, trailing zeros too
    DecimalError error = DecimalError::none;
};

/// Digit by digit, for what does not fit a register: more than fifteen characters.
ScannedNumber scan_decimal_slowly(const char* at, unsigned decimals);

#if defined(__SSE4_1__)

namespace detail {

// rows[whole][kept]: moves `whole` digits and the `kept` digits after the point behind them to the right end
// of the register and fills the left with zeros.
struct DigitShuffles {
    alignas(64) std::uint8_t rows[16][16][16] = {};
    constexpr DigitShuffles()
    {
        for (unsigned whole = 0; whole < 16; ++whole) {
            for (unsigned kept = 0; kept < 16; ++kept) {
                const unsigned count = whole + kept;
                for (unsigned i = 0; i < 16; ++i) {
                    const unsigned digit = i + count - 16;  // which digit stands here, when there is one
                    const bool filled = i + count >= 16;
                    const unsigned from = digit < whole ? digit : digit + 1;
                    rows[whole][kept][i] = static_cast<std::uint8_t>(filled && from < 16 ? from : 0x80);
                }
            }
        }
    }
};
inline constexpr DigitShuffles kDigitShuffles;

}  // namespace detail

/// Reads unsigned decimal digits starting at `at` as a count of 10^-decimals. At least 64 bytes must be
/// readable there (a number of more than 56 characters is an overflow). Stops at the first other character,
/// which the caller judges. No sign: a negative number is `malformed`.
inline ScannedNumber scan_decimal(const char* at, unsigned decimals)
{
    const __m128i raw = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i values = _mm_sub_epi8(raw, _mm_set1_epi8('0'));
    // unsigned "value <= 9" as min(value, 9) == value
    const auto others = ~static_cast<unsigned>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values)));
    const auto whole = static_cast<unsigned>(__builtin_ctz(others));
    if (__builtin_expect(whole == 0 || whole >= 15, 0)) return scan_decimal_slowly(at, decimals);
    unsigned length = whole;
    unsigned fraction = 0;
    unsigned kept = 0;
    if (at[whole] == '.') {
        fraction = static_cast<unsigned>(__builtin_ctz(others >> (whole + 1)));
        length = whole + 1 + fraction;
        if (__builtin_expect(fraction == 0 || length >= 16, 0)) return scan_decimal_slowly(at, decimals);
        // Trailing zeros of the fraction do not count: up to the last digit that is none.
        const auto nonzero =
            ~static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(values, _mm_setzero_si128())));
        const unsigned digits = (nonzero >> (whole + 1)) & ((1U << fraction) - 1U);
        kept = 32U - static_cast<unsigned>(__builtin_clz(digits << 1 | 1U)) - 1U;
        if (__builtin_expect(kept > decimals, 0)) {
            return {0, at + length, static_cast<std::uint8_t>(fraction), DecimalError::too_precise};
        }
    }
    const __m128i order =
        _mm_load_si128(reinterpret_cast<const __m128i*>(detail::kDigitShuffles.rows[whole][kept]));
    const __m128i digits = _mm_shuffle_epi8(values, order);
    const __m128i pairs =
        _mm_maddubs_epi16(digits, _mm_set_epi8(1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10));
    const __m128i fours = _mm_madd_epi16(pairs, _mm_set_epi16(1, 100, 1, 100, 1, 100, 1, 100));
    const __m128i packed = _mm_packus_epi32(fours, fours);
    const __m128i eights = _mm_madd_epi16(packed, _mm_set_epi16(1, 10000, 1, 10000, 1, 10000, 1, 10000));
    const auto both = static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
    const auto number = static_cast<std::int64_t>((both & 0xffffffffU) * 100'000'000U + (both >> 32));
    std::int64_t value = 0;
    const bool wrapped = __builtin_mul_overflow(number, kPowersOfTen[decimals - kept], &value);
    return {wrapped ? 0 : value, at + length, static_cast<std::uint8_t>(fraction),
            __builtin_expect(wrapped, 0) ? DecimalError::overflow : DecimalError::none};
}

#else

inline ScannedNumber scan_decimal(const char* at, unsigned decimals)
{
    return scan_decimal_slowly(at, decimals);
}

#endif

}  // namespace arb
