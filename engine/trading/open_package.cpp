#include "engine/trading/open_package.hpp"

#include <algorithm>

#include "engine/trading/package_legs.hpp"

namespace arb {
namespace {

// What is kept has earned nothing yet: its cost waits with it. Fees and what was closed are of today.
void hold_back(PackageEnd& end, Amount cost)
{
    Waterfall& w = end.waterfall;
    end.cost = cost;
    w.realised += cost;
    w.quoted = w.depth = w.latency = {};
}

}  // namespace

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

std::int64_t ClosingState::filled() const
{
    const std::int64_t quantity = in_market(tracker.filled(), factor);
    return intent.side == Side::buy ? quantity : -quantity;
}

// Field by field: the trackers' memories of fills are large and need no clearing.
void OpenPackage::begin(const Package& begun, const Markets& markets, Timestamp when)
{
    used = true;
    package = begun;
    changed = when;
    wake = {};
    unwound_any = covered = cover_reversed = false;
    for (ClosingState& order : closing) order.used = false;
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

// Base that legs of that side moved, and what legs of the other side paid with it; as amounts.
Amount OpenPackage::moved(std::size_t asset, Side side) const
{
    Amount sum;
    for (std::size_t i = 0; i < package.count; ++i) {
        const LegState& leg = legs[i];
        const bool same_side = package.legs[i].intent.side == side;
        if (leg.base == asset && same_side) {
            Int128 amount = 0;
            ENSURE(!__builtin_mul_overflow(Int128{leg.filled().units}, leg.unit.units, &amount),
                   "what was filled is an amount");
            sum.units += amount;
        }
        if (leg.quote == asset && !same_side) sum += leg.notional();
    }
    return sum;
}

std::int64_t OpenPackage::bought(std::size_t asset) const
{
    return static_cast<std::int64_t>(moved(asset, Side::buy).units / assets[asset].unit.units) +
           std::max<std::int64_t>(0, assets[asset].hedged.quantity);
}

std::int64_t OpenPackage::sold(std::size_t asset) const
{
    return static_cast<std::int64_t>(moved(asset, Side::sell).units / assets[asset].unit.units) +
           std::max<std::int64_t>(0, -assets[asset].hedged.quantity);
}

std::int64_t OpenPackage::uneven(std::size_t asset) const
{
    return static_cast<std::int64_t>(net(asset).units / assets[asset].unit.units) +
           assets[asset].hedged.quantity;
}

Amount OpenPackage::rest(std::size_t asset) const
{
    return Amount{net(asset).units % assets[asset].unit.units} + assets[asset].carried;
}

std::int64_t OpenPackage::excess(std::size_t asset) const
{
    std::int64_t left = uneven(asset) + assets[asset].unwound.quantity;
    for (const ClosingState& order : closing) left += order.used && order.asset == asset ? order.filled() : 0;
    return left;
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
            const std::int64_t size = asset.last_excess < 0 ? -asset.last_excess : asset.last_excess;
            const Amount value =
                at_rate(market_notional(*asset.definition, asset.bought_at, {size}), asset.rate);
            // Divided first: 10^12 for a day stays inside 128 bits, and nothing above 10^-12 is lost.
            exposure += Amount{value.units / 1'000'000 * (lasted.ns / 1'000)};
        }
        asset.last_excess = excess(a);
    }
    if (any) unhedged = {unhedged.ns + lasted.ns};
    changed = now;
}

bool OpenPackage::closing_out() const
{
    return std::any_of(closing.begin(), closing.end(), [](const ClosingState& order) { return order.used; });
}

bool OpenPackage::order_out() const
{
    for (std::size_t i = 0; i < package.count; ++i) {
        if (!legs[i].terminal()) return true;
    }
    return closing_out();
}

bool OpenPackage::answer_due() const
{
    for (std::size_t i = 0; i < package.count; ++i) {
        if (answer_due(i)) return true;
    }
    return closing_out();
}

Timestamp OpenPackage::silent_from(Duration cover) const
{
    Timestamp from;
    for (std::size_t i = 0; i < package.count; ++i) {
        if (answer_due(i)) from = std::max(from, legs[i].sent + cover);
    }
    for (const ClosingState& order : closing) {
        if (order.used) from = std::max(from, order.sent + cover);
    }
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
    for (const ClosingState& order : closing) {
        if (order.used && order.asset == asset && order.intent.side == side)
            left -= in_market(order.intent.quantity - order.tracker.filled(), order.factor);
    }
    return std::max<std::int64_t>(0, left);
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

// What one unit is worth is worked out first, so that the values of parts add up to that of the whole.
Amount OpenPackage::valued(std::size_t a, std::int64_t quantity, Amount rate) const
{
    const Amount one = at_rate(market_notional(*assets[a].definition, reference(a), {1}), rate);
    Int128 units = 0;
    if (__builtin_mul_overflow(one.units, Int128{quantity}, &units) || units > kNotionalMost.units ||
        units < -kNotionalMost.units)
        return (one.units < 0) == (quantity < 0) ? kNotionalMost : -kNotionalMost;
    return {units};
}

Amount OpenPackage::valued(std::size_t a, Amount rest, Amount rate) const
{
    if (rest.zero()) return {};
    const Int128 scale = power_of_ten(assets[a].definition->price_decimals);
    Int128 units = 0;
    ENSURE(!__builtin_mul_overflow(rest.units, Int128{reference(a).units}, &units),
           "less than a unit is not worth more than 128 bits hold");
    return at_rate({units / scale}, rate);
}

// Received less paid, of the package's currency. What is paid with one of its assets is no cash.
Amount OpenPackage::cash(std::size_t i, Amount notional) const
{
    if (legs[i].quote != LegState::kMoney) return {};
    const Amount amount = at_rate(notional, package.legs[i].rate);
    return package.legs[i].intent.side == Side::buy ? -amount : amount;
}

// What the legs would bring if each filled whole: at the best prices, or as the books were deep.
Amount OpenPackage::planned(bool by_depth) const
{
    Amount sum;
    std::array<Amount, kAssetsMost> left{};
    for (std::size_t i = 0; i < package.count; ++i) {
        const Leg& leg = package.legs[i];
        const LegState& state = legs[i];
        const Amount base{Int128{leg.intent.quantity.units} * state.unit.units};
        const std::int64_t factor = state.market->members[leg.member].quantity_factor;
        const Amount notional =
            by_depth ? leg.expected
                     : market_notional(*state.market, leg.best, {in_market(leg.intent.quantity, factor)});
        sum += cash(i, notional);
        const bool buys = leg.intent.side == Side::buy;
        left[state.base] += buys ? base : -base;
        if (state.quote != LegState::kMoney) left[state.quote] += buys ? -notional : notional;
    }
    for (std::size_t a = 0; a < asset_count; ++a)
        sum += valued(a, static_cast<std::int64_t>(left[a].units / assets[a].unit.units));
    return sum;
}

PackageEnd OpenPackage::ended(bool flagged, const char* detail, Timestamp now) const
{
    PackageEnd end;
    end.package = package;
    end.bought = {bought(0)};
    end.sold = {sold(0)};
    end.unwound = {assets[0].unwound.quantity < 0 ? -assets[0].unwound.quantity : assets[0].unwound.quantity};
    end.residual = excess(0);
    end.assets = asset_count;
    end.flagged = flagged;
    end.covered = covered;
    end.cover_reversed = cover_reversed;
    end.detail = detail;
    end.finished = now;
    end.unhedged = unhedged;
    end.exposure = exposure;
    Waterfall& w = end.waterfall;
    w.quoted = package.has(Part::rest) ? quoted : planned(false);
    if (!package.has(Part::rest)) w.depth = planned(true) - w.quoted;
    Amount moved_cash, fees, even_out, left;
    for (std::size_t i = 0; i < package.count; ++i) {
        moved_cash += cash(i, legs[i].notional());
        fees += at_rate(legs[i].fees(), package.legs[i].rate);
    }
    Amount closed;
    for (std::size_t a = 0; a < asset_count; ++a) {
        const AssetState& asset = assets[a];
        end.residuals[a] = {asset.market, excess(a), rest(a)};
        const Amount fraction = valued(a, rest(a));
        moved_cash += asset.hedged.cash;
        closed += asset.unwound.cash;
        fees += asset.hedged.fees + asset.unwound.fees;
        even_out += valued(a, uneven(a)) + fraction;
        w.unwind += asset.unwound.cash + valued(a, asset.unwound.quantity);
        left += valued(a, excess(a)) + fraction;
    }
    w.latency = moved_cash + even_out - w.quoted - w.depth;
    w.fees = -fees;
    // Told on its own and not as the sum, so that a test can compare the two.
    w.realised = moved_cash + closed + w.fees + left;
    end.held = package.aim == Aim::hold && !even_changes().empty();
    if (end.held) hold_back(end, -(moved_cash + even_out));
    return end;
}

}  // namespace arb
