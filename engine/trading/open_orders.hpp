#pragma once
// The orders that are not over: a fixed table, searched by id. Core thread; no allocation after the
// constructor.
#include <algorithm>
#include <vector>

#include "engine/base/ensure.hpp"
#include "engine/trading/desk_order.hpp"

namespace arb {

class OpenOrders {
  public:
    static constexpr std::size_t kMost = 512;

    OpenOrders() : orders_(kMost) {}

    bool full() const { return count_ == kMost; }
    std::size_t count() const { return count_; }
    /// Null: none of that id.
    DeskOrder* find(OrderId id);
    const DeskOrder* find(OrderId id) const { return const_cast<OpenOrders*>(this)->find(id); }
    /// A new one; there must be room.
    DeskOrder& take();
    void release(DeskOrder& order)
    {
        order.used = false;
        --count_;
    }
    /// Whose outcome is unknown, or of which a fill is missing.
    std::size_t unknown_count() const;
    /// An order is open at the venue.
    bool any_at(VenueId venue) const;
    /// And its outcome is open: it can still explain any figure there.
    bool doubtful_at(VenueId venue) const;
    /// In no order. A visit may release what it visits, and take others.
    template <class Visit>
    void for_each(Visit&& visit)
    {
        for (DeskOrder& order : orders_) {
            if (order.used) visit(order);
        }
    }
    template <class Visit>
    void for_each(Visit&& visit) const
    {
        for (const DeskOrder& order : orders_) {
            if (order.used) visit(order);
        }
    }

  private:
    std::vector<DeskOrder> orders_;
    std::size_t count_ = 0;
};

}  // namespace arb
