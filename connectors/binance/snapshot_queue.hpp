#pragma once
// Listings whose REST depth snapshot is wanted, in the order of asking, each once. When one may be asked for
// is the pool of request weights' word (weights.hpp). Owned by the Venue, core thread. Not on the hot path.
#include <algorithm>
#include <deque>

#include "engine/base/ids.hpp"

namespace arb::binance {

class SnapshotQueue {
  public:
    /// A listing waits once, however often it is asked for.
    void add(ListingId listing)
    {
        if (std::find(waiting_.begin(), waiting_.end(), listing) == waiting_.end())
            waiting_.push_back(listing);
    }
    void remove(ListingId listing)
    {
        waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), listing), waiting_.end());
    }
    bool empty() const { return waiting_.empty(); }
    /// Must not be empty.
    ListingId take()
    {
        const ListingId listing = waiting_.front();
        waiting_.pop_front();
        return listing;
    }

  private:
    std::deque<ListingId> waiting_;
};

}  // namespace arb::binance
