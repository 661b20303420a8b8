#pragma once
// The recording of a rehearsal as it may be shown to others: the journal copied with everything hidden that
// tells who somebody is (engine/rehearsal/mask.hpp). Market data stays as it came; what came over private
// connections and as replies to requests under a key is masked. Main thread.
#include <string>

#include "engine/base/result.hpp"
#include "engine/journal/writer.hpp"
#include "engine/rehearsal/mask.hpp"

namespace arb {

/// Reads `journal` and writes `masked`. What the mask knows grows by what stands in the journal.
Result<Written> mask_recording(const std::string& journal, const std::string& masked, Mask mask);

/// The configuration that the recording of one venue is read with again: nothing of the operator's own in it.
struct EngineConfig;
std::string recording_config(const std::string& venue, const EngineConfig& config);

}  // namespace arb
