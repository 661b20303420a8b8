// arbiter audit: are these recordings whole, and are their books true?
#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/recordings/audit.hpp"
#include "engine/app/recordings/progress.hpp"
#include "engine/app/recordings/recording_commands.hpp"

namespace arb {
namespace {

struct AuditCommandOptions {
    std::vector<std::string> recordings;
    std::string output = "table";
};

ExitCode run_audit(const AuditCommandOptions& options)
{
    Progress progress("audit");
    AuditOutcome outcome = run_audit(options.recordings, plugins(), [&](auto done, auto total, auto units) {
        progress.update(done, total, units);
    });
    const std::string text =
        options.output == "json" ? audit_json(outcome.result) : audit_text(outcome.result, colour_wanted());
    fmt::print("{}", text);
    return report_troubles(outcome.troubles);
}

}  // namespace

Command add_audit(CLI::App& app)
{
    auto options = std::make_shared<AuditCommandOptions>();
    CLI::App* command =
        app.add_subcommand("audit", "Check recordings: gaps, checksums, crossed books, clocks");
    command->add_option("recordings", options->recordings, "Recordings (.arb)")->required();
    command->add_option("--output", options->output, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
    return {command, [options] { return run_audit(*options); }};
}

}  // namespace arb
