// arbiter replay: does a recorded session still decide the same?
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/recordings/progress.hpp"
#include "engine/app/recordings/recording_commands.hpp"
#include "engine/sim/replay.hpp"

namespace arb {
namespace {

ExitCode run_replay(const std::string& path)
{
    BacktestRequest request;
    {
        const JournalReader reader = JournalReader::open(path).take();
        if (reader.header().config_text.empty()) {
            throw StartError(ExitCode::data,
                             fmt::format("{}: holds inputs but no decisions, so there is nothing to "
                                         "compare; record a session with `arbiter backtest --record`",
                                         path));
        }
        request.config = parse_config(reader.header().config_text, path + " (its configuration)");
        if (request.config.hash != reader.header().config_hash) {
            throw StartError(ExitCode::data,
                             fmt::format("{}: its configuration does not have the hash that the header "
                                         "says; the file is damaged or was edited",
                                         path));
        }
    }
    request.recordings = {path};
    request.plugins = plugins();
    const ReplayOutcome outcome = run_replay(request);
    if (outcome.differs) {
        fmt::print("{}: differs after {} equal decisions\n  recorded: {}\n  replayed: {}\n", path,
                   outcome.decisions, outcome.expected.empty() ? "(no further decision)" : outcome.expected,
                   outcome.got.empty() ? "(no further decision)" : outcome.got);
        (void)report_troubles(outcome.troubles);
        return ExitCode::data;
    }
    fmt::print("{}: {} decisions replayed, all equal; hash {:016x}\n", path, outcome.decisions,
               outcome.decision_hash);
    return report_troubles(outcome.troubles);
}

}  // namespace

Command add_replay(CLI::App& app)
{
    auto path = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("replay", "Re-run a recorded session and compare every decision");
    command->add_option("session", *path, "Session written by backtest --record (.arb)")->required();
    return {command, [path] { return run_replay(*path); }};
}

}  // namespace arb
