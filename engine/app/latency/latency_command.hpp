#pragma once
// arbiter latency: what this host makes of the path from frame to order. Prints a report and ends with 0,
// with 2 for words that are wrong, with 1 when a round did not happen as it should have.
#include "engine/app/shell/command.hpp"

namespace arb {

Command add_latency(CLI::App& app);

}  // namespace arb
