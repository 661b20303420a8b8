#include "engine/pipeline/keyed_venue.hpp"

#include "engine/pipeline/keyed_venue_filters.hpp"

namespace arb {

// Market data, and inputs to whom they belong.

SequenceRule KeyedVenue::sequence_rule(const Listing& listing) const
{
    return keys_.market().sequence_rule(listing);
}

std::vector<ConnectionPlan> KeyedVenue::plan(std::span<const ListingId> listings)
{
    return keys_.plan(listings);
}

void KeyedVenue::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                         Outbox& outbox)
{
    const KeySlot slot = keys_.claim(connection, url);
    if (!keys_.held(slot)) outbox.reconnect(connection, "its key is not used any more");
    keys_.call(slot, sink, outbox, &Venue::on_open, connection, url, now);
}

void KeyedVenue::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    keys_.call(keys_.owner(connection), sink, outbox, &Venue::on_frame, connection, frame, now);
}

void KeyedVenue::on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
{
    HttpReply own = reply;
    own.tag = reply.tag & ((std::uint64_t{1} << kTagBits) - 1);
    keys_.call(static_cast<KeySlot>(reply.tag >> kTagBits), sink, outbox, &Venue::on_http, own, now);
}

void KeyedVenue::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    keys_.call(keys_.release(connection), sink, outbox, &Venue::on_close, connection, now);
}

void KeyedVenue::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    for (std::size_t s = 0; s < keys_.count(); ++s)
        keys_.call(static_cast<KeySlot>(s), sink, outbox, &Venue::on_wake, now);
}

void KeyedVenue::resync(ListingId listing, Timestamp now, Outbox& outbox)
{
    keys_.market().resync(listing, now, outbox);
}

TradingFeatures KeyedVenue::trading_features() const
{
    return keys_.market().trading_features();
}

void KeyedVenue::set_clock_offset(Duration offset)
{
    keys_.set_clock_offset(offset);
}

// Requests: which key they go out under.

void KeyedVenue::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    keys_.request(Channel::order_entry, RequestKind::place, order.id(), sink, outbox, &Venue::send_order,
                  order, now);
}

void KeyedVenue::amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                             FactSink& sink, Outbox& outbox)
{
    keys_.request(Channel::order_entry, RequestKind::amend, order.order, sink, outbox, &Venue::amend_order,
                  order, amend, now);
}

void KeyedVenue::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    keys_.request(Channel::order_entry, RequestKind::cancel, order.order, sink, outbox, &Venue::cancel_order,
                  order, now);
}

void KeyedVenue::cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                            Outbox& outbox)
{
    keys_.request(Channel::order_entry, RequestKind::cancel_all, kForeignOrder, sink, outbox,
                  &Venue::cancel_all, listings, now);
}

void KeyedVenue::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    keys_.request(Channel::private_stream, RequestKind::query_order, order.order, sink, outbox,
                  &Venue::query_order, order, now);
}

void KeyedVenue::query_open_orders(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                                   Outbox& outbox)
{
    keys_.request(Channel::private_stream, RequestKind::open_orders, kForeignOrder, sink, outbox,
                  &Venue::query_open_orders, listings, now);
}

void KeyedVenue::query_fills(std::span<const ListingId> listings, Timestamp since, Timestamp now,
                             FactSink& sink, Outbox& outbox)
{
    keys_.request(Channel::private_stream, RequestKind::fills, kForeignOrder, sink, outbox,
                  &Venue::query_fills, listings, since, now);
}

void KeyedVenue::query_balances(Timestamp now, FactSink& sink, Outbox& outbox)
{
    keys_.request(Channel::private_stream, RequestKind::balances, kForeignOrder, sink, outbox,
                  &Venue::query_balances, now);
}

void KeyedVenue::query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                            Outbox& outbox)
{
    keys_.request(Channel::private_stream, RequestKind::fees, kForeignOrder, sink, outbox, &Venue::query_fees,
                  listings, now);
}

void KeyedVenue::query_time(Timestamp now, FactSink& sink, Outbox& outbox)
{
    keys_.request(Channel::private_stream, RequestKind::time, kForeignOrder, sink, outbox, &Venue::query_time,
                  now);
}

}  // namespace arb
