#pragma once
// `arbiter keys check`: each key is shown to its venue, which says what it may do; our verdict stands beside
// it. A key that is refused was used for that one question alone. Called by keys_command; main thread.
// StartError for what is wrong before the first question.
#include <functional>
#include <string>
#include <vector>

#include "engine/app/keys/key_questions.hpp"

namespace arb {

struct KeysCheckRequest {
    std::string config;    ///< path of a configuration; empty: every key of the keystore that is in use
    std::string keystore;  ///< without a configuration
    std::string
        audit_log;  ///< where uses are noted; empty: the configuration's, or the one beside the keystore
    bool unsafe_endpoint = false;
    KeyAccess access;
    Plugins plugins;
    KeyQuestions questions;
    std::function<Timestamp()> now;
};

std::vector<AskedKey> ask_keys(const EngineConfig& config, const HeldKeys& held,
                               const KeysCheckRequest& request, KeyUseLog& uses);

std::string checked_keys_table(const std::vector<AskedKey>& keys, bool colour);
std::string checked_keys_json(const std::vector<AskedKey>& keys, Timestamp now);

/// Refused: a key is. Network: none is, and a venue did not answer.
ExitCode code_of_check(const std::vector<AskedKey>& asked);

/// Prints the table (or JSON), what is wrong and where to change it; ends with code_of_check.
ExitCode check_keys(const KeysCheckRequest& request, bool json, bool colour);

}  // namespace arb
