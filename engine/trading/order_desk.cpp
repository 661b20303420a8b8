#include "engine/trading/order_desk.hpp"

#include <algorithm>

namespace arb {

OrderDesk::OrderDesk(const InstrumentTable& table, const OrderDeskLimits& limits, OrderRequests& requests,
                     OrderDeskListener& listener)
    : limits_(limits),
      requests_(&requests),
      listener_(&listener),
      features_(table.venue_count()),
      tables_(table, limits.trades_kept, listener),
      questions_(limits_, requests),
      fills_(tables_, limits_),
      late_(tables_, requests)
{
}

void OrderDesk::set_state(DeskOrder& order, OrderState state, Timestamp now)
{
    if (order.state == state) return;
    order.state = state;
    listener_->on_order_state(order.change(), now);
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
    listener_->on_order_state(order.change(), now);
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
    return order != nullptr && features_[index(order->venue)].amends && order->state == OrderState::working &&
           order->word == Word::none && order->amending.units == 0 && !order->reopened;
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
    listener_->on_order_event(event, now);
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
        if (order.venue == venue && rests) doubt(order, now);
    });
}

// The outcome is unknown from now on, until evidence comes.
void OrderDesk::doubt(DeskOrder& order, Timestamp now)
{
    if (order.word != Word::none) return;
    if (!order.was_unknown) {
        order.was_unknown = true;
        ++tables_.counts.unknown;
    }
    order.pause = limits_.query_first;
    set_state(order, OrderState::unknown, now);
    order.ask_by(now + limits_.query_first);
}

// The venue has it. One that may rest is not asked about any more: its news come by themselves.
void OrderDesk::note_taken(DeskOrder& order, OrderState state, Timestamp now)
{
    if (order.state != OrderState::sent) return;
    if (!order.immediate() && !order.lacks_fills()) order.ask_at = {};
    set_state(order, state, now);
}

void OrderDesk::on_placed(DeskOrder& order, const RequestEnd& end, Timestamp now)
{
    if (end.outcome == Outcome::done) {
        note_taken(order, OrderState::pending, now);
        return;
    }
    // A client id in use means that the order may be there already; a refusal after a fill contradicts
    // itself.
    const bool documented = end.outcome != Outcome::unknown && end.reason != RejectReason::duplicate;
    if (!documented || !order.counted.zero() || !order.total.zero() || order.state == OrderState::working) {
        doubt(order, now);
        return;
    }
    if (order.word != Word::none) return;
    order.word = Word::rejected;
    order.reason = end.reason == RejectReason::none ? RejectReason::other : end.reason;
    settle(order, now);
}

void OrderDesk::on_fills_end(VenueId venue, bool whole, Timestamp now)
{
    tables_.open.for_each([&](DeskOrder& order) {
        if (order.venue != venue || !order.asking_fills) return;
        order.asking_fills = false;
        order.fills_proven = whole;
        settle(order, now);
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
        on_placed(*order, end, now);
    } else if (end.kind == RequestKind::query_order && done) {
        // It rests, by the venue's own word of now: what comes next comes by itself.
        const bool rests =
            order->state == OrderState::working && order->word == Word::none && !order->immediate();
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
    if (order == nullptr) {
        if (DeskOrder* again = late_.on_report(report, now)) note_word(*again, report, now);
        return;
    }
    if (order->venue_id.differs(report.venue_id)) {
        tables_.tell_stranger(report, true, now);
        return;
    }
    if (const char* what = order->contradiction(report))
        tables_.contradict(order->contradicted, order->id, report.listing, what, true, now);
    order->venue_id.set(report.venue_id);
    order->absent = report.status == OrderStatus::absent;
    order->absent_for_good = order->absent && window_over(*order, now);
    if (report.has_filled) order->total = std::max(order->total, report.filled);
    note_price(*order, report, now);
    note_word(*order, report, now);
}

void OrderDesk::note_word(DeskOrder& order, const OrderReport& report, Timestamp now)
{
    switch (report.status) {
        case OrderStatus::absent:
            break;
        case OrderStatus::pending:
            note_taken(order, OrderState::pending, now);
            return;
        case OrderStatus::working:
            // An immediate order that still works is asked for again; old news must not undo a terminal word.
            note_taken(order, OrderState::working, now);
            if (order.word == Word::none) set_state(order, OrderState::working, now);
            if (order.word == Word::none && order.immediate()) order.ask_by(now + limits_.answer_max);
            // A part of it is filled, and that fill has not reached us.
            if (order.lacks_fills()) order.ask_by(now + limits_.fills_grace);
            return;
        case OrderStatus::filled:
            order.word = Word::filled;
            order.total = std::max(order.total, order.intent.quantity);
            order.told = true;
            break;
        case OrderStatus::cancelled:
            if (order.word != Word::filled) order.word = Word::cancelled;
            order.told = order.told || report.has_filled;
            order.reason = std::max(order.reason, report.reason);
            break;
        case OrderStatus::rejected:
            if (order.word == Word::none) order.word = Word::rejected;
            order.reason = std::max(order.reason, report.reason);
            break;
    }
    settle(order, now);
}

void OrderDesk::on_fill(const FillReport& report, Timestamp now)
{
    if (DeskOrder* order = fills_.on_fill(report, now)) settle(*order, now);
}

// Ends the order when the evidence is whole; else sees to it that what is missing is asked for.
void OrderDesk::settle(DeskOrder& order, Timestamp now)
{
    // All of it filled and counted needs no further word.
    if (order.counted >= order.intent.quantity && order.word != Word::rejected &&
        (!order.reopened || order.counted >= order.total)) {
        finish_whole(order, now);
        return;
    }
    if (order.word == Word::none) {
        if (!order.absent) return;
        if (order.fills_proven && window_over(order, now)) {
            ++tables_.counts.unknown_absent;
            order.reason = RejectReason::other;
            finish(order, order.counted.zero() ? OrderEventKind::rejected : OrderEventKind::done, now);
            return;
        }
        if (!order.ask_at.known()) order.ask_by(now + std::max(order.pause, limits_.query_first));
        return;
    }
    const bool enough = order.counted >= order.total && (order.told || order.fills_proven);
    if (order.word == Word::rejected && order.counted.zero() && order.total.zero()) {
        finish(order, OrderEventKind::rejected, now);
    } else if (enough) {
        finish(order, OrderEventKind::done, now);
    } else {
        // A fill that the venue counts has not reached us.
        set_state(order, OrderState::closing, now);
        if (!order.ask_at.known() || order.ask_at > now + limits_.fills_grace) {
            order.pause = std::max(order.pause, limits_.fills_grace);
            order.ask_at = now + order.pause;
        }
    }
}

bool OrderDesk::window_over(const DeskOrder& order, Timestamp now) const
{
    return now - order.doubted >= features_[index(order.venue)].certainty_window;
}

void OrderDesk::finish(DeskOrder& order, OrderEventKind kind, Timestamp now)
{
    if (order.was_unknown && kind == OrderEventKind::done) ++tables_.counts.unknown_executed;
    if (order.was_unknown && kind == OrderEventKind::rejected && !order.absent)
        ++tables_.counts.unknown_refused;
    OrderEvent event;
    event.order = order.id;
    event.kind = kind;
    event.reason = order.reason;
    event.time = now;
    order.state = OrderState::ended;
    listener_->on_order_state(order.change(), now);
    const bool reopened = order.reopened;
    tables_.ended.keep(order, now);
    tables_.open.release(order);
    ++tables_.counts.ended;
    // The slot is free: the listener may send another order from here.
    if (reopened)
        listener_->on_reopened_end(event.order);
    else
        listener_->on_order_event(event, now);
}

// What was ordered is filled and counted: the package goes on. A venue that says of more is asked for that.
void OrderDesk::finish_whole(DeskOrder& order, Timestamp now)
{
    OrderReport report;
    report.order = order.id;
    report.listing = order.intent.listing;
    report.status = OrderStatus::filled;
    report.has_filled = true;
    report.filled = order.total;
    const bool more = order.lacks_fills();
    finish(order, OrderEventKind::done, now);
    EndedOrder* ended = more ? tables_.ended.find(report.order) : nullptr;
    DeskOrder* again = ended != nullptr ? late_.reopen(*ended, report, now) : nullptr;
    if (again != nullptr) note_word(*again, report, now);
}

void OrderDesk::on_time(Timestamp now)
{
    tables_.open.for_each([&](DeskOrder& order) {
        if (!order.ask_at.known() || order.ask_at > now) return;
        if (OrderQuestions::silent(order)) {
            doubt(order, now);
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

void OrderDesk::restore(OrderId id, const OrderIntent& intent, Timestamp sent)
{
    tables_.epochs.know(epoch_of(id));
    DeskOrder& order = tables_.open.take();
    order.id = id;
    order.intent = intent;
    order.venue = tables_.table->listing(intent.listing).venue;
    order.sent = order.doubted = sent;
    order.state = OrderState::unknown;
    order.was_unknown = true;
    ++tables_.counts.unknown;
    order.ask_at = sent;  // due at the first chance
}

void OrderDesk::restore_fill(OrderId id, Quantity quantity)
{
    if (DeskOrder* order = tables_.open.find(id)) order->counted = order->counted + quantity;
}

void OrderDesk::restore_amend(OrderId id, Price price)
{
    if (DeskOrder* order = tables_.open.find(id)) order->intent.price = price;
}

void OrderDesk::restore_end(OrderId id, std::string_view venue_id)
{
    DeskOrder* order = tables_.open.find(id);
    if (order == nullptr) return;
    order->venue_id.set(venue_id);
    // When it ended is not kept: long ago.
    tables_.ended.keep(*order, {});
    tables_.open.release(*order);
    --tables_.counts.unknown;
}

void OrderDesk::restore_over(OrderId id, std::string_view venue_id)
{
    tables_.epochs.know(epoch_of(id));
    DeskOrder order;
    order.id = id;
    order.venue_id.set(venue_id);
    tables_.ended.keep(order, {});
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
