#include "engine/trading/open_package.hpp"

#include <algorithm>

#include "engine/trading/package_legs.hpp"

namespace arb {

void LegState::begin(OrderId id, Timestamp when)
{
    filled_before = {};
    notional_before = fees_before = {};
    sent = when;
    wanted = {};
    amend_sent = cancel_sent = {};
    withdrawn = asked = false;
    order.begin(id);
    if (id != OrderId{}) return;
    OrderEvent over;
    over.kind = OrderEventKind::done;
    (void)order.apply(over);
}

void LegState::next(OrderId id, Timestamp when)
{
    filled_before = filled();
    notional_before = notional();
    fees_before = fees();
    sent = when;
    order.begin(id);
}

void OpenPackage::begin(const Package& begun, const Markets& markets, Timestamp when)
{
    used = true;
    package = begun;
    changed = when;
    wake = {};
    unwound_any = covered = cover_reversed = false;
    closing.clear();
    unhedged = {};
    quoted = exposure = {};
    closed_at.clear();
    asset_count = 0;
    place_legs(markets);
}

// Where an asset of the package stands; kMoney: it is none.
std::uint8_t OpenPackage::find_asset(std::string_view name) const
{
    for (std::uint8_t i = 0; i < asset_count; ++i) {
        if (assets[i].definition->base == name) return i;
    }
    return LegState::kMoney;
}

void OpenPackage::add_asset(MarketId market, const Markets& markets)
{
    ENSURE(asset_count < kAssetsMost, "a package trades four assets at most");
    AssetState& asset = assets[asset_count++];
    asset = {};
    asset.market = market;
    asset.definition = &markets.consolidated(market).definition();
    asset.unit = {power_of_ten(kAmountDecimals - asset.definition->quantity_decimals)};
}

// An asset is closed in the package's own market, or in that of the first leg that pays with money for it.
void OpenPackage::place_legs(const Markets& markets)
{
    add_asset(package.market, markets);
    for (const Leg& leg : package.each()) {
        const MarketDefinition& market = markets.consolidated(leg.market).definition();
        const bool known = leg.market == package.market || find_asset(market.base) != LegState::kMoney;
        if (!known && pays_with_money(package, market, markets)) add_asset(leg.market, markets);
    }
    for (std::size_t i = 0; i < package.count; ++i) {
        const Leg& leg = package.legs[i];
        LegState& state = legs[i];
        const MarketDefinition& market = markets.consolidated(leg.market).definition();
        const bool own = leg.market == package.market;
        state.market = &market;
        state.base = own ? 0 : find_asset(market.base);
        state.quote = own && asset_count == 1 ? LegState::kMoney : find_asset(market.quote);
        state.unit = {power_of_ten(kAmountDecimals - market.quantity_decimals) *
                      market.members[leg.member].quantity_factor};
        ENSURE(state.base != LegState::kMoney, "each asset of a package is traded against money");
        AssetState& asset = assets[state.base];
        if (asset.market != leg.market) continue;
        asset.rate = leg.rate;
        Price& best = leg.intent.side == Side::buy ? asset.bought_at : asset.sold_at;
        if (best.units == 0) best = leg.best;
    }
    for (std::size_t a = 0; a < asset_count; ++a) {
        AssetState& asset = assets[a];
        if (asset.bought_at.units == 0) asset.bought_at = asset.sold_at;
        if (asset.sold_at.units == 0) asset.sold_at = asset.bought_at;
    }
}

void OpenPackage::on_leg_fill(std::size_t i, const Fill& fill)
{
    const LegState& leg = legs[i];
    const bool buys = package.legs[i].intent.side == Side::buy;
    Int128 amount = 0;
    ENSURE(!__builtin_mul_overflow(Int128{fill.quantity.units}, leg.unit.units, &amount),
           "what was filled is an amount");
    AssetState& base = assets[leg.base];
    (buys ? base.legs_bought : base.legs_sold) += Amount{amount};
    if (leg.quote == LegState::kMoney) return;
    AssetState& paid = assets[leg.quote];
    (buys ? paid.legs_sold : paid.legs_bought) += fill.notional;
}

std::int64_t OpenPackage::excess(std::size_t asset) const
{
    return assets[asset].uneven() + assets[asset].unwound.quantity + closing.filled(asset);
}

bool OpenPackage::even() const
{
    for (std::size_t a = 0; a < asset_count; ++a) {
        if (excess(a) != 0) return false;
    }
    return true;
}

void OpenPackage::note_excess(Timestamp now)
{
    const Duration lasted = now - changed;
    bool any = false;
    for (std::size_t a = 0; a < asset_count; ++a) {
        AssetState& asset = assets[a];
        if (asset.last_excess != 0) {
            any = true;
            exposure += asset.exposed_for(lasted);
        }
        asset.last_excess = excess(a);
    }
    if (any) unhedged = {unhedged.ns + lasted.ns};
    changed = now;
}

bool OpenPackage::order_out() const
{
    for (std::size_t i = 0; i < package.count; ++i) {
        if (!legs[i].terminal()) return true;
    }
    return closing.any();
}

bool OpenPackage::answer_due() const
{
    for (std::size_t i = 0; i < package.count; ++i) {
        if (answer_due(i)) return true;
    }
    return closing.any();
}

Timestamp OpenPackage::silent_from(Duration cover) const
{
    Timestamp from;
    for_each_due([&](ListingId, Timestamp sent) { from = std::max(from, sent + cover); });
    return from;
}

bool OpenPackage::busy_at(const Listing& listing, const InstrumentTable& table) const
{
    for (std::size_t i = 0; i < package.count; ++i) {
        if (legs[i].terminal()) continue;
        const ListingId at = package.legs[i].intent.listing;
        const bool rests = package.legs[i].part == Part::rest;
        if (at == listing.id || (!rests && table.listing(at).venue == listing.venue)) return true;
    }
    return std::any_of(closing.begin(), closing.end(), [&](const ClosingState& order) {
        return order.used && table.listing(order.intent.listing).venue == listing.venue;
    });
}

bool OpenPackage::hedges(std::size_t asset, Side side) const
{
    for (std::size_t i = 0; i < package.count; ++i) {
        const Leg& leg = package.legs[i];
        if (leg.part == Part::hedge && legs[i].base == asset && leg.intent.side == side) return true;
    }
    return false;
}

std::int64_t OpenPackage::to_hedge(std::size_t asset, Side side) const
{
    const std::int64_t sign = side == Side::sell ? 1 : -1;
    std::int64_t left = sign * excess(asset);
    for (std::size_t i = 0; i < package.count; ++i) {
        const Leg& leg = package.legs[i];
        const bool may_fill = leg.part == Part::rest && legs[i].base == asset && leg.intent.side != side &&
                              !legs[i].terminal() && leg.market == assets[asset].market;
        if (!may_fill) continue;
        left += in_market(leg.intent.quantity - legs[i].order.filled(),
                          legs[i].market->members[leg.member].quantity_factor);
    }
    return std::max<std::int64_t>(0, left - closing.left(asset, side));
}

void OpenPackage::settle(ClosingState& order)
{
    AssetState& asset = assets[order.asset];
    AssetState::Settled& sum = order.hedge ? asset.hedged : asset.unwound;
    const bool buys = order.intent.side == Side::buy;
    const Amount notional = at_rate(order.tracker.notional(), order.rate);
    if (package.aim != Aim::flat)
        ENSURE(closed_at.add(order.intent.listing, order.filled()), "an asset is closed at few listings");
    sum.quantity += order.filled();
    sum.cash += buys ? -notional : notional;
    sum.fees += at_rate(order.tracker.fees(), order.rate);
    order.used = false;
}

ListingChanges OpenPackage::even_changes() const
{
    ListingChanges all = closed_at;
    for (std::size_t i = 0; i < package.count; ++i) {
        const Leg& leg = package.legs[i];
        const std::int64_t quantity =
            in_market(legs[i].filled(), legs[i].market->members[leg.member].quantity_factor);
        ENSURE(all.add(leg.intent.listing, leg.intent.side == Side::buy ? quantity : -quantity),
               "a package trades at few listings");
    }
    all.take_out(excess(0));
    return all;
}

}  // namespace arb
