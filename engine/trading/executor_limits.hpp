#pragma once
// How packages are closed: how far, how often, how long is waited. Plain data from the configuration
// ([unwind]); read-only after start.
#include "engine/base/money.hpp"
#include "engine/base/time.hpp"
#include "engine/trading/other_markets.hpp"

namespace arb {

struct ExecutorLimits {
    Rate unwind_band{100 * kRatePerBasisPoint};  ///< how far from the best price an unwinding order may reach
    Rate unwind_band_most{500 * kRatePerBasisPoint};  ///< and at most, after many attempts
    unsigned unwind_attempts = 10;              ///< in a row without a fill, before the operator is told
    Duration unwind_pause = milliseconds(100);  ///< between attempts; doubled each time that so many failed
    Duration unwind_pause_most = seconds(1);
    Duration cover = milliseconds(500);  ///< how long an order may be silent before the rest is closed,
    /// and how long at most where waiting is expected to cost less; not more than `cover`: never longer.
    Duration cover_most = milliseconds(1500);
    OtherMarkets other_markets =
        OtherMarkets::spot;  ///< where what the asset's own market does not take goes
};

}  // namespace arb
