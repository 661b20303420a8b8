// arbiter demo: six venues on loopback, orders, faults, and the account of it.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/demo/demo.hpp"
#include "engine/app/demo/demo_command.hpp"
#include "engine/app/run/status_view.hpp"
#include "engine/app/shell/signals.hpp"
#include "engine/report/ledger_reader.hpp"
#include "engine/report/ledger_report.hpp"

namespace arb {
namespace {

struct DemoCommandOptions {
    DemoRequest demo;
    std::string output = "table";
    std::string html;
    bool calm = false;
    bool verbose = false;
    bool no_replay = false;
};

ExitCode run_demo(DemoCommandOptions options)
{
    const Signals signals;
    StatusView view(!options.verbose && options.output == "json");
    options.demo.faults = !options.calm;
    options.demo.replay = !options.no_replay;
    options.demo.log = [&](std::string_view text) {
        if (options.verbose) view.line(text);
    };
    options.demo.stop = [&] { return signals.count() > 0; };
    options.demo.on_turn = [&](RunSession& session, EmulatedWorld&) { view.show(session); };
    const DemoOutcome outcome = run_demo(options.demo, plugins(), build_text());
    view.end();
    fmt::print("{}", options.output == "json" ? demo_json(outcome) : demo_text(outcome));
    if (!options.html.empty()) {
        LedgerReader reader = LedgerReader::open(outcome.run.ledger).take();
        const LedgerReport report = reader.report(LedgerRuns::last(), "USDT").take();
        write_file(options.html, ledger_html(report));
        fmt::print(stderr, "report: {}\n", options.html);
    }
    return outcome.code;
}

}  // namespace

Command add_demo(CLI::App& app)
{
    auto options = std::make_shared<DemoCommandOptions>();
    CLI::App* command =
        app.add_subcommand("demo", "Trade on emulated venues, with faults, and account for it");
    command->add_option("--seconds", options->demo.seconds, "How long to trade")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{86'400}))
        ->capture_default_str();
    command->add_option("--seed", options->demo.seed, "Of prices and faults")->capture_default_str();
    command->add_option("--strategy", options->demo.strategy, "Which strategy trades")->capture_default_str();
    command->add_option("--venues", options->demo.venues, "Which venues (default: all that can be emulated)")
        ->delimiter(',');
    command->add_option("--directory", options->demo.directory, "Where keys, journal and ledger go")
        ->capture_default_str();
    command->add_option("--output", options->output, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
    command->add_option("--report", options->html, "Write the ledger's HTML report here");
    command->add_flag("--calm", options->calm, "No faults");
    command->add_flag("--rotate", options->demo.rotate, "Half-way, let another key take over at every venue");
    command->add_flag("--no-replay", options->no_replay, "Do not replay the session's journal afterwards");
    command->add_flag("--verbose", options->verbose, "Log every event");
    return {command, [options] { return run_demo(*options); }};
}

}  // namespace arb
