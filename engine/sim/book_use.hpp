#pragma once
// For how much of its recording each book of a session was usable, and why not for the rest: what a backtest
// and an audit tell beside their figures. Called once, at the end of a run; core thread, cold path, no errors.
#include "engine/sim/session.hpp"
#include "engine/trading/run_result.hpp"

namespace arb {

BookUse use_of(const Session& session, const Listing& listing);

}  // namespace arb
