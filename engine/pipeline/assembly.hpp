#pragma once
// From a configuration, a table of listings and the plug-ins of the build to the parts of an engine: what
// backtest, replay, paper and live trading have in common. Called once at start; throws StartError with the
// place in the configuration.
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
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
/// "binance_usdm" as exchange and market; a label without a market is of spot.
VenueKey key_of_label(const std::string& label);
/// The connector that serves this venue; nullptr: none.
const ConnectorType* connector_of(const Plugins& plugins, const VenueKey& key);
struct VenuePlace {
    VenueKey key;
    const ConnectorType* type = nullptr;  ///< null: no connector serves that label
};
/// "okx" and "binance_usdm" to connector and market.
VenuePlace find_venue(const Plugins& plugins, const std::string& label);
/// Fees by listing: the configuration's where it gives them, else the venue's own.
std::vector<ListingFees> fees_of(const EngineConfig& config, const InstrumentTable& table);

/// Keys that stand in where nothing is sent: for replay.
class ReplayKeys final : public KeySource {
  public:
    ReplayKeys(const InstrumentTable& table, const Plugins& plugins) : table_(&table), plugins_(plugins) {}
    const Credentials* find(std::string_view venue, std::string_view label) override;

  private:
    const InstrumentTable* table_;
    Plugins plugins_;
    std::map<std::pair<std::string, std::string>, Credentials> credentials_;
};

struct AssemblyRequest {
    const EngineConfig* config = nullptr;
    const InstrumentTable* table = nullptr;
    Plugins plugins;
    bool trading = true;  ///< false: no strategies, no markets (audit)
    /// Venues with a key in the configuration may trade under keys from here; null: market data only.
    KeySource* keys = nullptr;
};

/// Venues, markets, fees and strategies; senders and listeners are left to the caller.
EngineParts assemble(const AssemblyRequest& request);

}  // namespace arb
