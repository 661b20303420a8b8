// Where a resting order stands: behind all that was there, forward with trades, and with cancels as the model
// says; beside a naive queue in which every unit has its place.
#include "engine/sim/queue_place.hpp"

#include <algorithm>
#include <deque>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"

namespace arb {
namespace {

TEST(QueuePlace, trades_serve_the_front_and_then_us)
{
    QueuePlace place({100});
    EXPECT_EQ(place.on_trade({30}).units, 0);
    EXPECT_EQ(place.ahead().units, 70);
    EXPECT_EQ(place.on_trade({90}).units, 20);
    EXPECT_EQ(place.ahead().units, 0);
    EXPECT_EQ(place.on_trade({5}).units, 5);
}

TEST(QueuePlace, whoever_leaves_stood_behind_us_as_long_as_there_is_anybody)
{
    QueuePlace place({100});
    place.on_level({150}, QueueModel::pessimistic);  // fifty came behind us
    place.on_level({120}, QueueModel::pessimistic);
    EXPECT_EQ(place.ahead().units, 100);
    place.on_level({60}, QueueModel::pessimistic);
    EXPECT_EQ(place.ahead().units, 60) << "no more can stand before us than is shown";
    place.on_level({90}, QueueModel::pessimistic);
    EXPECT_EQ(place.ahead().units, 60);
}

TEST(QueuePlace, or_everywhere_alike)
{
    QueuePlace place({100});
    place.on_level({200}, QueueModel::proportional);
    place.on_level({100}, QueueModel::proportional);
    EXPECT_EQ(place.ahead().units, 50);
}

TEST(QueuePlace, what_a_trade_took_does_not_leave_a_second_time)
{
    for (const QueueModel model : {QueueModel::pessimistic, QueueModel::proportional}) {
        QueuePlace place({100});
        place.on_level({200}, model);
        EXPECT_EQ(place.on_trade({40}).units, 0);
        place.on_level({160}, model);
        EXPECT_EQ(place.ahead().units, 60);
    }
}

// Never served before its turn: beside a queue whose units are known one by one the pessimistic place is
// never nearer to the front than the truth, and what it says is ours was ours.
TEST(QueuePlace, the_pessimistic_place_is_never_better_than_the_truth)
{
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        Random random(seed);
        std::deque<bool> queue(static_cast<std::size_t>(random.between(0, 60)), false);  // true: ours
        QueuePlace place({static_cast<std::int64_t>(queue.size())});
        std::int64_t ours = 40, told = 0, truth = 0;
        queue.insert(queue.end(), static_cast<std::size_t>(ours), true);
        const auto others = [&] {
            return static_cast<std::int64_t>(std::count(queue.begin(), queue.end(), false));
        };
        for (int step = 0; step < 60 && truth < ours; ++step) {
            if (random.one_in(3)) {
                for (std::int64_t n = random.between(1, 12); n > 0; --n) queue.push_back(false);
            } else if (random.one_in(2)) {
                for (std::int64_t n = random.between(1, 12); n > 0 && others() > 0; --n) {
                    const auto at = static_cast<std::size_t>(
                        random.between(0, static_cast<std::int64_t>(queue.size()) - 1));
                    if (!queue[at]) queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(at));
                }
            } else {
                const std::int64_t traded =
                    std::min<std::int64_t>(random.between(1, 15), static_cast<std::int64_t>(queue.size()));
                for (std::int64_t n = traded; n > 0; --n) {
                    truth += queue.front() ? 1 : 0;
                    queue.pop_front();
                }
                told += place.on_trade({traded}).units;
            }
            EXPECT_LE(std::min(told, ours), truth) << "seed " << seed << " step " << step;
            place.on_level({others()}, QueueModel::pessimistic);
        }
    }
}

}  // namespace
}  // namespace arb
