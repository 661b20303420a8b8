// What a fee from a third coin counts as: at a book's price where one tells it, at the ordinary rate where
// none does.
#include "engine/trading/fee_value.hpp"

#include <cstring>

#include <gtest/gtest.h>

#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::bps;
using test::money;
using test::World;

constexpr ListingId kLink{0};

Fill paid(std::string_view coin, std::string_view fee)
{
    Fill fill;
    fill.notional = money("1000");
    fill.fee_asset = FeeAsset::other;
    fill.fee_paid = money(fee);
    std::memcpy(fill.fee_name.data(), coin.data(), coin.size());
    return fill;
}

TEST(FeeValue, by_the_ask_of_the_own_venue_then_of_any_then_by_the_rate)
{
    World world({{.venue = "hb"},
                 {.venue = "hb", .base = "COIN", .quote = "USDT"},
                 {.venue = "kc"},
                 {.venue = "kc", .base = "COIN", .quote = "USDT"},
                 {.venue = "kc", .base = "COIN", .quote = "LINK"}});
    const auto value = [&](const Fill& fill) { return fee_value(world.markets, kLink, fill, bps(10)); };
    EXPECT_EQ(value(paid("COIN", "0.001")), money("1")) << "10 bps of 1000: no book is there";
    world.book(4, {{"1.00", "5"}}, {{"2.00", "5"}});
    EXPECT_EQ(value(paid("COIN", "0.001")), money("1")) << "a price in another currency tells nothing";
    world.book(3, {{"500.00", "5"}}, {{"510.00", "5"}});
    EXPECT_EQ(value(paid("COIN", "0.001")), money("0.51"));
    world.book(1, {{"600.00", "5"}}, {{"600.01", "5"}});
    EXPECT_EQ(value(paid("COIN", "0.001")), money("0.60001"));
    world.book(1, {{"600.00", "5"}}, {{"599.00", "5"}});
    EXPECT_EQ(value(paid("COIN", "0.001")), money("0.51")) << "a crossed book tells nothing";
    EXPECT_EQ(value(paid("OTHER", "7")), money("1"));
    EXPECT_EQ(value(paid("COIN", "0")), Amount{});
}

TEST(FeeValue, is_rounded_against_us_and_never_overflows)
{
    World world({{.venue = "hb"}, {.venue = "hb", .base = "COIN", .quote = "USDT"}});
    world.book(1, {{"0.01", "5"}}, {{"0.03", "5"}});
    const auto value = [&](const Fill& fill) { return fee_value(world.markets, kLink, fill, bps(10)); };
    EXPECT_EQ(value(paid("COIN", "0.000000000000000001")).units, 1);
    EXPECT_EQ(value(paid("COIN", "-0.000000000000000001")).units, 0);
    EXPECT_EQ(value(paid("COIN", "-1")), money("-0.03"));
    EXPECT_EQ(value(paid("NONE", "-1")), Amount{}) << "a rebate that nobody can value";
    Fill huge = paid("COIN", "1");
    huge.fee_paid.units = static_cast<Int128>(~static_cast<unsigned __int128>(0) >> 1);
    EXPECT_EQ(value(huge), money("1"));
}

}  // namespace
}  // namespace arb
