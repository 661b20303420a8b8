#pragma once
// The sub-commands that belong to none of the folders below: reports of what was, for people. main.cpp
// registers them beside those of the folders. Main thread; StartError for what is wrong before the first
// input.
#include "engine/app/shell/command.hpp"

namespace arb {

Command add_report(CLI::App& app);
Command add_why(CLI::App& app);
Command add_logs(CLI::App& app);

}  // namespace arb
