#pragma once
// Runs variants of a configuration, each as `arbiter backtest` does, several at a time: a run is one thread
// and shares nothing with the others but the recordings' files. Called by the command on the main thread,
// where results are handed over one by one.
#include <functional>
#include <string>
#include <vector>

#include "engine/app/sweep/sweep_plan.hpp"
#include "engine/pipeline/assembly.hpp"

namespace arb {

struct SweepWork {
    const SweepPlan* plan = nullptr;
    std::vector<std::string> recordings;
    Plugins plugins;
    std::vector<std::size_t> variants;  ///< to run
    unsigned jobs = 1;
};

/// Puts each variant together and runs none. StartError: one that the configuration's rules refuse.
void check_variants(const SweepWork& work);

/// `done` hears each result as it comes. Throws what a run throws, once all threads have ended.
void run_variants(const SweepWork& work, const std::function<void(SweepRow row)>& done);

}  // namespace arb
