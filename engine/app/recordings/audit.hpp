#pragma once
// Runs recordings through the engine without trading and sums up what its books went through: snapshots,
// gaps, checksums, clocks. One thread; memory grows by eight bytes for every message that carries a venue
// time.
#include <functional>
#include <string>
#include <vector>

#include "engine/report/audit_report.hpp"
#include "engine/sim/session.hpp"

namespace arb {

struct AuditOutcome {
    AuditResult result;
    std::vector<Error> troubles;  ///< recordings that could not be read to their end
};

/// Throws StartError when a recording cannot be opened at all.
AuditOutcome run_audit(const std::vector<std::string>& recordings, const Plugins& plugins,
                       const std::function<void(std::uint64_t, std::uint64_t, std::uint64_t)>& progress);

}  // namespace arb
