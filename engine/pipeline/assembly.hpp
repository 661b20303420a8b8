#pragma once
// From a configuration, a table of listings and the plug-ins of the build to the parts of an engine: what
// backtest, replay, paper and live trading have in common. Called once at start; throws StartError with the
// place in the configuration.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/pipeline/engine.hpp"

namespace arb {

struct Plugins {
    std::span<const ConnectorType* const> connectors;
    std::span<const StrategyType* const> strategies;
};

struct ListingFees {
    Rate maker, taker;
    bool known = false;  ///< false: neither the configuration nor the instrument list tells them
};

/// The configuration's table of a venue; nullptr: it has none.
const VenueConfig* config_of(const EngineConfig& config, const std::string& label);
/// The connector that serves this venue; nullptr: none.
const ConnectorType* connector_of(const Plugins& plugins, const VenueKey& key);
/// Fees by listing: the configuration's where it gives them, else the venue's own.
std::vector<ListingFees> fees_of(const EngineConfig& config, const InstrumentTable& table);

/// Credentials that stand in where nothing is sent: for replay.
class ReplayCredentials {
  public:
    ReplayCredentials(const EngineConfig& config, const InstrumentTable& table, const Plugins& plugins);
    const Credentials* of(VenueId venue) const { return credentials_[index(venue)].get(); }

  private:
    std::vector<std::unique_ptr<Credentials>> credentials_;
};

struct AssemblyRequest {
    const EngineConfig* config = nullptr;
    const InstrumentTable* table = nullptr;
    Plugins plugins;
    bool trading = true;  ///< false: no strategies, no markets (audit)
    /// By venue; empty or null entries: market data only.
    std::vector<const Credentials*> credentials;
};

/// Venues, markets, fees and strategies; senders and listeners are left to the caller.
EngineParts assemble(const AssemblyRequest& request);

}  // namespace arb
