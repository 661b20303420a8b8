#pragma once
// `arbiter keys audit`, and the line in the audit log that says a key is out of use. Called by keys_command
// and keys_check; main thread. Errors are values or exit codes.
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace arb {

/// The log in the keystore's directory, or empty when there is none.
std::string audit_log_beside(const std::string& keystore);

/// Prints what the log tells. ExitCode::data when its chain is broken. `log` empty: the one beside the
/// keystore, else the one of the usual state directory.
ExitCode run_keys_audit(const std::string& log, const std::string& keystore, bool json);

/// Every later use of that key is an anomaly. `log` empty: the one beside the keystore, when there is one.
std::optional<Error> note_retired(const std::string& log, const std::string& keystore,
                                  const std::string& venue, const std::string& label, Timestamp now);

}  // namespace arb
