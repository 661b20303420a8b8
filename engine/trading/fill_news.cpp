#include "engine/trading/fill_news.hpp"

#include <algorithm>

#include "engine/trading/counted_fill.hpp"

namespace arb {

DeskOrder* FillNews::on_fill(const FillReport& report, Timestamp now)
{
    const Listing& listing = tables_->table->listing(report.listing);
    const VenueKey& venue = tables_->table->venue(listing.venue);
    const std::uint64_t key = TradeMemory::key(venue, listing.symbol, report);
    if (strange_fill(report, key, now)) return nullptr;
    const std::uint64_t earlier = TradeMemory::key_without_side(venue, listing.symbol, report);
    for (const std::uint64_t known : {key, earlier}) {
        if (!tables_->fills.trades().knows(known)) continue;
        on_known_fill(report, known, now);
        return nullptr;
    }
    DeskOrder* const order = tables_->open.find(report.order);
    if (!report.has_fee) {
        if (order != nullptr) {
            order->total = std::max(order->total, order->counted + report.quantity);
            order->ask_by(now + limits_->fills_grace);
        }
        return nullptr;
    }
    // What was remembered of an order while it was over may have been forgotten.
    const bool held = order != nullptr && !order->reopened;
    const Timestamp time = report.venue_time.known() ? report.venue_time : now;
    const bool old = !held && time < tables_->fills.trades().floor(listing.venue);
    (void)tables_->remember({key, listing.venue, report.order, time, report.quantity});
    if (old) {
        ++tables_->counts.old_fills;
        tables_->listener->on_old_fill(report, now);
        return nullptr;
    }
    tables_->fills.on_counted(listing.venue, report.venue_time);
    return count_fill(report, order, now);
}

// `order` null: it is over, or of an earlier run.
DeskOrder* FillNews::count_fill(const FillReport& report, DeskOrder* order, Timestamp now)
{
    Fill fill = counted_fill(*tables_->table, report);
    if (fill.fee_asset == FeeAsset::other) fill.fee = tables_->listener->value_fee(report.listing, fill);
    if (order == nullptr || order->reopened) {
        ++tables_->counts.late_fills;
        tables_->listener->on_late_fill(report, fill, now);
    }
    if (order == nullptr) {
        EndedOrder* ended = tables_->ended.find(report.order);
        if (ended != nullptr) ended->counted = ended->counted + report.quantity;
        return nullptr;
    }
    order->counted = order->counted + report.quantity;
    order->absent = order->absent_for_good = false;
    order->venue_id.set(report.venue_id);
    if (order->counted > order->intent.quantity || (order->told && order->counted > order->total))
        tables_->contradict(order->contradicted, order->id, report.listing,
                            "its fills are more than its total", true, now);
    const OrderId id = order->id;
    if (!order->reopened) {
        OrderEvent event;
        event.order = id;
        event.kind = OrderEventKind::fill;
        event.fill = fill;
        event.time = now;
        tables_->listener->on_order_event(event, now);
    }
    return tables_->open.find(id);
}

// Somebody else's: not made by us, made under an epoch that this log never had, or under an id of ours and
// not that order.
bool FillNews::strange_fill(const FillReport& report, std::uint64_t key, Timestamp now)
{
    const bool ours = tables_->epochs.made_here(report.order);
    bool strange = !ours;
    if (ours && !report.venue_id.empty()) {
        const DeskOrder* const order = tables_->open.find(report.order);
        const EndedOrder* const ended = order == nullptr ? tables_->ended.find(report.order) : nullptr;
        strange = order != nullptr   ? order->venue_id.differs(report.venue_id)
                  : ended != nullptr ? ended->venue_id.differs(report.venue_id)
                                     : false;
    }
    TradeMemory::Trade trade;
    trade.key = key;
    if (strange && strangers_.remember(trade, [](OrderId) { return false; })) {
        ++tables_->counts.strangers;
        tables_->listener->on_stranger(
            {report.listing, report.order, report.venue_id, ours, false, report.venue_time}, now);
    }
    return strange;
}

void FillNews::on_known_fill(const FillReport& report, std::uint64_t key, Timestamp now)
{
    ++tables_->counts.duplicate_fills;
    if (!tables_->fills.trades().contradicts(key, report.quantity)) return;
    DeskOrder* const order = tables_->open.find(report.order);
    EndedOrder* const ended = order == nullptr ? tables_->ended.find(report.order) : nullptr;
    bool told = false;
    bool& once = order != nullptr ? order->contradicted : ended != nullptr ? ended->contradicted : told;
    tables_->contradict(once, report.order, report.listing, "one trade of it came with two quantities", false,
                        now);
}

}  // namespace arb
