#pragma once
// How much of a crossing pays: walks the asks of one book and the bids of another together while each further
// unit still earns the minimum edge after fees. Pure; used by CrossVenue on the core thread. Quantities and
// prices are in the market's unit.
#include "engine/market/consolidated_book.hpp"
#include "engine/market/taken_liquidity.hpp"
#include "engine/trading/package.hpp"
#include "engine/trading/run_result.hpp"

namespace arb::cross_venue {

struct SideOfPair {
    const OrderBook* book = nullptr;
    ListingId listing = kNoListing;
    MarketMember member;
    Rate fee;
    std::int64_t lot = 1;           ///< market unit
    std::int64_t quantity_min = 0;  ///< market unit
    Amount notional_min;
};

struct SizingLimits {
    Rate edge_min;
    Amount notional_max;      ///< of the bought leg
    Int128 quantity_max = 0;  ///< market units: balances and inventory
};

struct Sizing {
    Quantity quantity;  ///< zero: nothing to do, `reason` says why
    MissedReason reason = MissedReason::count_;
    Price buy_best, sell_best;    ///< market unit
    Price buy_limit, sell_limit;  ///< worst prices used, market unit
    Amount buy_notional, sell_notional;
};

Sizing size_pair(const MarketDefinition& market, const SideOfPair& buy, const SideOfPair& sell,
                 const TakenLiquidity* taken, const SizingLimits& limits);

/// Profit after both fees as a fraction of what is paid, at these two prices.
Rate edge_after_fees(Price ask, Price bid, Rate buy_fee, Rate sell_fee);

}  // namespace arb::cross_venue
