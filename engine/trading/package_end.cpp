#include "engine/trading/package_end.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "engine/trading/open_package.hpp"

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

// Received less paid, of the package's currency. What is paid with one of its assets is no cash.
Amount cash(const OpenPackage& open, std::size_t i, Amount notional)
{
    if (open.legs[i].quote != LegState::kMoney) return {};
    const Amount amount = at_rate(notional, open.package.legs[i].rate);
    return open.package.legs[i].intent.side == Side::buy ? -amount : amount;
}

// What the legs would bring if each filled whole: at the best prices, or as the books were deep.
Amount planned(const OpenPackage& open, bool by_depth)
{
    Amount sum;
    std::array<Amount, PackageEnd::kAssetsMost> left{};
    for (std::size_t i = 0; i < open.package.count; ++i) {
        const Leg& leg = open.package.legs[i];
        const LegState& state = open.legs[i];
        const Amount base{Int128{leg.intent.quantity.units} * state.unit.units};
        const std::int64_t factor = state.market->members[leg.member].quantity_factor;
        const Amount notional =
            by_depth ? leg.expected
                     : market_notional(*state.market, leg.best, {in_market(leg.intent.quantity, factor)});
        sum += cash(open, i, notional);
        const bool buys = leg.intent.side == Side::buy;
        left[state.base] += buys ? base : -base;
        if (state.quote != LegState::kMoney) left[state.quote] += buys ? -notional : notional;
    }
    for (std::size_t a = 0; a < open.asset_count; ++a)
        sum += open.assets[a].valued(static_cast<std::int64_t>(left[a].units / open.assets[a].unit.units));
    return sum;
}

}  // namespace

PackageEnd end_of(const OpenPackage& open, bool flagged, const char* detail, Timestamp now)
{
    PackageEnd end;
    end.package = open.package;
    const AssetState& own = open.assets[0];
    end.bought = {own.bought()};
    end.sold = {own.sold()};
    end.unwound = {own.unwound.quantity < 0 ? -own.unwound.quantity : own.unwound.quantity};
    end.residual = open.excess(0);
    end.assets = open.asset_count;
    end.flagged = flagged;
    end.covered = open.covered;
    end.cover_reversed = open.cover_reversed;
    end.detail = detail;
    end.finished = now;
    end.unhedged = open.unhedged;
    end.exposure = open.exposure;
    Waterfall& w = end.waterfall;
    w.quoted = open.package.has(Part::rest) ? open.quoted : planned(open, false);
    if (!open.package.has(Part::rest)) w.depth = planned(open, true) - w.quoted;
    Amount moved_cash, fees, even_out, left;
    for (std::size_t i = 0; i < open.package.count; ++i) {
        moved_cash += cash(open, i, open.legs[i].notional());
        fees += at_rate(open.legs[i].fees(), open.package.legs[i].rate);
    }
    Amount closed;
    for (std::size_t a = 0; a < open.asset_count; ++a) {
        const AssetState& asset = open.assets[a];
        end.residuals[a] = {asset.market, open.excess(a), asset.rest()};
        const Amount fraction = asset.valued(asset.rest());
        moved_cash += asset.hedged.cash;
        closed += asset.unwound.cash;
        fees += asset.hedged.fees + asset.unwound.fees;
        even_out += asset.valued(asset.uneven()) + fraction;
        w.unwind += asset.unwound.cash + asset.valued(asset.unwound.quantity);
        left += asset.valued(open.excess(a)) + fraction;
    }
    w.latency = moved_cash + even_out - w.quoted - w.depth;
    w.fees = -fees;
    // Told on its own and not as the sum, so that a test can compare the two.
    w.realised = moved_cash + closed + w.fees + left;
    end.held = open.package.aim == Aim::hold && !open.even_changes().empty();
    if (end.held) hold_back(end, -(moved_cash + even_out));
    return end;
}

const char* outcome(const PackageEnd& end)
{
    return end.flagged ? "flagged" : end.held ? "held" : "flat";
}

std::string venues_text(const Package& package, Side side, const InstrumentTable& table)
{
    std::vector<std::string> labels;
    std::string text;
    for (const Leg& leg : package.each()) {
        if (leg.intent.side != side) continue;
        const std::string label = table.label(table.listing(leg.intent.listing).venue);
        if (std::find(labels.begin(), labels.end(), label) != labels.end()) continue;
        labels.push_back(label);
        text += (text.empty() ? "" : "+") + label;
    }
    return text;
}

std::string detail_text(const PackageEnd& end, const Markets& markets)
{
    std::string text = end.detail;
    bool first = true;
    for (std::size_t i = 0; i < end.assets; ++i) {
        const Residual& left = end.residuals[i];
        if (left.quantity == 0) continue;
        const MarketDefinition& market = markets.consolidated(left.market).definition();
        text += fmt::format("{}{} {}",
                            !first         ? ", "
                            : text.empty() ? ""
                                           : ": ",
                            format_scaled(left.quantity, market.quantity_decimals), market.base);
        first = false;
    }
    if (!first) text += " left";
    return text;
}

}  // namespace arb
