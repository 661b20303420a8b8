#pragma once
// An invented multi-venue market, seeded: one common price a pair that wanders and now and then jumps, venues
// that follow it each with their own lag and noise, books of some twenty levels a side, trades. Every message
// is written by the venue's Emulator in the venue's wire format, so a generated recording goes through the
// same decoders as a real one. Deterministic: equal requests give equal bytes. Not on the hot path.
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/journal/writer.hpp"
#include "engine/sim/session.hpp"

namespace arb {

struct WorkloadRequest {
    std::uint64_t seed = 1;
    std::int64_t seconds = 5;
    std::vector<std::string> venues;  ///< labels; empty: the first instance market of every connector
    std::string output;
    std::string build;
};

/// Writes the recording. Errors (ExitCode::usage): an unknown venue; disk trouble.
Result<Written> generate_recording(const WorkloadRequest& request, const Plugins& plugins);

}  // namespace arb
