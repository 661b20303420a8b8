// Markets declared over several instruments: a common unit, and a clear refusal of what does not compare.
#include "engine/pipeline/comparison.hpp"

#include <gtest/gtest.h>

#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::Spec;

InstrumentTable table(const std::vector<Spec>& specs)
{
    return std::move(InstrumentTable::build(test::venues_of(specs))).take();
}

ComparisonConfig comparison(std::vector<std::string> instruments)
{
    return {"LINK basis", std::move(instruments), "demo.toml:30:1"};
}

std::string refusal(const InstrumentTable& of, std::vector<std::string> instruments)
{
    const Result<MarketDefinition> market = comparison_market(of, comparison(std::move(instruments)));
    if (market) return "accepted";
    EXPECT_EQ(market.error().code, ExitCode::usage);
    return market.error().message;
}

TEST(Comparison, members_share_the_finest_unit)
{
    const InstrumentTable t =
        table({{.venue = "hb", .tick = "0.01", .lot = "0.001"},
               {.venue = "ok", .tick = "0.0001", .lot = "1", .kind = InstrumentKind::perpetual},
               {.venue = "by", .tick = "0.01", .lot = "0.1"}});
    const Result<MarketDefinition> market = comparison_market(t, comparison({"LINK/USDT", "LINK/USDT:PERP"}));
    ASSERT_TRUE(market);
    EXPECT_EQ(market->name, "LINK basis");
    EXPECT_EQ(market->base, "LINK");
    EXPECT_EQ(market->quote, "USDT");
    EXPECT_EQ(market->price_decimals, 4);
    EXPECT_EQ(market->quantity_decimals, 3);
    ASSERT_EQ(market->members.size(), 3U);
    EXPECT_EQ(market->members[0].listing, ListingId{0});
    EXPECT_EQ(market->members[0].price_factor, 100);
    EXPECT_EQ(market->members[0].quantity_factor, 1);
    EXPECT_EQ(market->members[1].listing, ListingId{2});
    EXPECT_EQ(market->members[2].listing, ListingId{1});
    EXPECT_EQ(market->members[2].price_factor, 1);
    EXPECT_EQ(market->members[2].quantity_factor, 1000);
}

TEST(Comparison, what_does_not_compare_is_refused_with_the_place)
{
    const InstrumentTable t = table({{.venue = "hb"},
                                     {.venue = "ok", .kind = InstrumentKind::perpetual},
                                     {.venue = "ok", .quote = "USDC"},
                                     {.venue = "ok", .base = "BTC"},
                                     {.venue = "ok", .base = "DOGE"}});
    const std::string head = "demo.toml:30:1: market 'LINK basis' ";
    EXPECT_EQ(refusal(t, {"LINK/USDT", "LINK/USDT:PREP"}),
              head + "names 'LINK/USDT:PREP', which the inputs do not have; did you mean 'LINK/USDT:PERP'?");
    EXPECT_EQ(refusal(t, {"LINK/USDT", "LINK/USDC"}),
              head + "mixes different base or quote assets; they compare only through a rate");
    EXPECT_EQ(refusal(t, {"LINK/USDT", "BTC/USDT"}),
              head + "mixes different base or quote assets; they compare only through a rate");
    EXPECT_EQ(refusal(t, {"DOGE/USDT"}), head + "has fewer than two listings in these inputs");
    EXPECT_EQ(refusal(t, {}), head + "has fewer than two listings in these inputs");
    EXPECT_EQ(refusal(t, {"LINK/USDT", "LINK/USDT:PERP"}), "accepted");
}

TEST(Comparison, inverse_contracts_and_units_too_fine_are_refused)
{
    std::vector<InstrumentTable::VenueListings> venues =
        test::venues_of({{.venue = "hb", .quote = "USD"},
                         {.venue = "ok", .quote = "USD", .kind = InstrumentKind::perpetual}});
    venues[1].definitions[0].inverse = true;
    const InstrumentTable inverse = std::move(InstrumentTable::build(venues)).take();
    EXPECT_NE(refusal(inverse, {"LINK/USD", "LINK/USD:PERP"}).find("inverse contract LINK/USD:PERP"),
              std::string::npos);
    const InstrumentTable fine =
        table({{.venue = "hb", .tick = "0.0000000000001", .lot = "1"},
               {.venue = "ok", .tick = "1", .lot = "0.000001", .kind = InstrumentKind::perpetual}});
    EXPECT_NE(refusal(fine, {"LINK/USDT", "LINK/USDT:PERP"}).find("units too fine"), std::string::npos);
}

TEST(Comparison, a_market_whose_listings_another_has_as_well_is_left_out)
{
    Spec perpetual{.venue = "ok"};
    perpetual.kind = InstrumentKind::perpetual;
    const auto names = [](const std::vector<Spec>& specs) {
        const InstrumentTable t = table(specs);
        std::vector<MarketDefinition> markets = Markets::markets_of(t);
        Result<MarketDefinition> market = comparison_market(t, comparison({"LINK/USDT", "LINK/USDT:PERP"}));
        EXPECT_TRUE(market);
        markets.push_back(std::move(market).take());
        drop_covered_markets(markets);
        std::vector<std::string> kept;
        for (const MarketDefinition& kept_market : markets) kept.push_back(kept_market.name);
        return kept;
    };
    EXPECT_EQ(names({{.venue = "hb"}, {.venue = "kc"}, perpetual}), std::vector<std::string>{"LINK basis"});
    EXPECT_EQ(names({{.venue = "hb"}, perpetual}), std::vector<std::string>{"LINK basis"});
}

}  // namespace
}  // namespace arb
