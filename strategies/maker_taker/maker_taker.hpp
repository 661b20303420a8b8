#pragma once
// Rest here, take there: an order that waits at one venue, priced so that taking the other side at another
// one, by depth, pays both fees and the configured minimum. It follows the books with repricing inside the
// venue's order budget; each fill is hedged at once by the executor. It takes its order back when the side
// that would hedge is stale, thin, stopped or out of money, when trading is paused, and at an inventory
// limit. One order a venue and side; none is made or moved while a fill of it is not hedged. Core thread, no
// allocation after construction.
//
// Settings [strategy.maker_taker]: markets and makers (lists of names, all when absent), min_edge_bps,
// order_quote, behind_bps, follow_ticks, reprice_ms, stale_ms, inventory_max_base.
#include <optional>
#include <string>
#include <vector>

#include "engine/trading/strategy.hpp"

namespace arb::maker_taker {

struct Limits {
    Rate edge_min;                  ///< profit after fees / notional of the resting side
    Amount order;                   ///< quote currency of one resting order
    Rate behind;                    ///< how far behind the venue's best price an order may stand
    std::int64_t follow_ticks = 1;  ///< an order is moved nearer to the market by this many ticks at least
    Duration reprice;               ///< between two such moves of one order, and two orders in one place
    Duration stale;                 ///< books older than this hedge nothing
    Amount inventory_max;           ///< |change of base| at one venue
};

class MakerTaker : public Strategy {
  public:
    /// `markets`, `makers`: by market, by venue.
    MakerTaker(const Limits& limits, const Markets& markets, std::vector<bool> enabled,
               std::vector<bool> makers);

    void on_market(MarketId market, Timestamp now, const MarketView& view, PackageControl& packages) override;
    void on_time(Timestamp now, const MarketView& view, PackageControl& packages) override;

  private:
    /// One resting order: of a member of a market, one side.
    struct Quote {
        MarketId market{};
        std::size_t member = 0;
        Side side{};
        PackageId package{};  ///< 0: none is out
        Timestamp moved;
    };
    /// What should rest.
    struct Wish {
        Price price;        ///< the maker's instrument
        Price limit;        ///< beyond this it would not pay
        Quantity quantity;  ///< market units
        std::size_t hedge = 0;
        Price hedge_best, hedge_worst;  ///< market units
        Amount hedge_notional;
    };

    void manage(Quote& quote, Timestamp now, const MarketView& view, PackageControl& packages);
    void follow(Quote& quote, const RestingState& state, const std::optional<Wish>& wish, Timestamp now,
                const MarketView& view, PackageControl& packages);
    void propose(Quote& quote, const Wish& wish, Timestamp now, const MarketView& view,
                 PackageControl& packages);
    bool open_for(MarketId market, std::size_t member, Timestamp now, const MarketView& view) const;
    std::optional<Wish> wish(const Quote& quote, const RestingState& state, Timestamp now,
                             const MarketView& view) const;
    bool price_by(const Quote& quote, std::size_t hedge, Timestamp now, const MarketView& view,
                  Wish& wish) const;
    bool place_in_book(const Quote& quote, const RestingState& state, const MarketView& view,
                       Wish& wish) const;
    bool affordable(const Quote& quote, const RestingState& state, const MarketView& view,
                    const Wish& wish) const;

    Limits limits_;
    std::vector<bool> enabled_;  // by market
    std::vector<Quote> quotes_;
    std::vector<std::vector<std::size_t>> of_;  // by market: places in quotes_
    Timestamp looked_;
};

}  // namespace arb::maker_taker
