// How much of a crossing pays: walks computed by hand, and the promises for any pair of books.
#include "strategies/cross_venue/sizing.hpp"

#include <algorithm>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"
#include "tests/support/trading_world.hpp"

namespace arb::cross_venue {
namespace {

using test::bps;
using test::money;
using test::Spec;
using test::TextLevels;
using test::World;

// Buys at listing 0, sells at listing 1.
struct Pair {
    explicit Pair(const std::vector<Spec>& specs = {{.venue = "hb"}, {.venue = "kc"}}) : world(specs)
    {
        limits.edge_min = bps(0);
        limits.notional_max = money("1000000");
        limits.quantity_max = 1'000'000'000;
    }
    Pair& asks(const TextLevels& levels)
    {
        world.book(0, {{"1", "1"}}, levels);
        return *this;
    }
    Pair& bids(const TextLevels& levels)
    {
        world.book(1, levels, {{"1000", "1"}});
        return *this;
    }
    Sizing size() const
    {
        const auto side = [&](std::size_t i) {
            const Listing& listing = world.table.listing(static_cast<ListingId>(i));
            SideOfPair result;
            result.book = &world.markets.builder(listing.id).book();
            result.listing = listing.id;
            result.member = {listing.id, 1, 1};
            result.fee = listing.fee_taker;
            result.lot = listing.lot.units;
            result.quantity_min = listing.quantity_min.units;
            result.notional_min = listing.notional_min;
            return result;
        };
        return size_pair(world.markets.consolidated({}).definition(), side(0), side(1), &world.taken, limits);
    }
    std::string text() const
    {
        const Sizing s = size();
        const Instrument& i = world.instrument(0);
        if (s.quantity.zero()) return std::string("nothing because ") + name(s.reason);
        return i.text(s.quantity) + " buy to " + test::full_text(s.buy_limit.units, i.price_decimals) +
               " for " + s.buy_notional.text() + " sell to " +
               test::full_text(s.sell_limit.units, i.price_decimals) + " for " + s.sell_notional.text();
    }
    World world;
    SizingLimits limits;
};

TEST(Sizing, edge_is_what_is_left_of_what_was_paid)
{
    // 101 x 0.999 - 100 x 1.002 = 100.899 - 100.2 = 0.699, of 100
    EXPECT_EQ(edge_after_fees({10'000}, {10'100}, bps(20), bps(10)), Rate{699'000});
    EXPECT_EQ(edge_after_fees({10'000}, {10'000}, bps(0), bps(0)), Rate{});
    EXPECT_EQ(edge_after_fees({10'000}, {10'000}, bps(1), bps(1)), Rate{-20'000});
    EXPECT_EQ(edge_after_fees({10'000}, {10'000}, bps(0), bps(-2)), Rate{20'000});  // a rebate
}

TEST(Sizing, walks_both_books_while_each_further_unit_pays)
{
    Pair pair({{.venue = "hb", .fee_bps = 0}, {.venue = "kc", .fee_bps = 0}});
    pair.asks({{"27.10", "5"}, {"27.12", "10"}, {"27.18", "50"}})
        .bids({{"27.20", "8"}, {"27.15", "4"}, {"27.11", "9"}});
    // 5 at 27.10 and 3 at 27.12 against 27.20; then 4 at 27.12 against 27.15; 27.12 against 27.11 loses.
    EXPECT_EQ(pair.text(), "12 buy to 27.12 for 325.34 sell to 27.15 for 326.2");
}

TEST(Sizing, fees_end_the_walk_earlier)
{
    Pair pair({{.venue = "hb", .fee_bps = 10}, {.venue = "kc", .fee_bps = 10}});
    pair.asks({{"27.10", "5"}, {"27.12", "10"}}).bids({{"27.20", "8"}, {"27.15", "4"}});
    // 27.12 to 27.20 earns 29.5 bps before 20 of fees; 27.12 to 27.15 only 11.
    EXPECT_EQ(pair.text(), "8 buy to 27.12 for 216.86 sell to 27.20 for 217.6");
    pair.limits.edge_min = bps(10);  // 27.12 to 27.20 keeps 9.5, 27.10 to 27.20 keeps 16.9
    EXPECT_EQ(pair.text(), "5 buy to 27.10 for 135.5 sell to 27.20 for 136");
}

TEST(Sizing, lots_of_both_venues_divide_the_quantity)
{
    Pair pair({{.venue = "hb", .lot = "0.4", .fee_bps = 0}, {.venue = "kc", .lot = "0.6", .fee_bps = 0}});
    pair.asks({{"27.10", "3.5"}}).bids({{"27.20", "8"}});
    EXPECT_EQ(pair.text(), "2.4 buy to 27.10 for 65.04 sell to 27.20 for 65.28");
    pair.asks({{"27.10", "1.1"}});
    EXPECT_EQ(pair.text(), "nothing because quantity");
}

TEST(Sizing, rounding_to_a_lot_may_drop_the_worst_level)
{
    Pair pair({{.venue = "hb", .lot = "1", .fee_bps = 0}, {.venue = "kc", .lot = "0.1", .fee_bps = 0}});
    pair.asks({{"27.10", "5"}, {"27.15", "0.7"}}).bids({{"27.20", "8"}});
    EXPECT_EQ(pair.text(), "5 buy to 27.10 for 135.5 sell to 27.20 for 136");
}

TEST(Sizing, minimum_quantity_and_notional_of_either_venue)
{
    Pair small({{.venue = "hb", .minimum = "3", .fee_bps = 0}, {.venue = "kc", .fee_bps = 0}});
    small.asks({{"27.10", "2.9"}}).bids({{"27.20", "8"}});
    EXPECT_EQ(small.text(), "nothing because quantity");
    small.asks({{"27.10", "3"}});
    EXPECT_EQ(small.size().quantity, small.world.quantity(0, "3"));
    Pair cheap({{.venue = "hb", .fee_bps = 0}, {.venue = "kc", .notional = "54.41", .fee_bps = 0}});
    cheap.asks({{"27.10", "2"}}).bids({{"27.20", "8"}});  // 54.40
    EXPECT_EQ(cheap.text(), "nothing because quantity");
    cheap.asks({{"27.10", "2.1"}});
    EXPECT_EQ(cheap.size().quantity, cheap.world.quantity(0, "2.1"));
}

TEST(Sizing, the_order_cap_counts_what_is_paid_at_each_level)
{
    Pair pair({{.venue = "hb", .fee_bps = 0}, {.venue = "kc", .fee_bps = 0}});
    pair.asks({{"20.00", "5"}, {"25.00", "50"}}).bids({{"27.20", "80"}});
    pair.limits.notional_max = money("150");  // 100 for the first five, two at 25
    EXPECT_EQ(pair.text(), "7 buy to 25.00 for 150 sell to 27.20 for 190.4");
    pair.limits.notional_max = money("149.99");
    EXPECT_EQ(pair.text(), "6.9 buy to 25.00 for 147.5 sell to 27.20 for 187.68");
}

TEST(Sizing, a_cap_below_the_smallest_unit_is_a_matter_of_quantity)
{
    Pair pair;
    pair.asks({{"20.00", "5"}}).bids({{"27.20", "80"}});
    pair.limits.notional_max = money("1.99");  // a tenth costs 2
    EXPECT_EQ(pair.text(), "nothing because quantity");
}

TEST(Sizing, funds_cap_the_quantity_and_are_the_reason_when_nothing_is_left)
{
    Pair pair;
    pair.asks({{"20.00", "5"}}).bids({{"27.20", "80"}});
    pair.limits.quantity_max = 12;
    EXPECT_EQ(pair.text(), "1.2 buy to 20.00 for 24 sell to 27.20 for 32.64");
    pair.limits.quantity_max = 0;
    EXPECT_EQ(pair.text(), "nothing because balance");
    Pair minimum({{.venue = "hb", .minimum = "3"}, {.venue = "kc"}});
    minimum.asks({{"20.00", "5"}}).bids({{"27.20", "80"}});
    minimum.limits.quantity_max = 29;
    EXPECT_EQ(minimum.text(), "nothing because balance");
}

TEST(Sizing, what_was_taken_is_left_out)
{
    Pair pair;
    pair.asks({{"20.00", "5"}, {"20.10", "5"}}).bids({{"27.20", "80"}});
    pair.world.taken.take(ListingId{0}, Side::buy, pair.world.price(0, "20.00"), pair.world.quantity(0, "5"));
    pair.world.taken.take(ListingId{0}, Side::buy, pair.world.price(0, "20.10"), pair.world.quantity(0, "2"));
    EXPECT_EQ(pair.text(), "3 buy to 20.10 for 60.3 sell to 27.20 for 81.6");
    EXPECT_EQ(pair.size().buy_best, pair.world.price(0, "20.10"));
    pair.world.taken.take(ListingId{1}, Side::sell, pair.world.price(1, "27.20"),
                          pair.world.quantity(1, "80"));
    EXPECT_EQ(pair.text(), "nothing because liquidity_taken");
}

struct Walked {
    std::int64_t depth = 0;        ///< units that stand on the crossing side of the other book's best price
    std::vector<std::int64_t> at;  ///< price of each unit, best first
};

Walked walk(const OrderBook& book, bool asks, Price other_best)
{
    Walked walked;
    const std::size_t size = asks ? book.asks().size() : book.bids().size();
    for (std::size_t rank = 0; rank < size; ++rank) {
        const Level& level = asks ? book.asks().at_rank(rank) : book.bids().at_rank(rank);
        if (asks ? level.price < other_best : level.price > other_best) walked.depth += level.quantity.units;
        for (std::int64_t i = 0; i < level.quantity.units; ++i) walked.at.push_back(level.price.units);
    }
    return walked;
}

// A naive model: unit by unit, the n-th cheapest ask against the n-th dearest bid.
TEST(Sizing, for_any_books_it_takes_what_pays_and_no_more)
{
    unsigned traded = 0;
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed);
        Pair pair({{.venue = "hb", .fee_bps = random.between(-1, 10)},
                   {.venue = "kc", .fee_bps = random.between(0, 10)}});
        const auto levels = [&](std::int64_t least, std::int64_t most) {
            TextLevels result;
            for (std::int64_t n = random.between(1, 6); n > 0; --n) {
                result.push_back(
                    {format_scaled(random.between(least, most), 2), format_scaled(random.between(1, 40), 1)});
            }
            return result;
        };
        pair.asks(levels(2700, 2720)).bids(levels(2695, 2730));
        pair.limits.edge_min = bps(random.between(0, 20));
        pair.limits.quantity_max = random.between(1, 200);
        const OrderBook& buy_book = pair.world.markets.builder(ListingId{0}).book();
        const OrderBook& sell_book = pair.world.markets.builder(ListingId{1}).book();
        const Walked asks = walk(buy_book, true, sell_book.bids().best().price);
        const Walked bids = walk(sell_book, false, buy_book.asks().best().price);
        const auto pays = [&](std::size_t n) {
            return n < std::min(asks.at.size(), bids.at.size()) &&
                   edge_after_fees({asks.at[n]}, {bids.at[n]}, pair.world.fees[0], pair.world.fees[1]) >=
                       pair.limits.edge_min &&
                   static_cast<Int128>(n) < pair.limits.quantity_max;
        };
        std::size_t expected = 0;
        while (bids.depth > 0 && pays(expected)) ++expected;
        const Sizing sizing = pair.size();
        ASSERT_EQ(sizing.quantity.units, static_cast<std::int64_t>(expected));
        // A rebate may pay for equal prices; without one a quantity beyond the crossing depth would lose.
        if (pair.world.fees[0].units >= 0) {
            ASSERT_LE(sizing.quantity.units, std::min(asks.depth, bids.depth));
        }
        if (expected == 0) continue;
        ++traded;
        ASSERT_GE(
            edge_after_fees(sizing.buy_limit, sizing.sell_limit, pair.world.fees[0], pair.world.fees[1]),
            pair.limits.edge_min);
        Int128 paid = 0, received = 0;
        for (std::size_t i = 0; i < expected; ++i) {
            paid += asks.at[i];
            received += bids.at[i];
        }
        const Int128 unit = power_of_ten(15);  // cents times tenths
        ASSERT_EQ(sizing.buy_notional, Amount{paid * unit});
        ASSERT_EQ(sizing.sell_notional, Amount{received * unit});
    }
    EXPECT_GT(traded, 100U);
}

}  // namespace
}  // namespace arb::cross_venue
