#pragma once
// What a price is compared with: the middle of the books that are fresh, and, where only one is left, what
// two venues last agreed on. A book that was not updated for too long tells nothing, neither for opening nor
// for closing. Core thread; no allocation after the constructor.
#include <optional>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/trading/package.hpp"
#include "engine/trading/price_moves.hpp"

namespace arb {

class FairPrices {
  public:
    /// `age_max`: how old a book may be that anything is judged by.
    FairPrices(const Markets& markets, Duration age_max);

    bool too_old(ListingId listing, Timestamp now) const;
    /// Now and then, while books are good: what prices are compared with when only one is left.
    void remember(Timestamp now);
    /// The same of one market where nothing is remembered yet.
    void remember_first(MarketId market, Timestamp now);
    /// Twice the fair price, market units. `reference`: what was paid, 0: not known. Empty: no book tells.
    std::optional<Int128> twice(MarketId market, Price reference, Timestamp now) const;
    /// What trading at this price (market units x kRateOne, after the fee) loses against the middle, as a
    /// part of it; nothing where the price is the better one. Empty: no fresh book tells a middle.
    std::optional<Rate> cost_against_middle(MarketId market, Side side, Int128 net, Timestamp now) const;
    /// What closing this much would bring now (a short position: cost, negative), quote currency; without a
    /// fresh book by the last price that two venues agreed on. Empty: there was none.
    std::optional<Amount> worth_now(MarketId market, std::int64_t quantity, Timestamp now) const;
    const PriceMoves& moves() const { return moves_; }

  private:
    std::optional<Int128> middle_twice(MarketId market, Timestamp now) const;
    std::size_t fresh_books(MarketId market, Timestamp now) const;

    const Markets* markets_;
    Duration age_max_;
    /// By market: twice the last middle that two venues or more agreed on; 0: not yet.
    std::vector<Int128> last_twice_;
    Timestamp remembered_;
    PriceMoves moves_;
};

}  // namespace arb
