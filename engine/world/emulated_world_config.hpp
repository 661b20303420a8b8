#pragma once
// What a world of emulated venues is to be: plain data, and what its venues' connectors make of it. Whoever
// starts a world fills it in; wishes that nothing here can serve throw StartError (ExitCode::usage).
#include <string>
#include <utility>
#include <vector>

#include "engine/world/common_market.hpp"
#include "engine/world/served_venue.hpp"

namespace arb {

struct EmulatedPairConfig {
    std::string base, quote;
    Decimal price;  ///< at the start
    Decimal tick, lot, quantity_min, notional_min;
};

struct EmulatedWorldConfig {
    std::string address = "127.0.0.1";
    std::uint64_t seed = 1;
    net::Idle idle = net::Idle::sleep;
    std::vector<EmulatedVenueConfig> venues;
    std::vector<EmulatedPairConfig> pairs;
    std::vector<std::pair<std::string, Amount>> balances;  ///< of the client's account at every venue
    MarketHabits street;
    FaultPlan faults;
};

/// The connector of an emulated venue.
struct EmulatedConnector {
    const ConnectorType* type = nullptr;
    std::string market;
};
EmulatedConnector connector_of(const Plugins& plugins, const EmulatedVenueConfig& venue);
/// What each of the world's venues lists.
std::vector<InstrumentTable::VenueListings> listings_of(const EmulatedWorldConfig& config,
                                                        const Plugins& plugins);
/// The plan of faults names nothing that is not served.
void check_faults(const EmulatedWorldConfig& config, const InstrumentTable& table);

}  // namespace arb
