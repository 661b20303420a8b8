#pragma once
// Where a resting order of ours stands in the queue of its price. Nobody tells: a book shows how much stands
// at a price, not who. So it begins behind all that was shown when it arrived, and moves up with trades at
// that price, which serve the front, and with what was cancelled, of which a model says how much stood before
// us. What of a trade is left after those before us is ours. Plain values, in the instrument's units.
#include <algorithm>
#include <cstdint>

#include "engine/base/money.hpp"

namespace arb {

/// What a level that shrinks without a trade says of those before us.
enum class QueueModel : std::uint8_t {
    pessimistic,  ///< whoever left stood behind us, as long as there is anybody
    proportional  ///< those who left stood everywhere alike
};

class QueuePlace {
  public:
    /// `shown` stands at the price already.
    explicit QueuePlace(Quantity shown = {}) : ahead_(shown.units), shown_(shown.units) {}

    /// A trade at our price: how much of it is ours to take.
    Quantity on_trade(Quantity traded)
    {
        const std::int64_t before = std::min(ahead_, traded.units);
        ahead_ -= before;
        traded_ += traded.units;
        return {traded.units - before};
    }

    /// So much is shown at the price now.
    void on_level(Quantity shown, QueueModel model)
    {
        // What trades took is not gone a second time.
        const std::int64_t left = std::max<std::int64_t>(0, shown_ - traded_);
        if (model == QueueModel::proportional && shown.units < left && left > 0)
            ahead_ = static_cast<std::int64_t>(Int128{ahead_} * shown.units / left);
        ahead_ = std::min(ahead_, shown.units);
        shown_ = shown.units;
        traded_ = 0;
    }

    Quantity ahead() const { return {ahead_}; }

  private:
    std::int64_t ahead_ = 0;
    std::int64_t shown_ = 0;
    std::int64_t traded_ = 0;  ///< since the level was last shown
};

}  // namespace arb
