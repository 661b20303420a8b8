#pragma once
// Real orders need three locks opened: mode = "live" in the configuration, --live on the command line, and a
// fresh pass of the doctor for this very configuration and build. Called by the commands that can send
// orders, before anything else. Main thread; StartError says which lock is shut and how it is opened.
#include <string>

#include "engine/pipeline/engine_config.hpp"

namespace arb {

/// `path` is the configuration's, `directory` that of the state; `live`: --live was said.
void check_live_locks(const EngineConfig& config, const std::string& path, const std::string& directory,
                      const std::string& build, bool live);

}  // namespace arb
