#pragma once
// What this host cannot do faster than: the clock, a system call, a page fault, an HMAC, simdjson's walk of a
// frame, and a bare TCP echo between two spinning threads. Medians of repetitions; throws std::runtime_error
// where the system refuses a socket or memory. Runs on the calling thread, the echo on two more.
#include <string>
#include <vector>

#include "engine/report/latency_report.hpp"

namespace arb {

/// `engine_core`, `venue_core`: where the two threads of the echo shall run; -1: anywhere.
struct HostFloors {
    std::vector<LatencyFloor> floors;
    std::vector<std::int64_t> tcp_echo_ns;       ///< round trips of 300 bytes, neither side ever sleeping
    std::int64_t of(std::string_view id) const;  ///< picoseconds; 0: there is none of that name
};
HostFloors measure_floors(const std::string& frame, int engine_core, int venue_core);

}  // namespace arb
