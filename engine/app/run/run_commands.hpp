#pragma once
// The sub-commands that start a run, speak to one or settle what one left: `arbiter run|record|take-over` and
// the words to a running engine. main.cpp registers them. Main thread; StartError for what is wrong before
// the first input.
#include <vector>

#include "engine/app/shell/command.hpp"

namespace arb {

Command add_run(CLI::App& app);
Command add_record(CLI::App& app);
Command add_take_over(CLI::App& app);
/// status, pause, resume, flatten, clear, adopt, release, use-key, stop, kill, transfer announce
std::vector<Command> add_operations(CLI::App& app);

}  // namespace arb
