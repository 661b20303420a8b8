#pragma once
// Real orders need three locks opened: mode = "live" in the configuration, --live on the command line, and a
// fresh pass of the doctor for this very configuration and build. Called by the commands that can send
// orders, before anything else. What an earlier run left open is never left alone because of a doctor: such a
// start may close, and nothing more. Main thread; StartError says which lock is shut and how it is opened.
#include <string>
#include <vector>

#include "engine/pipeline/engine_config.hpp"

namespace arb {

/// `path` is the configuration's, `directory` that of the state; `live`: --live was said. Empty: all locks
/// are open. Else why the doctor's is not, and the last run there did not end settled: it may recover, cancel
/// and close.
std::string check_live_locks(const EngineConfig& config, const std::string& path,
                             const std::string& directory, const std::string& build, bool live);
/// The last run that this state log tells of has an end with nothing open, and the venues' word for it; or
/// there was none.
bool ended_settled(const std::vector<std::string>& lines);

}  // namespace arb
