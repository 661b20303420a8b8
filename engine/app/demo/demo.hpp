#pragma once
// The demonstration: emulated venues on loopback, a run against them, and at its end the truth of every venue
// beside our ledger, and the session's journal replayed. Used by `arbiter demo` and by tests. Main thread;
// throws StartError before the first input.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/run/run_session.hpp"
#include "engine/world/emulated_world.hpp"

namespace arb {

struct DemoRequest {
    std::vector<std::string> venues;  ///< labels; empty: every venue that can be emulated, spot alone
    std::int64_t seconds = 60;
    std::uint64_t seed = 1;
    std::string strategy = "cross_venue";  ///< a folder of strategies/
    bool faults = true;
    bool replay = true;
    std::string directory = "arbiter-demo";
    std::function<void(std::string_view)> log;
    std::function<bool()> stop;  ///< asked every turn: stop now
    std::function<void(RunSession&, EmulatedWorld&)> on_turn;
    std::string key_label = "trade";     ///< which of the venues' keys it trades with
    bool rotate = false;                 ///< half-way another key takes over at every venue
    std::optional<MarketHabits> street;  ///< none: the demonstration's own
};

struct DemoOutcome {
    ExitCode code = ExitCode::ok;
    std::vector<std::string> venues;
    RunFigures figures;
    RunOutcome run;
    std::uint64_t venue_orders = 0, venue_trades = 0;  ///< what the venues themselves counted
    std::vector<std::string> mismatches;  ///< ledger against truth; empty: equal to the last unit
    std::uint64_t faults = 0;
    bool replayed = false, replay_differs = false;
    std::uint64_t decisions = 0;
    std::string replay_text;
    LatencyHistogram latency;
    std::uint64_t keys_checked = 0, keys_replaced = 0;
    std::string directory;
};

DemoOutcome run_demo(const DemoRequest& request, const Plugins& plugins, const std::string& build);

/// The world of the demonstration: these venues (none: every one that can be emulated, spot alone) on any
/// free ports.
EmulatedWorldConfig demo_world(const std::vector<std::string>& venues, std::uint64_t seed, bool faults,
                               const Plugins& plugins);
/// The configuration of a run against a world, as TOML. A strategy that the demonstration has no settings for
/// runs with its own.
std::string demo_config(const EmulatedWorld& world, const EmulatedWorldConfig& config,
                        const std::string& key_label = "trade", const std::string& strategy = "cross_venue");

std::string demo_text(const DemoOutcome& outcome);
std::string demo_json(const DemoOutcome& outcome);

}  // namespace arb
