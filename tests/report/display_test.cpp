#include "engine/report/display.hpp"

#include <gtest/gtest.h>

#include "engine/report/chart_axis.hpp"
#include "engine/report/text_table.hpp"
#include "tests/report/samples.hpp"

namespace arb {
namespace {

using samples::exact_amount;

TEST(Display, separates_thousands)
{
    EXPECT_EQ(display::count(0), "0");
    EXPECT_EQ(display::count(999), "999");
    EXPECT_EQ(display::count(1'339), "1,339");
    EXPECT_EQ(display::count(UINT64_MAX), "18,446,744,073,709,551,615");
    EXPECT_EQ(display::grouped("-1234567.8901"), "-1,234,567.8901");
    EXPECT_EQ(display::grouped("-123"), "-123");
}

TEST(Display, rounds_half_away_from_zero_and_only_for_show)
{
    EXPECT_EQ(display::money(exact_amount("1234.565"), 2), "1,234.57");
    EXPECT_EQ(display::money(exact_amount("-1234.565"), 2), "-1,234.57");
    EXPECT_EQ(display::money(exact_amount("1.004999999999999999"), 2), "1.00");
    EXPECT_EQ(display::money(exact_amount("-0.004"), 2), "0.00") << "never a negative zero";
    EXPECT_EQ(display::money(exact_amount("2"), 0), "2");
    EXPECT_EQ(display::money(exact_amount("0.5"), 18), "0.500000000000000000");
    EXPECT_EQ(display::exact(exact_amount("-1234") - Amount{1}), "-1,234.000000000000000001");
    EXPECT_EQ(display::signed_money(exact_amount("1.5"), 1), "+1.5");
    EXPECT_EQ(display::signed_money(exact_amount("0.001"), 1), "0.0");
    EXPECT_EQ(display::signed_money(exact_amount("-1.5"), 1), "-1.5");
}

TEST(Display, small_amounts_get_more_decimals)
{
    EXPECT_EQ(display::money_decimals({}), 2U);
    EXPECT_EQ(display::money_decimals(exact_amount("-100")), 2U);
    EXPECT_EQ(display::money_decimals(exact_amount("99.9")), 3U);
    EXPECT_EQ(display::money_decimals(exact_amount("0.05")), 6U);
    EXPECT_EQ(display::money_decimals(exact_amount("0.000000000000000001")), 12U);
}

TEST(Display, basis_points)
{
    EXPECT_EQ(display::bps({80'284}), "8.03");
    EXPECT_EQ(display::bps({-50}), "-0.01");
    EXPECT_EQ(display::bps({200'000}), "20.00");
}

TEST(Display, durations_and_moments)
{
    EXPECT_EQ(display::duration(0), "0 s");
    EXPECT_EQ(display::duration(999), "999 ns");
    EXPECT_EQ(display::duration(1'500'000), "1.5 ms");
    EXPECT_EQ(display::duration(346'400'000'000), "346 s");
    EXPECT_EQ(display::duration(7'200'000'000'000), "2 h");
    EXPECT_EQ(display::duration(7'199'000'000'000), "2 h");
    EXPECT_EQ(display::duration(9'000'000'000'000), "2 h 30 min");
    EXPECT_EQ(display::duration(-1'270'000'000), "-1.3 s");
    EXPECT_EQ(display::duration(INT64_MIN), display::duration(-INT64_MAX));
    EXPECT_EQ(display::moment({}), "unknown");
    EXPECT_EQ(display::moment(samples::at("2021-08-20T00:00:01Z")), "2021-08-20 00:00:01 UTC");
    EXPECT_EQ(display::time_of_day(samples::at("2021-08-20T00:00:01.25Z")), "00:00:01.250");
}

TEST(Display, clips_by_characters)
{
    EXPECT_EQ(display::clipped("abc", 3), "abc");
    EXPECT_EQ(display::clipped("abcd", 3), "ab\u2026");
    EXPECT_EQ(display::clipped("\u20ac\u20ac\u20ac\u20ac", 2), "\u20ac\u2026");
}

TEST(TextTable, aligns_numbers_and_leaves_columns_out_when_room_is_short)
{
    TextTable table;
    table.column("name", TextTable::Align::left).column("n", TextTable::Align::right);
    table.column("more", TextTable::Align::left, 1);
    table.row({{"a"}, {"1,339"}, {"x"}}).row({{"bcdef"}, {"5"}, {"y"}});
    EXPECT_EQ(table.render(2, 80, false), "  name       n  more\n  a      1,339  x\n  bcdef      5  y\n");
    EXPECT_EQ(table.render(2, 15, false), "  name       n\n  a      1,339\n  bcdef      5\n");
}

TEST(TextTable, hostile_names_stay_one_line_and_within_the_width)
{
    TextTable table;
    table.column("name", TextTable::Align::left).column("other", TextTable::Align::left);
    table.row({{std::string(500, 'x') + "\n"}, {"\x1b[2J" + std::string(60, 'y')}});
    const std::string text = table.render(2, 50, false);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    std::size_t begin = 0;
    int lines = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        EXPECT_LE(display::clipped(text.substr(begin, end - begin), 50), text.substr(begin, end - begin));
        begin = end + 1;
        ++lines;
    }
    EXPECT_EQ(lines, 2);
}

TEST(ChartAxis, ticks_are_round_and_enclose_the_values)
{
    const chart::Ticks ticks = chart::round_ticks(-3, 97, 4);
    EXPECT_TRUE(ticks.step == 50);
    EXPECT_TRUE(ticks.low == -50 && ticks.high == 100);
    EXPECT_EQ(ticks.values.size(), 4U);
    const chart::Ticks level = chart::round_ticks(exact_amount("400").units, exact_amount("400").units, 4);
    EXPECT_TRUE(level.low < exact_amount("400").units && level.high > exact_amount("400").units);
    EXPECT_EQ(chart::amount_label(exact_amount("0.25").units, exact_amount("0.05").units), "0.25");
    EXPECT_EQ(chart::amount_label(exact_amount("1200").units, exact_amount("200").units), "1,200");
}

TEST(ChartAxis, time_ticks_fall_on_round_times)
{
    const auto ticks =
        chart::time_ticks(samples::at("2021-08-20T00:03:00Z"), samples::at("2021-08-20T02:00:00Z"), 6);
    ASSERT_EQ(ticks.size(), 4U);
    EXPECT_EQ(chart::time_label(ticks[0], ticks[1] - ticks[0]), "00:30");
    EXPECT_EQ(chart::time_label(ticks[3], ticks[1] - ticks[0]), "02:00");
    EXPECT_TRUE(chart::time_ticks({5}, {5}, 6).empty());
    EXPECT_LE(chart::time_ticks({1}, {INT64_MAX}, 6).size(), 6U);
}

TEST(ChartAxis, pixels_are_short_decimals)
{
    EXPECT_EQ(chart::pixel(1.0 / 3), "0.33");
    EXPECT_EQ(chart::pixel(-2), "-2");
    EXPECT_EQ(chart::pixel((chart::Axis{0, 10, 100, 0}.at(5))), "50");
}

}  // namespace
}  // namespace arb
