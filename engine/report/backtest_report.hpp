#pragma once
// The two forms of a run's result that `arbiter backtest` prints: one JSON object for machines, a page of
// text for a terminal. Both read a RunResult and nothing else: no clock, no file. In JSON amounts are exact
// decimal strings, max_bps is a number with at most four decimals, times are UTC text; in text numbers are
// rounded for display. Names may be hostile: both forms escape them. Any thread; no errors.
#include <string>

#include "engine/trading/run_result.hpp"

namespace arb {

/// {"events","events_per_second","crossings":[...],"packages","fills","waterfall":{...},"by_venue":{...},
/// "final_balances":{venue:{asset:amount}},"decision_hash",...}, ended by a line feed. `packages` and `fills`
/// are counts.
std::string backtest_json(const RunResult& result);

/// At most about fifty lines of at most a hundred columns.
std::string backtest_text(const RunResult& result, bool colour);

}  // namespace arb
