#pragma once
// arbiter latency: what this host makes of the path from frame to order.
#include "engine/app/shell/command.hpp"

namespace arb {

Command add_latency(CLI::App& app);

}  // namespace arb
