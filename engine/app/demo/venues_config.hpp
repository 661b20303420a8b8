#pragma once
// The two files of `arbiter venues`, TOML to plain data: which venues, pairs, balances and street (see
// config/venues.toml), and the plan of faults (see config/faults.toml). Every mistake is told as
// file:line:col, what is wrong, and the nearest valid key. Called at start; throws StartError
// (ExitCode::usage).
#include <string>

#include "engine/world/emulated_world.hpp"

namespace arb {

EmulatedWorldConfig load_emulated_world(const std::string& path);
/// The same from text; `name` stands in error texts.
EmulatedWorldConfig parse_emulated_world(const std::string& text, const std::string& name);

FaultPlan load_fault_plan(const std::string& path);
FaultPlan parse_fault_plan(const std::string& text, const std::string& name);

}  // namespace arb
