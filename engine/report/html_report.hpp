#pragma once
// One self-contained HTML page of a run's result: conclusion, headline numbers, charts and tables, light and
// dark, on screen, phone and paper. It opens offline: styles, drawings and the few lines of script are
// inside, and the page forbids itself every outside reference. Called by `arbiter backtest --report`, which
// writes the file. All text from outside is escaped. Its size does not grow with the length of the run. Any
// thread; no errors.
#include <string>

#include "engine/trading/run_result.hpp"

namespace arb {

std::string backtest_html(const RunResult& result);

}  // namespace arb
