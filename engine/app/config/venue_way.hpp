#pragma once
// From a venue's table in the configuration to the way there: its connector, its addresses in the environment
// that is named, its endpoint. A run, a rehearsal and questions about keys go there by the same way. Any
// thread; StartError for what the table may not say.
#include <string>

#include "engine/live/instrument_fetch.hpp"
#include "engine/live/live_driver.hpp"
#include "engine/pipeline/assembly.hpp"
#include "engine/pipeline/engine_config.hpp"

namespace arb {

/// One for each venue of the configuration's [venue.*] tables that has a connector.
LiveVenue way_to(const ConnectorType& type, const std::string& market, const VenueConfig& venue);
/// The connector of a venue's table. StartError: there is none, or an endpoint that nobody allowed.
VenuePlace place_of(const Plugins& plugins, const VenueConfig& venue, bool unsafe_endpoint);
/// Thrown-away keys and real ones never meet: StartError.
void check_key_place(RunMode mode, const VenueConfig& venue);
/// A venue of the configuration as a run reaches it. StartError: no connector, an endpoint that nobody
/// allowed or that the mode needs, a key where that mode takes none.
FetchVenue venue_of_run(const Plugins& plugins, const EngineConfig& config, const VenueConfig& venue,
                        bool unsafe_endpoint);

}  // namespace arb
