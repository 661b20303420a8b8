// arbiter <command>: the composition root. Each command stands in the folder of its task.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/commands.hpp"
#include "engine/app/demo/demo_command.hpp"
#include "engine/app/doctor/doctor_command.hpp"
#include "engine/app/evidence/panic_command.hpp"
#include "engine/app/keys/keys_command.hpp"
#include "engine/app/keys/signer_command.hpp"
#include "engine/app/latency/latency_command.hpp"
#include "engine/app/recordings/recording_commands.hpp"
#include "engine/app/rehearse/rehearse_command.hpp"
#include "engine/app/run/run_commands.hpp"
#include "engine/app/sweep/sweep_command.hpp"

int main(int argc, char** argv)
{
    CLI::App app{"Arbiter, a multi-exchange arbitrage engine", "arbiter"};
    app.set_version_flag("--version", arb::build_text());
    app.require_subcommand(1);
    app.footer(
        "Exit codes: 0 ok, 1 internal, 2 usage or configuration, 3 key or permission refused, or another "
        "engine on the account, 4 stopped with flagged exposure, 6 venue or network (a rehearsal: something "
        "differs), 7 the doctor found something, 8 data "
        "that cannot be (wholly) read.");
    std::vector<arb::Command> commands = {
        arb::add_demo(app),      arb::add_run(app),      arb::add_record(app),  arb::add_import(app),
        arb::add_audit(app),     arb::add_backtest(app), arb::add_replay(app),  arb::add_generate(app),
        arb::add_report(app),    arb::add_venues(app),   arb::add_keys(app),    arb::add_signer(app),
        arb::add_doctor(app),    arb::add_rehearse(app), arb::add_panic(app),   arb::add_logs(app),
        arb::add_take_over(app), arb::add_why(app),      arb::add_latency(app), arb::add_sweep(app)};
    for (const arb::Command& command : arb::add_operations(app)) commands.push_back(command);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(arb::ExitCode::usage);
    }
    try {
        for (const arb::Command& command : commands) {
            if (command.app->parsed()) return static_cast<int>(command.run());
        }
    } catch (const arb::StartError& error) {
        fmt::print(stderr, "arbiter: {}\n", error.what());
        return static_cast<int>(error.code());
    } catch (const std::exception& error) {
        fmt::print(stderr, "arbiter: {}\n", error.what());
        return static_cast<int>(arb::ExitCode::internal);
    }
    return static_cast<int>(arb::ExitCode::internal);
}
