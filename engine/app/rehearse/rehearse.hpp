#pragma once
// `arbiter rehearse`: each venue of a configuration judged by walking the Venue contract against it, all at
// once. Throws StartError before anything is sent where the command may not be made so (locks, keys, names);
// what a venue does after that is rows. Main thread.
#include <functional>
#include <string>
#include <string_view>

#include "engine/app/keys/key_questions.hpp"
#include "engine/report/rehearsal_report.hpp"

namespace arb {

struct RehearseRequest {
    EngineConfig config;
    std::string config_path;
    std::string directory;  ///< where the recordings go; made when absent
    std::string venue;      ///< a label; empty: every venue of the configuration
    Plugins plugins;
    std::string build;
    KeyQuestions questions;
    PassphraseSource passphrase;
    Duration watch = seconds(60);
    Duration patience = seconds(5);  ///< how long an answer may take before it counts as missing
    bool orders = false, fill = false;
    bool live = false;  ///< --live: trade keys of real venues may be loaded
    bool unsafe_endpoint = false;
    bool close_process = !kLeaksAreLookedFor;
    std::function<void(std::string_view)> log;  ///< told what is going on, one line
    std::function<int()> stops;  ///< how often it was told to stop: once cleans up, twice is at once
};

struct RehearseOutcome {
    RehearsalReport report;
    /// exposed: something may be left at a venue; network: something differs; ok.
    ExitCode code = ExitCode::ok;
};

RehearseOutcome rehearse(const RehearseRequest& request);

}  // namespace arb
