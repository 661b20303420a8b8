#pragma once
// What every sub-command of `arbiter` is, and what all of them share. A command has one function add_NAME: it
// adds its options to the command line and, when it was chosen, runs and returns what the shell is told.
// Results go to standard output, progress and trouble to standard error. Errors before the first input are
// StartError and are shown by main.
#include <functional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/pipeline/assembly.hpp"

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
