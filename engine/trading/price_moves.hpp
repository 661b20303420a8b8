#pragma once
// How far the middle price of a market moves within a second, on average over the last half minute, and how
// far it may move within another time if its steps are as those of a random walk. Core thread; no allocation
// after the constructor.
#include <algorithm>
#include <optional>
#include <vector>

#include "engine/base/money.hpp"
#include "engine/base/time.hpp"
#include "engine/market/consolidated_book.hpp"

namespace arb {

class PriceMoves {
  public:
    explicit PriceMoves(std::size_t markets) : moves_(markets) {}

    /// Twice the middle; called about once a second.
    void see(MarketId market, Int128 twice, Timestamp now);
    /// The average size of a change within that time, as a part of the price; empty: not known.
    std::optional<Rate> expected(MarketId market, Duration time) const;

  private:
    /// Seconds over which the average is taken.
    static constexpr std::int64_t kSeconds = 32;
    struct Move {
        Int128 twice = 0;  ///< when last seen; 0: never
        Timestamp seen;
        Rate mean;
        bool known = false;
    };
    std::vector<Move> moves_;
};

}  // namespace arb
