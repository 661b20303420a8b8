#pragma once
// OrderDesk's wishes on their way to the venue of the listing: orders, cancels, questions. Questions are left
// out while the venue wants to be left alone; the desk asks again. Core thread.
#include "engine/pipeline/venue_states.hpp"
#include "engine/trading/order_desk.hpp"

namespace arb {

class OrderRoutes final : public OrderRequests {
  public:
    OrderRoutes(const LiveContext& context, VenueStates& venues) : context_(context), venues_(&venues) {}

    void place(const ApprovedOrder& order, Timestamp now) override;
    void amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now) override;
    void cancel(const OrderReference& order, Timestamp now) override;
    void query_order(const OrderReference& order, Timestamp now) override;
    void query_fills(ListingId listing, Timestamp since, Timestamp now) override;

  private:
    LiveContext context_;
    VenueStates* venues_;
};

}  // namespace arb
