#pragma once
// What the numbers of a run say: totals that several forms of report show, the fees of both legs where the
// data tells them, checks of the sums, and a conclusion in plain words. Computed from a RunResult alone, in
// exact arithmetic, so text and HTML cannot disagree. Pure, cold path, any thread, no errors.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/trading/run_result.hpp"

namespace arb {

/// Fees of both legs together, the least and the most over all pairs.
struct FeeRange {
    Rate least, most;
};

struct Findings {
    std::uint64_t instants = 0;               ///< over all crossings
    const CrossingSummary* widest = nullptr;  ///< null without crossings
    std::optional<FeeRange> fees;             ///< empty when nothing tells
    std::optional<Rate> best_after_fees;      ///< of all opportunities listed
    std::uint64_t opportunities_missed = 0;
    std::optional<MissedReason> main_reason;  ///< most opportunities
    Amount volume;                            ///< bought, over all pairs
    bool waterfall_adds_up = true;            ///< the total and every package listed
    bool balances_add_up = true;
};

/// The result must outlive the findings.
Findings find(const RunResult& result);

/// Whole sentences, the most important first.
std::vector<std::string> conclude(const RunResult& result, const Findings& findings);

/// Why opportunities were not taken, in words; of those that the risk gate refused with the limits that did,
/// as the configuration names them.
std::string reason_text(const RunResult& result, MissedReason reason);

/// "20.00 bps", or "between 15.00 and 20.00 bps".
std::string fee_text(const FeeRange& fees);

/// The currency's name, safe to show in a terminal.
std::string quote_text(const RunResult& result);

/// Inputs handled in a second; 0 when the time taken is not known.
std::uint64_t events_per_second(const RunResult& result);

/// numerator / denominator as a rate, rounded down; empty when the denominator is zero or it does not fit.
std::optional<Rate> rate_of(Amount numerator, Amount denominator);

/// "-75 %": part as a share of whole, rounded; empty when the whole is zero.
std::string percent_text(Amount part, Amount whole);

}  // namespace arb
