#pragma once
// `arbiter signer`: the process that alone opens the keystore and signs what its policy allows
// (engine/keys/signer_service.hpp), until SIGINT or SIGTERM. main.cpp registers it; tests give it other
// surroundings. Main thread; StartError for what is wrong before it listens.
#include <functional>
#include <string>

#include "engine/app/keys/secret_input.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/keys/request_view.hpp"

namespace arb {

struct SignerSurroundings {
    std::string credentials;  ///< $CREDENTIALS_DIRECTORY
    std::string terminal = kTerminal;
    std::function<bool()> ended;  ///< asked between turns, beside the signals; may be empty
    bool close_process = true;    ///< false only in tests, whose sanitizers look into their own process
};

/// Those of the program.
SignerSurroundings signer_surroundings();
Command add_signer(CLI::App& app, const SignerSurroundings& surroundings);
Command add_signer(CLI::App& app);

}  // namespace arb
