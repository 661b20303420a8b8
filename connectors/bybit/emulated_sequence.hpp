#pragma once
// The counter that all topics of the emulated Bybit share, never contiguous within one: `seq` of books and
// trades, `cs` of tickers. The books and the tape count; one thread.
#include <cstdint>

namespace arb::bybit {

class EmulatedSequence {
  public:
    std::int64_t next(std::int64_t step) { return value_ += step; }
    std::int64_t value() const { return value_; }

  private:
    std::int64_t value_ = 7'961'638'724;
};

}  // namespace arb::bybit
