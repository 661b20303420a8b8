#pragma once
// `arbiter demo` and `arbiter venues`: emulated venues with a run against them, or alone. main.cpp registers
// them. Main thread; StartError for what is wrong before the first input.
#include "engine/app/shell/command.hpp"

namespace arb {

Command add_demo(CLI::App& app);
Command add_venues(CLI::App& app);

}  // namespace arb
