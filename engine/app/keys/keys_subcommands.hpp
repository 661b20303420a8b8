#pragma once
// The words of `arbiter keys`, one function each, and the options they share. For keys_command.cpp alone,
// which puts them on the command line. Main thread; StartError for what is wrong.
#include <string>
#include <vector>

#include "engine/app/keys/keys_command.hpp"

namespace arb {

struct KeysOptions {
    KeysSurroundings around;
    std::string keystore = "keys.arbkeys";
    int passphrase_fd = -1;
    int new_passphrase_fd = -1;
    std::string venue, label, new_label, role, key_id, created, expires, environment = "live";
    std::vector<std::string> ips;
    bool secret_stdin = false;
    std::string secret_file;
    bool key_passphrase = false;
    std::string key_passphrase_file;
    std::string what, by, until;
    bool force = false;
    std::string output = "table";
    std::string config, audit_log;
    bool unsafe_endpoint = false;
};

ExitCode keys_add(const KeysOptions& options);
ExitCode keys_rotate(const KeysOptions& options);
ExitCode keys_retire(const KeysOptions& options);
ExitCode keys_remove(const KeysOptions& options);
ExitCode keys_attest(const KeysOptions& options);
ExitCode keys_passphrase(const KeysOptions& options);
ExitCode keys_list(const KeysOptions& options);
ExitCode keys_check(const KeysOptions& options);
ExitCode keys_audit(const KeysOptions& options);

}  // namespace arb
