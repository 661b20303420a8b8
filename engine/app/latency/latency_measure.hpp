#pragma once
// The measurement behind `arbiter latency`: floors, then rounds between the engine of a real run and two
// emulated venues over TLS websockets of this machine, then what came of it as plain data. Journal, state
// log, ledger and risk gate stay on. Throws std::runtime_error when an order is missing or was not
// filled: a figure of a round that did not happen is worth nothing. Main thread; it starts the engine's.
#include <functional>
#include <string>

#include "engine/app/latency/latency_rounds.hpp"
#include "engine/report/latency_report.hpp"

namespace arb {

struct LatencyRequest {
    LatencyOptions options;
    std::string directory;  ///< empty of ours, for keys, journal, ledger; removed by the caller
    std::string build;
    std::function<void(std::size_t, std::size_t)> progress;  ///< rounds done, of so many
    std::function<void(std::string_view)> log;               ///< what the run notes
};

LatencyReport measure_latency(const LatencyRequest& request);

/// ns from the stamp of one stage to that of another, of each passage that has both.
std::vector<std::int64_t> stage_times(const std::vector<PathStamps>& passages, PathStage from, PathStage to,
                                      std::int64_t ticks_per_microsecond);
/// Of path_ticks(), by comparison with the clock over some milliseconds.
std::int64_t measure_ticks_per_microsecond();
/// What stands between the stages, as rows: "TLS", "decode", …. `finished`: to the end of the frame, else to
/// the order's bytes.
std::vector<LatencyRow> stage_rows(const std::vector<PathStamps>& passages, bool finished,
                                   std::int64_t ticks_per_microsecond);

}  // namespace arb
