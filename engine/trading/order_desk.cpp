#include "engine/trading/order_desk.hpp"

#include <algorithm>

namespace arb {
const char* name(OrderState state)
{
    constexpr const char* kNames[] = {"sent", "pending", "working", "closing", "unknown", "ended"};
    return kNames[static_cast<std::size_t>(state)];
}

OrderDesk::OrderDesk(const InstrumentTable& table, const OrderDeskLimits& limits, OrderRoads& roads,
                     OrderDeskListener& listener)
    : table_(&table),
      limits_(limits),
      roads_(&roads),
      listener_(&listener),
      features_(table.venue_count()),
      entries_(kOrdersMax),
      ended_(kEndedKept, kForeignOrder),
      over_(kEndedKept),
      trades_(table.venue_count(), limits.trades_kept),
      counted_(table.venue_count()),
      watermarks_(table.venue_count())
{
}

void OrderDesk::set_features(VenueId venue, const TradingFeatures& features)
{
    features_[index(venue)] = features;
}

OrderDesk::Entry* OrderDesk::find(OrderId id)
{
    if (id == kForeignOrder) return nullptr;
    for (Entry& entry : entries_) {
        if (entry.used && entry.id == id) return &entry;
    }
    return nullptr;
}

OrderDesk::Entry& OrderDesk::take_slot()
{
    const auto slot = std::find_if(entries_.begin(), entries_.end(), [](const Entry& e) { return !e.used; });
    ENSURE(slot != entries_.end(), "the gate refuses orders before the desk is full");
    *slot = {};
    slot->used = true;
    ++open_count_;
    return *slot;
}

OrderReference OrderDesk::reference(const Entry& entry) const
{
    return {entry.id, entry.intent.listing, entry.venue_id.view(), entry.sent};
}

void OrderDesk::set_state(Entry& entry, OrderState state, Timestamp now)
{
    if (entry.state == state) return;
    entry.state = state;
    listener_->on_order_state(entry.id, state, entry.reason, entry.counted, now);
}

void OrderDesk::send(const ApprovedOrder& order, Timestamp now)
{
    Entry& entry = take_slot();
    entry.id = order.id();
    entry.intent = order.intent();
    entry.venue = table_->listing(order.intent().listing).venue;
    entry.sent = entry.doubted = now;
    if (epoch_of(entry.id) == own_epoch_) last_sent_ = std::max(last_sent_, counter_of(entry.id));
    ++counts_.sent;
    listener_->on_order_state(entry.id, OrderState::sent, RejectReason::none, {}, now);
    // One that rests is heard of as well: until then it may be anywhere, and nobody would ever hear of it.
    ask_at(entry, now + limits_.answer_max);
    // Last: the connector may refuse in this very call.
    roads_->place(order, now);
}

void OrderDesk::cancel(OrderId order, Timestamp now)
{
    if (Entry* entry = find(order)) roads_->cancel(reference(*entry), now);
}

void OrderDesk::doubt_resting(VenueId venue, Timestamp now)
{
    for (Entry& entry : entries_) {
        const bool rests = entry.state == OrderState::working || entry.state == OrderState::pending;
        if (entry.used && entry.venue == venue && rests) doubt(entry, now);
    }
}

void OrderDesk::ask_at(Entry& entry, Timestamp time)
{
    if (!entry.ask_at.known() || time < entry.ask_at) entry.ask_at = time;
}

// The outcome is unknown from now on, until evidence comes.
void OrderDesk::doubt(Entry& entry, Timestamp now)
{
    if (entry.word != Word::none) return;
    if (!entry.was_unknown) {
        entry.was_unknown = true;
        ++counts_.unknown;
    }
    entry.pause = limits_.query_first;
    set_state(entry, OrderState::unknown, now);
    ask_at(entry, now + limits_.query_first);
}

// The venue has it. One that may rest is not asked about any more: its news come by themselves.
void OrderDesk::note_taken(Entry& entry, OrderState state, Timestamp now)
{
    if (entry.state != OrderState::sent) return;
    if (!is_immediate(entry.intent.time_in_force) && entry.total <= entry.counted) entry.ask_at = {};
    set_state(entry, state, now);
}

void OrderDesk::on_placed(Entry& entry, const RequestEnd& end, Timestamp now)
{
    if (end.outcome == Outcome::done) {
        note_taken(entry, OrderState::pending, now);
        return;
    }
    // A client id in use means that the order may be there already; a refusal after a fill contradicts
    // itself.
    const bool documented = end.outcome != Outcome::unknown && end.reason != RejectReason::duplicate;
    if (!documented || !entry.counted.zero() || !entry.total.zero() || entry.state == OrderState::working) {
        doubt(entry, now);
        return;
    }
    if (entry.word != Word::none) return;
    entry.word = Word::rejected;
    entry.reason = end.reason == RejectReason::none ? RejectReason::other : end.reason;
    settle(entry, now);
}

void OrderDesk::on_end(VenueId venue, const RequestEnd& end, Timestamp now)
{
    if (end.kind == RequestKind::place) {
        if (Entry* entry = find(end.order)) on_placed(*entry, end, now);
        return;
    }
    if (end.kind == RequestKind::fills) {
        for (Entry& entry : entries_) {
            if (!entry.used || entry.venue != venue || !entry.asking_fills) continue;
            entry.asking_fills = false;
            entry.fills_proven = end.outcome == Outcome::done && end.complete;
            settle(entry, now);
        }
        return;
    }
    if (end.kind == RequestKind::cancel && end.outcome != Outcome::done) {
        // "Gone already" says nothing of how it went.
        if (Entry* entry = find(end.order)) ask_at(*entry, now + limits_.query_first);
    }
    if (end.kind == RequestKind::query_order && end.outcome == Outcome::done) {
        // It rests, by the venue's own word of now: what comes next comes by itself.
        Entry* entry = find(end.order);
        const bool rests = entry != nullptr && entry->state == OrderState::working &&
                           entry->word == Word::none && !is_immediate(entry->intent.time_in_force);
        if (rests && entry->total <= entry->counted) entry->ask_at = {};
    }
}

void OrderDesk::on_report(const OrderReport& report, Timestamp now)
{
    Entry* const entry = find(report.order);
    if (entry == nullptr) {
        on_report_of_ended(report, now);
        return;
    }
    if (entry->venue_id.differs(report.venue_id)) {
        tell_stranger(report, true, now);
        return;
    }
    if (const char* what = contradiction(*entry, report))
        contradict(entry->contradicted, entry->id, report.listing, what, now);
    entry->venue_id.set(report.venue_id);
    entry->absent = report.status == OrderStatus::absent;
    entry->absent_for_good = entry->absent && window_over(*entry, now);
    if (report.has_filled) entry->total = std::max(entry->total, report.filled);
    note_word(*entry, report, now);
}

void OrderDesk::note_word(Entry& entry, const OrderReport& report, Timestamp now)
{
    switch (report.status) {
        case OrderStatus::absent:
            break;
        case OrderStatus::pending:
            note_taken(entry, OrderState::pending, now);
            return;
        case OrderStatus::working:
            // An immediate order that still works is asked for again; old news must not undo a terminal word.
            note_taken(entry, OrderState::working, now);
            if (entry.word == Word::none) set_state(entry, OrderState::working, now);
            if (entry.word == Word::none && is_immediate(entry.intent.time_in_force))
                ask_at(entry, now + limits_.answer_max);
            // A part of it is filled, and that fill has not reached us.
            if (entry.total > entry.counted) ask_at(entry, now + limits_.fills_grace);
            return;
        case OrderStatus::filled:
            entry.word = Word::filled;
            entry.total = std::max(entry.total, entry.intent.quantity);
            entry.told = true;
            break;
        case OrderStatus::cancelled:
            if (entry.word != Word::filled) entry.word = Word::cancelled;
            entry.told = entry.told || report.has_filled;
            entry.reason = std::max(entry.reason, report.reason);
            break;
        case OrderStatus::rejected:
            if (entry.word == Word::none) entry.word = Word::rejected;
            entry.reason = std::max(entry.reason, report.reason);
            break;
    }
    settle(entry, now);
}

Fill OrderDesk::fill_of(const FillReport& report) const
{
    const Listing& listing = table_->listing(report.listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    Fill fill;
    fill.trade_id = TradeMemory::key(table_->venue(listing.venue), listing.symbol, report);
    fill.price = report.price;
    fill.quantity = report.quantity;
    fill.maker = report.maker;
    const std::optional<Amount> notional = instrument.notional(report.price, report.quantity);
    fill.notional = notional.value_or(Amount{});
    fill.fee_paid = report.fee;
    if (report.fee_asset == instrument.quote) {
        fill.fee = report.fee;
    } else if (report.fee_asset == instrument.base && instrument.kind == InstrumentKind::spot) {
        fill.fee_asset = FeeAsset::base;
        // Valued at the fill's own price: fee x notional / quantity, rounded up like every fee.
        const Amount quantity = instrument.amount(report.quantity);
        if (quantity.units > 0) {
            const Rate share{static_cast<std::int64_t>(report.fee.units * kRateOne / quantity.units)};
            fill.fee = apply_rate(fill.notional, share);
        }
    } else {
        fill.fee_asset = FeeAsset::other;
        const std::size_t kept = std::min(report.fee_asset.size(), fill.fee_name.size() - 1);
        std::copy_n(report.fee_asset.begin(), kept, fill.fee_name.begin());
        fill.fee = listener_->value_fee(report.listing, fill);
    }
    return fill;
}

void OrderDesk::on_fill(const FillReport& report, Timestamp now)
{
    const Listing& listing = table_->listing(report.listing);
    const std::uint64_t key = TradeMemory::key(table_->venue(listing.venue), listing.symbol, report);
    if (strange_fill(report, key, now)) return;
    const std::uint64_t earlier =
        TradeMemory::key_without_side(table_->venue(listing.venue), listing.symbol, report);
    if (trades_.knows(key) || trades_.knows(earlier)) {
        on_known_fill(report, trades_.knows(key) ? key : earlier, now);
        return;
    }
    Entry* const entry = find(report.order);
    if (!report.has_fee) {
        if (entry != nullptr) {
            entry->total = std::max(entry->total, entry->counted + report.quantity);
            ask_at(*entry, now + limits_.fills_grace);
        }
        return;
    }
    // What was remembered of an order while it was over may have been forgotten.
    const bool held = entry != nullptr && !entry->reopened;
    const Timestamp time = report.venue_time.known() ? report.venue_time : now;
    const bool old = !held && time < trades_.floor(listing.venue);
    (void)remember({key, listing.venue, report.order, time, report.quantity});
    if (old) {
        ++counts_.old_fills;
        listener_->on_old_fill(report, now);
        return;
    }
    if (report.venue_time.known())
        counted_[index(listing.venue)] = std::max(counted_[index(listing.venue)], report.venue_time);
    const Fill fill = fill_of(report);
    if (!held) {
        ++counts_.late_fills;
        listener_->on_late_fill(report, fill, now);
    }
    if (entry == nullptr) {
        const std::size_t place = place_of_ended(report.order);
        if (place != kEndedKept) over_[place].counted = over_[place].counted + report.quantity;
        return;
    }
    entry->counted = entry->counted + report.quantity;
    entry->absent = entry->absent_for_good = false;
    entry->venue_id.set(report.venue_id);
    if (entry->counted > entry->intent.quantity || (entry->told && entry->counted > entry->total))
        contradict(entry->contradicted, entry->id, report.listing, "its fills are more than its total", now);
    const OrderId id = entry->id;
    if (!entry->reopened) {
        OrderEvent event;
        event.order = id;
        event.kind = OrderEventKind::fill;
        event.fill = fill;
        event.time = now;
        listener_->on_order_event(event, now);
    }
    if (Entry* still = find(id)) settle(*still, now);
}

// Ends the order when the evidence is whole; else sees to it that what is missing is asked for.
void OrderDesk::settle(Entry& entry, Timestamp now)
{
    // All of it filled and counted needs no further word.
    if (entry.counted >= entry.intent.quantity && entry.word != Word::rejected &&
        (!entry.reopened || entry.counted >= entry.total)) {
        finish_whole(entry, now);
        return;
    }
    if (entry.word == Word::none) {
        if (!entry.absent) return;
        if (proves_absence(entry, now)) {
            ++counts_.unknown_absent;
            entry.reason = RejectReason::other;
            finish(entry, entry.counted.zero() ? OrderEventKind::rejected : OrderEventKind::done, now);
            return;
        }
        if (!entry.ask_at.known()) ask_at(entry, now + std::max(entry.pause, limits_.query_first));
        return;
    }
    const bool enough = entry.counted >= entry.total && (entry.told || entry.fills_proven);
    if (entry.word == Word::rejected && entry.counted.zero() && entry.total.zero()) {
        finish(entry, OrderEventKind::rejected, now);
    } else if (enough) {
        finish(entry, OrderEventKind::done, now);
    } else {
        // A fill that the venue counts has not reached us.
        set_state(entry, OrderState::closing, now);
        if (!entry.ask_at.known() || entry.ask_at > now + limits_.fills_grace) {
            entry.ask_at = {};
            entry.pause = std::max(entry.pause, limits_.fills_grace);
            ask_at(entry, now + entry.pause);
        }
    }
}

bool OrderDesk::proves_absence(const Entry& entry, Timestamp now) const
{
    return entry.absent && entry.fills_proven && window_over(entry, now);
}

bool OrderDesk::window_over(const Entry& entry, Timestamp now) const
{
    return now - entry.doubted >= features_[index(entry.venue)].certainty_window;
}

void OrderDesk::finish(Entry& entry, OrderEventKind kind, Timestamp now)
{
    if (entry.was_unknown && kind == OrderEventKind::done) ++counts_.unknown_executed;
    if (entry.was_unknown && kind == OrderEventKind::rejected && !entry.absent) ++counts_.unknown_refused;
    OrderEvent event;
    event.order = entry.id;
    event.kind = kind;
    event.reason = entry.reason;
    event.time = now;
    entry.state = OrderState::ended;
    listener_->on_order_state(entry.id, OrderState::ended, entry.reason, entry.counted, now);
    const bool reopened = entry.reopened;
    keep_ended(entry, now);
    entry.used = false;
    --open_count_;
    ++counts_.ended;
    // The slot is free: the listener may send another order from here.
    if (reopened)
        listener_->on_reopened_end(event.order);
    else
        listener_->on_order_event(event, now);
}

}  // namespace arb
