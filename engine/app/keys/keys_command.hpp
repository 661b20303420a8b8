#pragma once
// `arbiter keys add|list|check|audit|retire|remove|rotate|passphrase|attest`: the operator's hands on the
// keystore. A secret comes in by terminal, standard input or file and never goes out again. main.cpp
// registers it; tests give it other surroundings. Main thread; StartError for what is wrong.
#include <functional>
#include <string>

#include "engine/app/keys/key_questions.hpp"
#include "engine/app/keys/secret_input.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/base/time.hpp"
#include "engine/keys/keystore_format.hpp"

namespace arb {

struct KeysSurroundings {
    std::function<Timestamp()> now;
    KdfCosts costs;  ///< of new passphrases
    std::string credentials;
    std::string terminal = kTerminal;
    int standard_input = 0;
    KeyQuestions questions;     ///< of `keys check`
    bool close_process = true;  ///< false only in tests, whose sanitizers look into their own process
};

/// Those of the program.
KeysSurroundings keys_surroundings();
Command add_keys(CLI::App& app, const KeysSurroundings& surroundings);
Command add_keys(CLI::App& app);

}  // namespace arb
