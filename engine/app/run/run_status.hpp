#pragma once
// What a run says of itself: the start-up page, and the status that `arbiter status` and the live view show.
// Pure functions of what stands; main thread.
#include <string>

#include "engine/app/run/package_rows.hpp"
#include "engine/app/run/run_request.hpp"
#include "engine/live/instrument_fetch.hpp"

namespace arb {

/// What of a run its status speaks of.
struct RunParts {
    const RunRequest& request;
    const InstrumentTable& table;
    const Engine& engine;
    const LiveDriver& driver;
    const RunFigures& figures;
    Timestamp begun;
    std::size_t state_log_percent = 0;
};
/// One JSON object.
std::string status_json(const RunParts& run);
/// Venues, channels, dead-man switches. `keys`: null, no orders to venues.
std::string start_page(const std::vector<FetchVenue>& venues, const InstrumentTable& table,
                       const KeyRing* keys);

}  // namespace arb
