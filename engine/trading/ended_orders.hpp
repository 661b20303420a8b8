#pragma once
// What is kept of orders that ended, to know late news of them: the last kKept, oldest forgotten first. Core
// thread; no allocation after the constructor.
#include <vector>

#include "engine/base/client_order_id.hpp"
#include "engine/trading/desk_order.hpp"

namespace arb {

struct EndedOrder {
    OrderId id = kForeignOrder;
    OrderIntent intent;  ///< quantity zero: not known
    Timestamp sent, ended;
    Quantity counted;
    bool absent = false;  ///< by proof of absence alone
    bool contradicted = false;
    VenueOrderId venue_id;
};

class EndedOrders {
  public:
    static constexpr std::size_t kKept = 4096;

    EndedOrders() : ids_(kKept, kForeignOrder), orders_(kKept) {}

    void keep(const DeskOrder& order, Timestamp now);
    /// Null: not remembered.
    EndedOrder* find(OrderId id);
    /// The venue's id of it, while it is remembered; empty: never heard.
    std::string_view venue_id(OrderId id) const;
    /// Those with the venue's ids of them, oldest first.
    template <class Visit>
    void for_each(Visit&& visit) const
    {
        for (std::size_t i = 0; i < kKept; ++i) {
            const EndedOrder& order = orders_[(next_ + i) % kKept];
            if (order.venue_id.size > 0) visit(order.id, order.venue_id.view());
        }
    }

  private:
    std::vector<OrderId> ids_;  // ring; apart from the orders, for it is searched
    std::vector<EndedOrder> orders_;
    std::size_t next_ = 0;
};

}  // namespace arb
