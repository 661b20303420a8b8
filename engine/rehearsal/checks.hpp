#pragma once
// What a rehearsal found, as plain rows: one a check, with what was expected and what came; and how long each
// step took. Filled by the steps of the walk, shown by engine/report. Texts are masked where they come from a
// venue, but still hostile: they are cleaned before they are shown. One thread.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"

namespace arb {

enum class CheckResult : std::uint8_t { as_expected, differs, not_tried };
const char* name(CheckResult result);

struct RehearsalCheck {
    std::string name;
    CheckResult result = CheckResult::not_tried;
    std::string expected;
    std::string found;  ///< of one that was not tried: why
};

/// How long a step took, each time it was made.
struct RehearsalLatency {
    std::string name;
    std::vector<Duration> samples;
    Duration median() const;
    Duration most() const;
};

class RehearsalChecks {
  public:
    void judge(bool good, std::string_view name, std::string_view expected, std::string_view found);
    void not_tried(std::string_view name, std::string_view expected, std::string_view why);
    void took(std::string_view what, Duration time);

    const std::vector<RehearsalCheck>& rows() const { return rows_; }
    const std::vector<RehearsalLatency>& latencies() const { return latencies_; }
    std::size_t count(CheckResult result) const;

  private:
    std::vector<RehearsalCheck> rows_;
    std::vector<RehearsalLatency> latencies_;
};

}  // namespace arb
