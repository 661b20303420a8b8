#include "engine/trading/other_markets.hpp"

#include <algorithm>
#include <limits>

#include "engine/trading/package.hpp"

namespace arb {
namespace {

// Two per cent: a peg that broke is none.
constexpr Int128 kParWithin = kPowersOfTen[18] / 50;

bool all_spot(const MarketDefinition& market, const InstrumentTable& table)
{
    return std::all_of(market.members.begin(), market.members.end(), [&](const MarketMember& member) {
        return table.instrument_of(member.listing).kind == InstrumentKind::spot;
    });
}

bool any_inverse(const MarketDefinition& market, const InstrumentTable& table)
{
    return std::any_of(market.members.begin(), market.members.end(), [&](const MarketMember& member) {
        return table.instrument_of(member.listing).inverse;
    });
}

}  // namespace

std::vector<std::vector<MarketId>> other_markets(const Markets& markets, OtherMarkets which)
{
    std::vector<std::vector<MarketId>> others(markets.market_count());
    if (which == OtherMarkets::none) return others;
    const auto fits = [&](const MarketDefinition& market) {
        return which == OtherMarkets::any ? !any_inverse(market, markets.table())
                                          : all_spot(market, markets.table());
    };
    for (std::size_t m = 0; m < others.size(); ++m) {
        const MarketDefinition& own = markets.consolidated(static_cast<MarketId>(m)).definition();
        if (!fits(own)) continue;
        for (std::size_t o = 0; o < others.size(); ++o) {
            const MarketDefinition& other = markets.consolidated(static_cast<MarketId>(o)).definition();
            if (o != m && other.base == own.base && fits(other))
                others[m].push_back(static_cast<MarketId>(o));
        }
    }
    return others;
}

bool at_par(Amount rate)
{
    const Int128 off = rate.units - kRateSame.units;
    return (off < 0 ? -off : off) <= kParWithin;
}

std::int64_t quantity_in(std::int64_t quantity, const MarketDefinition& from, const MarketDefinition& to)
{
    if (to.quantity_decimals <= from.quantity_decimals)
        return quantity / power_of_ten(from.quantity_decimals - to.quantity_decimals);
    std::int64_t result = 0;
    const std::int64_t factor = power_of_ten(to.quantity_decimals - from.quantity_decimals);
    // So much is never held; nothing of it is closed there then.
    return __builtin_mul_overflow(quantity, factor, &result) ? 0 : result;
}

std::int64_t quantity_factor(const Instrument& instrument, const MarketDefinition& market)
{
    const Int128 unit = instrument.amount({1}).units;
    const Int128 whole = power_of_ten(kAmountDecimals - market.quantity_decimals);
    return unit % whole == 0 ? static_cast<std::int64_t>(unit / whole) : 0;
}

Price price_in(Price price, const MarketDefinition& from, const MarketDefinition& to, Amount rate)
{
    const Amount there =
        at_rate({Int128{price.units} * power_of_ten(kAmountDecimals - from.price_decimals)}, rate);
    const Int128 units = there.units / power_of_ten(kAmountDecimals - to.price_decimals);
    if (units <= 0 || units > std::numeric_limits<std::int64_t>::max()) return {};
    return {static_cast<std::int64_t>(units)};
}

}  // namespace arb
