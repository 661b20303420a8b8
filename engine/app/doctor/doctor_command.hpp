#pragma once
// `arbiter doctor CONFIG`: everything that should be known before a run, checked in one visit. main.cpp
// registers it; tests give it other surroundings. Main thread; StartError for what is wrong before the first
// check.
#include "engine/app/doctor/doctor.hpp"
#include "engine/app/shell/command.hpp"

namespace arb {

Command add_doctor(CLI::App& app, const DoctorSurroundings& surroundings);
Command add_doctor(CLI::App& app);

}  // namespace arb
