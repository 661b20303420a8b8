#pragma once
// What the audit log of key uses tells: is the chain whole, who used what when, and what is unlike before.
// Read from the file alone, in one walk; memory grows with the number of keys and endpoints, not of uses.
// Called by `arbiter keys audit`. Errors are values.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/keys/audit_verify.hpp"

namespace arb {

enum class AuditAnomaly : std::uint8_t {
    new_hour,           ///< used at an hour of the day (UTC) never seen before
    new_endpoint,       ///< used for an endpoint never seen before
    burst,              ///< many more uses in an hour than in the median hour
    failures_in_a_row,  ///< refused or failed, one after the other
    retired_key,        ///< used after it was retired
    time_backwards,     ///< the clock of the log stepped back
    torn_line,          ///< a line was cut when a process was killed
    lost_uses,          ///< the log says that uses are missing
};
const char* name(AuditAnomaly anomaly);

struct AuditReportOptions {
    /// A key's habits are learnt from its first uses for so long before hours and endpoints can be new.
    Duration learning = seconds(3 * 86'400);
    std::uint64_t burst_factor = 10;  ///< times the median of the key's earlier hours with uses
    std::uint64_t burst_least = 50;   ///< fewer uses in an hour are never a burst
    std::uint64_t failures = 5;
    Duration clock_tolerance = seconds(1);
    std::size_t anomalies_max = 1'000;  ///< kept; the rest is counted
};

struct AuditUses {
    std::uint64_t done = 0;
    std::uint64_t refused = 0;
    std::uint64_t failed = 0;
    Timestamp first;
    Timestamp last;
    std::uint64_t all() const { return done + refused + failed; }
};

struct AuditKeyRow {
    std::string venue;
    std::string label;
    AuditUses uses;
    std::array<std::uint64_t, 24> hours{};  ///< uses by hour of the day, UTC
    bool retired = false;
};
struct AuditEndpointRow {
    std::string venue;
    std::string label;
    std::string endpoint;
    AuditUses uses;
};
struct AuditAnomalyRow {
    AuditAnomaly kind{};
    std::uint64_t line = 0;  ///< of the log
    Timestamp time;
    std::string venue;
    std::string label;
    std::string text;  ///< one sentence
};

struct AuditReport {
    std::string path;
    AuditVerdict verdict;
    std::vector<AuditKeyRow> keys;  ///< by venue and label
    std::vector<AuditEndpointRow> endpoints;
    std::vector<AuditAnomalyRow> anomalies;
    std::uint64_t anomalies_left_out = 0;
};

/// Of a broken log, what stands before the break.
Result<AuditReport> report_audit(const std::string& path, const AuditReportOptions& options = {});
std::string audit_text(const AuditReport& report);
std::string audit_json(const AuditReport& report);

/// What `arbiter keys audit` does: `out` is text or JSON. ExitCode::data when the chain is broken, ok
/// otherwise (anomalies are for people to judge); an unreadable file is an error text in `out` and usage.
ExitCode audit_keys(const std::string& path, bool json, std::string& out);

}  // namespace arb
