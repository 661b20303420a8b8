#pragma once
// Why a run trades nothing: the opportunities of the last minute that were seen and not taken, by the reason
// or the limit that held them back, in one line of the log a minute while nothing is traded. Main thread.
#include <optional>
#include <string>

#include "engine/trading/crossing_monitor.hpp"

namespace arb {

/// A reason with how often it held an opportunity back: a limit by its configured name.
struct WhyNotRow {
    std::string reason, text;
    MissedRow missed;
};
/// Those that held something back, most first.
std::vector<WhyNotRow> why_not(const MissedTotals& totals);

class WhyNot {
  public:
    /// Called as often as one likes. A line a minute in which no package was begun; empty: not now.
    std::optional<std::string> on_time(const CrossingMonitor& crossings, std::uint64_t packages,
                                       Timestamp now);

  private:
    MissedTotals told_;
    std::uint64_t packages_ = 0;
    Timestamp due_;
};

}  // namespace arb
