// When to try again: the delays' bounds, growth, spread and reset, and the budget's window.
#include "engine/net/backoff.hpp"

#include <set>

#include <gtest/gtest.h>

namespace arb::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Backoff, GrowsWithinItsBounds)
{
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        Backoff backoff(seed);
        nanoseconds top = milliseconds(100);
        for (int i = 0; i < 80; ++i) {
            const nanoseconds delay = backoff.next();
            EXPECT_GE(delay, top / 2) << "seed " << seed << " attempt " << i;
            EXPECT_LE(delay, top) << "seed " << seed << " attempt " << i;
            top = std::min<nanoseconds>(top * 2, seconds(30));
        }
    }
}

TEST(Backoff, SeedsSpreadAndRepeat)
{
    std::set<nanoseconds> first;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Backoff one(seed);
        Backoff same(seed);
        const nanoseconds delay = one.next();
        EXPECT_EQ(delay, same.next());
        first.insert(delay);
    }
    EXPECT_GT(first.size(), 15U);
}

TEST(Backoff, OnlyALongLifeStartsAnew)
{
    Backoff backoff(1);
    for (int i = 0; i < 10; ++i) backoff.next();
    backoff.on_ended(milliseconds(9999));
    EXPECT_GT(backoff.next(), seconds(10));
    backoff.on_ended(seconds(10));
    EXPECT_EQ(backoff.failures(), 0U);
    EXPECT_LE(backoff.next(), milliseconds(100));
}

TEST(Backoff, OddPoliciesAreMadeGood)
{
    Backoff backoff({seconds(0), seconds(-1), seconds(1)}, 1);
    for (int i = 0; i < 5; ++i) EXPECT_LE(backoff.next(), nanoseconds(1));
}

TEST(AttemptBudget, HoldsInEveryWindow)
{
    AttemptBudget budget(3, seconds(10));
    EXPECT_TRUE(budget.take(seconds(1)));
    EXPECT_TRUE(budget.take(seconds(2)));
    EXPECT_TRUE(budget.take(seconds(3)));
    EXPECT_FALSE(budget.take(seconds(4)));
    EXPECT_EQ(budget.next_allowed(seconds(4)), seconds(11));
    EXPECT_FALSE(budget.take(seconds(11) - nanoseconds(1)));
    EXPECT_TRUE(budget.take(seconds(11)));
    EXPECT_EQ(budget.next_allowed(seconds(11)), seconds(12));
    EXPECT_EQ(budget.next_allowed(seconds(50)), seconds(50));
}

}  // namespace
}  // namespace arb::net
