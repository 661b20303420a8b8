#pragma once
// A backtest: a Session over recordings with a configuration's strategies, and what came of it as a
// RunResult. The same engine as everywhere; only the orders meet SimExchange. Optionally writes the whole
// session (inputs and decisions) as a journal that `replay` can re-run. No clock: the caller times it.
#include <functional>
#include <memory>
#include <string>

#include "engine/journal/writer.hpp"
#include "engine/sim/session.hpp"
#include "engine/sim/valuation.hpp"
#include "engine/trading/run_result.hpp"

namespace arb {

/// JournalHeader::source of a backtest's own journal.
inline constexpr std::string_view kBacktestSource = "backtest";

struct BacktestRequest {
    EngineConfig config;
    std::vector<std::string> recordings;
    Plugins plugins;
    std::string record_path;  ///< journal of the session; empty: none
    std::string build;
    DecisionSink* decisions = nullptr;  ///< hears every decision too (replay)
    /// Called now and then with bytes read, bytes in all, inputs handled.
    std::function<void(std::uint64_t done, std::uint64_t total, std::uint64_t events)> progress;
};

struct BacktestOutcome {
    RunResult result;
    std::vector<Error> troubles;  ///< recordings that could not be read to their end
};

/// Runs it to the end of the inputs. It simulates always, whatever mode the configuration has; of a live
/// session's journal it takes what the venues said about their markets, and neither the news of the session's
/// own orders nor its operator's words. Throws StartError before the first input only (see Session); a
/// journal that cannot be written comes back as a trouble.
BacktestOutcome run_backtest(const BacktestRequest& request);

}  // namespace arb
