#pragma once
// What the positions come to if every order that is out fills, in the worse direction of each account, and
// whether one more order keeps the limits on that. What a book no longer tells is valued at its last price,
// or at another venue's; what nothing ever told is more than any limit. Core thread; no allocation after the
// constructor.
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/trading/free_money.hpp"
#include "engine/trading/risk_limits.hpp"

namespace arb {

class WorstCases {
  public:
    /// All outlive it.
    WorstCases(const Markets& markets, const Portfolio& portfolio, const FreeMoney& money, const Rates& rates,
               const ChangedAccounts& changed, const RiskLimits& limits);

    /// Change of base since the start at this venue, open orders of that side counted as filled.
    Amount position(ListingId listing, Side side) const;
    /// Worst cases summed, in the currency of limits: of everything, of one venue, of one market.
    Amount gross(Timestamp now) const;
    Amount at(VenueId venue, Timestamp now) const;
    Amount in(MarketId market, Timestamp now) const;
    /// Limits on positions, exposure and totals with one more order; `rate`: what its quote currency is worth
    /// in that of limits.
    RiskReason check(MarketId market, const OrderIntent& intent, Amount rate, Timestamp now) const;

  private:
    RiskReason check_exposure(MarketId market, const OrderIntent& intent, Amount rate) const;
    RiskReason check_totals(MarketId market, const OrderIntent& intent, Amount rate, Timestamp now) const;
    Amount notional(std::size_t account, Timestamp now) const;
    Price mark_of(ListingId listing) const;
    Price mark_elsewhere(const Listing& listing) const;
    bool in_market(MarketId market, std::size_t account) const;

    const Markets* markets_;
    const InstrumentTable* table_;
    const Portfolio* portfolio_;
    const FreeMoney* money_;
    const Rates* rates_;
    const ChangedAccounts* changed_;
    const RiskLimits* limits_;
    /// By listing: the last price that a limit valued it at. A book that is gone makes no room for more.
    mutable std::vector<Price> marks_;
    /// By market: a listing of each account that holds its base asset, of whatever market.
    std::vector<std::vector<ListingId>> holders_;
};

}  // namespace arb
