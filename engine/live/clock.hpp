#pragma once
// Time for the core: the wall clock as it was at start, carried on by the steady clock, so that it never
// jumps; and strictly growing, so that no two inputs share an instant and a replay finds the same order.
// Driver's thread.
#include <chrono>

#include "engine/base/time.hpp"

namespace arb {

class LiveClock {
  public:
    LiveClock()
        : wall_(std::chrono::duration_cast<std::chrono::nanoseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count()),
          steady_(std::chrono::steady_clock::now())
    {
    }
    Timestamp now() const
    {
        const auto passed = std::chrono::steady_clock::now() - steady_;
        return {wall_ + std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count()};
    }
    /// The instant of an input: now, but later than the input before it.
    Timestamp stamp()
    {
        const Timestamp time = now();
        last_ = time > last_ ? time : last_ + nanoseconds(1);
        return last_;
    }

  private:
    std::int64_t wall_;
    std::chrono::steady_clock::time_point steady_;
    Timestamp last_;
};

}  // namespace arb
