#include "engine/trading/open_orders.hpp"

#include "engine/base/client_order_id.hpp"

namespace arb {

DeskOrder* OpenOrders::find(OrderId id)
{
    if (id == kForeignOrder) return nullptr;
    for (DeskOrder& order : orders_) {
        if (order.used && order.id == id) return &order;
    }
    return nullptr;
}

DeskOrder& OpenOrders::take()
{
    const auto place =
        std::find_if(orders_.begin(), orders_.end(), [](const DeskOrder& order) { return !order.used; });
    ENSURE(place != orders_.end(), "the gate refuses orders before the desk is full");
    *place = {};
    place->used = true;
    ++count_;
    return *place;
}

std::size_t OpenOrders::unknown_count() const
{
    return static_cast<std::size_t>(std::count_if(orders_.begin(), orders_.end(), [](const DeskOrder& o) {
        return o.used && (o.state == OrderState::unknown || o.state == OrderState::closing);
    }));
}

bool OpenOrders::any_at(VenueId venue) const
{
    return std::any_of(orders_.begin(), orders_.end(),
                       [&](const DeskOrder& order) { return order.used && order.venue == venue; });
}

bool OpenOrders::doubtful_at(VenueId venue) const
{
    return std::any_of(orders_.begin(), orders_.end(), [&](const DeskOrder& order) {
        if (!order.used || order.venue != venue) return false;
        // One that rests and is asked about may be gone: a cancel of it was refused, say.
        const bool asked = order.ask_at.known() && !order.immediate();
        return order.state == OrderState::unknown || order.state == OrderState::closing || asked;
    });
}

}  // namespace arb
