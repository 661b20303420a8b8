// How PackageExecutor keeps a leg that rests: its price follows, its order is taken back, and each fill is
// told with the edge that it had against the other side.
#include <algorithm>

#include "engine/trading/package_executor.hpp"

namespace arb {

PackageExecutor::Open* PackageExecutor::find(PackageId package)
{
    Open* found = nullptr;
    for_each_used([&](Open& open) { found = open.package.id == package ? &open : found; });
    return found;
}

RestingState PackageExecutor::state(PackageId package, std::size_t leg) const
{
    RestingState state;
    for_each_used([&](const Open& open) {
        if (open.package.id != package || leg >= open.package.count) return;
        const LegState& order = open.legs[leg];
        const OrderIntent& intent = open.package.legs[leg].intent;
        state.open = true;
        state.resting = !order.terminal();
        state.changing = order.cancel_sent.known();
        state.price = intent.price;
        state.left = intent.quantity - order.order.filled();
        state.excess = open.excess(order.base);
    });
    return state;
}

bool PackageExecutor::reprice(PackageId package, std::size_t place, Price price, Timestamp now)
{
    Open* open = find(package);
    if (open == nullptr || muted_ || place >= open->package.count) return false;
    const Leg& leg = open->package.legs[place];
    LegState& state = open->legs[place];
    if (leg.part != Part::rest || state.withdrawn || state.terminal()) return false;
    const bool changing = state.cancel_sent.known();
    if (price == leg.intent.price && !changing) return false;
    if (!changing && !risk_->may_reprice(markets_->table().listing(leg.intent.listing).venue, now))
        return false;
    state.wanted = price;
    if (!changing) cancel_resting(*open, place, now);
    return true;
}

void PackageExecutor::withdraw(PackageId package, Timestamp now)
{
    Open* open = find(package);
    if (open == nullptr) return;
    for (std::size_t i = 0; i < open->package.count; ++i) {
        LegState& leg = open->legs[i];
        if (open->package.legs[i].part != Part::rest || leg.withdrawn) continue;
        leg.withdrawn = true;
        leg.wanted = {};
        if (!leg.terminal() && !leg.cancel_sent.known()) cancel_resting(*open, i, now);
    }
}

void PackageExecutor::cancel_resting(Open& open, std::size_t leg, Timestamp now)
{
    LegState& resting = open.legs[leg];
    if (resting.terminal()) return;
    resting.cancel_sent = now;
    look_again(open, open.wake);
    sender_->cancel(resting.id(), now);
}

// The order is over. Where another price is wanted, what is left of it goes on at that.
bool PackageExecutor::send_next(Open& open, std::size_t place, Timestamp now)
{
    Leg& leg = open.package.legs[place];
    LegState& resting = open.legs[place];
    OrderIntent intent = leg.intent;
    intent.quantity = leg.intent.quantity - resting.order.filled();
    intent.price = resting.wanted;
    resting.cancel_sent = {};
    resting.wanted = {};
    if (intent.price.units <= 0 || resting.withdrawn || intent.quantity.units <= 0) return false;
    RiskReason reason = RiskReason::none;
    const auto order = risk_->approve_next(open.package.id, leg.market, intent, now, reason);
    if (!order) return false;
    leg.intent = intent;
    leg.best = {intent.price.units * resting.market->members[leg.member].price_factor};
    AssetState& asset = open.assets[resting.base];
    if (asset.market == leg.market) (intent.side == Side::buy ? asset.bought_at : asset.sold_at) = leg.best;
    resting.next(order->id(), now);
    listener_->on_next_order(*order, now);
    listener_->on_order(*order, OrderPurpose::leg, now);
    sender_->send(*order, now);
    return true;
}

// What the fill would have earned had the other side been taken at its best in the same instant.
void PackageExecutor::note_quoted(Open& open, std::size_t place, const Fill& fill)
{
    const Leg& leg = open.package.legs[place];
    const LegState& state = open.legs[place];
    const bool buys = leg.intent.side == Side::buy;
    const Leg* other = open.package.first(opposite(leg.intent.side));
    if (other == nullptr || other->market != leg.market) return;
    const VenueQuote& quote = markets_->consolidated(leg.market).quotes()[other->member];
    const MarketMember& member = state.market->members[leg.member];
    const Price hedge = !quote.usable ? other->best : buys ? quote.bid : quote.ask;
    const std::int64_t ours = fill.price.units * member.price_factor;
    const Price edge{buys ? hedge.units - ours : ours - hedge.units};
    const Amount earned =
        market_notional(*state.market, edge, {in_market(fill.quantity, member.quantity_factor)});
    open.quoted += at_rate(earned, leg.rate);
}

// The money of a hedge that may be needed at any moment opens nothing else.
void PackageExecutor::reserve_hedges(const Open& open)
{
    for (std::size_t i = 0; i < open.package.count; ++i) {
        const Leg& leg = open.package.legs[i];
        if (leg.part != Part::hedge) continue;
        const std::int64_t factor = open.legs[i].market->members[leg.member].quantity_factor;
        const std::int64_t left = open.used ? open.to_hedge(open.legs[i].base, leg.intent.side) : 0;
        risk_->set_hedge(open.package.id, i, leg.intent, {left / factor});
    }
}

}  // namespace arb
