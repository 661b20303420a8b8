#pragma once
// When to try again: exponential delays with jitter, and a budget of attempts in a window. Pure: time is
// handed in, the jitter comes from a seed, so the same calls give the same delays. Any one thread; nothing
// fails. Times are std::chrono.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace arb::net {

using std::chrono::nanoseconds;

/// Delays double from `first` to `longest`; each is drawn from its upper half, so that many clients spread
/// out.
class Backoff {
  public:
    struct Policy {
        nanoseconds first = std::chrono::milliseconds(100);
        nanoseconds longest = std::chrono::seconds(30);
        /// A connection that lived for less does not count as a success: log-ons may be what the peer objects
        /// to.
        nanoseconds lived_min = std::chrono::seconds(10);
    };

    explicit Backoff(std::uint64_t seed) : Backoff(Policy(), seed) {}
    Backoff(const Policy& policy, std::uint64_t seed);

    /// The time to wait before the next attempt, after a failure.
    nanoseconds next();
    /// A connection ended after `lived`: long enough starts the delays anew.
    void on_ended(nanoseconds lived);
    unsigned failures() const { return failures_; }

  private:
    Policy policy_;
    std::uint64_t random_;
    unsigned failures_ = 0;
};

/// At most `attempts_max` attempts in any `window`. Times are since any fixed beginning, and do not go back.
class AttemptBudget {
  public:
    AttemptBudget(std::size_t attempts_max, nanoseconds window);

    /// The earliest time, `now` or later, at which an attempt is within the budget.
    nanoseconds next_allowed(nanoseconds now) const;
    /// Counts an attempt at `now`; false, and not counted, when it is beyond the budget.
    bool take(nanoseconds now);

  private:
    std::vector<nanoseconds> attempts_;  ///< a ring of the last attempts_max
    std::size_t oldest_ = 0;
    std::size_t count_ = 0;
    nanoseconds window_;
};

}  // namespace arb::net
