#pragma once
// A venue that refuses one order after the other in a listing, swallows them, or answers too late, would
// leave a leg of every package behind. After some in a row nothing is opened there for a while, which doubles
// each time that it goes on; then it is tried again by itself. An order that the venue took ends the count.
// Orders that close are never held back. Not kept over restarts. Core thread; no allocation after the
// constructor.
#include <algorithm>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace arb {

struct RefusalLimits {
    std::uint32_t in_a_row = 5;
    Duration pause = seconds(30);  ///< the first time; doubled up to `pause_most`
    Duration pause_most = seconds(600);
};

class RefusalBreaker {
  public:
    RefusalBreaker(std::size_t listings, const RefusalLimits& limits) : limits_(limits), states_(listings) {}

    bool open(ListingId listing, Timestamp now) const { return now < states_[index(listing)].until; }
    /// Until when nothing is opened there; in the past: it may be.
    Timestamp until(ListingId listing) const { return states_[index(listing)].until; }
    void on_taken(ListingId listing)
    {
        State& state = states_[index(listing)];
        state.count = 0;
        state.pause = {};
    }
    /// True: with this refusal the pause began.
    bool on_refused(ListingId listing, Timestamp now)
    {
        State& state = states_[index(listing)];
        // Orders that were out already say nothing new.
        if (now < state.until || ++state.count < limits_.in_a_row) return false;
        state.pause = state.pause.ns == 0 ? limits_.pause
                                          : Duration{std::min(state.pause.ns * 2, limits_.pause_most.ns)};
        state.until = now + state.pause;
        return true;
    }

  private:
    struct State {
        std::uint32_t count = 0;  ///< refused in a row
        Timestamp until;
        Duration pause;
    };
    RefusalLimits limits_;
    std::vector<State> states_;
};

}  // namespace arb
