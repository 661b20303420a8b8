// What only the owner of the accounts can say: that a run somewhere else is over.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/commands.hpp"
#include "engine/app/config_file.hpp"
#include "engine/keys/private_directory.hpp"
#include "engine/live/state_file.hpp"
#include "engine/pipeline/foreign_runs.hpp"
#include "engine/pipeline/state_lines.hpp"

namespace arb {
namespace {

struct TakeOverOptions {
    std::string config;
    std::vector<std::string> runs;
    std::string directory;
};

std::vector<std::uint32_t> runs_named(const std::vector<std::string>& names)
{
    std::vector<std::uint32_t> runs;
    for (const std::string& name : names) {
        const std::optional<std::uint32_t> run = parse_run_name(name);
        if (!run) {
            throw StartError(ExitCode::usage,
                             fmt::format("'{}' is no run: eight hexadecimal digits, as the start that was "
                                         "refused names it",
                                         name));
        }
        runs.push_back(*run);
    }
    return runs;
}

std::unique_ptr<StateFile> open_state_of(const std::string& directory)
{
    make_private_directory(directory);
    Result<std::unique_ptr<StateFile>> state = StateFile::open(directory + "/state.log");
    // An engine that runs there knows the venues better than whoever types this.
    if (!state && state.error().code == ExitCode::usage)
        throw StartError(ExitCode::refused, state.error().message);
    return std::move(state).take();
}

ExitCode take_over(const TakeOverOptions& options)
{
    const std::vector<std::uint32_t> runs = runs_named(options.runs);
    const EngineConfig config = load_config(options.config);
    if (config.mode != RunMode::emulated && config.mode != RunMode::live) {
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: its mode sends no orders: there is no run to take over", options.config));
    }
    std::string directory = !options.directory.empty() ? options.directory : config.state_directory;
    if (directory.empty()) directory = "arbiter-state";
    const std::unique_ptr<StateFile> state = open_state_of(directory);
    for (const std::string& note : state->notes()) fmt::print(stderr, "{}\n", note);
    for (const std::uint32_t run : runs) {
        const std::string taken(LineWriter("taken").number(run).view());
        bool known = false;
        for (const std::string& line : state->lines()) {
            if (line == LineWriter("epoch").number(run).view() ||
                line == LineWriter("ran").number(run).view()) {
                throw StartError(ExitCode::usage,
                                 fmt::format("run {} is of {} itself: there is nothing to take over",
                                             run_name(run), directory));
            }
            known |= line == taken;
        }
        if (!known && !state->append(taken))
            throw StartError(ExitCode::data, fmt::format("{}/state.log: no room", directory));
    }
    if (!state->sync())
        throw StartError(ExitCode::data, fmt::format("{}/state.log: cannot be written", directory));
    for (const std::uint32_t run : runs) {
        fmt::print(
            "run {} is over, says {}/state.log: the next start cancels what it left open and counts "
            "none of its fills; what it bought or sold is not closed\n",
            run_name(run), directory);
    }
    return ExitCode::ok;
}

}  // namespace

Command add_take_over(CLI::App& app)
{
    auto options = std::make_shared<TakeOverOptions>();
    CLI::App* const command = app.add_subcommand(
        "take-over", "Another engine that traded on these accounts is gone for good: start without it");
    command->add_option("config", options->config, "Configuration (.toml)")->required();
    command->add_option("run", options->runs, "Its run, as the start that was refused names it")->required();
    command->add_option("--directory", options->directory, "State directory, as for run");
    return {command, [options] { return take_over(*options); }};
}

}  // namespace arb
