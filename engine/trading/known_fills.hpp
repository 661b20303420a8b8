#pragma once
// The fills that were counted, of this run and of earlier ones, and up to when all of a venue's are known:
// the trades that are remembered (trade_memory.hpp), and by venue the time of the latest that was counted.
// Core thread; no allocation after the constructor.
#include <algorithm>
#include <vector>

#include "engine/trading/trade_memory.hpp"

namespace arb {

class KnownFills {
  public:
    KnownFills(std::size_t venues, std::size_t trades_kept)
        : trades_(venues, trades_kept), counted_(venues), watermarks_(venues)
    {
    }

    TradeMemory& trades() { return trades_; }
    const TradeMemory& trades() const { return trades_; }
    /// A fill was counted; 0: the venue did not say when it was.
    void on_counted(VenueId venue, Timestamp venue_time)
    {
        if (venue_time.known()) counted_[index(venue)] = std::max(counted_[index(venue)], venue_time);
    }
    /// Earlier runs knew every fill up to this venue time (watermark), and the trades from `floor` on are
    /// restored.
    void restore_watermark(VenueId venue, Timestamp watermark, Timestamp floor)
    {
        watermarks_[index(venue)] = std::max(watermarks_[index(venue)], watermark);
        trades_.raise_floor(venue, floor);
    }
    /// Every fill of ours up to this venue time was counted, where no order's fills are known later than
    /// `open_from`; 0: none was.
    Timestamp watermark(VenueId venue, Timestamp open_from) const
    {
        return std::max(std::min(counted_[index(venue)], open_from), watermarks_[index(venue)]);
    }

  private:
    TradeMemory trades_;
    std::vector<Timestamp> counted_;     ///< by venue: time of its latest fill that was counted
    std::vector<Timestamp> watermarks_;  ///< by venue: of earlier runs
};

}  // namespace arb
