// Which markets an asset may be closed in beside its own, and what quantities and prices are there.
#include "engine/trading/other_markets.hpp"

#include <gtest/gtest.h>

#include "engine/trading/package.hpp"
#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::money;
using test::World;

/// Markets in their order: LINK/USDT, LINK/USDC with finer units, ETH/USDT, the perpetual LINK/USDT.
World link_markets()
{
    std::vector<test::Spec> specs;
    for (const char* venue : {"hb", "kc"}) {
        specs.push_back({.venue = venue});
        specs.push_back({.venue = venue, .quote = "USDC", .tick = "0.0001", .lot = "0.001"});
        specs.push_back({.venue = venue, .base = "ETH"});
        specs.push_back({.venue = venue, .kind = InstrumentKind::perpetual});
    }
    return World(specs);
}

std::size_t market_named(const World& world, std::string_view base, std::string_view quote, bool perpetual)
{
    for (std::size_t m = 0; m < world.markets.market_count(); ++m) {
        const MarketDefinition& market = world.markets.consolidated(static_cast<MarketId>(m)).definition();
        const Instrument& first = world.table.instrument_of(market.members.front().listing);
        if (market.base == base && market.quote == quote && (first.kind != InstrumentKind::spot) == perpetual)
            return m;
    }
    ADD_FAILURE() << base << quote;
    return 0;
}

TEST(OtherMarkets, of_the_same_base_spot_alone_or_perpetuals_as_well)
{
    const World world = link_markets();
    const std::size_t usdt = market_named(world, "LINK", "USDT", false);
    const std::size_t usdc = market_named(world, "LINK", "USDC", false);
    const std::size_t ether = market_named(world, "ETH", "USDT", false);
    const std::size_t perpetual = market_named(world, "LINK", "USDT", true);
    const auto none = other_markets(world.markets, OtherMarkets::none);
    const auto spot = other_markets(world.markets, OtherMarkets::spot);
    const auto any = other_markets(world.markets, OtherMarkets::any);
    for (const auto& others : none) EXPECT_TRUE(others.empty());
    EXPECT_EQ(spot[usdt], std::vector<MarketId>{static_cast<MarketId>(usdc)});
    EXPECT_EQ(spot[usdc], std::vector<MarketId>{static_cast<MarketId>(usdt)});
    EXPECT_TRUE(spot[ether].empty());
    EXPECT_TRUE(spot[perpetual].empty()) << "a position is not closed by selling coins";
    EXPECT_EQ(any[usdt].size(), 2U);
    EXPECT_EQ(any[perpetual].size(), 2U);
    EXPECT_TRUE(any[ether].empty());
}

TEST(OtherMarkets, quantities_and_prices_in_another_markets_terms)
{
    const World world = link_markets();
    const auto definition = [&](const char* quote) -> const MarketDefinition& {
        return world.markets.consolidated(static_cast<MarketId>(market_named(world, "LINK", quote, false)))
            .definition();
    };
    const MarketDefinition &usdt = definition("USDT"), &usdc = definition("USDC");
    ASSERT_EQ(usdt.quantity_decimals, 1);
    ASSERT_EQ(usdc.quantity_decimals, 3);
    EXPECT_EQ(quantity_in(-25, usdt, usdc), -2500);
    EXPECT_EQ(quantity_in(2599, usdc, usdt), 25) << "towards zero";
    EXPECT_EQ(quantity_in(-2599, usdc, usdt), -25);
    EXPECT_EQ(quantity_in(INT64_MAX, usdt, usdc), 0) << "does not fit";
    EXPECT_EQ(quantity_factor(world.instrument(0), usdc), 100);
    EXPECT_EQ(quantity_factor(world.instrument(1), usdt), 0) << "less than a unit each";
    // 27.10 USDT, of which one is worth 0.9998 USDC, at four decimals.
    EXPECT_EQ(price_in({2710}, usdt, usdc, money("0.9998")), Price{270'945});
    EXPECT_EQ(price_in({}, usdt, usdc, money("0.9998")), Price{});
}

}  // namespace
}  // namespace arb
