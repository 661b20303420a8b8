// The flat book by example: order, removal, duplicates, truncation, hash.
#include "engine/market/order_book.hpp"

#include <gtest/gtest.h>

#include "tests/market/support.hpp"

namespace arb {
namespace {

using test::level;
using test::Levels;

template <bool Bids>
Levels best_first(const BookSide<Bids>& side)
{
    Levels levels;
    for (std::size_t rank = 0; rank < side.size(); ++rank) levels.push_back(side.at_rank(rank));
    return levels;
}

TEST(OrderBook, is_sorted_best_first_whatever_came_how)
{
    const Levels bids = {level(98, 2), level(100, 1), level(99, 3)},
                 asks = {level(103, 6), level(101, 4), level(102, 5)};
    const Levels bids_sorted = {level(100, 1), level(99, 3), level(98, 2)};
    const Levels asks_sorted = {level(101, 4), level(102, 5), level(103, 6)};
    const Levels bids_reversed(bids_sorted.rbegin(), bids_sorted.rend());
    const Levels asks_reversed(asks_sorted.rbegin(), asks_sorted.rend());
    OrderBook assigned, sorted, reversed, applied;
    std::size_t rank = 0;
    EXPECT_TRUE(assigned.assign(bids, asks));
    EXPECT_TRUE(sorted.assign(bids_sorted, asks_sorted));
    EXPECT_TRUE(reversed.assign(bids_reversed, asks_reversed));
    EXPECT_TRUE(applied.apply(bids, asks, rank));
    for (const OrderBook* book : {&assigned, &sorted, &reversed, &applied}) {
        EXPECT_EQ(best_first(book->bids()), bids_sorted);
        EXPECT_EQ(best_first(book->asks()), asks_sorted);
        EXPECT_EQ(book->bids().best(), level(100, 1));
        EXPECT_EQ(book->asks().best(), level(101, 4));
        EXPECT_EQ(book->hash(), assigned.hash());
        EXPECT_TRUE(book->two_sided());
        EXPECT_FALSE(book->crossed());
        EXPECT_FALSE(book->locked());
    }
}

TEST(OrderBook, of_one_price_given_twice_the_last_counts)
{
    const Levels rising = {level(99, 1), level(99, 2), level(100, 3), level(100, 4)};
    const Levels falling = {level(100, 3), level(100, 4), level(99, 1), level(99, 2)};
    const Levels mixed = {level(100, 3), level(99, 1), level(100, 4), level(99, 2)};
    for (const Levels& levels : {rising, falling, mixed}) {
        OrderBook book;
        EXPECT_TRUE(book.assign(levels, levels));
        EXPECT_EQ(best_first(book.bids()), (Levels{level(100, 4), level(99, 2)}));
        EXPECT_EQ(best_first(book.asks()), (Levels{level(99, 2), level(100, 4)}));
    }
    // A last zero removes, a first zero does not.
    OrderBook book;
    EXPECT_TRUE(
        book.assign(Levels{level(99, 1), level(99, 0), level(98, 0), level(98, 7)}, Levels{level(101, 0)}));
    EXPECT_EQ(best_first(book.bids()), (Levels{level(98, 7)}));
    EXPECT_TRUE(book.asks().empty());
}

TEST(OrderBook, a_level_is_set_changed_and_removed)
{
    OrderBook book;
    std::size_t rank = 0;
    EXPECT_TRUE(book.apply(Levels{level(100, 1), level(90, 1)}, {}, rank));
    EXPECT_FALSE(book.two_sided());
    EXPECT_FALSE(book.crossed());
    EXPECT_TRUE(book.apply(Levels{level(95, 2)}, {}, rank));
    EXPECT_EQ(rank, 1U);
    EXPECT_TRUE(book.apply(Levels{level(90, 7)}, {}, rank));
    EXPECT_EQ(rank, 2U);
    EXPECT_EQ(book.bids().quantity_at({90}), Quantity{7});
    EXPECT_EQ(book.bids().quantity_at({91}), Quantity{});
    EXPECT_EQ(book.asks().quantity_at({90}), Quantity{});
    EXPECT_TRUE(book.apply(Levels{level(95, 0), level(90, 8)}, {}, rank));
    EXPECT_EQ(rank, 1U);
    EXPECT_EQ(best_first(book.bids()), (Levels{level(100, 1), level(90, 8)}));
    EXPECT_TRUE(book.apply({}, {}, rank));
    EXPECT_EQ(rank, SIZE_MAX);
    book.clear();
    EXPECT_TRUE(book.bids().empty());
    EXPECT_EQ(book.hash(), OrderBook().hash());
}

TEST(OrderBook, removing_what_is_not_there_changes_nothing)
{
    OrderBook book;
    EXPECT_TRUE(book.assign(Levels{level(100, 1)}, Levels{level(101, 1)}));
    const std::uint64_t before = book.hash();
    std::size_t rank = 0;
    EXPECT_TRUE(
        book.apply(Levels{level(99, 0), level(101, 0)}, Levels{level(100, 0), level(INT64_MAX, 0)}, rank));
    EXPECT_GE(rank, BookSide<true>::kRankKnown) << "no rank that a checksum looks at";
    EXPECT_EQ(book.hash(), before);
}

TEST(OrderBook, crossed_and_locked)
{
    OrderBook book;
    EXPECT_TRUE(book.assign(Levels{level(100, 1)}, Levels{level(100, 1)}));
    EXPECT_TRUE(book.locked());
    EXPECT_FALSE(book.crossed());
    EXPECT_TRUE(book.assign(Levels{level(101, 1)}, Levels{level(100, 1)}));
    EXPECT_FALSE(book.locked());
    EXPECT_TRUE(book.crossed());
}

TEST(OrderBook, truncation_keeps_the_best)
{
    OrderBook book;
    Levels bids, asks;
    for (int i = 0; i < 50; ++i) {
        bids.push_back(level(1000 - i, i + 1));
        asks.push_back(level(1001 + i, i + 1));
    }
    EXPECT_TRUE(book.assign(bids, asks));
    book.truncate(60);
    EXPECT_EQ(book.bids().size(), 50U);
    book.truncate(10);
    EXPECT_EQ(best_first(book.bids()), Levels(bids.begin(), bids.begin() + 10));
    EXPECT_EQ(best_first(book.asks()), Levels(asks.begin(), asks.begin() + 10));
    EXPECT_EQ(book.bids().quantity_at({990}), Quantity{});  // truncated away, and not found any more
    std::size_t rank = 0;
    EXPECT_TRUE(book.apply(Levels{level(990, 77)}, Levels{level(1011, 0)}, rank));
    EXPECT_EQ(rank, 10U);
    EXPECT_EQ(book.bids().size(), 11U);
    EXPECT_EQ(book.bids().quantity_at({990}), Quantity{77});
    OrderBook fresh;
    EXPECT_TRUE(fresh.assign(book.bids().levels(), book.asks().levels()));
    EXPECT_EQ(fresh.hash(), book.hash());
    book.truncate(0);
    EXPECT_TRUE(book.bids().empty());
    EXPECT_TRUE(book.asks().empty());
}

TEST(OrderBook, the_hash_is_fixed_and_tells_the_sides_apart)
{
    OrderBook book, other;
    EXPECT_EQ(book.hash(), 0x9ab735d3b4ec2060ULL);
    EXPECT_TRUE(book.assign(Levels{level(100, 7), level(99, 5)}, Levels{level(101, 9)}));
    EXPECT_EQ(book.hash(), 0x4cdd85a449659716ULL);
    EXPECT_TRUE(other.assign(Levels{level(101, 9)}, Levels{level(100, 7), level(99, 5)}));
    EXPECT_NE(other.hash(), book.hash());
}

TEST(OrderBook, a_hostile_feed_is_bounded)
{
    Levels many(kBookLevelsMax + 1, level(1, 1));
    for (std::size_t i = 0; i < many.size(); ++i) many[i].price.units = static_cast<std::int64_t>(i);
    OrderBook book;
    EXPECT_FALSE(book.assign(many, {}));
    EXPECT_TRUE(book.bids().empty());
    many.pop_back();
    EXPECT_TRUE(book.assign(many, {}));
    std::size_t rank = 0;
    EXPECT_TRUE(book.apply(Levels{level(5, 9)}, {}, rank));  // a change needs no room
    EXPECT_FALSE(book.apply(Levels{level(kBookLevelsMax + 5, 9)}, {}, rank));
    EXPECT_EQ(book.bids().size(), kBookLevelsMax);
}

}  // namespace
}  // namespace arb
