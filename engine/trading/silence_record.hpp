#pragma once
// How orders ended that their venue had been silent on for longer than is waited: had they executed after
// all, or not. Recent ones count most. Not kept over restarts. Core thread; no allocation after the
// constructor.
#include <cstdint>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/money.hpp"

namespace arb {

class SilenceRecord {
  public:
    explicit SilenceRecord(std::size_t venues) : counts_(venues) {}

    void note(VenueId venue, bool executed)
    {
        Count& count = counts_[index(venue)];
        count.executed += executed ? 1 : 0;
        if (++count.all < kRecent) return;
        count.all /= 2;
        count.executed /= 2;
    }
    /// The chance that an order which is silent now has executed; a half where nothing is known.
    Rate executed(VenueId venue) const
    {
        const Count& count = counts_[index(venue)];
        return {kRateOne * (count.executed + 1) / (count.all + 2)};
    }

  private:
    static constexpr std::int64_t kRecent = 32;
    struct Count {
        std::int64_t executed = 0, all = 0;
    };
    std::vector<Count> counts_;
};

}  // namespace arb
