#include "engine/trading/package_executor.hpp"

#include <algorithm>

namespace arb {

std::int64_t PackageExecutor::in_market(Quantity quantity, std::int64_t factor)
{
    std::int64_t result = 0;
    ENSURE(!__builtin_mul_overflow(quantity.units, factor, &result),
           "a filled quantity fits the market's unit");
    return result;
}

PackageExecutor::PackageExecutor(const Markets& markets, RiskGate& risk, Portfolio& portfolio,
                                 const ExecutorLimits& limits, OrderSender& sender, PackageListener& listener)
    : markets_(&markets),
      risk_(&risk),
      portfolio_(&portfolio),
      limits_(limits),
      sender_(&sender),
      listener_(&listener),
      open_(kOpenMax)
{
}

bool PackageExecutor::in_flight(MarketId market, std::size_t a, std::size_t b) const
{
    if (open_count_ == 0) return false;
    for (const Open& open : open_) {
        if (!open.used || open.package.market != market) continue;
        const std::size_t buy = open.package.buy.member;
        const std::size_t sell = open.package.sell.member;
        if ((buy == a && sell == b) || (buy == b && sell == a)) return true;
    }
    return false;
}

PackageExecutor::Open& PackageExecutor::take_slot(const Package& package)
{
    const auto slot = std::find_if(open_.begin(), open_.end(), [](const Open& open) { return !open.used; });
    ENSURE(slot != open_.end(), "packages are refused while the table is full");
    *slot = {};
    slot->used = true;
    slot->package = package;
    ++open_count_;
    return *slot;
}

void PackageExecutor::close_exposure(const Package& package, std::int64_t left, Timestamp now)
{
    if (full()) return;
    if (!restoring_) listener_->on_exposure(package, left);
    Open& open = take_slot(package);
    OrderEvent over;
    over.kind = OrderEventKind::done;
    (void)open.buy.apply(over);
    (void)open.sell.apply(over);
    // As if it had just been bought (or sold) at the reference price.
    const MarketDefinition& market = markets_->consolidated(package.market).definition();
    open.unwound = left;
    open.unwind_cash = -market_notional(market, package.buy.best, {left});
    open.last_excess = left;
    open.changed = now;
    if (!held_) advance(open, now);
}

bool PackageExecutor::restore_end(PackageId package)
{
    bool over = true;
    for (Open& open : open_) {
        if (!open.used || open.package.id != package) continue;
        // It was given up with an order's outcome unknown: what the venue says of it today still counts.
        if (!open.buy.terminal() || !open.sell.terminal() || open.unwinding) {
            over = false;
            continue;
        }
        open.used = false;
        --open_count_;
    }
    return over;
}

void PackageExecutor::restore(const Package& package, const std::array<OrderId, 2>& orders)
{
    Open& open = take_slot(package);
    open.buy = OrderTracker(orders[0]);
    open.sell = OrderTracker(orders[1]);
    open.changed = package.decided;
}

void PackageExecutor::restore_unwind(PackageId package, OrderId order, const OrderIntent& intent)
{
    for (Open& open : open_) {
        if (!open.used || open.package.id != package) continue;
        const auto& members = markets_->consolidated(open.package.market).definition().members;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (members[i].listing != intent.listing) continue;
            open.unwind_factor = members[i].quantity_factor;
            open.unwind_member = i;
        }
        ++open.attempts;
        open.unwinding = true;
        open.unwind = OrderTracker(order);
        open.unwind_intent = intent;
    }
}

void PackageExecutor::resume(Timestamp now)
{
    restoring_ = held_ = false;
    for (Open& open : open_) {
        if (!open.used) continue;
        // Unwinding begins anew: the attempts of the run that died say nothing of today's books.
        open.attempts = 0;
        advance(open, now);
    }
}

void PackageExecutor::start(const Package& package, const std::array<ApprovedOrder, 2>& orders, Timestamp now)
{
    Open& open = take_slot(package);
    open.buy = OrderTracker(orders[0].id());
    open.sell = OrderTracker(orders[1].id());
    open.changed = now;
    listener_->on_package(package, orders, now);
    for (const ApprovedOrder& order : orders) {
        listener_->on_order(order, false, now);
        sender_->send(order, now);
    }
}

void PackageExecutor::on_event(const OrderEvent& event, Timestamp now)
{
    for (Open& open : open_) {
        if (!open.used) continue;
        const bool buy = event.order == open.buy.id();
        const bool sell = event.order == open.sell.id();
        const bool unwind = open.unwinding && event.order == open.unwind.id();
        if (!buy && !sell && !unwind) continue;
        OrderTracker& tracker = buy ? open.buy : sell ? open.sell : open.unwind;
        const OrderIntent& intent = buy    ? open.package.buy.intent
                                    : sell ? open.package.sell.intent
                                           : open.unwind_intent;
        const bool was_terminal = tracker.terminal();
        if (tracker.apply(event)) {
            Fill fill = event.fill;
            fill.order = event.order;
            if (!restoring_) portfolio_->apply(intent.listing, intent.side, event.fill);
            risk_->on_fill(event.order, event.fill.quantity);
            note_excess(open, now);
            if (!restoring_) listener_->on_fill(open.package, intent, fill, unwind, now);
        }
        if (tracker.terminal() && !was_terminal) {
            risk_->on_done(event.order);
            if (!restoring_) note_end(open, intent, tracker, now);
            if (unwind) {
                if (tracker.rejected()) note_refusal(open);
                // A book that gave nothing is given time to change.
                if (tracker.filled().zero() && !held_) {
                    open.next_attempt = now + limits_.unwind_pause;
                    ++waiting_;
                }
                settle_unwind(open);
            }
            if (!held_) advance(open, now);
        }
        return;
    }
}

void PackageExecutor::note_end(const Open& open, const OrderIntent& intent, const OrderTracker& tracker,
                               Timestamp now)
{
    if (!tracker.rejected()) {
        risk_->on_taken(intent.listing);
        return;
    }
    listener_->on_reject(open.package, intent, tracker.reason(), now);
    if (risk_->on_refused(intent.listing, now))
        listener_->on_refused_often(intent.listing, risk_->refused_until(intent.listing), now);
}

std::int64_t PackageExecutor::excess(const Open& open) const
{
    const auto& members = markets_->consolidated(open.package.market).definition().members;
    return in_market(open.buy.filled(), members[open.package.buy.member].quantity_factor) -
           in_market(open.sell.filled(), members[open.package.sell.member].quantity_factor) + open.unwound;
}

// Keeps count of how long the package was not hedged.
void PackageExecutor::note_excess(Open& open, Timestamp now)
{
    std::int64_t left = excess(open);
    if (open.unwinding) {
        const std::int64_t filled = in_market(open.unwind.filled(), open.unwind_factor);
        left += open.unwind_intent.side == Side::buy ? filled : -filled;
    }
    if (open.last_excess != 0) open.unhedged = {open.unhedged.ns + (now - open.changed).ns};
    open.last_excess = left;
    open.changed = now;
}

void PackageExecutor::advance(Open& open, Timestamp now)
{
    if (!open.buy.terminal() || !open.sell.terminal() || open.unwinding) return;
    const std::int64_t left = excess(open);
    if (left == 0) {
        end(open, false, open.attempts > 0 ? "unwound" : "", now);
        return;
    }
    const bool again = open.next_attempt.known();
    if (again && now < open.next_attempt) return;
    if (again) --waiting_;
    open.next_attempt = {};
    if (open.attempts >= limits_.unwind_attempts) {
        end(open, true, "the unwinding orders did not fill", now);
        return;
    }
    const char* why = "";
    const Unwind outcome = try_unwind(open, left, now, why);
    if (outcome == Unwind::sent) return;
    if (outcome == Unwind::dust) {
        end(open, false, why, now);
    } else if (outcome != Unwind::later && ++open.attempts >= limits_.unwind_attempts) {
        end(open, true, why, now);
    } else {
        open.next_attempt = now + limits_.unwind_pause;
        ++waiting_;
    }
}

void PackageExecutor::on_time(Timestamp now)
{
    if (waiting_ == 0 || held_) return;
    for (Open& open : open_) {
        if (open.used && open.next_attempt.known()) advance(open, now);
    }
}

void PackageExecutor::finish(Timestamp now)
{
    for (Open& open : open_) {
        if (!open.used) continue;
        if (open.unwinding) settle_unwind(open);
        const bool over = open.buy.terminal() && open.sell.terminal();
        const std::int64_t left = excess(open);
        const char* why =
            over ? "the inputs ended before it was closed" : "the inputs ended before the venue answered";
        end(open, left != 0 || !over, why, now);
    }
}

void PackageExecutor::end(Open& open, bool flagged, const char* detail, Timestamp now)
{
    const MarketDefinition& market = markets_->consolidated(open.package.market).definition();
    const Package& package = open.package;
    PackageEnd end;
    end.package = package;
    end.bought = {in_market(open.buy.filled(), market.members[package.buy.member].quantity_factor)};
    end.sold = {in_market(open.sell.filled(), market.members[package.sell.member].quantity_factor)};
    end.unwound = {open.unwound < 0 ? -open.unwound : open.unwound};
    end.residual = excess(open);
    end.flagged = flagged;
    end.detail = detail;
    end.finished = now;
    note_excess(open, now);
    end.unhedged = open.unhedged;
    // What is left over (and what was unwound) is valued at the best price of the leg that brought it.
    const std::int64_t leg_excess = end.bought.units - end.sold.units;
    const Price reference = leg_excess > 0 ? package.buy.best : package.sell.best;
    const auto valued = [&](std::int64_t quantity) {
        return Amount{market_notional(market, reference, {quantity}).units};
    };
    Waterfall& w = end.waterfall;
    const Price quoted_edge{package.sell.best.units - package.buy.best.units};
    w.quoted = market_notional(market, quoted_edge, package.quantity);
    w.depth = package.sell.expected - package.buy.expected - w.quoted;
    const Amount legs = open.sell.notional() - open.buy.notional();
    w.latency = legs + valued(leg_excess) - w.quoted - w.depth;
    w.unwind = open.unwind_cash + valued(open.unwound);
    w.fees = -(open.buy.fees() + open.sell.fees() + open.unwind_fees);
    // Told on its own and not as the sum, so that a test can compare the two.
    w.realised = legs + open.unwind_cash - open.buy.fees() - open.sell.fees() - open.unwind_fees +
                 valued(end.residual);
    if (open.next_attempt.known()) --waiting_;
    open.used = false;
    --open_count_;
    listener_->on_end(end);
}

}  // namespace arb
