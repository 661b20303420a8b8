// The flat book against the naive one, a std::map a side, over long seeded sequences: after every message
// both hold the same levels. Snapshots, duplicates within a message, removals of absent levels and truncation
// are all in it.
#include <algorithm>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"
#include "engine/market/order_book.hpp"
#include "tests/market/support.hpp"

namespace arb {
namespace {

using test::level;
using test::Levels;
using test::NaiveBook;

struct Plan {
    std::uint64_t seed;
    std::size_t depth;        // 0: never truncated
    std::int64_t spread;      // how far from the middle prices fall
    std::int64_t far_one_in;  // one level in so many is anywhere
    int messages;
};

// Mostly near a middle that wanders, sometimes anywhere: as in a real book, and then worse.
// `removals`: how many of ten levels take one away.
Levels random_levels(Random& random, const Plan& plan, std::int64_t middle, std::int64_t count,
                     std::int64_t removals = 3)
{
    Levels levels;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t reach = random.one_in(plan.far_one_in) ? plan.spread * 50 : plan.spread;
        const std::int64_t price = random.between(middle - reach, middle + reach);
        levels.push_back(level(price, random.between(1, 10) <= removals ? 0 : random.between(1, 1'000'000)));
        if (random.one_in(10)) levels.push_back(level(price, random.one_in(2) ? 0 : random.between(1, 9)));
    }
    return levels;
}

// Sorts a snapshot the way one venue or another does.
void arrange(Random& random, Levels& levels)
{
    const auto by_price = [](const Level& a, const Level& b) { return a.price < b.price; };
    if (random.one_in(3)) return;
    std::stable_sort(levels.begin(), levels.end(), by_price);
    if (random.one_in(2)) std::reverse(levels.begin(), levels.end());
}

void expect_equal(const OrderBook& book, const NaiveBook& model)
{
    ASSERT_EQ(book.bids().size(), model.bids.size());
    ASSERT_EQ(book.asks().size(), model.asks.size());
    if (!model.bids.empty()) {
        ASSERT_EQ(book.bids().best(), level(model.bids.rbegin()->first, model.bids.rbegin()->second));
    }
    if (!model.asks.empty()) {
        ASSERT_EQ(book.asks().best(), level(model.asks.begin()->first, model.asks.begin()->second));
    }
    ASSERT_EQ(book.hash(), model.hash());
}

std::int64_t known(const std::map<std::int64_t, std::int64_t>& side, std::int64_t price)
{
    const auto found = side.find(price);
    return found == side.end() ? 0 : found->second;
}

void run(const Plan& plan)
{
    SCOPED_TRACE(testing::Message() << "seed " << plan.seed << ", depth " << plan.depth);
    Random random(plan.seed);
    OrderBook book;
    NaiveBook model;
    std::int64_t middle = 1'000'000;
    for (int message = 0; message < plan.messages; ++message) {
        middle += random.between(-2, 2);
        const bool snapshot = random.one_in(1000);
        const std::int64_t most = snapshot ? 400 : 6;
        // The book swells for a while, then it wastes away: blocks are split and joined.
        const std::int64_t removals = message / 2000 % 2 == 0 ? 2 : 8;
        Levels bids = random_levels(random, plan, middle, random.between(0, most), removals);
        Levels asks = random_levels(random, plan, middle + 1, random.between(0, most), removals);
        if (snapshot) {
            arrange(random, bids);
            arrange(random, asks);
            model = {};
            ASSERT_TRUE(book.assign(bids, asks));
        } else {
            std::size_t rank = 0;
            ASSERT_TRUE(book.apply(bids, asks, rank));
        }
        model.apply(bids, asks);
        if (plan.depth != 0) {
            book.truncate(plan.depth);
            model.truncate(plan.depth);
        }
        ASSERT_NO_FATAL_FAILURE(expect_equal(book, model)) << "after message " << message;
        const std::int64_t price = random.between(middle - 20, middle + 20);
        ASSERT_EQ(book.bids().quantity_at({price}).units, known(model.bids, price));
        ASSERT_EQ(book.asks().quantity_at({price}).units, known(model.asks, price));
    }
}

TEST(BookModel, whole_books)
{
    run({101, 0, 300, 10, 15'000});
}
TEST(BookModel, ten_levels)
{
    run({102, 10, 12, 20, 70'000});
}
TEST(BookModel, twenty_five_levels)
{
    run({103, 25, 40, 20, 70'000});
}
TEST(BookModel, a_thousand_levels)
{
    run({104, 1000, 900, 10, 8'000});
}
TEST(BookModel, a_handful_of_prices)
{
    run({105, 0, 3, 1'000'000, 60'000});
}

// The rank that tells whether a checksum over the best levels must be taken anew: when the book's best
// `depth` levels change, the rank says so.
TEST(BookModel, the_touched_rank_is_never_too_low_in_the_book)
{
    constexpr std::uint64_t kSeed = 106;
    SCOPED_TRACE(testing::Message() << "seed " << kSeed);
    Random random(kSeed);
    const Plan plan{kSeed, 0, 40, 30, 0};
    OrderBook book;
    const auto best = [&book](std::size_t depth) {
        Levels levels;
        for (std::size_t i = 0; i < std::min(depth, book.bids().size()); ++i)
            levels.push_back(book.bids().at_rank(i));
        levels.push_back(level(0, 0));
        for (std::size_t i = 0; i < std::min(depth, book.asks().size()); ++i)
            levels.push_back(book.asks().at_rank(i));
        return levels;
    };
    int unchanged = 0;
    for (int message = 0; message < 50'000; ++message) {
        const Levels before = best(10);
        const Levels bids = random_levels(random, plan, 1000, random.between(0, 2));
        const Levels asks = random_levels(random, plan, 1000, random.between(0, 2));
        std::size_t rank = 0;
        ASSERT_TRUE(book.apply(bids, asks, rank));
        if (rank < 10) continue;
        ++unchanged;
        ASSERT_EQ(best(10), before) << "message " << message << " said rank " << rank;
    }
    EXPECT_GT(unchanged, 1000);
}

}  // namespace
}  // namespace arb
