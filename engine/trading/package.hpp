#pragma once
// A package is one arbitrage: two legs that belong together, what they should earn, and until when.
// Strategies make packages, RiskGate approves them whole, PackageExecutor drives them to flat or flagged.
// Plain values. Quantities of the package are in the market's unit (consolidated_book.hpp), of a leg in its
// instrument's.
#include <array>

#include "engine/base/order.hpp"
#include "engine/market/consolidated_book.hpp"

namespace arb {

struct Leg {
    OrderIntent intent;
    std::uint32_t member = 0;  ///< place in the market
    Price best;                ///< the venue's best price when decided, market units
    Amount expected;           ///< notional of walking the book for this leg, quote currency
};

struct Package {
    PackageId id{};
    MarketId market{};
    Quantity quantity;  ///< of each leg, market units
    Leg buy, sell;
    Rate edge;  ///< expected profit after fees / bought notional
    Timestamp decided;
};

/// price x quantity in market units as quote currency.
inline Amount market_notional(const MarketDefinition& market, Price price, Quantity quantity)
{
    return {Int128{price.units} * quantity.units *
            power_of_ten(kAmountDecimals - market.price_decimals - market.quantity_decimals)};
}

}  // namespace arb
