#pragma once
// The way of OrderDesk's wishes to a venue: orders, other prices for them, cancels and questions. Whoever
// stands behind it knows the venue of a listing. Core thread; errors come back as news of the order.
#include "engine/base/order_report.hpp"

namespace arb {

/// What the desk wants of a venue. The engine passes it on to the connector.
class OrderRequests {
  public:
    virtual ~OrderRequests() = default;
    virtual void place(const ApprovedOrder& order, Timestamp now) = 0;
    virtual void amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now) = 0;
    virtual void cancel(const OrderReference& order, Timestamp now) = 0;
    virtual void query_order(const OrderReference& order, Timestamp now) = 0;
    virtual void query_fills(ListingId listing, Timestamp since, Timestamp now) = 0;
};

}  // namespace arb
