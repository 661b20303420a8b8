// UTC text to nanoseconds and back.
#include "engine/base/time.hpp"

#include <gtest/gtest.h>

#include "engine/base/random.hpp"

namespace arb {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(Time, known_moments)
{
    const struct {
        const char* text;
        std::int64_t seconds;
    } rows[] = {
        {"1970-01-01T00:00:00.000000000Z", 0},          {"2000-02-29T00:00:00.000000000Z", 951782400},
        {"2024-02-29T23:59:59.000000000Z", 1709251199}, {"2026-08-09T21:05:48.000000000Z", 1786309548},
        {"2100-03-01T00:00:00.000000000Z", 4107542400}, {"2261-12-31T23:59:59.000000000Z", 9214646399},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(parse_utc(row.text), Timestamp{row.seconds * kSecond}) << row.text;
        EXPECT_EQ(format_utc({row.seconds * kSecond}), row.text);
    }
}

TEST(Time, the_short_forms)
{
    const Timestamp whole{1786309548 * kSecond};
    EXPECT_EQ(parse_utc("2026-08-09T21:05:48"), whole);
    EXPECT_EQ(parse_utc("2026-08-09 21:05:48"), whole);
    EXPECT_EQ(parse_utc("2026-08-09 21:05:48Z"), whole);
    EXPECT_EQ(parse_utc("2026-08-09T21:05:48.5Z"), Timestamp{whole.ns + 500'000'000});
    EXPECT_EQ(parse_utc("2026-08-09T21:05:48.05"), Timestamp{whole.ns + 50'000'000});
    EXPECT_EQ(parse_utc("2026-08-09T21:05:48.228568804Z"), Timestamp{whole.ns + 228'568'804});
    EXPECT_EQ(parse_utc("2016-12-31T23:59:60Z"), parse_utc("2017-01-01T00:00:00Z"));  // a leap second
}

TEST(Time, bad_texts)
{
    for (const char* text : {"",
                             "Z",
                             "2026-08-09",
                             "2026-08-09T21:05",
                             "2026-08-09T21:05:4",
                             "2026-08-09t21:05:48Z",
                             "2026/08/09T21:05:48Z",
                             "2026-08-09T21-05-48Z",
                             "2026-08-09T21:05:48+00:00",
                             "2026-08-09T21:05:48+02:00",
                             "2026-08-09T21:05:48z",
                             "2026-08-09T21:05:48ZZ",
                             "2026-08-09T21:05:48Z ",
                             " 2026-08-09T21:05:48Z",
                             "2026-08-09T21:05:48.Z",
                             "2026-08-09T21:05:48.",
                             "2026-08-09T21:05:48.1x",
                             "2026-08-09T21:05:48.-5Z",
                             "2026-8-09T21:05:48Z",
                             "2026-00-09T21:05:48Z",
                             "2026-13-09T21:05:48Z",
                             "2026-08-00T21:05:48Z",
                             "2026-08-32T21:05:48Z",
                             "2026-08-09T24:05:48Z",
                             "2026-08-09T21:60:48Z",
                             "2026-08-09T21:05:61Z",
                             "-026-08-09T21:05:48Z",
                             "1969-12-31T23:59:59Z",
                             "2262-01-01T00:00:00Z",
                             "9999-01-01T00:00:00Z",
                             "2026-02-29T00:00:00Z",
                             "2023-02-30T00:00:00Z",
                             "2024-02-30T00:00:00Z",
                             "2100-02-29T00:00:00Z",
                             "2026-04-31T00:00:00Z",
                             "2026-11-31T00:00:00Z"}) {
        EXPECT_EQ(parse_utc(text), std::nullopt) << '"' << text << '"';
    }
}

TEST(Time, every_day_comes_back)
{
    // 291 years of days, each a day after the one before, so no leap year is passed by.
    std::string before;
    for (std::int64_t day = 0; day < 106'650; ++day) {
        const Timestamp noon{(day * 86'400 + 43'200) * kSecond};
        const std::string text = format_utc(noon);
        ASSERT_EQ(parse_utc(text), noon) << text;
        ASSERT_LT(before, text);
        before = text;
    }
}

TEST(Time, random_moments_come_back)
{
    constexpr std::uint64_t kSeed = 5;
    Random random(kSeed);
    for (int round = 0; round < 50'000; ++round) {
        const Timestamp time{random.between(0, 9'214'646'399 * kSecond)};
        ASSERT_EQ(parse_utc(format_utc(time)), time) << time.ns << " seed " << kSeed;
    }
}

TEST(Time, before_the_epoch_is_printed_right)
{
    EXPECT_EQ(format_utc({-1}), "1969-12-31T23:59:59.999999999Z");
    EXPECT_EQ(format_utc({-86'400 * kSecond}), "1969-12-31T00:00:00.000000000Z");
    EXPECT_EQ(format_utc({INT64_MIN}), "1677-09-21T00:12:43.145224192Z");
    EXPECT_EQ(format_utc({INT64_MAX}), "2262-04-11T23:47:16.854775807Z");
}

TEST(Time, lengths_and_points)
{
    EXPECT_EQ(milliseconds(3), microseconds(3000));
    EXPECT_EQ(seconds(2), nanoseconds(2 * kSecond));
    EXPECT_EQ(Timestamp{10} + nanoseconds(5), Timestamp{15});
    EXPECT_EQ(Timestamp{10} - nanoseconds(5), Timestamp{5});
    EXPECT_EQ(Timestamp{10} - Timestamp{25}, nanoseconds(-15));
    EXPECT_FALSE(Timestamp{}.known());
    EXPECT_TRUE(Timestamp{1}.known());
}

}  // namespace
}  // namespace arb
