#pragma once
// A key of ours from a file: thrown-away keys of emulated venues alone are kept so, real ones in the
// keystore. The file must be ours, of mode 0600 or 0400, and no symbolic link; its text is wiped after
// reading. Error texts name the file and what to do, never any of its content. Called at start.
//
//   venue = "binance"   label = "trade"   key_id = "..."   secret = "..."   passphrase = "..." (OKX)
//   expires = "2027-01-31" (optional)
//   [[attest]] what = "ip"   by = "..."   date = "2026-11-01"   until = "2027-01-01"   (optional)
#include <memory>
#include <string>

#include "engine/keys/credentials.hpp"
#include "engine/keys/scope_policy.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

struct FileKey {
    KeyFacts facts;
    std::unique_ptr<Credentials> credentials;
};

/// Throws StartError: ExitCode::refused for a file that others can read, ExitCode::usage for one that cannot
/// be used.
FileKey read_key_file(const std::string& path, const std::string& venue, KeyRole role,
                      const ConnectorType& type);

}  // namespace arb
