#include "engine/trading/package_executor.hpp"

#include <algorithm>

namespace arb {
namespace {

// News of two orders comes in two messages: what the silent one did may stand in the next.
constexpr Duration kNewsTogether = milliseconds(100);

}  // namespace

const char* name(OrderPurpose purpose)
{
    constexpr const char* kNames[] = {"leg", "hedge", "unwind"};
    return kNames[static_cast<std::size_t>(purpose)];
}

PackageExecutor::PackageExecutor(const Markets& markets, RiskGate& risk, Portfolio& portfolio,
                                 ExposureBook& exposure, const ExecutorLimits& limits, OrderSender& sender,
                                 PackageListener& listener)
    : markets_(&markets),
      risk_(&risk),
      portfolio_(&portfolio),
      exposure_(&exposure),
      limits_(limits),
      sender_(&sender),
      listener_(&listener),
      candidates_(markets, risk),
      open_(kOpenMax)
{
}

bool PackageExecutor::in_flight(MarketId market, std::size_t a, std::size_t b) const
{
    bool found = false;
    for_each_used([&](const Open& open) {
        const std::size_t buy = open.package.buy.member;
        const std::size_t sell = open.package.sell.member;
        found |= open.package.market == market && ((buy == a && sell == b) || (buy == b && sell == a));
    });
    return found;
}

PackageExecutor::Open& PackageExecutor::take_slot(const Package& package, Timestamp sent)
{
    ENSURE(!full(), "packages are refused while the table is full");
    const int place = __builtin_ctzll(~used_);
    Open& open = open_[static_cast<std::size_t>(place)];
    used_ |= std::uint64_t{1} << place;
    open.begin(package, markets_->consolidated(package.market).definition(), sent);
    ++open_count_;
    return open;
}

void PackageExecutor::release(Open& open)
{
    wake_at(open, {});
    open.used = false;
    used_ &= ~(std::uint64_t{1} << (&open - open_.data()));
    --open_count_;
}

void PackageExecutor::wake_at(Open& open, Timestamp time)
{
    waking_ -= open.wake.known() ? 1 : 0;
    waking_ += time.known() ? 1 : 0;
    open.wake = time;
}

// At this time, or when a cancel must be sent again; 0: not by itself.
void PackageExecutor::look_again(Open& open, Timestamp due)
{
    if (open.cancel_sent.known()) {
        const Timestamp again = open.cancel_sent + kCancelAgain;
        due = due.known() ? std::min(due, again) : again;
    }
    wake_at(open, due);
}

void PackageExecutor::close_exposure(Package package, const ExposureLine& line, Timestamp now)
{
    const MarketDefinition& market = markets_->consolidated(package.market).definition();
    // Valued at what it cost, so that its result is what closing it really brings.
    const Int128 unit = market_notional(market, {1}, {line.quantity}).units;
    package.buy.best =
        package.sell.best = {unit == 0 ? 0 : static_cast<std::int64_t>(line.cost.units / unit)};
    package.buy.intent.listing = package.sell.intent.listing = market.members.front().listing;
    package.sell.intent.side = Side::sell;
    if (!restoring_) listener_->on_exposure(package, line);
    Open& open = take_slot(package, now);
    open.buy.begin({});
    open.sell.begin({});
    open.unwound = {line.quantity, -line.cost, {}};
    open.last_excess = line.quantity;
    if (!held_) advance(open, now);
}

bool PackageExecutor::restore_end(PackageId package, bool flagged, Timestamp finished)
{
    Open* open = find(package);
    if (open == nullptr) return true;
    // It was given up with an order's outcome unknown: what the venue says of it today still counts.
    if (open->order_out()) return false;
    leave_residual(*open, flagged, finished);
    release(*open);
    return true;
}

void PackageExecutor::restore(const Package& package, const std::array<OrderId, 2>& orders)
{
    Open& open = take_slot(package, package.decided);
    open.buy.begin(orders[0]);
    open.sell.begin(orders[1]);
}

void PackageExecutor::restore_next_order(PackageId package, OrderId order, const OrderIntent& intent,
                                         Timestamp sent)
{
    Open* open = find(package);
    Leg* leg = open != nullptr ? open->package.resting() : nullptr;
    if (leg == nullptr) return;
    leg->intent = intent;
    open->sent = sent;
    open->resting().next(order);
}

void PackageExecutor::restore_unwind(PackageId package, OrderId order, const OrderIntent& intent,
                                     Timestamp sent)
{
    Open* open = find(package);
    if (open == nullptr) return;
    const auto free = std::find_if(open->closing.begin(), open->closing.end(),
                                   [](const ClosingState& closing) { return !closing.used; });
    ENSURE(free != open->closing.end(), "a package has a few unwinding orders out at most");
    free->used = true;
    free->tracker.begin(order);
    free->intent = intent;
    free->sent = sent;
    free->hedge = open->package.leg(intent.side).part == Part::hedge;
    const auto& members = markets_->consolidated(open->package.market).definition().members;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (members[i].listing != intent.listing) continue;
        free->factor = members[i].quantity_factor;
        free->member = i;
    }
}

void PackageExecutor::resume(bool join, Timestamp now)
{
    restoring_ = held_ = false;
    for_each_used([&](Open& open) {
        // Unwinding begins anew: the attempts of the run that died say nothing of today's books.
        open.attempts = 0;
        // Whoever made it is gone: what rests is taken back, what it filled is hedged.
        if (open.package.resting() != nullptr) withdraw(open.package.id, now);
        if (!open.used) return;
        const bool late = !exposure_->line(open.package.market, ExposureCause::late_fill).empty();
        if (join && late && !open.order_out() && open.excess() != 0)
            end(open, false, "left to be closed together with a late fill", now);
        else
            advance(open, now);
    });
}

void PackageExecutor::start(const Package& package, const LegOrders& orders, Timestamp now)
{
    Open& open = take_slot(package, now);
    open.buy.begin(orders.id(0));
    open.sell.begin(orders.id(1));
    listener_->on_package(package, orders, now);
    for (const std::size_t leg : {0U, 1U}) {
        if (!orders.has(leg)) continue;
        listener_->on_order(orders[leg], OrderPurpose::leg, now);
        sender_->send(orders[leg], now);
    }
}

void PackageExecutor::on_event(const OrderEvent& event, Timestamp now)
{
    for (std::uint64_t left = used_; left != 0; left &= left - 1) {
        Open& open = open_[static_cast<std::size_t>(__builtin_ctzll(left))];
        if (event.order == open.buy.id())
            return apply(open, open.buy.order, &open.package.buy, nullptr, event, now);
        if (event.order == open.sell.id())
            return apply(open, open.sell.order, &open.package.sell, nullptr, event, now);
        for (ClosingState& closing : open.closing) {
            if (closing.used && event.order == closing.tracker.id())
                return apply(open, closing.tracker, nullptr, &closing, event, now);
        }
    }
}

void PackageExecutor::apply_fill(Open& open, const Leg* leg, const ClosingState* closing,
                                 const OrderIntent& intent, const OrderEvent& event, Timestamp now)
{
    Fill fill = event.fill;
    fill.order = event.order;
    if (!restoring_) portfolio_->apply(intent.listing, intent.side, event.fill);
    risk_->on_fill(event.order, event.fill.quantity);
    const bool rests = leg != nullptr && leg->part == Part::rest;
    // Covered is what was closed while this order was thought to have done nothing.
    const Timestamp sent = closing != nullptr ? closing->sent : open.sent;
    open.cover_reversed |= open.covered && !rests && now - sent >= limits_.cover;
    if (rests) note_quoted(open, fill);
    if (closing != nullptr) open.attempts = 0;
    open.note_excess(now);
    if (restoring_) return;
    const OrderPurpose purpose = leg != nullptr   ? OrderPurpose::leg
                                 : closing->hedge ? OrderPurpose::hedge
                                                  : OrderPurpose::close;
    listener_->on_fill(open.package, intent, fill, purpose, now);
}

// `leg` or `closing`: whose order it is.
void PackageExecutor::apply(Open& open, OrderTracker& tracker, const Leg* leg, ClosingState* closing,
                            const OrderEvent& event, Timestamp now)
{
    const OrderIntent intent = closing != nullptr ? closing->intent : leg->intent;
    const bool rests = leg != nullptr && leg->part == Part::rest;
    const bool was_terminal = tracker.terminal();
    const bool filled = tracker.apply(event);
    if (filled) apply_fill(open, leg, closing, intent, event, now);
    const bool over = tracker.terminal() && !was_terminal;
    if (over) {
        risk_->on_done(event.order);
        const Timestamp sent = closing != nullptr ? closing->sent : open.sent;
        const bool was_silent = !rests && now - sent >= limits_.cover;
        if (!restoring_) note_end(open, intent, tracker, was_silent, now);
        if (closing != nullptr) {
            if (tracker.rejected()) note_refusal(open, *closing);
            // A book that gave nothing is given time to change.
            if (tracker.filled().zero() && !held_)
                note_failure(open, "the unwinding orders did not fill", now);
            open.settle(*closing);
        }
        if (rests && !held_) (void)send_next(open, now);
    }
    if ((over || filled) && !held_) advance(open, now);
}

// An order that was silent for so long that it was not waited for says as much of its venue as a refusal,
// however it ended: one after the other, and every package would be closed twice.
void PackageExecutor::note_end(const Open& open, const OrderIntent& intent, const OrderTracker& tracker,
                               bool was_silent, Timestamp now)
{
    if (tracker.rejected()) listener_->on_reject(open.package, intent, tracker.reason(), now);
    // One that would have taken says nothing of the venue, only of the moment.
    const bool refused = tracker.rejected() && tracker.reason() != RejectReason::would_take;
    if (!refused && !was_silent)
        risk_->on_taken(intent.listing);
    else if (risk_->on_refused(intent.listing, now))
        listener_->on_refused_often(intent.listing, risk_->refused_until(intent.listing), now);
}

void PackageExecutor::advance(Open& open, Timestamp now)
{
    const std::int64_t left = open.excess();
    const bool out = open.order_out(), silence = open.answer_due();
    if (left == 0) {
        look_again(open, {});
        if (!out) end(open, false, open.covered ? "covered" : open.unwound_any ? "unwound" : "", now);
        return;
    }
    Timestamp due = open.pause_until;
    if (silence) due = std::max({due, open.silent_from(limits_.cover), open.changed + kNewsTogether});
    if (now < due) {
        look_again(open, due);
        return;
    }
    look_again(open, {});
    const char* why = "";
    const Unwind outcome = try_unwind(open, left, now, why);
    if (outcome == Unwind::sent) {
        open.covered |= silence;
        look_again(open, now + limits_.cover);
        return;
    }
    if (outcome == Unwind::dust && !out) {
        end(open, false, why, now);
        return;
    }
    if (outcome == Unwind::failed)
        note_failure(open, why, now);
    else
        open.pause_until = now + limits_.unwind_pause;
    look_again(open, open.pause_until);
}

void PackageExecutor::on_time(Timestamp now)
{
    if (waking_ == 0 || held_) return;
    for_each_used([&](Open& open) {
        if (!open.wake.known() || now < open.wake) return;
        if (open.cancel_sent.known() && now - open.cancel_sent >= kCancelAgain) cancel_resting(open, now);
        advance(open, now);
    });
}

void PackageExecutor::finish(Timestamp now)
{
    for_each_used([&](Open& open) {
        // What only rests and filled nothing leaves nothing behind.
        const bool over = !open.answer_due();
        const bool rests = open.order_out() && over;
        for (ClosingState& closing : open.closing) {
            if (closing.used) open.settle(closing);
        }
        const char* why = !over                         ? "the inputs ended before the venue answered"
                          : rests && open.excess() == 0 ? "the inputs ended while it rested"
                                                        : "the inputs ended before it was closed";
        end(open, open.excess() != 0 || !over, why, now);
    });
}

void PackageExecutor::leave_residual(const Open& open, bool flagged, Timestamp now)
{
    const std::int64_t left = open.excess();
    if (left == 0) return;
    exposure_->add(open.package.market, flagged ? ExposureCause::leftover : ExposureCause::dust, left,
                   open.valued(left), now);
}

void PackageExecutor::end(Open& open, bool flagged, const char* detail, Timestamp now)
{
    open.note_excess(now);
    const PackageEnd end = open.ended(flagged, detail, now);
    leave_residual(open, flagged, now);
    release(open);
    listener_->on_end(end);
}

}  // namespace arb
