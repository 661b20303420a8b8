#pragma once
// The rehearsal of venues for people and machines: as text, as JSON, as one self-contained page. Plain data
// in, one string out. Texts may hold a venue's words: they are cleaned here. Pure, any thread.
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/rehearsal/checks.hpp"

namespace arb {

struct RehearsedVenue {
    std::string venue;                   ///< "okx"
    std::vector<RehearsalCheck> checks;  ///< in the order in which they were made
    std::vector<RehearsalLatency> latencies;
    std::vector<std::string> flags;  ///< what may be left there: somebody must look
    std::string recording;           ///< path; empty: there is none
    std::size_t count(CheckResult result) const;
};

struct RehearsalReport {
    Timestamp time;
    std::string config, build;
    std::vector<RehearsedVenue> venues;
    std::size_t count(CheckResult result) const;
    bool flagged() const;
};

std::string rehearsal_text(const RehearsalReport& report, bool colour);
/// An array of one object a venue; `alone`: the object of the only one.
std::string rehearsal_json(const RehearsalReport& report, bool alone);
std::string rehearsal_html(const RehearsalReport& report);

}  // namespace arb
