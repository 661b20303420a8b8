#pragma once
// For how much of its recording each book of a session was usable, and why not for the rest. Cold path.
#include "engine/sim/session.hpp"
#include "engine/trading/run_result.hpp"

namespace arb {

BookUse use_of(const Session& session, const Listing& listing);

}  // namespace arb
