// What we took from books that do not know it: remembered a level at a time, forgotten as the venue shows
// less.
#include "engine/market/taken_liquidity.hpp"

#include <gtest/gtest.h>

#include "tests/market/support.hpp"

namespace arb {
namespace {

using test::level;
using test::Levels;

constexpr ListingId kOne{0}, kTwo{1};

OrderBook book_of(const Levels& bids, const Levels& asks)
{
    OrderBook book;
    EXPECT_TRUE(book.assign(bids, asks));
    return book;
}

Levels walked(const OrderBook& book, Side taker, const TakenLiquidity* taken)
{
    Levels levels;
    DepthWalk walk(book, kOne, taker, taken);
    for (Level next; walk.next(next);) levels.push_back(next);
    return levels;
}

TEST(TakenLiquidity, is_kept_by_listing_side_and_price)
{
    TakenLiquidity taken(2);
    EXPECT_TRUE(taken.none(kOne));
    taken.take(kOne, Side::buy, {101}, {3});
    taken.take(kOne, Side::buy, {101}, {4});
    taken.take(kOne, Side::buy, {102}, {1});
    taken.take(kOne, Side::sell, {101}, {9});
    EXPECT_EQ(taken.at(kOne, Side::buy, {101}), Quantity{7});
    EXPECT_EQ(taken.at(kOne, Side::buy, {102}), Quantity{1});
    EXPECT_EQ(taken.at(kOne, Side::sell, {101}), Quantity{9});
    EXPECT_EQ(taken.at(kOne, Side::sell, {102}), Quantity{});
    EXPECT_EQ(taken.at(kTwo, Side::buy, {101}), Quantity{});
    EXPECT_FALSE(taken.none(kOne));
    EXPECT_TRUE(taken.none(kTwo));
}

TEST(TakenLiquidity, a_book_that_shows_as_much_forgets_nothing)
{
    TakenLiquidity taken(1);
    taken.take(kOne, Side::buy, {101}, {7});
    taken.shown(kOne, book_of({}, {level(101, 10)}));
    EXPECT_EQ(taken.at(kOne, Side::buy, {101}), Quantity{7});
    taken.shown(kOne, book_of({}, {level(101, 7)}));
    EXPECT_EQ(taken.at(kOne, Side::buy, {101}), Quantity{7});
}

TEST(TakenLiquidity, shown_less_than_taken_forgets_the_difference_for_good)
{
    TakenLiquidity taken(1);
    taken.take(kOne, Side::buy, {101}, {7});
    taken.shown(kOne, book_of({}, {level(101, 4)}));
    EXPECT_EQ(taken.at(kOne, Side::buy, {101}), Quantity{4});
    const OrderBook more = book_of({}, {level(101, 9)});
    taken.shown(kOne, more);
    EXPECT_EQ(taken.at(kOne, Side::buy, {101}), Quantity{4});
    EXPECT_EQ(walked(more, Side::buy, &taken), Levels{level(101, 5)})
        << "only what was added can be traded again";
}

TEST(TakenLiquidity, a_level_that_vanishes_forgets_all)
{
    TakenLiquidity taken(1);
    taken.take(kOne, Side::buy, {101}, {7});
    taken.take(kOne, Side::sell, {100}, {2});
    taken.shown(kOne, book_of({level(100, 5)}, {level(102, 50)}));
    EXPECT_EQ(taken.at(kOne, Side::buy, {101}), Quantity{});
    EXPECT_EQ(taken.at(kOne, Side::sell, {100}), Quantity{2});
    taken.shown(kOne, book_of({}, {level(101, 50)}));
    EXPECT_TRUE(taken.none(kOne));
    EXPECT_EQ(walked(book_of({}, {level(101, 50)}), Side::buy, &taken), Levels{level(101, 50)});
}

TEST(TakenLiquidity, a_buyer_takes_asks_and_a_seller_bids)
{
    // The same price on the other side of the book is no reason to remember.
    TakenLiquidity taken(1);
    taken.take(kOne, Side::buy, {100}, {3});
    taken.take(kOne, Side::sell, {101}, {3});
    taken.shown(kOne, book_of({level(100, 9)}, {level(101, 9)}));
    EXPECT_TRUE(taken.none(kOne));
}

TEST(DepthWalk, is_net_of_what_was_taken)
{
    const OrderBook book =
        book_of({level(99, 5), level(98, 6), level(97, 7)}, {level(101, 1), level(102, 2)});
    EXPECT_EQ(walked(book, Side::sell, nullptr), (Levels{level(99, 5), level(98, 6), level(97, 7)}));
    EXPECT_EQ(walked(book, Side::buy, nullptr), (Levels{level(101, 1), level(102, 2)}));
    TakenLiquidity taken(2);
    EXPECT_EQ(walked(book, Side::sell, &taken).size(), 3U);
    taken.take(kOne, Side::sell, {99}, {5});  // all of it
    taken.take(kOne, Side::sell, {98}, {2});
    taken.take(kOne, Side::sell, {97}, {10});  // more than is shown
    taken.take(kOne, Side::buy, {101}, {1});
    taken.take(kTwo, Side::buy, {102}, {2});  // elsewhere
    EXPECT_EQ(walked(book, Side::sell, &taken), Levels{level(98, 4)});
    EXPECT_EQ(walked(book, Side::buy, &taken), Levels{level(102, 2)});
    EXPECT_TRUE(walked(OrderBook(), Side::buy, &taken).empty());
}

}  // namespace
}  // namespace arb
