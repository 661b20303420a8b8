// Nothing is lost between accounts: every account ends at start + fills - fees, and what one side of a trade
// gives the other receives.
#include "engine/trading/portfolio.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"
#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

using test::money;
using test::World;

TEST(Portfolio, spot_moves_base_against_quote_and_books_fees_in_quote)
{
    World world({{.venue = "hb"}});
    world.start_with(0, "USDT", "1000");
    world.start_with(0, "LINK", "50");
    const OrderIntent buy = world.intent(0, Side::buy, "27.11", "3");
    world.portfolio.apply(buy.listing, Side::buy, world.fill(buy, 1, "27.10", "3"));
    EXPECT_EQ(world.portfolio.base(buy.listing).end(), money("53"));
    EXPECT_EQ(world.portfolio.quote(buy.listing).fills, money("-81.3"));
    EXPECT_EQ(world.portfolio.quote(buy.listing).fees, money("0.0813"));
    EXPECT_EQ(world.portfolio.quote(buy.listing).end(), money("918.6187"));
    world.portfolio.apply(buy.listing, Side::sell, world.fill(buy, 2, "28", "5"));
    EXPECT_EQ(world.portfolio.base(buy.listing).end(), money("48"));
    EXPECT_EQ(world.portfolio.quote(buy.listing).end(), money("1058.4787"));
    EXPECT_EQ(world.portfolio.quote(buy.listing).start, money("1000"));
}

TEST(Portfolio, a_rebate_adds_to_the_quote_account)
{
    World world({{.venue = "hb"}});
    Fill fill = world.fill(world.intent(0, Side::buy, "20", "1"), 1, "20", "1");
    fill.fee = money("-0.004");
    world.portfolio.apply({}, Side::buy, fill);
    EXPECT_EQ(world.portfolio.quote({}).end(), money("-19.996"));
}

TEST(Portfolio, one_account_a_venue_and_asset)
{
    World world({{.venue = "hb"}, {.venue = "hb", .base = "BTC"}, {.venue = "kc"}});
    EXPECT_EQ(world.portfolio.accounts().size(), 5U);  // hb LINK, USDT, BTC; kc LINK, USDT
    EXPECT_EQ(world.portfolio.quote_slot(ListingId{0}), world.portfolio.quote_slot(ListingId{1}));
    EXPECT_NE(world.portfolio.quote_slot(ListingId{0}), world.portfolio.quote_slot(ListingId{2}));
    EXPECT_NE(world.portfolio.base_slot(ListingId{0}), world.portfolio.base_slot(ListingId{2}));
    EXPECT_FALSE(world.portfolio.set_start(VenueId{1}, "BTC", money("1")));
    EXPECT_TRUE(world.portfolio.set_start(VenueId{0}, "BTC", money("1")));
}

TEST(Portfolio, a_derivative_is_a_position_of_its_own_and_may_go_below_zero)
{
    World world({{.venue = "ok"}, {.venue = "ok", .kind = InstrumentKind::perpetual}});
    const ListingId spot{0}, swap{1};
    EXPECT_FALSE(world.portfolio.base(spot).position);
    EXPECT_TRUE(world.portfolio.base(swap).position);
    EXPECT_EQ(world.portfolio.base(swap).asset, "LINK/USDT:PERP");
    EXPECT_NE(world.portfolio.base_slot(spot), world.portfolio.base_slot(swap));
    EXPECT_EQ(world.portfolio.quote_slot(spot), world.portfolio.quote_slot(swap));
    world.portfolio.apply(swap, Side::sell, world.fill(world.intent(1, Side::sell, "27", "2"), 1, "27", "2"));
    EXPECT_EQ(world.portfolio.base(swap).end(), money("-2"));
    EXPECT_EQ(world.portfolio.base(spot).end(), Amount{});
    EXPECT_EQ(world.portfolio.quote(swap).end(), money("53.946"));
}

TEST(Portfolio, random_fills_conserve_every_asset)
{
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed);
        World world({{.venue = "hb"},
                     {.venue = "hb", .base = "BTC"},
                     {.venue = "kc"},
                     {.venue = "kc", .base = "BTC"}});
        for (const std::size_t venue : {0U, 1U}) {
            for (const char* asset : {"USDT", "LINK", "BTC"}) world.start_with(venue, asset, "1000");
        }
        Amount paid, fees;
        std::map<std::string, Amount> bought;
        for (std::uint64_t trade = 1; trade <= 200; ++trade) {
            const auto listing = static_cast<std::size_t>(random.between(0, 3));
            const Side side = random.one_in(2) ? Side::buy : Side::sell;
            OrderIntent intent = world.intent(listing, side, "1", "1");
            Fill fill = world.fill(intent, trade, "1", "1");
            fill.quantity = {random.between(1, 1'000'000)};
            fill.notional =
                *world.instrument(listing).notional({random.between(1, 10'000'000)}, fill.quantity);
            fill.fee = apply_rate(fill.notional, {random.between(-1000, 100'000)});
            world.portfolio.apply(intent.listing, side, fill);
            const Amount quantity = world.instrument(listing).amount(fill.quantity);
            bought[world.instrument(listing).base] += side == Side::buy ? quantity : -quantity;
            paid += side == Side::buy ? fill.notional : -fill.notional;
            fees += fill.fee;
        }
        std::map<std::string, Amount> ends;
        for (const Account& account : world.portfolio.accounts()) {
            ASSERT_EQ(account.end(), account.start + account.fills - account.fees);
            ends[account.asset] += account.end();
        }
        EXPECT_EQ(ends["LINK"], money("2000") + bought["LINK"]);
        EXPECT_EQ(ends["BTC"], money("2000") + bought["BTC"]);
        EXPECT_EQ(ends["USDT"], money("2000") - paid - fees);
    }
}

}  // namespace
}  // namespace arb
