#include "engine/trading/resting_legs.hpp"

#include <algorithm>

namespace arb {

RestingState RestingLegs::state(PackageId package, std::size_t leg) const
{
    RestingState state;
    packages_->for_each([&](const OpenPackage& open) {
        if (open.package.id != package || leg >= open.package.count) return;
        const LegState& order = open.legs[leg];
        const OrderIntent& intent = open.package.legs[leg].intent;
        state.open = true;
        state.resting = !order.terminal();
        state.changing = order.changing();
        state.price = intent.price;
        state.left = intent.quantity - order.order.filled();
        state.excess = open.excess(order.base);
    });
    return state;
}

bool RestingLegs::reprice(PackageId package, std::size_t place, Price price, Timestamp now)
{
    OpenPackage* open = packages_->find(package);
    if (open == nullptr || place >= open->package.count) return false;
    const Leg& leg = open->package.legs[place];
    LegState& state = open->legs[place];
    if (leg.part != Part::rest || state.withdrawn || state.terminal()) return false;
    const bool changing = state.changing();
    if (price == leg.intent.price && !changing) return false;
    if (!changing &&
        risk_->pace().exhausted_at(markets_->table().listing(leg.intent.listing).venue, true, now))
        return false;
    state.wanted = price;
    if (!changing) change_price(*open, place, now);
    return true;
}

void RestingLegs::withdraw(PackageId package, Timestamp now)
{
    OpenPackage* open = packages_->find(package);
    if (open == nullptr) return;
    for (std::size_t i = 0; i < open->package.count; ++i) {
        LegState& leg = open->legs[i];
        if (open->package.legs[i].part != Part::rest || leg.withdrawn) continue;
        leg.withdrawn = true;
        leg.wanted = {};
        if (!leg.terminal() && !leg.cancel_sent.known()) cancel(*open, i, now);
    }
}

void RestingLegs::change_price(OpenPackage& open, std::size_t leg, Timestamp now)
{
    if (!amend(open, leg, now)) cancel(open, leg, now);
}

// The order stays where it is and gets the price that is wanted.
bool RestingLegs::amend(OpenPackage& open, std::size_t place, Timestamp now)
{
    const Leg& leg = open.package.legs[place];
    LegState& resting = open.legs[place];
    if (!sender_->amendable(resting.id())) return false;
    RiskReason reason = RiskReason::none;
    const auto amend =
        risk_->approve_amend(open.package.id, resting.id(), leg.market, resting.wanted, now, reason);
    if (!amend) return false;
    resting.amend_sent = now;
    packages_->look_again(open, open.wake);
    listener_->on_amend(*amend, now);
    sender_->amend(*amend, now);
    return true;
}

void RestingLegs::on_amend_event(OpenPackage& open, std::size_t place, const OrderEvent& event, bool follows,
                                 Timestamp now)
{
    LegState& resting = open.legs[place];
    const bool failed = event.kind == OrderEventKind::amend_failed;
    if (!failed) {
        risk_->on_amended(event.order, event.price);
        listener_->on_amended(event.order, event.price, now);
        set_price(open, place, event.price);
    }
    // It was not waited for, or comes from an earlier run.
    if (!resting.amend_sent.known() || resting.terminal()) return;
    resting.amend_sent = {};
    if (failed) return cancel(open, place, now);
    const Price next = resting.wanted;
    resting.wanted = {};
    const VenueId venue = markets_->table().listing(open.package.legs[place].intent.listing).venue;
    if (next == event.price || !follows || risk_->pace().exhausted_at(venue, true, now)) return;
    resting.wanted = next;
    change_price(open, place, now);
}

void RestingLegs::set_price(OpenPackage& open, std::size_t place, Price price)
{
    Leg& leg = open.package.legs[place];
    const LegState& resting = open.legs[place];
    leg.intent.price = price;
    leg.best = {price.units * resting.market->members[leg.member].price_factor};
    AssetState& asset = open.assets[resting.base];
    if (asset.market == leg.market)
        (leg.intent.side == Side::buy ? asset.bought_at : asset.sold_at) = leg.best;
}

void RestingLegs::cancel(OpenPackage& open, std::size_t leg, Timestamp now)
{
    LegState& resting = open.legs[leg];
    if (resting.terminal()) return;
    resting.amend_sent = {};
    resting.cancel_sent = now;
    packages_->look_again(open, open.wake);
    sender_->cancel(resting.id(), now);
}

void RestingLegs::on_time(OpenPackage& open, Timestamp now)
{
    for (std::size_t i = 0; i < open.package.count; ++i) {
        const LegState& leg = open.legs[i];
        if (leg.changing() && now - leg.change_sent() >= OpenPackages::kChangeMost) cancel(open, i, now);
    }
}

bool RestingLegs::send_next(OpenPackage& open, std::size_t place, Timestamp now)
{
    Leg& leg = open.package.legs[place];
    LegState& resting = open.legs[place];
    OrderIntent intent = leg.intent;
    intent.quantity = leg.intent.quantity - resting.order.filled();
    intent.price = resting.wanted;
    resting.amend_sent = resting.cancel_sent = {};
    resting.wanted = {};
    if (intent.price.units <= 0 || resting.withdrawn || intent.quantity.units <= 0) return false;
    RiskReason reason = RiskReason::none;
    const auto order = risk_->approve_next(open.package.id, leg.market, intent, now, reason);
    if (!order) return false;
    leg.intent = intent;
    set_price(open, place, intent.price);
    resting.next(order->id(), now);
    listener_->on_next_order(*order, now);
    listener_->on_order(*order, OrderPurpose::leg, now);
    sender_->send(*order, now);
    return true;
}

void RestingLegs::note_quoted(OpenPackage& open, std::size_t place, const Fill& fill) const
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

void RestingLegs::reserve_hedges(const OpenPackage& open)
{
    for (std::size_t i = 0; i < open.package.count; ++i) {
        const Leg& leg = open.package.legs[i];
        if (leg.part != Part::hedge) continue;
        const std::int64_t factor = open.legs[i].market->members[leg.member].quantity_factor;
        const std::int64_t left = open.used ? open.to_hedge(open.legs[i].base, leg.intent.side) : 0;
        risk_->money().set_hedge(open.package.id, i, leg.intent, {left / factor});
    }
}

}  // namespace arb
