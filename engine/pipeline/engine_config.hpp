#pragma once
// A validated configuration as plain data: what the engine and its drivers need, no file format in sight.
// Made by engine/app/config/config_file from TOML. Read-only after start.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/market/book_builder.hpp"
#include "engine/pipeline/trading_limits.hpp"
#include "engine/trading/package_executor.hpp"
#include "engine/trading/risk_gate.hpp"
#include "engine/trading/settings.hpp"

namespace arb {

struct VenueConfig {
    std::string label;                                     ///< "binance", "binance_usdm", "bnc"
    std::optional<Rate> fee_maker, fee_taker;              ///< instead of what the instrument list says
    Duration feed_latency = milliseconds(5);               ///< venue to us
    Duration order_latency = milliseconds(5);              ///< us to the venue's matching
    std::vector<std::pair<std::string, Amount>> balances;  ///< asset, amount at the start
    std::string key_file;       ///< a file with the key it trades with (emulated venues)
    std::string read_key_file;  ///< a file with the key for streams and questions; empty: the same one
    std::string trade_key;      ///< the label of the key it trades with, in keystore or signer
    std::string read_key;       ///< the label of the key for streams and questions; empty: the same one
    /// It has a key to trade with; else it gives market data only.
    bool has_key() const { return !key_file.empty() || !trade_key.empty(); }
    std::string endpoint;  ///< host:port instead of the venue's own (emulated venues); empty: the venue's
    std::string ca_file;   ///< whom to trust there; empty: the system's authorities
    std::string environment = "live";  ///< live, testnet or demo: which of the connector's addresses
    std::string region;                ///< the venue's site for it; empty: the main one
    std::string place;                 ///< file:line:col, for error texts
    std::string environment_place, region_place;
};

/// Where keys come from that are not in files: keystore or signer process.
struct KeysConfig {
    std::string keystore;                     ///< path of the keystore; empty: none
    std::string signer;                       ///< path of the signer's socket; empty: sign in this process
    Duration signer_wait = milliseconds(50);  ///< a request that has no signature by then is not sent
    std::string audit_log;                    ///< empty: keys.audit in the state directory
};

/// How orders meet the world.
enum class RunMode : std::uint8_t {
    backtest,  ///< recordings, simulated fills
    paper,     ///< feeds of now, simulated fills
    emulated,  ///< orders to emulated venues, with thrown-away keys
    live,      ///< orders to the real venues
};
/// "backtest", "paper", "emulated", "live".
inline const char* name(RunMode mode)
{
    constexpr const char* kNames[] = {"backtest", "paper", "emulated", "live"};
    return kNames[static_cast<std::size_t>(mode)];
}

/// A market declared over several instruments (spot and perpetual of one pair). Same base and quote, all
/// linear.
struct ComparisonConfig {
    std::string name;
    std::vector<std::string> instruments;
    std::string place;
};

/// Rules of one listing given by the user: instead of, or on top of, what a recording says.
struct InstrumentConfig {
    std::string venue;  ///< label
    ListingDefinition definition;
    std::string place;
};

/// What the engine's thread asks of the machine; see engine/live/host_thread.hpp.
struct HostConfig {
    int core = -1;             ///< the processor that it is bound to; -1: any
    int fifo_priority = 0;     ///< SCHED_FIFO, 1 to 50; 0: as everybody
    bool lock_memory = false;  ///< all memory of the process stays in RAM
};

struct EngineConfig {
    std::string name;
    std::string quote = "USDT";  ///< reporting currency
    BookLimits books;
    RiskLimits risk;
    ExecutorLimits executor;
    TradingLimits trading;
    std::vector<VenueConfig> venues;
    KeysConfig keys;
    HostConfig host;
    std::vector<ComparisonConfig> comparisons;
    std::vector<InstrumentConfig> instruments;
    std::vector<Settings> strategies;  ///< one a [strategy.NAME] table
    RunMode mode = RunMode::backtest;
    bool queue_proportional = false;  ///< how simulated queues shrink (queue_place.hpp); false: pessimistic
    std::vector<std::string> run_instruments;  ///< names to run on; empty: all that two venues share
    std::string state_directory;               ///< where a run keeps its state, journal and ledger
    std::string idle = "yield";                ///< spin, yield or sleep
    std::string text;                          ///< the file as read, kept in journals
    std::uint64_t hash = 0;                    ///< of the text
};

}  // namespace arb
