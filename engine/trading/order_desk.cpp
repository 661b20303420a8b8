#include "engine/trading/order_desk.hpp"

#include <algorithm>

namespace arb {

OrderDesk::OrderDesk(const InstrumentTable& table, const OrderDeskLimits& limits, OrderRequests& requests,
                     OrderDeskListener& listener)
    : limits_(limits),
      requests_(&requests),
      tables_(table, limits.trades_kept, listener),
      questions_(limits_, requests),
      fills_(tables_, limits_),
      lifecycle_(tables_, limits_, requests),
      restore_(tables_)
{
}

void OrderDesk::send(const ApprovedOrder& approved, Timestamp now)
{
    DeskOrder& order = tables_.open.take();
    order.id = approved.id();
    order.intent = approved.intent();
    order.venue = tables_.table->listing(order.intent.listing).venue;
    order.sent = order.doubted = now;
    tables_.epochs.on_sent(order.id);
    ++tables_.counts.sent;
    tables_.listener->on_order_state(order.change(), now);
    // One that rests is heard of as well: until then it may be anywhere, and nobody would ever hear of it.
    order.ask_by(now + limits_.answer_max);
    // Last: the connector may refuse in this very call.
    requests_->place(approved, now);
}

void OrderDesk::cancel(OrderId id, Timestamp now)
{
    if (const DeskOrder* order = tables_.open.find(id)) requests_->cancel(order->reference(), now);
}

bool OrderDesk::amendable(OrderId id) const
{
    const DeskOrder* order = tables_.open.find(id);
    return order != nullptr && tables_.features[index(order->venue)].amends &&
           order->state == OrderState::working && order->word == DeskOrder::Word::none &&
           order->amending.units == 0 && !order->reopened;
}

void OrderDesk::amend(const ApprovedAmend& amend, Timestamp now)
{
    DeskOrder* order = tables_.open.find(amend.id());
    if (order == nullptr) return;
    order->amending = amend.intent().price;
    requests_->amend(order->reference(), amend, now);
}

void OrderDesk::tell_amend(const DeskOrder& order, OrderEventKind kind, Timestamp now)
{
    OrderEvent event;
    event.order = order.id;
    event.kind = kind;
    event.price = order.intent.price;
    event.time = now;
    tables_.listener->on_order_event(event, now);
}

// Any word of the venue that shows the price it was to have; one with the old price may be old news.
void OrderDesk::note_price(DeskOrder& order, const OrderReport& report, Timestamp now)
{
    if (order.amending.units == 0 || report.price != order.amending || !is_alive(report)) return;
    order.intent.price = order.amending;
    order.amending = {};
    tell_amend(order, OrderEventKind::amended, now);
}

void OrderDesk::ask_early(OrderId id, Timestamp now)
{
    if (const DeskOrder* order = tables_.open.find(id)) questions_.ask_early(*order, now);
}

void OrderDesk::doubt_resting(VenueId venue, Timestamp now)
{
    tables_.open.for_each([&](DeskOrder& order) {
        const bool rests = order.state == OrderState::working || order.state == OrderState::pending;
        if (order.venue == venue && rests) lifecycle_.doubt(order, now);
    });
}

void OrderDesk::on_fills_end(VenueId venue, bool whole, Timestamp now)
{
    tables_.open.for_each([&](DeskOrder& order) {
        if (order.venue != venue || !order.asking_fills) return;
        order.asking_fills = false;
        order.fills_proven = whole;
        lifecycle_.settle(order, now);
    });
}

void OrderDesk::on_end(VenueId venue, const RequestEnd& end, Timestamp now)
{
    if (end.kind == RequestKind::fills)
        return on_fills_end(venue, end.outcome == Outcome::done && end.complete, now);
    DeskOrder* order = tables_.open.find(end.order);
    if (order == nullptr) return;
    const bool done = end.outcome == Outcome::done;
    if (end.kind == RequestKind::place) {
        lifecycle_.on_placed(*order, end, now);
    } else if (end.kind == RequestKind::query_order && done) {
        // It rests, by the venue's own word of now: what comes next comes by itself.
        const bool rests = order->state == OrderState::working && order->word == DeskOrder::Word::none &&
                           !order->immediate();
        if (rests && !order->lacks_fills()) order->ask_at = {};
    } else if (end.kind == RequestKind::cancel && !done) {
        // "Gone already" says nothing of how it went.
        order->ask_by(now + limits_.query_first);
    } else if (end.kind == RequestKind::amend && !done && order->amending.units != 0) {
        // The same; and whatever the venue says later of the price, whoever wished it need not wait.
        order->ask_by(now + limits_.query_first);
        tell_amend(*order, OrderEventKind::amend_failed, now);
    }
}

void OrderDesk::on_report(const OrderReport& report, Timestamp now)
{
    DeskOrder* const order = tables_.open.find(report.order);
    if (order == nullptr) return lifecycle_.on_late_report(report, now);
    if (order->venue_id.differs(report.venue_id)) {
        tables_.tell_stranger(report, true, now);
        return;
    }
    if (const char* what = order->contradiction(report))
        tables_.contradict(order->contradicted, order->id, report.listing, what, true, now);
    order->venue_id.set(report.venue_id);
    order->absent = report.status == OrderStatus::absent;
    order->absent_for_good = order->absent && lifecycle_.window_over(*order, now);
    if (report.has_filled) order->total = std::max(order->total, report.filled);
    note_price(*order, report, now);
    lifecycle_.on_word(*order, report, now);
}

void OrderDesk::on_fill(const FillReport& report, Timestamp now)
{
    if (DeskOrder* order = fills_.on_fill(report, now)) lifecycle_.settle(*order, now);
}

void OrderDesk::on_time(Timestamp now)
{
    tables_.open.for_each([&](DeskOrder& order) {
        if (!order.ask_at.known() || order.ask_at > now) return;
        if (OrderQuestions::silent(order)) {
            lifecycle_.doubt(order, now);
            order.pause = {};
        }
        questions_.ask(order, now);
    });
}

void OrderDesk::on_channel(VenueId venue, Channel channel, bool ready, Timestamp now)
{
    if (channel != Channel::private_stream && !ready) return;  // the connector ends what was in flight there
    tables_.open.for_each([&](DeskOrder& order) {
        if (order.venue != venue) return;
        order.pause = {};
        order.ask_by(now + limits_.query_first);
    });
}

OrderDeskCounts OrderDesk::counts() const
{
    OrderDeskCounts counts = tables_.counts;
    counts.queries = questions_.asked();
    return counts;
}

Timestamp OrderDesk::watermark(VenueId venue) const
{
    // What an open order did may still be unknown, from its first moment on.
    Timestamp from{INT64_MAX};
    tables_.open.for_each([&](const DeskOrder& order) {
        if (order.venue == venue) from = std::min(from, OrderQuestions::fills_from(order));
    });
    return tables_.fills.watermark(venue, from);
}

}  // namespace arb
