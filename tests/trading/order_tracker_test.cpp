// The tracker joins evidence: whatever the order and however often the same events come, the state is one.
#include "engine/trading/order_tracker.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"

namespace arb {
namespace {

constexpr OrderId kOrder{7};

OrderEvent fill(std::uint64_t trade, std::int64_t quantity, Int128 notional, Int128 fee)
{
    OrderEvent event;
    event.order = kOrder;
    event.kind = OrderEventKind::fill;
    event.fill.trade_id = trade;
    event.fill.quantity = {quantity};
    event.fill.notional = {notional};
    event.fill.fee = {fee};
    return event;
}

OrderEvent word(OrderEventKind kind, RejectReason reason = RejectReason::none)
{
    OrderEvent event;
    event.order = kOrder;
    event.kind = kind;
    event.reason = reason;
    return event;
}

std::string state(const OrderTracker& t)
{
    return std::to_string(t.terminal()) + std::to_string(t.rejected()) + " " + name(t.reason()) + " " +
           std::to_string(t.filled().units) + " " + t.notional().text() + " " + t.fees().text();
}

TEST(OrderTracker, counts_each_trade_once_and_keeps_the_last_word)
{
    OrderTracker tracker(kOrder);
    EXPECT_FALSE(tracker.apply(word(OrderEventKind::accepted)));
    EXPECT_FALSE(tracker.terminal());
    EXPECT_TRUE(tracker.apply(fill(1, 30, 300, 3)));
    EXPECT_FALSE(tracker.apply(fill(1, 30, 300, 3)));
    EXPECT_TRUE(tracker.apply(fill(2, 5, 51, -1)));
    EXPECT_EQ(tracker.filled(), Quantity{35});
    EXPECT_EQ(tracker.notional(), Amount{351});
    EXPECT_EQ(tracker.fees(), Amount{2});
    EXPECT_FALSE(tracker.apply(word(OrderEventKind::done)));
    EXPECT_TRUE(tracker.terminal());
    EXPECT_FALSE(tracker.rejected());
    // A fill told late still happened; an acceptance told late reopens nothing.
    EXPECT_TRUE(tracker.apply(fill(3, 1, 10, 0)));
    EXPECT_FALSE(tracker.apply(word(OrderEventKind::accepted)));
    EXPECT_EQ(tracker.filled(), Quantity{36});
    EXPECT_TRUE(tracker.terminal());
}

TEST(OrderTracker, another_orders_events_change_nothing)
{
    OrderTracker tracker(kOrder);
    OrderEvent other = fill(1, 30, 300, 3);
    other.order = static_cast<OrderId>(8);
    EXPECT_FALSE(tracker.apply(other));
    other = word(OrderEventKind::rejected, RejectReason::balance);
    other.order = static_cast<OrderId>(8);
    EXPECT_FALSE(tracker.apply(other));
    EXPECT_EQ(state(tracker), state(OrderTracker(kOrder)));
}

TEST(OrderTracker, a_rejection_is_terminal_and_has_one_reason)
{
    OrderTracker a(kOrder), b(kOrder);
    a.apply(word(OrderEventKind::rejected, RejectReason::tick));
    EXPECT_TRUE(a.terminal());
    EXPECT_TRUE(a.rejected());
    EXPECT_EQ(a.reason(), RejectReason::tick);
    a.apply(word(OrderEventKind::rejected, RejectReason::balance));
    b.apply(word(OrderEventKind::rejected, RejectReason::balance));
    b.apply(word(OrderEventKind::rejected, RejectReason::tick));
    EXPECT_EQ(state(a), state(b));
}

TEST(OrderTracker, an_order_of_very_many_fills_counts_all_of_them)
{
    OrderTracker tracker(kOrder);
    constexpr std::uint64_t kFills = OrderTracker::kFillsKept * 2 + 100;
    for (std::uint64_t i = 1; i <= kFills; ++i) {
        EXPECT_TRUE(tracker.apply(fill(i, 1, 2, 3)));
        EXPECT_FALSE(tracker.apply(fill(i, 1, 2, 3))) << "told at once again";
    }
    EXPECT_FALSE(tracker.apply(fill(kFills - OrderTracker::kFillsKept + 1, 1, 2, 3)));
    EXPECT_EQ(tracker.filled(), Quantity{kFills});
    EXPECT_EQ(tracker.notional(), Amount{kFills * 2});
    EXPECT_EQ(tracker.fees(), Amount{kFills * 3});
}

void shuffle(std::vector<OrderEvent>& events, Random& random)
{
    for (std::size_t i = events.size(); i > 1; --i) {
        const auto j = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(i) - 1));
        std::swap(events[i - 1], events[j]);
    }
}

TEST(OrderTracker, any_order_and_repetition_of_one_set_of_events_gives_one_state)
{
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed);
        std::vector<OrderEvent> events;
        std::int64_t quantity = 0;
        const std::int64_t fills = random.between(0, 12);
        for (std::int64_t i = 1; i <= fills; ++i) {
            const std::int64_t part = random.between(1, 1000);
            quantity += part;
            events.push_back(
                fill(random.next(), part, random.between(1, 1'000'000), random.between(-50, 50)));
        }
        if (random.one_in(2)) events.push_back(word(OrderEventKind::accepted));
        if (random.one_in(2)) events.push_back(word(OrderEventKind::done));
        for (std::int64_t i = random.between(0, 2); i > 0; --i) {
            events.push_back(word(OrderEventKind::rejected, static_cast<RejectReason>(random.between(1, 6))));
        }
        OrderTracker once(kOrder);
        for (const OrderEvent& event : events) once.apply(event);
        EXPECT_EQ(once.filled().units, quantity);
        for (int round = 0; round < 10; ++round) {
            std::vector<OrderEvent> again = events;
            for (const OrderEvent& event : events) {
                if (random.one_in(2)) again.push_back(event);
            }
            shuffle(again, random);
            OrderTracker tracker(kOrder);
            for (const OrderEvent& event : again) {
                const Quantity before = tracker.filled();
                const bool was_terminal = tracker.terminal();
                const bool counted = tracker.apply(event);
                ASSERT_EQ(counted, tracker.filled() > before);
                ASSERT_GE(tracker.filled(), before);
                ASSERT_TRUE(!was_terminal || tracker.terminal());
            }
            ASSERT_EQ(state(tracker), state(once));
        }
    }
}

}  // namespace
}  // namespace arb
