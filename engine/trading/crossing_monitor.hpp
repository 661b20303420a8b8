#pragma once
// Counts the instants at which one venue's best bid stands above another's best ask, before any fee, and
// keeps each uninterrupted spell as an opportunity with its lifetime, its edge, and what became of it. The
// engine calls it once per changed market and instant, before strategies; it decides nothing. Core thread; it
// allocates only when a spell ends (at most kOpportunitiesMax are kept one by one). Books are compared while
// both are recorded: a gap against the last prices of a recording that is over is no crossing, it is only
// counted among what was missed, as stale.
#include <array>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/trading/risk_limits.hpp"
#include "engine/trading/run_result.hpp"

namespace arb {

/// Opportunities that were not taken, by the last reason, and by the limit where the gate refused.
struct MissedTotals {
    std::array<MissedRow, static_cast<std::size_t>(MissedReason::count_)> reasons{};
    std::array<MissedRow, static_cast<std::size_t>(RiskReason::count_)> limits{};
    void add(MissedReason reason, RiskReason limit, Amount quoted);
    /// Those limits that held something back, most first.
    std::vector<LimitRow> by_limit() const;
};

class CrossingMonitor {
  public:
    CrossingMonitor(const Markets& markets, std::vector<Rate> taker_fees);

    void observe(MarketId market, Timestamp now);
    void set_taker_fee(ListingId listing, Rate fee) { taker_fees_[index(listing)] = fee; }
    /// Since when this pair has crossed without a break; 0: it does not cross.
    Timestamp since(MarketId market, std::size_t buy, std::size_t sell) const;
    /// `limit`: which one, where the gate refused.
    void missed(MarketId market, std::size_t buy, std::size_t sell, MissedReason reason,
                RiskReason limit = RiskReason::none);
    void taken(MarketId market, std::size_t buy, std::size_t sell);
    /// Ends every open spell at the last input's time.
    void finish(Timestamp now);

    /// Until now, with the spells that still last.
    MissedTotals missed_so_far() const;
    /// Adds crossings, opportunities and missed reasons to the result.
    void report(RunResult& result) const;

  private:
    struct Spell {
        bool open = false;
        bool is_taken = false;
        bool stale = false;  ///< against the last prices of a recording that is over
        Timestamp begin, last;
        Rate edge, edge_after_fees;
        Amount notional;
        Amount quoted;  ///< edge x crossing quantity at the best instant
        MissedReason reason = MissedReason::fees;
        RiskReason limit = RiskReason::none;
        std::uint64_t instants = 0;  ///< all spells of the pair
        Rate max_edge;               ///< all spells of the pair
    };
    Spell& spell(MarketId market, std::size_t buy, std::size_t sell);
    const Spell& spell(MarketId market, std::size_t buy, std::size_t sell) const;
    void measure(MarketId market, std::size_t buy, std::size_t sell, Spell& spell, bool stale, Timestamp now);
    void close(MarketId market, std::size_t buy, std::size_t sell, Spell& spell);

    struct Ended {
        MarketId market{};
        std::uint32_t buy = 0, sell = 0;
        Opportunity opportunity;
    };
    const Markets* markets_;
    std::vector<Rate> taker_fees_;
    std::vector<std::vector<Spell>> spells_;  // by market: buy x members + sell
    std::vector<std::uint32_t> open_;         // spells open, by market
    std::vector<Ended> ended_;
    std::uint64_t ended_total_ = 0;
    MissedTotals missed_;
};

}  // namespace arb
