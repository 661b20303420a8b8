#pragma once
// A key of ours from a file: until the keystore stands, throw-away keys of emulated venues alone are read so.
// The file must be ours, of mode 0600 or 0400, and no symbolic link; its text is wiped after reading. Error
// texts name the file and what to do, never any of its content. Called at start.
//
//   venue = "binance"   label = "trade"   key_id = "..."   secret = "..."   passphrase = "..." (OKX)
#include <memory>
#include <string>

#include "engine/keys/credentials.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

/// Throws StartError: ExitCode::refused for a file that others can read, ExitCode::usage for one that cannot
/// be used.
std::unique_ptr<Credentials> read_key_file(const std::string& path, const std::string& venue,
                                           const ConnectorType& type);

}  // namespace arb
