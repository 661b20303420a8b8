#pragma once
// What a run is asked for, and what came of it: plain values, filled by the commands that start one and read
// when it is over. Main thread.
#include <functional>
#include <string>
#include <vector>

#include "engine/app/keys/key_ring.hpp"
#include "engine/live/state_file.hpp"

namespace arb {

struct RunRequest {
    EngineConfig config;
    Plugins plugins;
    std::string build;
    std::string directory;         ///< state directory; made when absent (mode 0700)
    bool unsafe_endpoint = false;  ///< endpoints of the configuration may be used
    bool live = false;             ///< `--live`: keys that trade may be loaded from keystore or signer
    PassphraseSource passphrase;   ///< of the keystore
    bool record_only = false;      ///< feeds and journal alone
    std::string closes_only;       ///< why it recovers, cancels and closes, and opens nothing; empty: it may
    bool cleans_up = false;        ///< begins nothing, and ends what is ours whoever else trades there
    /// For tests of crashes: SIGKILL to ourselves right after so many lines of state were written. 0: never.
    std::uint64_t die_after_lines = 0;
    std::size_t state_bytes = StateFile::kBytesDefault;
    std::function<void(std::string_view)> log;  ///< told each note, one line
};

struct RunOutcome {
    ExitCode code = ExitCode::ok;
    std::uint64_t decision_hash = 0;
    std::uint64_t journal_records = 0, journal_bytes = 0;
    std::string journal, ledger;  ///< paths
    std::uint64_t unknown_resolved = 0, unknown_orders = 0;
    std::vector<std::string> troubles;
};

}  // namespace arb
