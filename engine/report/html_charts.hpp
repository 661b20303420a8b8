#pragma once
// The charts of the HTML report, each a whole titled box of the page. Where there is nothing to draw the box
// says why. Called by html_report.cpp only. Exact values appear in labels and tips; pixels are the only
// approximation. Any thread.
#include <cstddef>
#include <string>

#include "engine/report/findings.hpp"
#include "engine/trading/run_result.hpp"

namespace arb::chart {

/// Quoted edge to realised, bar by bar, exact amounts beside them.
std::string waterfall(const RunResult& result);
/// Change of equity over time.
std::string equity(const RunResult& result);
/// One box an asset, one line a venue.
std::string inventory(const RunResult& result);
/// How many boxes of half a row that gives.
std::size_t inventory_boxes(const RunResult& result);

/// Opportunities by their widest edge in bps, with the fees of both legs as a line to pass.
std::string edges(const RunResult& result, const Findings& findings);
/// By the notional that could have been traded at the best instant.
std::string sizes(const RunResult& result);
/// By how long they stood.
std::string lifetimes(const RunResult& result);

}  // namespace arb::chart
