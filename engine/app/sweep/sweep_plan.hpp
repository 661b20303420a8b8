#pragma once
// Which variants of a configuration a sweep runs: every combination of the values in its [sweep] table, with
// what `--set` says in all of them. A variant is the configuration with other values in the place of its own,
// read by the same reader, so a mistake is told with the place where the value was written. Any thread once
// it is read; StartError (ExitCode::usage).
#include <string>
#include <vector>

#include "engine/app/config/toml_tables.hpp"
#include "engine/pipeline/engine_config.hpp"
#include "engine/report/sweep_report.hpp"

namespace arb {

struct SweepPlan {
    std::string path, text;  ///< of the configuration
    std::vector<SweepRange> ranges;
    std::vector<std::string> places;  ///< of the ranges, file:line:col
    std::vector<TomlOverride> fixed;  ///< by --set
    std::size_t variants = 0;

    EngineConfig config(std::size_t variant) const;
    /// Of all that decides what the variants are.
    std::uint64_t hash() const;
};

/// `sets`: "table.key=value" each. Refused: no range, more variants than `most`, values that say the same.
SweepPlan read_sweep_plan(const std::string& path, const std::vector<std::string>& sets, std::size_t most);

}  // namespace arb
