// A wrong setting is told with its place, its name and what would be right; an unknown one with the nearest
// known.
#include "engine/trading/settings.hpp"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "engine/base/result.hpp"

namespace arb {
namespace {

Settings settings(std::vector<SettingValue> values)
{
    return Settings("strategy.cross_venue", "demo.toml:10:1", std::move(values));
}

SettingValue one(std::string key, std::string text)
{
    return {std::move(key), {std::move(text)}, false, "demo.toml:12:5"};
}

std::string failure(const std::function<void()>& call)
{
    try {
        call();
    } catch (const StartError& error) {
        EXPECT_EQ(error.code(), ExitCode::usage);
        return error.what();
    }
    return "no failure";
}

TEST(Settings, absent_keys_give_their_fallbacks)
{
    Settings s = settings({});
    EXPECT_EQ(s.amount("order_max_quote", "1000.5").text(), "1000.5");
    EXPECT_EQ(s.basis_points("min_edge_bps", "1"), Rate{kRatePerBasisPoint});
    EXPECT_EQ(s.integer("attempts", 3, 0, 9), 3);
    EXPECT_EQ(s.milliseconds("stale_ms", 2000), milliseconds(2000));
    EXPECT_EQ(s.microseconds("latency_us", 250), microseconds(250));
    EXPECT_EQ(s.text("title", "none"), "none");
    EXPECT_TRUE(s.texts("markets").empty());
    EXPECT_FALSE(s.has("stale_ms"));
    s.finish();
}

TEST(Settings, given_values_are_exact)
{
    Settings s = settings({one("a", "0.000000000000000001"),
                           one("b", "-0.0001"),
                           one("c", "-7"),
                           one("d", "86400000"),
                           one("e", "60000000"),
                           one("f", "x y"),
                           {"g", {"LINK/USDT", "BTC/USDT"}, true, "demo.toml:13:1"}});
    EXPECT_EQ(s.amount("a", "1"), Amount{1});
    EXPECT_EQ(s.basis_points("b", "1"), Rate{-1});
    EXPECT_EQ(s.integer("c", 0, -7, 7), -7);
    EXPECT_EQ(s.milliseconds("d", 0), seconds(86'400));
    EXPECT_EQ(s.microseconds("e", 0), seconds(60));
    EXPECT_EQ(s.text("f", ""), "x y");
    EXPECT_EQ(s.texts("g"), (std::vector<std::string>{"LINK/USDT", "BTC/USDT"}));
    EXPECT_TRUE(s.has("g"));
    s.finish();
}

TEST(Settings, a_wrong_value_is_told_with_place_key_and_what_is_wanted)
{
    Settings s = settings({one("key", "12x"), {"list", {"1"}, true, "demo.toml:14:2"}, one("below", "-1")});
    const std::string at = "demo.toml:12:5: strategy.cross_venue.key ";
    EXPECT_EQ(failure([&] { s.amount("key", "1"); }), at + "is '12x': wanted is an amount like \"1500.25\"");
    EXPECT_EQ(failure([&] { s.basis_points("key", "1"); }),
              at + "is '12x': wanted are basis points like \"7.5\"");
    EXPECT_EQ(failure([&] { s.integer("key", 1, 0, 9); }),
              at + "is '12x': wanted is a whole number from 0 to 9");
    EXPECT_EQ(failure([&] { s.milliseconds("key", 1); }),
              at + "is '12x': wanted is a whole number from 0 to 86400000");
    EXPECT_EQ(failure([&] { s.text("list", ""); }),
              "demo.toml:14:2: strategy.cross_venue.list is a list where one value is wanted");
    EXPECT_NE(failure([&] { s.amount("below", "1"); }).find("is '-1'"), std::string::npos);
    EXPECT_NE(failure([&] { s.milliseconds("below", 1); }).find("from 0 to"), std::string::npos);
    // What nobody gave is told at the table's place.
    EXPECT_EQ(failure([&] { s.fail("absent", "is needed"); }),
              "demo.toml:10:1: strategy.cross_venue.absent is needed");
}

TEST(Settings, numbers_out_of_range_or_shape_are_refused)
{
    for (const char* text : {"", " 1", "1 ", "+1", "1e3", "0x1", "10", "-1", "99999999999999999999"}) {
        Settings s = settings({one("key", text)});
        EXPECT_NE(failure([&] { s.integer("key", 1, 0, 9); }), "no failure") << "'" << text << "'";
    }
    for (const char* text : {"", "1.00001", "1e3", "."}) {
        Settings s = settings({one("key", text)});
        EXPECT_NE(failure([&] { s.basis_points("key", "1"); }), "no failure") << "'" << text << "'";
    }
}

TEST(Settings, an_unknown_key_is_refused_with_the_nearest_that_was_asked_for)
{
    Settings s = settings({one("stale_sm", "5")});
    s.milliseconds("cooldown_ms", 0);
    s.milliseconds("stale_ms", 2000);
    EXPECT_EQ(failure([&] { s.finish(); }),
              "demo.toml:12:5: strategy.cross_venue has no key 'stale_sm'; did you mean 'stale_ms'?");
    Settings far = settings({one("zzzzzzzzzzzz", "5")});
    far.milliseconds("stale_ms", 2000);
    EXPECT_EQ(failure([&] { far.finish(); }),
              "demo.toml:12:5: strategy.cross_venue has no key 'zzzzzzzzzzzz'");
}

TEST(Settings, nearest_is_by_edit_distance)
{
    const std::vector<std::string> names{"binance", "bitfinex", "bybit"};
    EXPECT_EQ(nearest("binanse", names), "binance");
    EXPECT_EQ(nearest("bibit", names), "bybit");
    EXPECT_EQ(nearest("okxokxokxokx", names), "");
    EXPECT_EQ(nearest("bybit", {}), "");
}

}  // namespace
}  // namespace arb
