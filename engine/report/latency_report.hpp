#pragma once
// What `arbiter latency` measured, for people and machines: text, JSON, one self-contained page, and the
// percentile files that HDR histogram plotters read. Plain data in, one string out. A figure stands beside
// the floor that was taken in the same run, and a percentile that too few samples stand behind is not told.
// Pure, any thread.
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/time.hpp"

namespace arb {

struct LatencyRow {
    std::string name;
    std::vector<std::int64_t> ns;  ///< in the order in which they were taken
};

struct LatencyTable {
    std::string id;     ///< a word for JSON and file names: "wire_quiet"
    std::string title;  ///< heads the names
    std::string note;   ///< a sentence below it; may be empty
    std::vector<LatencyRow> rows;
    std::string floor_name;  ///< heads the last column; empty: there is none
    std::int64_t floor = 0;  ///< ns
};

/// A piece of work that nothing on the path can be faster than, or that parts of it are made of.
struct LatencyFloor {
    std::string id, name;
    std::int64_t picoseconds = 0;  ///< the median of its repetitions
};

struct LatencyGoal {
    std::string name;
    std::string value_name, floor_name;
    std::int64_t value = 0, floor = 0;    ///< ns; 0: not measured in this run
    std::int64_t at_most_hundredths = 0;  ///< of value / floor
    /// Of value / floor, in hundredths, rounded up; 0: not measured.
    std::int64_t ratio_hundredths() const;
};

enum class HostState : std::uint8_t { good, costs, unknown };
const char* name(HostState state);

/// One thing about this machine that latency hangs on.
struct HostCheck {
    std::string name;
    HostState state = HostState::unknown;
    std::string found;
    std::string mend;  ///< what to do; empty: nothing
};

struct LatencyReport {
    Timestamp time;
    std::string build, machine;
    std::vector<std::pair<std::string, std::string>>
        facts;  ///< what was measured how, in the order to tell it
    std::vector<LatencyTable> tables;
    std::vector<LatencyFloor> floors;
    std::vector<LatencyGoal> goals;
    std::vector<HostCheck> host;
};

/// The value that this share of the samples does not exceed; `parts` of 100,000. 0: there are none.
std::int64_t latency_quantile(const std::vector<std::int64_t>& sorted, std::uint64_t parts);
/// Whether at least ten samples lie beyond that quantile; the median needs one sample.
bool latency_quantile_told(std::size_t samples, std::uint64_t parts);
/// Microseconds with one decimal: "12.3".
std::string latency_us(std::int64_t ns);
/// Hundredths as "1.30".
std::string latency_ratio(std::int64_t hundredths);

std::string latency_text(const LatencyReport& report, bool colour);
std::string latency_json(const LatencyReport& report);
std::string latency_html(const LatencyReport& report);
/// Values in microseconds: "Value Percentile TotalCount 1/(1-Percentile)", as HdrHistogram prints it.
std::string latency_hgrm(const LatencyRow& row);

}  // namespace arb
