#pragma once
// A package is one arbitrage: up to eight legs that belong together, in one market or in several, and what
// they should earn. Legs take at once, or one rests and its fills are hedged as they come. What they leave of
// an asset that one of them trades is closed; what they move of quote currencies is their result.
// Strategies make packages, RiskGate approves them whole, PackageExecutor drives them to flat or flagged.
// Plain values. Quantities of the package are in its market's unit (consolidated_book.hpp), of a leg in its
// instrument's.
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "engine/base/order.hpp"
#include "engine/market/consolidated_book.hpp"

namespace arb {

/// How a leg is done.
enum class Part : std::uint8_t {
    take,  ///< at once, immediate or cancel
    rest,  ///< an order that rests until it is filled, withdrawn, or the package's time is over
    hedge  ///< no order of its own: what resting legs fill is closed where most is offered
};

/// What becomes of what the legs bought and sold.
enum class Aim : std::uint8_t {
    flat,    ///< nothing is left: what the legs filled unevenly is closed
    hold,    ///< what they filled evenly is kept as held positions, for a later package to release
    release  ///< gives back what package `of` holds
};

/// "take", "rest", "hedge"; "flat", "hold", "release".
const char* name(Part part);
const char* name(Aim aim);

/// One of the package's own currency for one of the leg's.
inline constexpr Amount kRateSame{Int128{kPowersOfTen[18]}};

struct Leg {
    Part part = Part::take;
    MarketId market{};
    std::uint32_t member = 0;  ///< place in the market
    OrderIntent intent;
    Price best;               ///< the venue's best price when decided, units of the leg's market
    Amount expected;          ///< notional of walking the book for this leg, the leg's quote currency
    Amount rate = kRateSame;  ///< what one of the leg's quote currency is worth in the package's; the desk's
};

struct Package {
    static constexpr std::size_t kLegsMost = 8;

    PackageId id{};
    MarketId market{};  ///< in whose units and quote currency the package is counted; of one of its legs
    Quantity quantity;  ///< market units
    std::array<Leg, kLegsMost> legs;
    std::uint8_t count = 0;
    Aim aim = Aim::flat;
    PackageId of{};             ///< released: who holds it
    Rate edge;                  ///< expected profit after fees / bought notional
    std::uint8_t strategy = 0;  ///< place in the configuration's strategies
    Timestamp decided;
    Timestamp until;  ///< what rests is taken back then; 0: it may rest for as long as the strategy likes

    /// The next leg, of the package's market; orders leave in the order of legs.
    Leg& add(Side side, Part part = Part::take)
    {
        ENSURE(count < kLegsMost, "a package has eight legs at most");
        Leg& leg = legs[count++];
        leg = {};
        leg.market = market;
        leg.part = part;
        leg.intent.side = side;
        return leg;
    }
    std::span<Leg> each() { return {legs.data(), count}; }
    std::span<const Leg> each() const { return {legs.data(), count}; }
    /// The first leg of that side; null: there is none.
    const Leg* first(Side side) const
    {
        for (const Leg& leg : each()) {
            if (leg.intent.side == side) return &leg;
        }
        return nullptr;
    }
    bool has(Part part) const
    {
        return std::any_of(legs.begin(), legs.begin() + count,
                           [part](const Leg& leg) { return leg.part == part; });
    }
};

/// How a leg that rests stands.
struct RestingState {
    bool open = false;        ///< its package has not ended
    bool resting = false;     ///< its order may be filled still
    bool changing = false;    ///< it is being repriced or withdrawn
    Price price;              ///< of its order, in its instrument's units
    Quantity left;            ///< of it, its instrument's units
    std::int64_t excess = 0;  ///< bought - sold of its asset, units of the market where that is closed: what
                              ///< is not hedged
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

/// A filled quantity of an instrument in the market's units.
inline std::int64_t in_market(Quantity quantity, std::int64_t factor)
{
    std::int64_t result = 0;
    ENSURE(!__builtin_mul_overflow(quantity.units, factor, &result),
           "a filled quantity fits the market's unit");
    return result;
}

/// An amount of one currency in another one, of which one is worth `rate`: rounded towards zero at 10^-18.
inline Amount at_rate(Amount amount, Amount rate)
{
    if (rate == kRateSame) return amount;
    // Both in two halves of nine digits and more, so that no product needs more than 128 bits.
    constexpr Int128 kHalf = kPowersOfTen[9];
    const Int128 a = amount.units / kHalf, a_rest = amount.units % kHalf;
    const Int128 r = rate.units / kHalf, r_rest = rate.units % kHalf;
    Int128 units = 0;
    if (__builtin_mul_overflow(a, r, &units) || units > kNotionalMost.units || units < -kNotionalMost.units)
        return (amount.units < 0) == (rate.units < 0) ? kNotionalMost : -kNotionalMost;
    return {units + (a * r_rest + a_rest * r + a_rest * r_rest / kHalf) / kHalf};
}

/// The same care for a rate worked out of two shown prices.
inline Rate rate_within(Int128 units)
{
    return {static_cast<std::int64_t>(std::clamp(units, Int128{INT64_MIN}, Int128{INT64_MAX}))};
}

}  // namespace arb
