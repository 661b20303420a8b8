#pragma once
// The sub-commands that work on recordings: `arbiter import|audit|backtest|replay|generate`. main.cpp
// registers them. Main thread; StartError for what is wrong before the first input.
#include "engine/app/shell/command.hpp"

namespace arb {

Command add_import(CLI::App& app);
Command add_audit(CLI::App& app);
Command add_backtest(CLI::App& app);
Command add_replay(CLI::App& app);
Command add_generate(CLI::App& app);

}  // namespace arb
