#include "engine/trading/closing_orders.hpp"

#include <algorithm>

namespace arb {
namespace {

bool in_use(const ClosingState& order)
{
    return order.used;
}

}  // namespace

std::int64_t ClosingState::filled() const
{
    const std::int64_t quantity = in_market(tracker.filled(), factor);
    return intent.side == Side::buy ? quantity : -quantity;
}

bool ClosingOrders::any() const
{
    return std::any_of(begin(), end(), in_use);
}

bool ClosingOrders::full() const
{
    return std::all_of(begin(), end(), in_use);
}

ClosingState& ClosingOrders::take(OrderId order, const OrderIntent& intent, Timestamp sent)
{
    ClosingState* const free = std::find_if_not(begin(), end(), in_use);
    ENSURE(free != end(), "a package has a few unwinding orders out at most");
    free->used = true;
    free->asked = false;
    free->tracker.begin(order);
    free->intent = intent;
    free->sent = sent;
    return *free;
}

ClosingState* ClosingOrders::find(OrderId id)
{
    ClosingState* const found = std::find_if(
        begin(), end(), [id](const ClosingState& order) { return order.used && order.tracker.id() == id; });
    return found == end() ? nullptr : found;
}

std::int64_t ClosingOrders::filled(std::size_t asset) const
{
    std::int64_t sum = 0;
    for (const ClosingState& order : orders_) sum += order.used && order.asset == asset ? order.filled() : 0;
    return sum;
}

std::int64_t ClosingOrders::left(std::size_t asset, Side side) const
{
    std::int64_t sum = 0;
    for (const ClosingState& order : orders_) {
        if (order.used && order.asset == asset && order.intent.side == side)
            sum += in_market(order.intent.quantity - order.tracker.filled(), order.factor);
    }
    return sum;
}

}  // namespace arb
