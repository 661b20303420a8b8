#pragma once
// The sub-commands of `arbiter`, one function each: it adds its options to the command line and, when it was
// chosen, runs and returns what the shell is told. Results go to standard output, progress and trouble to
// standard error. Errors before the first input are StartError and are shown by main.
#include <functional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/sim/session.hpp"

namespace CLI {
class App;
}

namespace arb {

/// What a command does when it was chosen.
using CommandBody = std::function<ExitCode()>;

struct Command {
    CLI::App* app = nullptr;
    CommandBody run;
};

Command add_import(CLI::App& app);
Command add_audit(CLI::App& app);
Command add_backtest(CLI::App& app);
Command add_replay(CLI::App& app);
Command add_generate(CLI::App& app);
Command add_report(CLI::App& app);
Command add_why(CLI::App& app);
Command add_run(CLI::App& app);
Command add_record(CLI::App& app);
Command add_demo(CLI::App& app);
Command add_venues(CLI::App& app);
Command add_keys(CLI::App& app);
Command add_signer(CLI::App& app);
Command add_doctor(CLI::App& app);
Command add_rehearse(CLI::App& app);
Command add_panic(CLI::App& app);
Command add_take_over(CLI::App& app);
Command add_logs(CLI::App& app);
/// status, pause, resume, flatten, clear, adopt, release, use-key, stop, kill, transfer announce
std::vector<Command> add_operations(CLI::App& app);

/// All connectors and strategies of this build.
Plugins plugins();
/// Version text kept in journals.
std::string build_text();

/// Shows what is wrong on standard error, one line each; ExitCode::data when there is any.
ExitCode report_troubles(const std::vector<Error>& troubles);
/// Writes a whole file or throws StartError.
void write_file(const std::string& path, const std::string& content);
/// Colour is wanted: standard output is a terminal and NO_COLOR is unset.
bool colour_wanted();

}  // namespace arb
