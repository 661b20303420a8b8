// Requests of a KeyedVenue: which key they go out under.
#include "engine/pipeline/keyed_venue.hpp"
#include "engine/pipeline/keyed_venue_filters.hpp"

namespace arb {

template <class Call>
void KeyedVenue::ask_by(Channel channel, RequestKind kind, OrderId order, FactSink& sink, Outbox& outbox,
                        Call&& call)
{
    const KeySlot slot = serving(channel);
    if (!held(slot)) {
        RequestEnd end;
        end.kind = kind;
        end.outcome = Outcome::refused;
        end.reason = RejectReason::permission;
        end.order = order;
        end.complete = false;
        end.text = "no key serves here";
        sink.on_request_end(end);
        return;
    }
    if (is_about_order(kind)) ++slots_[slot].pending;
    with(slot, sink, outbox, call);
}

void KeyedVenue::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    ask_by(Channel::order_entry, RequestKind::place, order.id(), sink, outbox,
           [&](Venue& v, FactSink& facts, Outbox& tagged) { v.send_order(order, now, facts, tagged); });
}

void KeyedVenue::amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                             FactSink& sink, Outbox& outbox)
{
    ask_by(
        Channel::order_entry, RequestKind::amend, order.order, sink, outbox,
        [&](Venue& v, FactSink& facts, Outbox& tagged) { v.amend_order(order, amend, now, facts, tagged); });
}

void KeyedVenue::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    ask_by(Channel::order_entry, RequestKind::cancel, order.order, sink, outbox,
           [&](Venue& v, FactSink& facts, Outbox& tagged) { v.cancel_order(order, now, facts, tagged); });
}

void KeyedVenue::cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                            Outbox& outbox)
{
    ask_by(Channel::order_entry, RequestKind::cancel_all, kForeignOrder, sink, outbox,
           [&](Venue& v, FactSink& facts, Outbox& tagged) { v.cancel_all(listings, now, facts, tagged); });
}

void KeyedVenue::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    ask_by(Channel::private_stream, RequestKind::query_order, order.order, sink, outbox,
           [&](Venue& v, FactSink& facts, Outbox& tagged) { v.query_order(order, now, facts, tagged); });
}

void KeyedVenue::query_open_orders(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                                   Outbox& outbox)
{
    ask_by(Channel::private_stream, RequestKind::open_orders, kForeignOrder, sink, outbox,
           [&](Venue& v, FactSink& facts, Outbox& tagged) {
               v.query_open_orders(listings, now, facts, tagged);
           });
}

void KeyedVenue::query_fills(std::span<const ListingId> listings, Timestamp since, Timestamp now,
                             FactSink& sink, Outbox& outbox)
{
    ask_by(Channel::private_stream, RequestKind::fills, kForeignOrder, sink, outbox,
           [&](Venue& v, FactSink& facts, Outbox& tagged) {
               v.query_fills(listings, since, now, facts, tagged);
           });
}

void KeyedVenue::query_balances(Timestamp now, FactSink& sink, Outbox& outbox)
{
    ask_by(Channel::private_stream, RequestKind::balances, kForeignOrder, sink, outbox,
           [&](Venue& v, FactSink& facts, Outbox& tagged) { v.query_balances(now, facts, tagged); });
}

void KeyedVenue::query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                            Outbox& outbox)
{
    ask_by(Channel::private_stream, RequestKind::fees, kForeignOrder, sink, outbox,
           [&](Venue& v, FactSink& facts, Outbox& tagged) { v.query_fees(listings, now, facts, tagged); });
}

void KeyedVenue::query_time(Timestamp now, FactSink& sink, Outbox& outbox)
{
    ask_by(Channel::private_stream, RequestKind::time, kForeignOrder, sink, outbox,
           [&](Venue& v, FactSink& facts, Outbox& tagged) { v.query_time(now, facts, tagged); });
}

void KeyedVenue::set_clock_offset(Duration offset)
{
    offset_ = offset;
    for (Slot& slot : slots_) {
        if (slot.venue != nullptr) slot.venue->set_clock_offset(offset);
    }
}

}  // namespace arb
