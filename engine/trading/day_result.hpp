#pragma once
// What a UTC day has earned or lost, in the currency of limits, and whether its loss limit is reached: by
// what was realised, or by that together with what open exposure has lost. Core thread.
#include <cstdint>
#include <optional>

#include "engine/base/money.hpp"
#include "engine/base/time.hpp"

namespace arb {

class DayResult {
  public:
    explicit DayResult(std::optional<Amount> loss_max) : loss_max_(loss_max) {}

    /// A package's profit or loss. True: the day's loss limit is reached; nothing is opened until the next
    /// UTC day.
    bool on_realised(Amount realised, Timestamp now);
    /// What open exposure would bring now, less what it cost. True: with it the day's loss limit is reached,
    /// and was not before.
    bool on_open_result(Amount result, Timestamp now);
    bool loss_reached(Timestamp now) const;
    /// The UTC day (since 1970) of the last result, and the sum of that day's: kept over restarts.
    std::int64_t number() const { return number_; }
    Amount realised() const { return realised_; }
    void restore(std::int64_t number, Amount realised)
    {
        number_ = number;
        realised_ = realised;
    }

    /// What was realised on the day of this time.
    Amount today(Timestamp now) const { return number_ == number_of(now) ? realised_ : Amount{}; }

  private:
    static std::int64_t number_of(Timestamp time) { return time.ns / seconds(86'400).ns; }

    std::optional<Amount> loss_max_;
    std::int64_t number_ = 0;  ///< UTC days since 1970
    Amount realised_;
    std::int64_t closed_ = -1;  ///< open exposure had lost too much on that day
};

}  // namespace arb
