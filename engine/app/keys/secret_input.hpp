#pragma once
// How secrets come in: typed at the terminal without echo, from a descriptor, from a file that is ours alone,
// or as a systemd credential. Never by argument or environment, which other processes can read. Bytes go
// straight into locked memory. For commands before anything starts; main thread. Throws StartError, whose
// text names the source and never what came from it.
#include <cstddef>
#include <optional>
#include <string>

#include "engine/base/secret.hpp"

namespace arb {

/// Most bytes of anything that comes in here.
constexpr std::size_t kSecretInputMax = 32U << 10;
constexpr std::size_t kPassphraseMax = 1024;
/// Less than this can be guessed, whatever a guess costs.
constexpr std::size_t kNewPassphraseLeast = 12;
constexpr const char* kTerminal = "/dev/tty";

/// One line typed there, or several from a PEM's BEGIN line to its END line.
Secret type_secret(const std::string& terminal, const std::string& prompt);
/// The same, typed twice.
Secret type_secret_twice(const std::string& terminal, const std::string& prompt);
/// All of it, until its end. Not closed.
Secret read_secret_descriptor(int descriptor, const std::string& name);
/// A file of mode 0600 or 0400 that belongs to us, and no symbolic link.
Secret read_secret_file(const std::string& path);
/// The credential that systemd put into that directory; nothing when there is none of that name.
std::optional<Secret> read_credential(const std::string& directory, const std::string& name);

/// Without the blanks and line ends around it, which an editor or a paste leaves there.
Secret trimmed(const Secret& secret);

/// Where the keystore's passphrase comes from, the first that is there: descriptor, credential, terminal.
struct PassphraseSource {
    int descriptor = -1;
    std::string credentials;  ///< $CREDENTIALS_DIRECTORY
    std::string terminal = kTerminal;
};
inline constexpr const char* kPassphraseCredential = "arbiter-passphrase";

Secret read_passphrase(const PassphraseSource& source, const std::string& keystore);
/// For a new one, from the descriptor or typed twice; refuses a short one.
Secret read_new_passphrase(const PassphraseSource& source, const std::string& keystore);

}  // namespace arb
