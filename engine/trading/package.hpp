#pragma once
// A package is one arbitrage: two legs that belong together, and what they should earn. Both take at once, or
// one rests and the other takes what the resting one's fills ask for, as they come.
// Strategies make packages, RiskGate approves them whole, PackageExecutor drives them to flat or flagged.
// Plain values. Quantities of the package are in the market's unit (consolidated_book.hpp), of a leg in its
// instrument's.
#include <algorithm>
#include <array>
#include <cstdint>

#include "engine/base/order.hpp"
#include "engine/market/consolidated_book.hpp"

namespace arb {

/// How a leg is done.
enum class Part : std::uint8_t {
    take,  ///< at once, immediate or cancel
    rest,  ///< an order that rests until it is filled or withdrawn; it may be repriced
    hedge  ///< no order of its own: fills of the resting leg are closed where most is offered
};

struct Leg {
    Part part = Part::take;
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
    Rate edge;                  ///< expected profit after fees / bought notional
    std::uint8_t strategy = 0;  ///< place in the configuration's strategies
    Timestamp decided;

    const Leg& leg(Side side) const { return side == Side::buy ? buy : sell; }
    /// The leg that rests; null: both take.
    const Leg* resting() const
    {
        return buy.part == Part::rest ? &buy : sell.part == Part::rest ? &sell : nullptr;
    }
    Leg* resting() { return buy.part == Part::rest ? &buy : sell.part == Part::rest ? &sell : nullptr; }
};

/// How a package that rests stands.
struct PackageState {
    bool open = false;        ///< false: it has ended, or never was
    bool resting = false;     ///< its order may be filled still
    bool changing = false;    ///< it is being repriced or withdrawn
    Price price;              ///< of the resting order, in its instrument's units
    Quantity left;            ///< of it, its instrument's units
    std::int64_t excess = 0;  ///< bought - sold, market units: what is not hedged
};

/// 10^12 of the quote currency: no order is as large, and fees and sums of it stay far inside 128 bits.
inline constexpr Amount kNotionalMost{Int128{kPowersOfTen[15]} * kPowersOfTen[15]};

/// price x quantity in market units as quote currency. A venue may show anything, so it ends at
/// kNotionalMost.
inline Amount market_notional(const MarketDefinition& market, Price price, Quantity quantity)
{
    Int128 units = Int128{price.units} * quantity.units;
    const std::int64_t unit =
        power_of_ten(kAmountDecimals - market.price_decimals - market.quantity_decimals);
    if (__builtin_mul_overflow(units, Int128{unit}, &units) || units > kNotionalMost.units ||
        units < -kNotionalMost.units) {
        return (price.units < 0) == (quantity.units < 0) ? kNotionalMost : -kNotionalMost;
    }
    return {units};
}

/// The same care for a rate worked out of two shown prices.
inline Rate rate_within(Int128 units)
{
    return {static_cast<std::int64_t>(std::clamp(units, Int128{INT64_MIN}, Int128{INT64_MAX}))};
}

}  // namespace arb
