#pragma once
// Where else an asset could be closed: markets of the same base that are priced in another currency, or are
// another instrument of it. And what a quantity and a price of one market are in another one's terms. Pure;
// any thread.
#include <cstdint>
#include <vector>

#include "engine/market/markets.hpp"

namespace arb {

/// Which of them a leftover may be closed in that its own market does not take.
enum class OtherMarkets : std::uint8_t {
    none,
    spot,  ///< the same asset for another currency that is worth about the same
    any    ///< a perpetual of it as well: a hedge that stands until somebody closes both
};

/// By market: those others, in their order.
std::vector<std::vector<MarketId>> other_markets(const Markets& markets, OtherMarkets which);

/// Closing an asset for another currency leaves that currency: one that is worth about the same is money all
/// the same, any other (ETH/BTC for ETH/USDT) would be a new exposure in the place of the old.
bool at_par(Amount rate);

/// A quantity of the one market in units of the other, towards zero.
std::int64_t quantity_in(std::int64_t quantity, const MarketDefinition& from, const MarketDefinition& to);
/// How many units of the market one quantity unit of the instrument is; 0: no whole number of them.
std::int64_t quantity_factor(const Instrument& instrument, const MarketDefinition& market);
/// A price of the one market as one of the other, of whose currency one of the first is worth `rate`; 0: it
/// is no price there.
Price price_in(Price price, const MarketDefinition& from, const MarketDefinition& to, Amount rate);

}  // namespace arb
