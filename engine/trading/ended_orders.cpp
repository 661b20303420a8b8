#include "engine/trading/ended_orders.hpp"

#include <algorithm>

namespace arb {

EndedOrder* EndedOrders::find(OrderId id)
{
    if (id == kForeignOrder) return nullptr;
    const auto place = std::find(ids_.begin(), ids_.end(), id) - ids_.begin();
    return static_cast<std::size_t>(place) == kKept ? nullptr : &orders_[static_cast<std::size_t>(place)];
}

void EndedOrders::keep(const DeskOrder& order, Timestamp now)
{
    // Only one that was over before has a place already.
    EndedOrder* kept = order.reopened || !now.known() ? find(order.id) : nullptr;
    if (kept == nullptr) {
        const std::size_t place = next_++ % kKept;
        ids_[place] = order.id;
        kept = &orders_[place];
    }
    kept->id = order.id;
    kept->intent = order.intent;
    kept->sent = order.sent;
    kept->ended = now;
    kept->counted = order.counted;
    kept->absent = order.absent && order.word == DeskOrder::Word::none;
    kept->contradicted = order.contradicted;
    kept->venue_id = order.venue_id;
}

std::string_view EndedOrders::venue_id(OrderId id) const
{
    // Asked for when it has just ended: the newest first.
    for (std::size_t i = 1; i <= kKept; ++i) {
        const std::size_t place = (next_ + kKept - i) % kKept;
        if (ids_[place] == id) return orders_[place].venue_id.view();
    }
    return {};
}

}  // namespace arb
