// What the accounts have gained, at the middles of the moment, by the account's own venue first.
#include "engine/sim/valuation.hpp"

#include <gtest/gtest.h>

#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::money;
using test::World;

void trade(World& world, std::size_t listing, Side side, const char* price, const char* quantity,
           std::uint64_t id = 1)
{
    const OrderIntent intent = world.intent(listing, side, price, quantity);
    world.portfolio.apply(intent.listing, side, world.fill(intent, id, price, quantity));
}

TEST(Valuation, the_start_is_worth_no_change)
{
    World world({{.venue = "hb"}, {.venue = "kc"}});
    world.start_with(0, "USDT", "1000");
    world.start_with(0, "LINK", "50");
    Valuation valuation(world.markets, world.portfolio, "USDT");
    EXPECT_EQ(valuation.change(), Amount{});
    EXPECT_TRUE(valuation.complete()) << "nothing moved, so nothing needs a price";
}

TEST(Valuation, base_counts_at_its_own_venues_middle)
{
    World world({{.venue = "hb"}, {.venue = "kc"}});
    world.book(0, {{"27.00", "1"}}, {{"27.10", "1"}});
    world.book(1, {{"30.00", "1"}}, {{"30.10", "1"}});
    trade(world, 0, Side::buy, "27.10", "10");
    Valuation valuation(world.markets, world.portfolio, "USDT");
    EXPECT_EQ(valuation.change(), money("-0.771"));  // 10 x (27.05 - 27.10) - 0.271 of fee
    world.book(0, {{"28.00", "1"}}, {{"28.10", "1"}});
    EXPECT_EQ(valuation.change(), money("9.229"));
    // Both legs done: what is long here and short there is worth the difference of two middles.
    trade(world, 1, Side::sell, "30.00", "10", 2);
    EXPECT_EQ(valuation.change(), money("9.229") + money("300") - money("0.3") - money("300.5"));
}

TEST(Valuation, an_asset_keeps_its_last_middle_or_takes_another_venues)
{
    World world({{.venue = "hb"}, {.venue = "kc"}});
    trade(world, 0, Side::buy, "27.00", "10");
    Valuation valuation(world.markets, world.portfolio, "USDT");
    EXPECT_EQ(valuation.change(), money("-270.27"));
    EXPECT_FALSE(valuation.complete());
    world.book(1, {{"26.00", "1"}}, {{"26.10", "1"}});
    EXPECT_EQ(valuation.change(), money("260.5") - money("270.27"));
    EXPECT_TRUE(valuation.complete());
    world.book(0, {{"27.00", "1"}}, {{"27.10", "1"}});
    EXPECT_EQ(valuation.change(), money("270.5") - money("270.27"));
    world.markets.on_unreadable(ListingId{0}, test::kStart);
    world.markets.on_unreadable(ListingId{1}, test::kStart);
    EXPECT_EQ(valuation.change(), money("270.5") - money("270.27"));
    EXPECT_TRUE(valuation.complete());
}

TEST(Valuation, the_middle_is_rounded_down)
{
    World world({{.venue = "hb"}, {.venue = "kc"}});
    world.book(0, {{"27.00", "1"}}, {{"27.01", "1"}});
    trade(world, 0, Side::sell, "27.00", "10");
    Valuation valuation(world.markets, world.portfolio, "USDT");
    EXPECT_EQ(valuation.change(), money("-0.27"));
}

TEST(Valuation, positions_and_other_quotes)
{
    World world({{.venue = "ok", .kind = InstrumentKind::perpetual},
                 {.venue = "ok", .base = "LINK", .quote = "EUR"},
                 {.venue = "ok"}});
    world.book(0, {{"27.00", "1"}}, {{"27.02", "1"}});
    world.book(2, {{"20.00", "1"}}, {{"20.02", "1"}});
    trade(world, 0, Side::sell, "27.00", "10");
    Valuation valuation(world.markets, world.portfolio, "USDT");
    EXPECT_EQ(valuation.change(),
              money("270") - money("0.27") - money("270.1"));  // its own mark, not the spot's
    EXPECT_TRUE(valuation.complete());
    trade(world, 1, Side::buy, "25.00", "2", 2);  // euros cannot be valued in USDT
    EXPECT_EQ(valuation.change(), money("-0.37") + money("40.02"));
    EXPECT_FALSE(valuation.complete());
}

}  // namespace
}  // namespace arb
