#pragma once
// One asset that a package must end without: what its legs, and the orders that hedge and close, did to it,
// what that is worth, and how closing it goes. Sums are kept as fills come. Part of OpenPackage; plain state;
// core thread.
#include <algorithm>

#include "engine/market/markets.hpp"
#include "engine/trading/package.hpp"

namespace arb {

struct AssetState {
    /// What orders of one kind came to that are over.
    struct Settled {
        std::int64_t quantity = 0;  ///< signed change
        Amount cash;                ///< of the package's currency: received minus paid
        Amount fees;
    };

    MarketId market{};  ///< where it is closed, in whose units it is counted
    const MarketDefinition* definition = nullptr;
    Amount unit;                    ///< one of these units
    Amount rate = kRateSame;        ///< that market's quote currency in the package's
    Price bought_at, sold_at;       ///< best prices of the legs: what is left over is valued at
    Amount legs_bought, legs_sold;  ///< by the legs, also where they pay with it or are paid in it
    Settled hedged, unwound;
    Amount carried;  ///< less than a unit, that was there when it began
    std::int64_t last_excess = 0;
    // Closing. One bit a member of the market:
    std::uint32_t too_small = 0;  ///< refused what is left as below its lot or minimum
    std::uint32_t set_aside = 0;  ///< refused an order for another reason: the others come first
    unsigned attempts = 0;        ///< in a row that closed nothing
    bool told = false;
    Timestamp pause_until;  ///< no attempt before

    /// What was bought (sold) of it by the legs and by hedges that are over, whole units.
    std::int64_t bought() const { return units(legs_bought) + std::max<std::int64_t>(0, hedged.quantity); }
    std::int64_t sold() const { return units(legs_sold) + std::max<std::int64_t>(0, -hedged.quantity); }
    /// Bought less sold by them, whole units; and what there is beyond them (less than one, of either sign).
    std::int64_t uneven() const { return units(legs_bought - legs_sold) + hedged.quantity; }
    Amount rest() const { return Amount{(legs_bought - legs_sold).units % unit.units} + carried; }
    /// What is left over, and what was unwound, is valued at the best price of the leg that brought it.
    Price reference() const { return uneven() > 0 ? bought_at : sold_at; }
    /// At that price, in the package's currency.
    Amount valued(std::int64_t quantity) const { return at_reference(quantity, rate); }
    Amount valued(Amount rest) const { return at_reference(rest, rate); }
    /// The same in the quote currency of the asset's own market, as exposure is counted.
    Amount worth(std::int64_t quantity) const { return at_reference(quantity, kRateSame); }
    Amount worth(Amount rest) const { return at_reference(rest, kRateSame); }
    /// What the last known excess was worth for so long: value x seconds.
    Amount exposed_for(Duration lasted) const;

  private:
    std::int64_t units(Amount amount) const { return static_cast<std::int64_t>(amount.units / unit.units); }
    Amount at_reference(std::int64_t quantity, Amount at) const;
    Amount at_reference(Amount rest, Amount at) const;
};

/// The member's bit; members beyond 32 have none.
inline std::uint32_t member_bit(std::size_t member)
{
    return member < 32 ? std::uint32_t{1} << member : 0;
}

}  // namespace arb
