// Exact decimals: the grammar as a table, both readers against each other, printing and reading back.
#include "engine/base/scan_decimal.hpp"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"

namespace arb {
namespace {

constexpr std::int64_t kMost = INT64_MAX;

struct Row {
    std::string text;
    unsigned decimals;
    std::int64_t value;
    DecimalError error = DecimalError::none;
};

/// The text as a decoder finds it: in a frame that goes on behind the closing character.
ScannedNumber scan(const std::string& text, char closing, char follower, unsigned decimals)
{
    std::vector<char> frame(text.begin(), text.end());
    frame.push_back(closing);
    frame.insert(frame.end(), 80, follower);
    const ScannedNumber scanned = scan_decimal(frame.data(), decimals);
    if (scanned.error == DecimalError::none) {
        EXPECT_EQ(scanned.end - frame.data(), static_cast<std::ptrdiff_t>(text.size())) << text;
    }
    return scanned;
}

// clang-format off
const char* const kMalformed[] = {
    "", ".", "-", "-.", "1.", ".5", "-.5", "1e400", "1E5", "1.5e-3", "NaN", "nan", "Infinity", "-inf",
    "0x10", "0b1", " 1", "1 ", "1 000", "+1", "+0.5", "--1", "1-", "1.2.3", "1..2", "1,5", "1_000",
    "\t1", "1\n", "٣", "null", "1f", "\"1\"", "1234567890123456.", "123456789012345.",
    "12345678901234.", "/", ":", "1/", "1:",
};
// clang-format on

std::vector<Row> grammar()
{
    const auto malformed = DecimalError::malformed;
    std::vector<Row> rows = {
        {"0", 0, 0},
        {"0", 18, 0},
        {"7", 0, 7},
        {"7", 2, 700},
        {"7.5", 2, 750},
        {"7.50", 2, 750},
        {"7.5000000", 1, 75},
        {"0.00000001", 8, 1},
        {"007.5", 1, 75},
        {"0000000000000000000000000000000000007", 1, 70},
        {"30261.99", 2, 3026199},
        {"1.001", 2, 0, DecimalError::too_precise},
        {"0.000000001", 8, 0, DecimalError::too_precise},
        {"0.0000000000000000001", 18, 0, DecimalError::too_precise},
        {"0.000000000000000001", 18, 1},
        {"9223372036854775807", 0, kMost},
        {"9223372036854775808", 0, 0, DecimalError::overflow},
        {"9223372036.854775807", 9, kMost},
        {"9223372036.854775808", 9, 0, DecimalError::overflow},
        {"9.223372036854775807", 18, kMost},
        {"9.223372036854775808", 18, 0, DecimalError::overflow},
        {"10", 18, 0, DecimalError::overflow},
        {"18446744073709551617", 0, 0, DecimalError::overflow},  // 2^64 + 1 must not wrap to 1
        {"100000000000000000000", 0, 0, DecimalError::overflow},
        {"123456789012345.5", 1, 1234567890123455},  // the point is the sixteenth character
        {"123456789012345.25", 2, 12345678901234525},
        {"12345678901234.5", 1, 123456789012345},
        {"1234567890123456", 0, 1234567890123456},
        {"0." + std::string(40, '0') + "1", 18, 0, DecimalError::too_precise},
        {"5." + std::string(54, '0'), 3, 5000},  // 56 characters
        {std::string(55, '0') + "9", 0, 9},      // 56 characters
    };
    for (const char* text : kMalformed) {
        rows.push_back({text, 8, 0, malformed});
    }
    rows.push_back({std::string("1\0", 2), 0, 0, malformed});
    return rows;
}

TEST(Decimal, grammar_of_parse_scaled)
{
    for (const Row& row : grammar()) {
        const ScaledNumber number = parse_scaled(row.text, row.decimals);
        EXPECT_EQ(number.error, row.error) << '"' << row.text << '"';
        EXPECT_EQ(number.value, row.value) << '"' << row.text << '"';
        if (row.error != DecimalError::none || row.text[0] == '-') continue;
        const ScaledNumber negative = parse_scaled("-" + row.text, row.decimals);
        EXPECT_EQ(negative.error, DecimalError::none) << row.text;
        EXPECT_EQ(negative.value, -row.value) << row.text;
    }
}

TEST(Decimal, minus_zero_is_zero_and_the_range_is_symmetric)
{
    for (const char* text : {"-0", "-0.0", "-000.000"}) {
        const ScaledNumber number = parse_scaled(text, 4);
        EXPECT_EQ(number.error, DecimalError::none) << text;
        EXPECT_EQ(number.value, 0) << text;
    }
    EXPECT_EQ(parse_scaled("-9223372036854775807", 0).value, -kMost);
    EXPECT_EQ(parse_scaled("-9223372036854775808", 0).error, DecimalError::overflow);
    EXPECT_EQ(parse_scaled("-9223372036854775809", 0).error, DecimalError::overflow);
}

TEST(Decimal, hundreds_of_digits)
{
    EXPECT_EQ(parse_scaled(std::string(400, '9'), 0).error, DecimalError::overflow);
    EXPECT_EQ(parse_scaled(std::string(400, '0') + "12", 1).value, 120);
    EXPECT_EQ(parse_scaled("1." + std::string(400, '0'), 2).value, 100);
    EXPECT_EQ(parse_scaled("1." + std::string(399, '0') + "1", 2).error, DecimalError::too_precise);
    for (const std::string& text : {std::string(57, '0'), std::string(400, '9'), std::string(400, '0') + "1",
                                    "1." + std::string(55, '0'), "0." + std::string(400, '0')}) {
        const ScannedNumber number = scan(text, '"', '0', 2);
        EXPECT_EQ(number.error, DecimalError::overflow) << text.size() << " characters";
        EXPECT_EQ(number.value, 0);
    }
    // The point at the last place that is looked at.
    for (std::size_t digits = 50; digits < 60; ++digits) {
        EXPECT_NE(scan(std::string(digits, '0') + ".", '"', '5', 2).error, DecimalError::none) << digits;
    }
}

TEST(Decimal, scan_refuses_what_is_no_unsigned_number)
{
    for (const char* text : {"-1", "+1", "", ".", ".5", "1.", "-", "NaN", "Infinity", " 1", "e5", "\"1"}) {
        for (const char follower : {'0', '5', '"', '.', 'x'}) {
            EXPECT_EQ(scan(text, '"', follower, 8).error, DecimalError::malformed)
                << text << " before " << follower;
        }
    }
}

// What scan_decimal must say of digits and at most one inner point: the ordinary path's answer, up to 56
// characters.
void expect_same(const std::string& text, unsigned decimals, char closing, char follower)
{
    const ScaledNumber slow = parse_scaled(text, decimals);
    const ScannedNumber fast = scan(text, closing, follower, decimals);
    const DecimalError expected = text.size() > 56 ? DecimalError::overflow : slow.error;
    ASSERT_EQ(fast.error, expected) << text << " at " << decimals;
    if (expected != DecimalError::none) return;
    ASSERT_EQ(fast.value, slow.value) << text << " at " << decimals;
    const std::size_t point = text.find('.');
    ASSERT_EQ(fast.fraction_digits, point == std::string::npos ? 0 : text.size() - point - 1) << text;
}

TEST(Decimal, scan_is_parse_over_a_small_range)
{
    for (int n = 0; n < 10'000; ++n) {
        const std::string digits = std::to_string(n);
        for (unsigned decimals = 0; decimals <= 3; ++decimals) {
            expect_same(digits, decimals, '"', '0');
            for (std::size_t point = 1; point < digits.size(); ++point) {
                expect_same(digits.substr(0, point) + "." + digits.substr(point), decimals, ',', '9');
            }
        }
    }
}

TEST(Decimal, scan_is_parse_for_every_shape)
{
    // Every count of digits before and behind the point, at every scale, with each neighbour.
    for (std::size_t whole = 1; whole <= 40; ++whole) {
        for (std::size_t fraction = 0; fraction <= 20; ++fraction) {
            std::string text = std::string(whole - 1, '0') + "3";
            if (fraction != 0) text += "." + std::string(fraction - 1, '1') + "7";
            for (unsigned decimals = 0; decimals <= kDecimalsMax; ++decimals) {
                expect_same(text, decimals, '"', "09\",."[(whole + fraction) % 5]);
            }
        }
    }
}

TEST(Decimal, scan_is_parse_over_random_texts)
{
    constexpr std::uint64_t kSeed = 20240229;
    Random random(kSeed);
    SCOPED_TRACE(testing::Message() << "seed " << kSeed);
    for (int round = 0; round < 200'000 && !HasFatalFailure(); ++round) {
        const std::int64_t length = random.between(1, 60);
        std::string text;
        const bool zeros_first = random.one_in(3), zeros_last = random.one_in(3);
        for (std::int64_t i = 0; i < length; ++i) {
            const bool zero = (zeros_first && i < length / 2) || (zeros_last && i > length / 2);
            text.push_back(zero ? '0' : static_cast<char>('0' + random.between(0, 9)));
        }
        if (length > 2 && !random.one_in(4))
            text[static_cast<std::size_t>(random.between(1, length - 2))] = '.';
        const char closing = "\",]} :"[random.between(0, 5)];
        const char follower = "0123456789\"0.,\0"[random.between(0, 14)];
        expect_same(text, static_cast<unsigned>(random.between(0, 18)), closing, follower);
    }
}

TEST(Decimal, print_and_parse_round_trip)
{
    constexpr std::uint64_t kSeed = 7;
    Random random(kSeed);
    char text[kDecimalTextMax];
    for (int round = 0; round < 100'000; ++round) {
        const auto bits = static_cast<unsigned>(random.between(1, 63));
        std::int64_t value = static_cast<std::int64_t>(random.next() >> (64 - bits));
        if (random.one_in(2)) value = -value;
        const auto decimals = static_cast<unsigned>(random.between(0, 18));
        const std::string full(text, print_scaled(value, decimals, text));
        const std::string brief(text, print_scaled_short(value, decimals, text));
        for (const std::string& printed : {full, brief}) {
            const ScaledNumber back = parse_scaled(printed, decimals);
            ASSERT_EQ(back.error, DecimalError::none) << printed << " seed " << kSeed;
            ASSERT_EQ(back.value, value) << printed << " at " << decimals << " seed " << kSeed;
        }
        const std::size_t point = full.find('.');
        ASSERT_EQ(point == std::string::npos ? 0 : full.size() - point - 1, decimals) << full;
        ASSERT_EQ(brief, format_scaled(value, decimals));
        ASSERT_EQ(brief, format_scaled128(value, decimals));
        ASSERT_TRUE(brief.find('.') == std::string::npos || brief.back() != '0') << brief;
    }
}

TEST(Decimal, printed_as_written)
{
    char text[kDecimalTextMax];
    const auto full = [&](std::int64_t value, unsigned decimals) {
        return std::string(text, print_scaled(value, decimals, text));
    };
    EXPECT_EQ(full(0, 0), "0");
    EXPECT_EQ(full(0, 2), "0.00");
    EXPECT_EQ(full(10, 2), "0.10");
    EXPECT_EQ(full(-5, 2), "-0.05");
    EXPECT_EQ(full(3026100, 2), "30261.00");
    EXPECT_EQ(full(kMost, 18), "9.223372036854775807");
    EXPECT_EQ(full(INT64_MIN, 0), "-9223372036854775808");
    EXPECT_EQ(full(INT64_MIN, 18), "-9.223372036854775808");
    EXPECT_EQ(format_scaled(10, 2), "0.1");
    EXPECT_EQ(format_scaled(3026100, 2), "30261");
    EXPECT_EQ(format_scaled(100, 0), "100");
    EXPECT_EQ(format_scaled(0, 5), "0");
    const Int128 most = static_cast<Int128>(~static_cast<unsigned __int128>(0) >> 1);
    EXPECT_EQ(format_scaled128(most, 18), "170141183460469231731.687303715884105727");
    EXPECT_EQ(format_scaled128(-most - 1, 0), "-170141183460469231731687303715884105728");
    EXPECT_EQ(format_scaled128(-5, 1), "-0.5");
}

TEST(Decimal, is_kept_without_trailing_zeros)
{
    EXPECT_EQ(Decimal(1000, 3), Decimal(1, 0));
    EXPECT_EQ(Decimal(1000, 2), Decimal(10, 0));
    EXPECT_EQ(Decimal(0, 18), Decimal());
    EXPECT_EQ(Decimal(0, 18).decimals(), 0U);
    EXPECT_EQ(Decimal(-120, 2).mantissa(), -12);
    EXPECT_EQ(Decimal(-120, 2).decimals(), 1U);
    EXPECT_EQ(Decimal(100, 0).mantissa(), 100);
    EXPECT_DEATH(Decimal(1, 19), "eighteen");
}

TEST(Decimal, parse_takes_what_fits)
{
    EXPECT_EQ(Decimal::parse("0.00010000"), Decimal(1, 4));
    EXPECT_EQ(Decimal::parse("-2.50"), Decimal(-25, 1));
    EXPECT_EQ(Decimal::parse("0." + std::string(40, '0')), Decimal());
    EXPECT_EQ(Decimal::parse("1." + std::string(40, '0')), Decimal(1, 0));
    EXPECT_EQ(Decimal::parse("12345678901.000000000000000000"), Decimal(12345678901, 0));
    EXPECT_EQ(Decimal::parse("100000.50000000000000000000"), Decimal(1000005, 1));
    EXPECT_EQ(Decimal::parse("9223372036854775807.0"), Decimal(kMost, 0));
    EXPECT_EQ(Decimal::parse("0.0000000000000000001"), std::nullopt);
    EXPECT_EQ(Decimal::parse("9223372036854775808"), std::nullopt);
    for (const char* text :
         {"", ".", "1.", "-", "-.0", ".0", ".00", "1e5", "1..0", "1.0.0", "1.5.0", "+1", "NaN",
          "x.00000000000000000000", "-.00000000000000000000", ".00000000000000000000"}) {
        EXPECT_EQ(Decimal::parse(text), std::nullopt) << text;
    }
}

TEST(Decimal, scaled_is_exact_or_nothing)
{
    const Decimal tick(25, 2);
    EXPECT_EQ(tick.scaled(2), 25);
    EXPECT_EQ(tick.scaled(5), 25'000);
    EXPECT_EQ(tick.scaled(1), std::nullopt);
    EXPECT_EQ(tick.scaled(19), std::nullopt);
    EXPECT_EQ(Decimal(10, 0).scaled(18), std::nullopt);
    EXPECT_EQ(Decimal(-9, 0).scaled(18), -9'000'000'000'000'000'000);
}

TEST(Decimal, compares_by_value)
{
    const std::vector<Decimal> rising = {Decimal(-kMost, 0), Decimal(-5, 1),    Decimal(-1, 18),
                                         Decimal(),          Decimal(1, 18),    Decimal(49, 2),
                                         Decimal(5, 1),      Decimal(1, 0),     Decimal(101, 2),
                                         Decimal(10, 0),     Decimal(kMost, 1), Decimal(kMost, 0)};
    for (std::size_t i = 0; i < rising.size(); ++i) {
        for (std::size_t j = 0; j < rising.size(); ++j) {
            EXPECT_EQ(rising[i] <=> rising[j], i <=> j) << rising[i].text() << " and " << rising[j].text();
            EXPECT_EQ(rising[i] == rising[j], i == j);
        }
    }
}

TEST(Decimal, multiplies_exactly)
{
    EXPECT_EQ(Decimal(1, 2).times(Decimal(100, 0)), Decimal(1, 0));
    EXPECT_EQ(Decimal(-15, 1).times(Decimal(2, 1)), Decimal(-3, 1));
    EXPECT_EQ(Decimal(0, 0).times(Decimal(kMost, 0)), Decimal());
    EXPECT_EQ(Decimal(5, 10).times(Decimal(2, 9)), Decimal(1, 18));  // nineteen decimals, the last a zero
    EXPECT_EQ(Decimal(1, 10).times(Decimal(1, 9)), std::nullopt);
    EXPECT_EQ(Decimal(kMost, 0).times(Decimal(1, 0)), Decimal(kMost, 0));
    EXPECT_EQ(Decimal(kMost, 0).times(Decimal(2, 0)), std::nullopt);
    EXPECT_EQ(Decimal(-kMost, 0).times(Decimal(3, 0)), std::nullopt);
}

}  // namespace
}  // namespace arb
