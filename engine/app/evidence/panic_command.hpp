#pragma once
// `arbiter panic`: everything cancelled, the engine stopped, and the evidence kept. main.cpp registers it.
// Main thread; what goes wrong is said, and the next step is taken.
#include "engine/app/shell/command.hpp"

namespace arb {

Command add_panic(CLI::App& app);

}  // namespace arb
