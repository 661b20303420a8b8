// Money is exact: amounts, fees that round against us, and sums that refuse to wrap.
#include "engine/base/money.hpp"

#include <gtest/gtest.h>

#include "engine/base/random.hpp"

namespace arb {
namespace {

constexpr Int128 kAmountMost = static_cast<Int128>(~static_cast<unsigned __int128>(0) >> 1);

Amount amount(const char* text)
{
    return *amount_of(*Decimal::parse(text));
}

TEST(Money, amounts_are_exact)
{
    EXPECT_EQ((amount("0.1") + amount("0.2")).text(), "0.3");
    EXPECT_EQ((amount("0.000000000000000001") + amount("1")).text(), "1.000000000000000001");
    EXPECT_EQ((amount("1") - amount("1.5")).text(), "-0.5");
    EXPECT_EQ((-amount("2.25")).text(), "-2.25");
    EXPECT_EQ(amount("9223372036854775807").text(), "9223372036854775807");
    EXPECT_EQ(amount("-9223372036854775807").text(), "-9223372036854775807");
    EXPECT_TRUE(Amount{}.zero());
    EXPECT_LT(amount("-1"), Amount{});
    Amount sum;
    for (int i = 0; i < 1'000'000; ++i) sum += amount("0.000001");
    EXPECT_EQ(sum, amount("1"));
}

TEST(Money, a_balance_with_too_many_digits_is_rounded_down)
{
    const auto read = [](std::string_view text) {
        const std::optional<Amount> amount = amount_rounded_down(text);
        return amount ? amount->text() : std::string("none");
    };
    struct Row {
        const char* text;
        const char* amount;
    };
    for (const Row& row :
         {Row{"123456.52768569797846", "123456.52768569797846"},
          Row{"106.44801351999999", "106.44801351999999"},
          Row{"0.0000000000000000019", "0.000000000000000001"}, Row{"0.0000000000000000009", "0"},
          Row{"-0.0000000000000000019", "-0.000000000000000002"},
          Row{"-0.0000000000000000010", "-0.000000000000000001"},
          Row{"99999999999999999999.5", "99999999999999999999.5"}, Row{"0", "0"}, Row{"-0", "0"},
          Row{"12", "12"}, Row{"170141183460469231731", "170141183460469231731"},
          Row{"170141183460469231732", "none"},
          Row{"0.1234567890123456789012345678901234567890", "0.123456789012345678"}}) {
        EXPECT_EQ(read(row.text), row.amount) << row.text;
    }
    for (const char* text : {"", "-", ".", "1.", ".1", "1e5", "+1", " 1", "1 ", "1.2.3", "x", "--1", "1.0x",
                             "0.00000000000000000000x"}) {
        EXPECT_EQ(read(text), "none") << text;
    }
}

TEST(Money, sums_do_not_wrap)
{
    const Amount most{kAmountMost}, least{-kAmountMost - 1}, one{1};
    EXPECT_EQ((most - one + one).units, kAmountMost);
    EXPECT_DEATH((void)(most + one), "amounts sum");
    EXPECT_DEATH((void)(least - one), "amounts differ");
    EXPECT_DEATH((void)(least + least), "amounts sum");
    const Quantity largest{INT64_MAX};
    EXPECT_EQ((largest + Quantity{0}).units, INT64_MAX);
    EXPECT_EQ((Quantity{7} - Quantity{9}).units, -2);
    EXPECT_DEATH((void)(largest + Quantity{1}), "quantities sum");
}

TEST(Money, a_fee_is_rounded_up_and_a_rebate_too)
{
    const auto applied = [](std::int64_t units, std::int64_t rate) {
        return static_cast<std::int64_t>(apply_rate({units}, {rate}).units);
    };
    EXPECT_EQ(applied(kRateOne, 10 * kRatePerBasisPoint), 100'000);  // 10 bps of 10^8 units, nothing to round
    EXPECT_EQ(applied(100, kRateOne), 100);
    EXPECT_EQ(applied(1, 1), 1);  // a fee of a hundred-millionth unit is booked as one
    EXPECT_EQ(applied(kRateOne, 1), 1);
    EXPECT_EQ(applied(kRateOne + 1, 1), 2);
    EXPECT_EQ(applied(1, -1), 0);  // a rebate of so little is none
    EXPECT_EQ(applied(kRateOne, -1), -1);
    EXPECT_EQ(applied(2 * kRateOne - 1, -1), -1);
    EXPECT_EQ(applied(-1, 1), 0);
    EXPECT_EQ(applied(-1, -1), 1);
    EXPECT_EQ(applied(0, kRateOne), 0);
    EXPECT_EQ(applied(12345, 0), 0);
    EXPECT_EQ(apply_rate(amount("100"), {10 * kRatePerBasisPoint}).text(), "0.1");
}

TEST(Money, a_rate_is_the_least_amount_not_below_the_product)
{
    constexpr std::uint64_t kSeed = 11;
    Random random(kSeed);
    for (int round = 0; round < 20'000; ++round) {
        const std::int64_t units = random.between(-1'000'000'000'000, 1'000'000'000'000);
        const std::int64_t rate = random.between(-2'000'000, 2'000'000);
        const Int128 product = Int128{units} * rate;
        const Int128 fee = apply_rate({units}, {rate}).units;
        ASSERT_TRUE(fee * kRateOne >= product) << units << " x " << rate << " seed " << kSeed;
        ASSERT_TRUE((fee - 1) * kRateOne < product) << units << " x " << rate << " seed " << kSeed;
    }
}

TEST(Money, a_fee_does_not_wrap)
{
    EXPECT_EQ(apply_rate({kAmountMost / kRateOne}, {kRateOne}).units, kAmountMost / kRateOne);
    EXPECT_DEATH((void)apply_rate({kAmountMost}, {2}), "a fee fits");
    EXPECT_DEATH((void)apply_rate({-kAmountMost}, {2}), "a fee fits");
}

}  // namespace
}  // namespace arb
