#include "engine/pipeline/order_routes.hpp"

#include <algorithm>

namespace arb {

void OrderRoutes::place(const ApprovedOrder& order, Timestamp now)
{
    const VenueId id = context_.table.listing(order.intent().listing).venue;
    venues_->venue(id).send_order(order, now, venues_->sink(id), venues_->outbox());
}

void OrderRoutes::amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now)
{
    const VenueId id = context_.table.listing(order.listing).venue;
    venues_->venue(id).amend_order(order, amend, now, venues_->sink(id), venues_->outbox());
}

void OrderRoutes::cancel(const OrderReference& order, Timestamp now)
{
    const VenueId id = context_.table.listing(order.listing).venue;
    context_.risk.pace().on_request(id, now);
    venues_->venue(id).cancel_order(order, now, venues_->sink(id), venues_->outbox());
}

void OrderRoutes::query_order(const OrderReference& order, Timestamp now)
{
    const VenueId id = context_.table.listing(order.listing).venue;
    if (venues_->of(id).may_ask(now))
        venues_->venue(id).query_order(order, now, venues_->sink(id), venues_->outbox());
}

void OrderRoutes::query_fills(ListingId listing, Timestamp since, Timestamp now)
{
    const VenueId id = context_.table.listing(listing).venue;
    const VenueState& state = venues_->of(id);
    if (!state.may_ask(now)) return;
    // While recovery waits for the venue's whole list every question is for all of it: their answers look
    // alike.
    const ListingId listings[] = {listing};
    if (state.fills_known) {
        venues_->venue(id).query_fills(listings, since, now, venues_->sink(id), venues_->outbox());
    } else {
        venues_->venue(id).query_fills(state.listings, std::min(since, venues_->fills_since(id, now)), now,
                                       venues_->sink(id), venues_->outbox());
    }
}

}  // namespace arb
