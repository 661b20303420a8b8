#pragma once
// Re-runs a recorded session and compares every decision, in order, with the recorded one. The journal holds
// all that is needed: inputs, outputs, configuration.
#include <string>

#include "engine/sim/backtest.hpp"

namespace arb {

struct ReplayOutcome {
    std::uint64_t decisions = 0;  ///< compared and equal
    std::uint64_t decision_hash = 0;
    bool differs = false;
    std::string expected, got;  ///< the first difference; empty text: there was none on that side
    std::vector<Error> troubles;
};

/// `request.recordings` holds the one journal and `request.config` the configuration read from its header.
ReplayOutcome run_replay(const BacktestRequest& request);

}  // namespace arb
