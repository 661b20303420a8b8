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
                                 ExposureBook& exposure, HeldPositions& held, const ExecutorLimits& limits,
                                 OrderSender& sender, PackageListener& listener)
    : markets_(&markets),
      risk_(&risk),
      portfolio_(&portfolio),
      exposure_(&exposure),
      held_positions_(&held),
      limits_(limits),
      sender_(&sender),
      listener_(&listener),
      closer_(markets, risk, limits, sender, listener),
      packages_(markets),
      resting_(packages_, markets, risk, sender, listener),
      restore_(packages_, markets)
{
}

void PackageExecutor::release(Open& open)
{
    packages_.release(open);
    resting_.reserve_hedges(open);
}

const char* PackageExecutor::refuses(const Package& package) const
{
    if (package.aim == Aim::flat) return "";
    // What holds begins and ends in one moment: an order that rests has no such moment.
    if (package.has(Part::rest)) return "what is held or released does not rest";
    if (package.aim == Aim::hold && held_positions_->full()) return "too many packages hold already";
    if (package.aim != Aim::release) return "";
    const HeldPosition* held = held_positions_->find(package.of);
    if (held == nullptr || held->market != package.market) return "what it releases is not held";
    bool busy = false;
    packages_.for_each(
        [&](const Open& open) { busy |= open.package.aim == Aim::release && open.package.of == package.of; });
    return busy ? "what it releases is being released" : "";
}

bool PackageExecutor::in_flight(MarketId market, std::size_t a, std::size_t b) const
{
    const auto has = [market](const Package& package, std::size_t member, Side side) {
        return std::any_of(package.each().begin(), package.each().end(), [&](const Leg& leg) {
            return leg.market == market && leg.member == member && leg.intent.side == side;
        });
    };
    bool found = false;
    packages_.for_each([&](const Open& open) {
        const Package& package = open.package;
        found |= (has(package, a, Side::buy) && has(package, b, Side::sell)) ||
                 (has(package, b, Side::buy) && has(package, a, Side::sell));
    });
    return found;
}

void PackageExecutor::close_exposure(Package package, const ExposureLine& line, Timestamp now)
{
    const MarketDefinition& market = markets_->consolidated(package.market).definition();
    if (!restoring_) listener_->on_exposure(package, line);
    Open& open = packages_.take(package, now);
    AssetState& asset = open.assets[0];
    // Valued at what it cost, so that its result is what closing it really brings.
    const Int128 unit = market_notional(market, {1}, {line.quantity}).units;
    asset.bought_at = asset.sold_at = {unit == 0 ? 0 : static_cast<std::int64_t>(line.cost.units / unit)};
    asset.unwound = {line.quantity, -line.cost, {}};
    asset.carried = line.rest;
    asset.last_excess = line.quantity;
    if (!muted_) advance(open, now);
}

void PackageExecutor::resume(bool join, Timestamp now)
{
    restoring_ = muted_ = false;
    packages_.for_each([&](Open& open) {
        // Unwinding begins anew: the attempts of the run that died say nothing of today's books.
        for (AssetState& asset : open.assets) asset.attempts = 0;
        // Whoever made it is gone: what rests is taken back, what it filled is hedged.
        resting_.withdraw(open.package.id, now);
        if (!open.used) return;
        bool late = false;
        for (std::size_t a = 0; a < open.asset_count; ++a) {
            const ExposureLine& line = exposure_->line(open.assets[a].market, ExposureCause::late_fill);
            late |= open.excess(a) != 0 && !line.empty();
        }
        if (join && late && !open.order_out())
            end(open, false, "left to be closed together with a late fill", now);
        else
            advance(open, now);
    });
}

void PackageExecutor::start(const Package& package, const LegOrders& orders, Timestamp now)
{
    Open& open = packages_.take(package, now);
    for (std::size_t i = 0; i < package.count; ++i) open.legs[i].begin(orders.id(i), now);
    listener_->on_package(package, orders, now);
    for (std::size_t i = 0; i < package.count; ++i) {
        if (!orders.has(i)) continue;
        listener_->on_order(orders[i], OrderPurpose::leg, now);
        sender_->send(orders[i], now);
    }
    if (package.has(Part::rest)) resting_.reserve_hedges(open);
    if (package.until.known()) packages_.look_again(open, open.wake);
}

void PackageExecutor::on_event(const OrderEvent& event, Timestamp now)
{
    Place place;
    Open* const open = packages_.first([&](Open& each) {
        for (std::size_t i = 0; i < each.package.count; ++i) {
            if (event.order == each.legs[i].id()) place.leg = i;
        }
        place.closing = each.closing.find(event.order);
        return place.leg != Open::kNone || place.closing != nullptr;
    });
    if (open != nullptr) apply(*open, place, event, now);
}

void PackageExecutor::apply_fill(Open& open, const Place& place, const OrderEvent& event, Timestamp now)
{
    const OrderIntent& order = intent(open, place);
    const ClosingState* closing = place.closing;
    if (closing == nullptr) open.on_leg_fill(place.leg, event.fill);
    Fill fill = event.fill;
    fill.order = event.order;
    if (!restoring_) portfolio_->apply(order.listing, order.side, event.fill);
    risk_->on_fill(event.order, event.fill.quantity);
    const bool rested = rests(open, place);
    // Covered is what was closed while this order was thought to have done nothing.
    open.cover_reversed |= open.covered && !rested && now - sent(open, place) >= limits_.cover;
    if (rested) resting_.note_quoted(open, place.leg, fill);
    if (closing != nullptr) open.assets[closing->asset].attempts = 0;
    open.note_excess(now);
    if (restoring_) return;
    const OrderPurpose purpose = closing == nullptr ? OrderPurpose::leg
                                 : closing->hedge   ? OrderPurpose::hedge
                                                    : OrderPurpose::close;
    listener_->on_fill(open.package, order, fill, purpose, now);
}

void PackageExecutor::apply(Open& open, const Place& place, const OrderEvent& event, Timestamp now)
{
    if (event.kind == OrderEventKind::amended || event.kind == OrderEventKind::amend_failed) {
        if (rests(open, place)) resting_.on_amend_event(open, place.leg, event, !muted_, now);
        return;
    }
    OrderTracker& order = tracker(open, place);
    const bool rested = rests(open, place);
    const bool was_terminal = order.terminal();
    const bool filled = order.apply(event);
    if (filled) apply_fill(open, place, event, now);
    const bool over = order.terminal() && !was_terminal;
    if (over) {
        risk_->on_done(event.order);
        const bool was_silent = !rested && now - sent(open, place) >= limits_.cover;
        if (!restoring_) note_end(open, place, was_silent, now);
        if (was_silent && !restoring_)
            closer_.note_silence(markets_->table().listing(intent(open, place).listing).venue,
                                 !order.filled().zero());
        if (place.closing != nullptr) {
            if (order.rejected()) closer_.note_refusal(open, *place.closing);
            // A book that gave nothing is given time to change.
            if (order.filled().zero() && !muted_)
                closer_.note_failure(open, place.closing->asset, "the unwinding orders did not fill",
                                     !restoring_, now);
            open.settle(*place.closing);
        }
        if (rested && !muted_) (void)resting_.send_next(open, place.leg, now);
    }
    if ((over || filled) && !muted_) advance(open, now);
}

// An order that was silent for so long that it was not waited for says as much of its venue as a refusal,
// however it ended: one after the other, and every package would be closed twice.
void PackageExecutor::note_end(const Open& open, const Place& place, bool was_silent, Timestamp now)
{
    const OrderIntent& order = intent(open, place);
    const OrderTracker& news = place.closing != nullptr ? place.closing->tracker : open.legs[place.leg].order;
    if (news.rejected()) listener_->on_reject(open.package, order, news.reason(), now);
    // One that would have taken says nothing of the venue, only of the moment.
    const bool refused = news.rejected() && news.reason() != RejectReason::would_take;
    if (!refused && !was_silent)
        risk_->refusals().on_taken(order.listing);
    else if (risk_->refusals().on_refused(order.listing, now))
        listener_->on_refused_often(order.listing, risk_->refusals().until(order.listing), now);
}

// Each asset on its own; the package ends when all are gone, or too little to be traded anywhere.
void PackageExecutor::advance(Open& open, Timestamp now)
{
    const bool silence = open.answer_due();
    if (silence) closer_.ask_silent(open, now);
    Timestamp look;
    const auto look_at = [&look](Timestamp time) { look = look.known() ? std::min(look, time) : time; };
    const char* dust = nullptr;
    bool left_any = false;
    for (std::size_t a = 0; a < open.asset_count; ++a) {
        const std::int64_t left = open.excess(a);
        if (left == 0) continue;
        AssetState& asset = open.assets[a];
        Timestamp due = asset.pause_until;
        if (silence) due = std::max({due, open.silent_from(limits_.cover), open.changed + kNewsTogether});
        left_any |= now < due;
        if (now < due) {
            look_at(due);
            continue;
        }
        if (silence && closer_.better_waited(open, a, left, now)) {
            left_any = true;
            look_at(now + kNewsTogether);
            continue;
        }
        const char* why = "";
        const Closer::Unwind outcome = closer_.try_unwind(open, a, left, now, why);
        if (outcome == Closer::Unwind::dust && !open.order_out()) {
            dust = why;
            continue;
        }
        left_any = true;
        if (outcome == Closer::Unwind::sent) {
            open.covered |= silence;
            look_at(now + limits_.cover);
            continue;
        }
        if (outcome == Closer::Unwind::failed)
            closer_.note_failure(open, a, why, !restoring_, now);
        else
            asset.pause_until = now + limits_.unwind_pause;
        look_at(asset.pause_until);
    }
    packages_.look_again(open, look);
    if (left_any || open.order_out()) {
        if (open.package.has(Part::hedge)) resting_.reserve_hedges(open);
        return;
    }
    end(open, false,
        dust != nullptr    ? dust
        : open.covered     ? "covered"
        : open.unwound_any ? "unwound"
                           : "",
        now);
}

void PackageExecutor::on_time(Timestamp now)
{
    if (!packages_.any_waking() || muted_) return;
    packages_.for_each([&](Open& open) {
        if (!open.wake.known() || now < open.wake) return;
        if (open.package.until.known() && now >= open.package.until) resting_.withdraw(open.package.id, now);
        resting_.on_time(open, now);
        advance(open, now);
    });
}

void PackageExecutor::finish(Timestamp now)
{
    packages_.for_each([&](Open& open) {
        // What only rests and filled nothing leaves nothing behind.
        const bool over = !open.answer_due();
        const bool rests = open.order_out() && over;
        for (ClosingState& closing : open.closing) {
            if (closing.used) open.settle(closing);
        }
        const char* why = !over                  ? "the inputs ended before the venue answered"
                          : rests && open.even() ? "the inputs ended while it rested"
                                                 : "the inputs ended before it was closed";
        end(open, !open.even() || !over, why, now);
    });
}

void PackageExecutor::leave_residual(const Open& open, bool flagged, Timestamp now)
{
    for (std::size_t a = 0; a < open.asset_count; ++a) {
        const std::int64_t left = open.excess(a);
        const AssetState& asset = open.assets[a];
        const Amount rest = asset.rest();
        if (left == 0 && rest.zero()) continue;
        const bool leftover = flagged && left != 0;
        exposure_->add(asset.market, leftover ? ExposureCause::leftover : ExposureCause::dust, left,
                       asset.worth(left) + asset.worth(rest), now, rest);
    }
}

// What the package keeps from here on has its line among the held positions; the cost of what it released is
// returned.
Amount PackageExecutor::keep_or_release(const Open& open, const PackageEnd& end, Timestamp now)
{
    if (open.package.aim == Aim::release)
        return held_positions_->release(open.package.of, open.even_changes());
    if (!end.held) return {};
    HeldPosition position;
    position.package = open.package.id;
    position.market = open.package.market;
    position.strategy = open.package.strategy;
    position.changes = open.even_changes();
    position.cost = end.cost;
    position.since = now;
    held_positions_->add(position);
    return {};
}

void PackageExecutor::end(Open& open, bool flagged, const char* detail, Timestamp now)
{
    open.note_excess(now);
    PackageEnd end = end_of(open, flagged, detail, now);
    const Amount cost = keep_or_release(open, end, now);
    end.waterfall.quoted -= cost;
    end.waterfall.realised -= cost;
    leave_residual(open, flagged, now);
    release(open);
    listener_->on_end(end);
}

std::optional<Amount> PackageExecutor::rate_elsewhere(OrderId order) const
{
    std::optional<Amount> rate;
    packages_.for_each([&](const Open& open) {
        for (const ClosingState& closing : open.closing) {
            if (closing.used && closing.elsewhere && closing.tracker.id() == order) rate = closing.rate;
        }
    });
    return rate;
}

bool PackageExecutor::restore_end(PackageId package, bool flagged, Timestamp finished)
{
    Open* open = packages_.find(package);
    if (open == nullptr) return true;
    // It was given up with an order's outcome unknown: what the venue says of it today still counts.
    if (open->order_out()) return false;
    (void)keep_or_release(*open, end_of(*open, flagged, "", finished), finished);
    leave_residual(*open, flagged, finished);
    release(*open);
    return true;
}

}  // namespace arb
