// arbiter backtest: what would this configuration have earned on these recordings?
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/recordings/progress.hpp"
#include "engine/app/recordings/recording_commands.hpp"
#include "engine/report/backtest_report.hpp"
#include "engine/report/html_report.hpp"
#include "engine/sim/backtest.hpp"

namespace arb {
namespace {

struct BacktestOptions {
    std::string config;
    std::vector<std::string> recordings;
    std::string output = "table";
    std::string report;
    std::string record;
};

ExitCode run_backtest(const BacktestOptions& options)
{
    BacktestRequest request;
    request.config = load_config(options.config);
    request.recordings = options.recordings;
    request.plugins = plugins();
    request.record_path = options.record;
    request.build = build_text();
    Progress progress("backtest");
    request.progress = [&](std::uint64_t done, std::uint64_t total, std::uint64_t events) {
        progress.update(done, total, events);
    };
    BacktestOutcome outcome = run_backtest(request);
    outcome.result.wall_ns = progress.elapsed_ns();
    for (const Error& trouble : outcome.troubles) outcome.result.notes.push_back(trouble.message);
    fmt::print("{}", options.output == "json" ? backtest_json(outcome.result)
                                              : backtest_text(outcome.result, colour_wanted()));
    if (!options.report.empty()) {
        write_file(options.report, backtest_html(outcome.result));
        fmt::print(stderr, "report: {}\n", options.report);
    }
    if (!options.record.empty()) fmt::print(stderr, "session: {}\n", options.record);
    return report_troubles(outcome.troubles);
}

}  // namespace

Command add_backtest(CLI::App& app)
{
    auto options = std::make_shared<BacktestOptions>();
    CLI::App* command = app.add_subcommand("backtest", "Run a configuration's strategies over recordings");
    command->add_option("config", options->config, "Configuration (.toml)")->required();
    command->add_option("recordings", options->recordings, "Recordings (.arb)")->required();
    command->add_option("--output", options->output, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
    command->add_option("--report", options->report, "Write a self-contained HTML report here");
    command->add_option("--record", options->record, "Write inputs and decisions here, for replay");
    return {command, [options] { return run_backtest(*options); }};
}

}  // namespace arb
