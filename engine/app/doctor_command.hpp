#pragma once
// `arbiter doctor CONFIG`: everything that should be known before a run, checked in one visit. commands.hpp
// registers it; tests give it other surroundings. Main thread; StartError for what is wrong before the first
// check.
#include "engine/app/commands.hpp"
#include "engine/app/doctor.hpp"

namespace arb {

Command add_doctor(CLI::App& app, const DoctorSurroundings& surroundings);

}  // namespace arb
