// arbiter run, record: the engine on feeds of now.
#include <csignal>
#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/doctor/live_locks.hpp"
#include "engine/app/run/log_file.hpp"
#include "engine/app/run/run_commands.hpp"
#include "engine/app/run/run_session.hpp"
#include "engine/app/run/status_view.hpp"
#include "engine/app/shell/service_notice.hpp"
#include "engine/app/shell/signals.hpp"

namespace arb {
namespace {

struct RunOptions {
    std::string config;
    std::string directory;
    std::int64_t seconds = 0;
    bool unsafe_endpoint = false;
    bool live = false;
    int passphrase_fd = -1;
    bool quiet = false;
    std::uint64_t die_after_lines = 0;
};

constexpr Duration kServiceStatusEvery = seconds(10);
/// What systemd hears of a run, from turns of its loop that came to their end.
class ServiceView {
  public:
    void turned(const RunSession& session)
    {
        if (!notice_.listening()) return;
        const LiveTrading* const live = session.engine().live();
        const Timestamp now = session.now();
        if (live == nullptr || live->phase() == Phase::trading) notice_.ready(text(session), now);
        if (live != nullptr && live->phase() == Phase::stopping) notice_.stopping("cancelling, flattening");
        (void)notice_.beat(now);
        if (!notice_.is_ready() || now - told_ < kServiceStatusEvery) return;
        told_ = now;
        notice_.status(text(session));
    }
    void stopping(std::string_view why) { notice_.stopping(why); }

  private:
    static std::string text(const RunSession& session)
    {
        const LiveTrading* const live = session.engine().live();
        const RunFigures& f = session.figures();
        return fmt::format("{}: {} venues, {} orders, {} fills, {} flagged",
                           live != nullptr ? name(live->phase()) : "no orders to venues",
                           session.table().venue_count(), f.orders, f.fills, f.flagged);
    }

    ServiceNotice notice_ = ServiceNotice::from_environment();
    Timestamp told_;
};

ExitCode drive(RunSession& session, const RunOptions& options, StatusView& view)
{
    const Signals signals;
    ServiceView service;
    bool told = false, hurried = false;
    while (!session.over()) {
        session.turn(milliseconds(20));
        view.show(session);
        service.turned(session);
        const bool time_over =
            options.seconds > 0 && session.now() - session.begun() >= seconds(options.seconds);
        if (signals.count() > 1 && !hurried) {
            hurried = true;
            view.line("stopping at once: what is open is cancelled, nothing more is closed");
            (void)session.command("kill");
            // No venue holds a simulated order.
            if (session.engine().live() == nullptr) break;
        }
        if ((signals.count() > 0 || time_over) && !told) {
            told = true;
            view.line(signals.count() > 0 ? "stopping: cancel, flatten, settle (once more: at once)"
                                          : "time is over");
            (void)session.command("stop");
        }
    }
    view.end();
    service.stopping("writing journal and ledger");
    const RunFigures figures = session.figures();
    const RunOutcome outcome = session.finish();
    fmt::print("{} packages, {} open, {} flagged; {} orders, {} fills; realised {}\n", figures.packages,
               figures.open_packages, figures.flagged, figures.orders, figures.fills,
               figures.waterfall.realised.text());
    for (const std::string& flag : figures.flags) fmt::print("FLAGGED {}\n", flag);
    fmt::print("journal: {} ({} records)\n", outcome.journal, outcome.journal_records);
    if (!outcome.ledger.empty()) fmt::print("ledger:  {}\n", outcome.ledger);
    for (const std::string& trouble : outcome.troubles) fmt::print(stderr, "arbiter: {}\n", trouble);
    return outcome.code;
}

ExitCode run_run(const RunOptions& options, bool record_only)
{
    RunRequest request;
    request.config = load_config(options.config);
    request.plugins = plugins();
    request.build = build_text();
    request.unsafe_endpoint = options.unsafe_endpoint;
    request.record_only = record_only;
    request.die_after_lines = options.die_after_lines;
    request.directory = !options.directory.empty() ? options.directory : request.config.state_directory;
    if (request.directory.empty()) request.directory = record_only ? "." : "arbiter-state";
    if (!record_only && request.config.mode == RunMode::backtest) {
        throw StartError(
            ExitCode::usage,
            fmt::format(
                "{}: its mode is \"backtest\"; `run` needs mode = \"paper\", \"emulated\" or \"live\"",
                options.config));
    }
    if (!record_only) {
        request.closes_only =
            check_live_locks(request.config, options.config, request.directory, request.build, options.live);
    }
    request.live = options.live;
    request.passphrase.descriptor = options.passphrase_fd;
    if (const char* directory = std::getenv("CREDENTIALS_DIRECTORY"))
        request.passphrase.credentials = directory;
    StatusView view(options.quiet);
    // What a terminal shows for a moment is kept, and what nobody watches as well.
    std::optional<LogFile> file;
    if (!record_only) file.emplace(request.directory);
    const auto log = [&](std::string_view text) {
        view.line(text);
        const std::string trouble = file ? file->line(text, LiveClock().now()) : std::string();
        if (!trouble.empty()) view.line(trouble);
    };
    request.log = log;
    RunSession session(std::move(request));
    log(session.start_page());
    return drive(session, options, view);
}

CLI::App* add(CLI::App& app, RunOptions& options, const char* name, const char* text)
{
    CLI::App* command = app.add_subcommand(name, text);
    command->add_option("config", options.config, "Configuration (.toml)")->required();
    command->add_option("--directory", options.directory,
                        "State directory (state log, journal, ledger, socket)");
    command->add_option("--seconds", options.seconds, "Stop after so long (0: until stopped)")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{31'536'000}));
    command->add_flag("--unsafe-endpoint", options.unsafe_endpoint,
                      "Allow [venue.*] endpoint: another host in a venue's place (never with real keys)");
    command->add_flag("--quiet", options.quiet, "No log lines and no status view");
    return command;
}

}  // namespace

Command add_run(CLI::App& app)
{
    auto options = std::make_shared<RunOptions>();
    CLI::App* command =
        add(app, *options, "run", "Trade on feeds of now: paper, or orders to emulated or real venues");
    command->add_flag("--live", options->live,
                      "Send real orders: with mode = \"live\" and a fresh `arbiter doctor --live` pass");
    command->add_option("--passphrase-fd", options->passphrase_fd,
                        "Read the keystore's passphrase from this descriptor");
    command->add_option("--die-after-lines", options->die_after_lines,
                        "For tests of crashes: SIGKILL after so many lines of state");
    return {command, [options] { return run_run(*options, false); }};
}

Command add_record(CLI::App& app)
{
    auto options = std::make_shared<RunOptions>();
    CLI::App* command = add(app, *options, "record", "Record the configuration's feeds, nothing else");
    return {command, [options] { return run_run(*options, true); }};
}

}  // namespace arb
