#pragma once
// What is asked of the venue that is judged: the orders of OrderDesk and its questions, and what steps ask
// about orders. What the venue answers goes to the stage. One thread.
#include "engine/pipeline/keyed_venue.hpp"
#include "engine/trading/order_requests.hpp"

namespace arb {

class VenueRequests final : public OrderRequests {
  public:
    /// All outlive it.
    VenueRequests(KeyedVenue& venue, FactSink& sink, Outbox& outbox)
        : venue_(&venue), sink_(&sink), outbox_(&outbox)
    {
    }

    void place(const ApprovedOrder& order, Timestamp now) override
    {
        venue_->send_order(order, now, *sink_, *outbox_);
    }
    void amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now) override
    {
        venue_->amend_order(order, amend, now, *sink_, *outbox_);
    }
    void cancel(const OrderReference& order, Timestamp now) override
    {
        venue_->cancel_order(order, now, *sink_, *outbox_);
    }
    void query_order(const OrderReference& order, Timestamp now) override
    {
        venue_->query_order(order, now, *sink_, *outbox_);
    }
    void query_fills(ListingId listing, Timestamp since, Timestamp now) override
    {
        venue_->query_fills({&listing, 1}, since, now, *sink_, *outbox_);
    }

  private:
    KeyedVenue* venue_;
    FactSink* sink_;
    Outbox* outbox_;
};

}  // namespace arb
