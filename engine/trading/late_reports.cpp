#include "engine/trading/late_reports.hpp"

#include <algorithm>

#include "engine/trading/order_questions.hpp"

namespace arb {
namespace {

// News of an order may overtake each other; what a venue says so long after the end is no old news.
constexpr Duration kOldNews = seconds(10);

}  // namespace

DeskOrder* LateReports::on_report(const OrderReport& report, Timestamp now)
{
    if (report.status == OrderStatus::absent) return nullptr;
    const bool alive = is_alive(report);
    EndedOrder* const found = tables_->ended.find(report.order);
    if (found == nullptr) {
        // One of an earlier run that is known to be over, or somebody else's.
        if (alive) tables_->tell_stranger(report, tables_->epochs.made_here(report.order), now);
        return nullptr;
    }
    EndedOrder& ended = *found;
    const bool more = report.has_filled && report.filled > ended.counted;
    if (ended.venue_id.differs(report.venue_id)) {
        if (alive || more || report.status == OrderStatus::filled) tables_->tell_stranger(report, true, now);
        return nullptr;
    }
    if (ended.intent.quantity.zero()) return nullptr;
    const bool whole = report.status == OrderStatus::filled && ended.counted < ended.intent.quantity;
    // News overtake each other, so an order that ended by its own word is not alive for a while yet.
    const bool back = alive && (ended.absent || now - ended.ended > kOldNews);
    // The same news once more.
    if (!alive && !more && !whole && ended.venue_id.size == 0) ended.venue_id.set(report.venue_id);
    if (!more && !whole && !back) return nullptr;
    tables_->contradict(ended.contradicted, ended.id, report.listing,
                        back ? "it was over, and works" : "it was over, and more of it is called filled",
                        true, now);
    return reopen(ended, report, now);
}

// As if its outcome had never been known: reserved at the worst, its fills and its end asked for.
DeskOrder* LateReports::reopen(EndedOrder& ended, const OrderReport& report, Timestamp now)
{
    if (tables_->open.full()) {
        DeskOrder then;
        then.sent = ended.sent;
        requests_->query_fills(ended.intent.listing, OrderQuestions::fills_from(then), now);
        return nullptr;
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
    return &order;
}

}  // namespace arb
