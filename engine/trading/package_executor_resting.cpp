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

PackageState PackageExecutor::state(PackageId package) const
{
    PackageState state;
    for_each_used([&](const Open& open) {
        const Leg* leg = open.package.resting();
        if (open.package.id != package || leg == nullptr) return;
        const LegState& order = open.resting();
        state.open = true;
        state.resting = !order.terminal();
        state.changing = open.cancel_sent.known();
        state.price = leg->intent.price;
        state.left = leg->intent.quantity - order.order.filled();
        state.excess = open.excess();
    });
    return state;
}

bool PackageExecutor::reprice(PackageId package, Price price, Timestamp now)
{
    Open* open = find(package);
    Leg* leg = open != nullptr ? open->package.resting() : nullptr;
    if (leg == nullptr || held_ || open->withdrawn || open->resting().terminal()) return false;
    if (price == leg->intent.price && !open->cancel_sent.known()) return false;
    if (!open->cancel_sent.known() &&
        !risk_->may_reprice(markets_->table().listing(leg->intent.listing).venue, now))
        return false;
    open->wanted = price;
    if (!open->cancel_sent.known()) cancel_resting(*open, now);
    return true;
}

void PackageExecutor::withdraw(PackageId package, Timestamp now)
{
    Open* open = find(package);
    if (open == nullptr || open->package.resting() == nullptr || open->withdrawn) return;
    open->withdrawn = true;
    open->wanted = {};
    if (!open->resting().terminal() && !open->cancel_sent.known()) cancel_resting(*open, now);
}

void PackageExecutor::cancel_resting(Open& open, Timestamp now)
{
    const LegState& resting = open.resting();
    if (resting.terminal()) return;
    open.cancel_sent = now;
    look_again(open, open.wake);
    sender_->cancel(resting.id(), now);
}

// The order is over. Where another price is wanted, what is left of it goes on at that.
bool PackageExecutor::send_next(Open& open, Timestamp now)
{
    Leg& leg = *open.package.resting();
    LegState& resting = open.resting();
    OrderIntent intent = leg.intent;
    intent.quantity = leg.intent.quantity - resting.order.filled();
    intent.price = open.wanted;
    open.cancel_sent = {};
    open.wanted = {};
    if (intent.price.units <= 0 || open.withdrawn || intent.quantity.units <= 0) return false;
    RiskReason reason = RiskReason::none;
    const auto order = risk_->approve_next(open.package.id, open.package.market, intent, now, reason);
    if (!order) return false;
    leg.intent = intent;
    const auto& members = markets_->consolidated(open.package.market).definition().members;
    leg.best = {intent.price.units * members[leg.member].price_factor};
    open.sent = now;
    resting.next(order->id());
    listener_->on_next_order(*order, now);
    listener_->on_order(*order, OrderPurpose::leg, now);
    sender_->send(*order, now);
    return true;
}

// What the fill would have earned had the other side been taken at its best in the same instant.
void PackageExecutor::note_quoted(Open& open, const Fill& fill)
{
    const Leg& leg = *open.package.resting();
    const bool buys = leg.intent.side == Side::buy;
    const Leg& other = buys ? open.package.sell : open.package.buy;
    const ConsolidatedBook& book = markets_->consolidated(open.package.market);
    const MarketMember& member = book.definition().members[leg.member];
    const VenueQuote& quote = book.quotes()[other.member];
    const Price hedge = !quote.usable ? other.best : buys ? quote.bid : quote.ask;
    const std::int64_t ours = fill.price.units * member.price_factor;
    const Price edge{buys ? hedge.units - ours : ours - hedge.units};
    open.quoted +=
        market_notional(book.definition(), edge, {in_market(fill.quantity, member.quantity_factor)});
}

}  // namespace arb
