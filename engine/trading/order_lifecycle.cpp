#include "engine/trading/order_lifecycle.hpp"

#include <algorithm>

namespace arb {
namespace {

// News of an order may overtake each other; what a venue says so long after the end is no old news.
constexpr Duration kOldNews = seconds(10);

}  // namespace

void OrderLifecycle::set_state(DeskOrder& order, OrderState state, Timestamp now)
{
    if (order.state == state) return;
    order.state = state;
    tables_->listener->on_order_state(order.change(), now);
}

// The outcome is unknown from now on, until evidence comes.
void OrderLifecycle::doubt(DeskOrder& order, Timestamp now)
{
    if (order.word != Word::none) return;
    if (!order.was_unknown) {
        order.was_unknown = true;
        ++tables_->counts.unknown;
    }
    order.pause = limits_->query_first;
    set_state(order, OrderState::unknown, now);
    order.ask_by(now + limits_->query_first);
}

// The venue has it. One that may rest is not asked about any more: its news come by themselves.
void OrderLifecycle::note_taken(DeskOrder& order, OrderState state, Timestamp now)
{
    if (order.state != OrderState::sent) return;
    if (!order.immediate() && !order.lacks_fills()) order.ask_at = {};
    set_state(order, state, now);
}

void OrderLifecycle::on_placed(DeskOrder& order, const RequestEnd& end, Timestamp now)
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

void OrderLifecycle::on_word(DeskOrder& order, const OrderReport& report, Timestamp now)
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
            if (order.word == Word::none && order.immediate()) order.ask_by(now + limits_->answer_max);
            // A part of it is filled, and that fill has not reached us.
            if (order.lacks_fills()) order.ask_by(now + limits_->fills_grace);
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

// Ends the order when the evidence is whole; else sees to it that what is missing is asked for.
void OrderLifecycle::settle(DeskOrder& order, Timestamp now)
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
            ++tables_->counts.unknown_absent;
            order.reason = RejectReason::other;
            finish(order, order.counted.zero() ? OrderEventKind::rejected : OrderEventKind::done, now);
            return;
        }
        if (!order.ask_at.known()) order.ask_by(now + std::max(order.pause, limits_->query_first));
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
        if (!order.ask_at.known() || order.ask_at > now + limits_->fills_grace) {
            order.pause = std::max(order.pause, limits_->fills_grace);
            order.ask_at = now + order.pause;
        }
    }
}

bool OrderLifecycle::window_over(const DeskOrder& order, Timestamp now) const
{
    return now - order.doubted >= tables_->features[index(order.venue)].certainty_window;
}

void OrderLifecycle::finish(DeskOrder& order, OrderEventKind kind, Timestamp now)
{
    if (order.was_unknown && kind == OrderEventKind::done) ++tables_->counts.unknown_executed;
    if (order.was_unknown && kind == OrderEventKind::rejected && !order.absent)
        ++tables_->counts.unknown_refused;
    OrderEvent event;
    event.order = order.id;
    event.kind = kind;
    event.reason = order.reason;
    event.time = now;
    order.state = OrderState::ended;
    tables_->listener->on_order_state(order.change(), now);
    const bool reopened = order.reopened;
    tables_->ended.keep(order, now);
    tables_->open.release(order);
    ++tables_->counts.ended;
    // The slot is free: the listener may send another order from here.
    if (reopened)
        tables_->listener->on_reopened_end(event.order);
    else
        tables_->listener->on_order_event(event, now);
}

// What was ordered is filled and counted: the package goes on. A venue that says of more is asked for that.
void OrderLifecycle::finish_whole(DeskOrder& order, Timestamp now)
{
    OrderReport report;
    report.order = order.id;
    report.listing = order.intent.listing;
    report.status = OrderStatus::filled;
    report.has_filled = true;
    report.filled = order.total;
    const bool more = order.lacks_fills();
    finish(order, OrderEventKind::done, now);
    EndedOrder* ended = more ? tables_->ended.find(report.order) : nullptr;
    if (ended != nullptr) reopen(*ended, report, now);
}

void OrderLifecycle::on_late_report(const OrderReport& report, Timestamp now)
{
    if (report.status == OrderStatus::absent) return;
    const bool alive = is_alive(report);
    EndedOrder* const found = tables_->ended.find(report.order);
    if (found == nullptr) {
        // One of an earlier run that is known to be over, or somebody else's.
        if (alive) tables_->tell_stranger(report, tables_->epochs.made_here(report.order), now);
        return;
    }
    EndedOrder& ended = *found;
    const bool more = report.has_filled && report.filled > ended.counted;
    if (ended.venue_id.differs(report.venue_id)) {
        if (alive || more || report.status == OrderStatus::filled) tables_->tell_stranger(report, true, now);
        return;
    }
    if (ended.intent.quantity.zero()) return;
    const bool whole = report.status == OrderStatus::filled && ended.counted < ended.intent.quantity;
    // News overtake each other, so an order that ended by its own word is not alive for a while yet.
    const bool back = alive && (ended.absent || now - ended.ended > kOldNews);
    // The same news once more.
    if (!alive && !more && !whole && ended.venue_id.size == 0) ended.venue_id.set(report.venue_id);
    if (!more && !whole && !back) return;
    tables_->contradict(ended.contradicted, ended.id, report.listing,
                        back ? "it was over, and works" : "it was over, and more of it is called filled",
                        true, now);
    reopen(ended, report, now);
}

// As if its outcome had never been known: reserved at the worst, its fills and its end asked for.
void OrderLifecycle::reopen(EndedOrder& ended, const OrderReport& report, Timestamp now)
{
    if (tables_->open.full()) {
        DeskOrder then;
        then.sent = ended.sent;
        requests_->query_fills(ended.intent.listing, OrderQuestions::fills_from(then), now);
        return;
    }
    ++tables_->counts.reopened;
    --tables_->counts.ended;
    DeskOrder& order = tables_->open.take();
    order.id = ended.id;
    order.intent = ended.intent;
    order.venue = tables_->table->listing(ended.intent.listing).venue;
    order.sent = ended.sent;
    order.doubted = now;
    order.state = OrderState::unknown;
    order.counted = ended.counted;
    order.total = report.has_filled ? report.filled : ended.counted;
    order.reopened = order.contradicted = true;
    order.venue_id = ended.venue_id;
    order.venue_id.set(report.venue_id);
    OrderIntent left = ended.intent;
    left.quantity = std::max(order.intent.quantity, order.total) - order.counted;
    tables_->listener->on_order_state(order.change(), now);
    tables_->listener->on_reopened(order.id, left, now);
    order.ask_by(now);
    if (is_alive(report)) requests_->cancel(order.reference(), now);
    on_word(order, report, now);
}

}  // namespace arb
