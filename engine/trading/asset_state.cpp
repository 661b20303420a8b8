#include "engine/trading/asset_state.hpp"

namespace arb {

// What one unit is worth is worked out first, so that the values of parts add up to that of the whole.
Amount AssetState::at_reference(std::int64_t quantity, Amount at) const
{
    const Amount one = at_rate(market_notional(*definition, reference(), {1}), at);
    Int128 units = 0;
    if (__builtin_mul_overflow(one.units, Int128{quantity}, &units) || units > kNotionalMost.units ||
        units < -kNotionalMost.units)
        return (one.units < 0) == (quantity < 0) ? kNotionalMost : -kNotionalMost;
    return {units};
}

Amount AssetState::at_reference(Amount rest, Amount at) const
{
    if (rest.zero()) return {};
    const Int128 scale = power_of_ten(definition->price_decimals);
    Int128 units = 0;
    ENSURE(!__builtin_mul_overflow(rest.units, Int128{reference().units}, &units),
           "less than a unit is not worth more than 128 bits hold");
    return at_rate({units / scale}, at);
}

Amount AssetState::exposed_for(Duration lasted) const
{
    const std::int64_t size = last_excess < 0 ? -last_excess : last_excess;
    const Amount value = at_rate(market_notional(*definition, bought_at, {size}), rate);
    // Divided first: 10^12 for a day stays inside 128 bits, and nothing above 10^-12 is lost.
    return {value.units / 1'000'000 * (lasted.ns / 1'000)};
}

}  // namespace arb
