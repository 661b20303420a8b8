#pragma once
// Buy here, sell there: where one venue's bid stands above another's ask by more than both legs' taker fees
// and the configured minimum, it walks both books for the quantity that still pays, within balances,
// inventory limits, lots and minimums, and proposes a Package of two immediate-or-cancel orders. It lets go,
// with a reason, of stale or invalid books and of gaps so young that the delay between the two venues' data
// could explain them. Core thread, no allocation after construction.
//
// Settings [strategy.cross_venue]: markets (list of names, all when absent), min_edge_bps, order_max_quote,
// inventory_max_base, cooldown_ms, stale_ms, skew_margin_ms.
#include <string>
#include <vector>

#include "engine/trading/strategy.hpp"

namespace arb::cross_venue {

struct Limits {
    Rate edge_min;         ///< profit after fees / bought notional
    Amount order_max;      ///< quote currency a leg
    Amount inventory_max;  ///< |change of base since the start| at one venue
    Duration cooldown;     ///< between two packages of a pair
    Duration stale;        ///< books older than this are not used
    Duration skew_margin;  ///< added to the measured delay between two venues' data
};

class CrossVenue : public Strategy {
  public:
    CrossVenue(const Limits& limits, const Markets& markets, std::vector<bool> enabled);

    void on_market(MarketId market, Timestamp now, const MarketView& view, PackageControl& packages) override;

  private:
    struct Pair {
        Timestamp last;  // when the pair's last package was proposed, either direction
    };
    /// The reason to let the pair go before its books are walked; count_: none.
    MissedReason judge(MarketId market, std::size_t buy, std::size_t sell, Timestamp now,
                       const MarketView& view, const PackageControl& packages);
    bool try_pair(MarketId market, std::size_t buy, std::size_t sell, Timestamp now, const MarketView& view,
                  PackageControl& packages);
    Pair& pair(MarketId market, std::size_t a, std::size_t b);

    Limits limits_;
    std::vector<bool> enabled_;             // by market
    std::vector<std::vector<Pair>> pairs_;  // by market: smaller x members + larger
    std::vector<std::size_t> members_;      // by market
};

}  // namespace arb::cross_venue
