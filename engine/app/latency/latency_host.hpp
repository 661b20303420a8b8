#pragma once
// What about this machine costs latency: isolated cores, frequency, sleep states, hyperthreads, huge pages,
// the clock, interrupts, polling of sockets, time stamps of the network card. Each check says what was found
// and how to mend it. Everything is read below `root`, so that tests can hand in a machine; nothing is
// changed. Never throws for what it finds: what cannot be read is unknown.
#include <string>
#include <vector>

#include "engine/report/latency_report.hpp"

namespace arb {

/// `engine_core`: where the engine's thread shall run; -1: anywhere.
std::vector<HostCheck> check_host(const std::string& root, int engine_core);
/// Model of the processor, how many, kernel: "AMD EPYC 9R14, 2 processors, Linux 6.1.0".
std::string describe_machine(const std::string& root);

}  // namespace arb
