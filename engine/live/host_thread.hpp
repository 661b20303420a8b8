#pragma once
// What the engine's thread asks of this machine ([host] of the configuration): a processor of its own, a
// place before everything else there, memory that is never taken away. Called once, by the thread that turns
// the engine, when every other thread stands already; what is begun later calls leave_engine_core() first.
// Errors name what to allow and how.
#include "engine/base/result.hpp"
#include "engine/pipeline/engine_config.hpp"

namespace arb {

/// Makes it so for the calling thread. Error (ExitCode::usage): the processor is not ours to use, or the
/// system does not allow it.
Result<bool> take_host(const HostConfig& host);
/// The calling thread was begun by the engine's: any processor that this process had at first, without haste.
void leave_engine_core();
/// Binds the calling thread to one processor; below zero: any. False: it is not ours to use.
bool pin_thread(int core);

}  // namespace arb
