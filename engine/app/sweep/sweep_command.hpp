#pragma once
// `arbiter sweep CONFIG RECORDING...`: which values of a configuration would have done best on these
// recordings. main.cpp registers it. Main thread; StartError for what is wrong before the first run.
#include "engine/app/shell/command.hpp"

namespace arb {

Command add_sweep(CLI::App& app);

}  // namespace arb
