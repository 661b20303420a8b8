#pragma once
// A directory for what others must not read: state, journals, ledgers, the keys of emulated venues. Used by
// the commands before anything starts. Main thread.
#include <string>

namespace arb {

/// Makes the directory and those above it; the last one gets mode 0700 when it is new. Throws StartError
/// (ExitCode::usage) with the system's reason.
void make_private_directory(const std::string& path);

}  // namespace arb
