#pragma once
// What is to be done later, each at its time; of equal times in order of arrival. One thread, no clock, no
// errors.
#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "engine/base/time.hpp"

namespace arb {

class TimedActions {
  public:
    void at(Timestamp time, std::function<void()> action) { actions_.emplace(time, std::move(action)); }
    /// Does the first that is due, which may add others; false: none is.
    bool run_one(Timestamp now)
    {
        if (actions_.empty() || now < actions_.begin()->first) return false;
        actions_.extract(actions_.begin()).mapped()();
        return true;
    }
    /// The time of the first, at most `latest`.
    Timestamp next(Timestamp latest) const
    {
        return actions_.empty() ? latest : std::min(latest, actions_.begin()->first);
    }

  private:
    std::multimap<Timestamp, std::function<void()>> actions_;
};

}  // namespace arb
