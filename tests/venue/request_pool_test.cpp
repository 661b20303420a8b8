// One account of what a venue lets an address ask for.
#include <gtest/gtest.h>

#include "engine/venue/request_pool.hpp"

namespace arb {
namespace {

constexpr Timestamp kPoolStart{1'700'000'000'500'000'000};

TEST(RequestPool, no_span_of_a_minute_holds_more_than_the_limit)
{
    RequestPool pool(100);
    std::vector<std::pair<std::int64_t, std::uint32_t>> sent;
    for (std::int64_t ms = 0; ms < 300'000; ms += 70) {
        const Timestamp now = kPoolStart + milliseconds(ms);
        if (!pool.may(7, 100, now)) continue;
        pool.spend(7, now);
        sent.emplace_back(ms, 7);
    }
    for (const auto& [begin, first] : sent) {
        std::uint32_t sum = 0;
        for (const auto& [ms, weight] : sent) sum += ms >= begin && ms <= begin + 60'000 ? weight : 0;
        EXPECT_LE(sum, 100U) << begin;
    }
    EXPECT_GE(sent.size(), 14U * 4);
}

TEST(RequestPool, next_is_when_it_may)
{
    RequestPool pool(100);
    pool.spend(60, kPoolStart);
    pool.spend(30, kPoolStart + seconds(10));
    const Timestamp now = kPoolStart + seconds(20);
    EXPECT_EQ(pool.used(now), 90U);
    EXPECT_TRUE(pool.may(10, 100, now));
    EXPECT_FALSE(pool.may(10, 95, now));
    EXPECT_FALSE(pool.may(11, 200, now));
    const Timestamp due = pool.next(50, 100, now);
    EXPECT_GT(due, now);
    EXPECT_FALSE(pool.may(50, 100, due - milliseconds(1)));
    EXPECT_TRUE(pool.may(50, 100, due));
    EXPECT_EQ(pool.next(1, 100, now), now);
    pool.pause(now + seconds(90));
    EXPECT_FALSE(pool.may(1, 100, now + seconds(89)));
    EXPECT_EQ(pool.next(1, 100, now), now + seconds(90));
}

TEST(RequestPool, the_venue_counts_what_others_spent)
{
    RequestPool pool(100);
    pool.spend(20, kPoolStart);
    pool.told(15, kPoolStart + seconds(1));  // some of ours is still on its way
    EXPECT_EQ(pool.used(kPoolStart + seconds(1)), 20U);
    pool.told(95, kPoolStart + seconds(1));
    EXPECT_EQ(pool.used(kPoolStart + seconds(1)), 95U);
    EXPECT_FALSE(pool.may(6, 100, kPoolStart + seconds(1)));
    pool.told(UINT64_MAX, kPoolStart + seconds(1));
    EXPECT_EQ(pool.used(kPoolStart + seconds(1)), 95U);
    EXPECT_EQ(pool.used(kPoolStart + seconds(70)), 0U);
}

TEST(RequestPool, one_name_is_one_pool)
{
    RequestPools pools;
    RequestPool& first = pools.pool("futures", 100);
    EXPECT_EQ(&pools.pool("futures", 7), &first);
    EXPECT_NE(&pools.pool("spot", 7), &first);
    EXPECT_EQ(first.limit(), 100U);
}

}  // namespace
}  // namespace arb
