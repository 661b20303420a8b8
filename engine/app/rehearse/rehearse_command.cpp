// arbiter rehearse: a venue judged before it is trusted.
#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/rehearse/rehearse.hpp"
#include "engine/app/rehearse/rehearse_command.hpp"
#include "engine/app/shell/signals.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

struct RehearseCommandOptions {
    std::string config, directory, venue, html;
    std::string output = "text";
    std::int64_t seconds = 60, patience = 5;
    bool orders = false, fill = false, live = false, unsafe_endpoint = false, quiet = false;
    int passphrase_fd = -1;
};

ExitCode run_rehearse(const RehearseCommandOptions& options)
{
    RehearseRequest request;
    request.config = load_config(options.config);
    request.config_path = options.config;
    request.directory = !options.directory.empty()                ? options.directory
                        : !request.config.state_directory.empty() ? request.config.state_directory
                                                                  : "arbiter-state";
    request.venue = options.venue;
    request.plugins = plugins();
    request.build = build_text();
    request.questions = key_questions();
    request.passphrase.descriptor = options.passphrase_fd;
    if (const char* directory = std::getenv("CREDENTIALS_DIRECTORY"))
        request.passphrase.credentials = directory;
    request.watch = seconds(options.seconds);
    request.patience = seconds(options.patience);
    request.orders = options.orders;
    request.fill = options.fill;
    request.live = options.live;
    request.unsafe_endpoint = options.unsafe_endpoint;
    if (!options.quiet)
        request.log = [](std::string_view line) { fmt::print(stderr, "{}\n", plain_text(line)); };
    const Signals signals;
    request.stops = [&] { return signals.count(); };
    const RehearseOutcome outcome = rehearse(request);
    fmt::print("{}", options.output == "json" ? rehearsal_json(outcome.report, !options.venue.empty())
                                              : rehearsal_text(outcome.report, colour_wanted()));
    if (!options.html.empty()) {
        write_file(options.html, rehearsal_html(outcome.report));
        fmt::print(stderr, "report: {}\n", options.html);
    }
    for (const RehearsedVenue& venue : outcome.report.venues) {
        for (const std::string& flag : venue.flags)
            fmt::print(stderr, "arbiter: FLAGGED {}: {}; look at the venue's own page now\n", venue.venue,
                       plain_text(flag));
    }
    return outcome.code;
}

}  // namespace

Command add_rehearse(CLI::App& app)
{
    auto options = std::make_shared<RehearseCommandOptions>();
    CLI::App* const command = app.add_subcommand(
        "rehearse", "Judge each venue by walking everything we use of it, before it is trusted");
    command->add_option("config", options->config, "Configuration (.toml)")->required();
    command->add_option("--venue", options->venue, "This venue of it alone");
    command->add_flag(
        "--orders", options->orders,
        "Also orders of the smallest size that should not fill: one rests far away and is cancelled");
    command->add_flag("--fill", options->fill, "With --orders: also a smallest buy, sold back");
    command->add_flag(
        "--live", options->live,
        "Load trade keys of real venues: with mode = \"live\" and a fresh `arbiter doctor --live` pass");
    command->add_option("--seconds", options->seconds, "How long books are watched at least")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{86'400}))
        ->capture_default_str();
    command
        ->add_option("--patience", options->patience,
                     "Seconds that an answer may take before it counts as missing")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{600}))
        ->capture_default_str();
    command->add_option("--directory", options->directory, "State directory: the masked recordings go there");
    command->add_option("--output", options->output, "text or json")
        ->check(CLI::IsMember(std::vector<std::string>{"text", "json"}));
    command->add_option("--report", options->html, "Write a self-contained page (.html)");
    command
        ->add_option("--passphrase-fd", options->passphrase_fd,
                     "Read the keystore's passphrase from this descriptor (default: systemd credential "
                     "arbiter-passphrase, else ask)")
        ->check(CLI::NonNegativeNumber);
    command->add_flag("--unsafe-endpoint", options->unsafe_endpoint,
                      "Allow [venue.*] endpoint: another host in a venue's place (never with real keys)");
    command->add_flag("--quiet", options->quiet, "No lines about what is going on");
    return {command, [options] { return run_rehearse(*options); }};
}

}  // namespace arb
