#pragma once
// `arbiter rehearse CONFIG` on the command line. main.cpp registers it. Main thread; StartError for what is
// wrong before the first question.
#include "engine/app/shell/command.hpp"

namespace arb {

Command add_rehearse(CLI::App& app);

}  // namespace arb
