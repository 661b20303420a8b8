#include "engine/trading/package_legs.hpp"

#include <algorithm>

#include "engine/trading/package_end.hpp"

namespace arb {
namespace {

bool stands_in_market(const Leg& leg, const Markets& markets)
{
    if (index(leg.market) >= markets.market_count()) return false;
    const auto& members = markets.consolidated(leg.market).definition().members;
    return leg.member < members.size() && members[leg.member].listing == leg.intent.listing;
}

}  // namespace

bool pays_with_money(const Package& package, const MarketDefinition& market, const Markets& markets)
{
    return std::none_of(package.each().begin(), package.each().end(), [&](const Leg& leg) {
        return markets.consolidated(leg.market).definition().base == market.quote;
    });
}

bool belongs_together(const Package& package, const Markets& markets)
{
    if (package.count == 0) return false;
    bool one_market = true;
    for (const Leg& leg : package.each()) {
        if (!stands_in_market(leg, markets)) return false;
        one_market &= leg.market == package.market;
    }
    if (one_market) return true;
    // What is held is counted in one market.
    if (package.aim != Aim::flat) return false;
    const auto market_of = [&](const Leg& leg) -> const MarketDefinition& {
        return markets.consolidated(leg.market).definition();
    };
    bool own = false;
    std::size_t assets = 0;
    for (std::size_t i = 0; i < package.count; ++i) {
        const Leg& leg = package.legs[i];
        const std::string& base = market_of(leg).base;
        own |= leg.market == package.market && pays_with_money(package, market_of(leg), markets);
        bool paid = false, first = true;
        for (std::size_t k = 0; k < package.count; ++k) {
            const Leg& other = package.legs[k];
            if (market_of(other).base != base) continue;
            paid |= pays_with_money(package, market_of(other), markets);
            first &= k >= i;
        }
        if (!paid) return false;
        assets += first ? 1 : 0;
    }
    return own && assets <= PackageEnd::kAssetsMost;
}

}  // namespace arb
