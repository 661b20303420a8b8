#pragma once
// REST depth snapshots waiting for their turn. Binance weighs each request (spot, 5000 levels: 250 of 6000 a
// minute; futures, 1000 levels: 20 of 2400) and bans addresses that ask too fast, so requests leave through a
// bucket of tokens that fills with time. Owned by the Venue, core thread; time is an argument. Not on the hot
// path.
#include <deque>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace arb::binance {

class SnapshotQueue {
  public:
    /// At most `burst` at once, then one each `interval`.
    SnapshotQueue(int burst, Duration interval) : interval_(interval), burst_(burst), tokens_(burst) {}

    /// A listing waits once, however often it is asked for.
    void add(ListingId listing);
    void remove(ListingId listing);
    bool empty() const { return waiting_.empty(); }
    /// The next listing that may be asked for now, or kNoListing.
    ListingId take(Timestamp now);
    /// When take() may next give a listing, if any waits.
    Timestamp next() const;
    /// No request before `until`: the venue said to back off.
    void pause(Timestamp until);

  private:
    std::deque<ListingId> waiting_;
    Duration interval_;
    int burst_;
    int tokens_;
    Timestamp filled_;  // the time up to which tokens were counted
    Timestamp paused_until_;
};

}  // namespace arb::binance
