#include "engine/app/latency/latency_command.hpp"

#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/latency/latency_measure.hpp"
#include "engine/app/latency/live_feed.hpp"
#include "engine/app/shell/signals.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

struct LatencyCommandOptions {
    LatencyOptions rounds;
    std::string venues, cores, html, hgrm, live_feed;
    std::int64_t seconds = 60;
    bool unsafe_endpoint = false;
    std::string output = "text";
    bool quiet = false;
};

struct TemporaryDirectory {
    std::string path = (std::filesystem::temp_directory_path() / "arbiter-latency-XXXXXX").string();
    TemporaryDirectory()
    {
        if (::mkdtemp(path.data()) == nullptr)
            throw StartError(ExitCode::usage, path + ": no directory can be made there; set TMPDIR");
    }
    ~TemporaryDirectory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
};

// "2,3": two texts, neither empty.
std::pair<std::string, std::string> two_of(const std::string& text, const char* flag)
{
    const std::size_t comma = text.find(',');
    if (comma == std::string::npos || comma == 0 || comma + 1 == text.size() ||
        text.find(',', comma + 1) != std::string::npos)
        throw StartError(ExitCode::usage, fmt::format("{} takes two, separated by a comma: {}", flag, text));
    return {text.substr(0, comma), text.substr(comma + 1)};
}

int core_of(const std::string& text)
{
    const long processors = ::sysconf(_SC_NPROCESSORS_CONF);
    const bool digits =
        !text.empty() && text.size() <= 4 && text.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || std::stol(text) >= processors)
        throw StartError(ExitCode::usage, fmt::format("--cores: {} is no processor of this machine (0 to {})",
                                                      text, processors - 1));
    return std::stoi(text);
}

std::function<void(std::string_view)> log_of(const LatencyCommandOptions& options)
{
    if (options.quiet) return [](std::string_view) {};
    return [](std::string_view line) { fmt::print(stderr, "{}\n", plain_text(line)); };
}

void write_distributions(const LatencyReport& report, const std::string& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw StartError(ExitCode::usage, folder + ": " + error.message());
    for (const LatencyTable& table : report.tables) {
        for (std::size_t i = 0; i < table.rows.size(); ++i)
            write_file(fmt::format("{}/{}_{}.hgrm", folder, table.id, i + 1), latency_hgrm(table.rows[i]));
    }
    fmt::print(stderr, "distributions: {}\n", folder);
}

LatencyReport measure_rounds(const LatencyCommandOptions& options, const std::string& directory,
                             const Signals& signals)
{
    LatencyRequest request;
    request.options = options.rounds;
    std::tie(request.options.buy, request.options.sell) = two_of(options.venues, "--venues");
    if (!options.cores.empty()) {
        const auto [engine, venues] = two_of(options.cores, "--cores");
        request.options.engine_core = core_of(engine);
        request.options.venue_core = core_of(venues);
    }
    request.directory = directory;
    request.build = build_text();
    request.log = log_of(options);
    request.progress = [&](std::size_t done, std::size_t of) {
        if (signals.count() > 0)
            throw StartError(ExitCode::usage, "interrupted: nothing is told of half a measurement");
        if (!options.quiet && (done % 100 == 0 || done == of))
            fmt::print(stderr, "{} of {} rounds\n", done, of);
    };
    return measure_latency(request);
}

LatencyReport measure_feed(const LatencyCommandOptions& options, const std::string& directory,
                           const Signals& signals)
{
    LiveFeedRequest request;
    request.config = load_config(options.live_feed);
    request.config_path = options.live_feed;
    request.directory = directory;
    request.build = build_text();
    request.seconds = options.seconds;
    if (!options.cores.empty())
        request.engine_core = core_of(options.cores.substr(0, options.cores.find(',')));
    request.unsafe_endpoint = options.unsafe_endpoint;
    request.stops = [&] { return signals.count() > 0; };
    request.log = log_of(options);
    return measure_live_feed(request);
}

ExitCode run_latency(const LatencyCommandOptions& options)
{
    if (options.venues.empty() == options.live_feed.empty())
        throw StartError(ExitCode::usage, "latency needs either --venues A,B or --live-feed CONFIG");
    const TemporaryDirectory directory;
    const Signals signals;
    const LatencyReport report = options.live_feed.empty() ? measure_rounds(options, directory.path, signals)
                                                           : measure_feed(options, directory.path, signals);
    fmt::print("{}", options.output == "json" ? latency_json(report) : latency_text(report, colour_wanted()));
    if (!options.html.empty()) {
        write_file(options.html, latency_html(report));
        fmt::print(stderr, "report: {}\n", options.html);
    }
    if (!options.hgrm.empty()) write_distributions(report, options.hgrm);
    return ExitCode::ok;
}

}  // namespace

Command add_latency(CLI::App& app)
{
    auto options = std::make_shared<LatencyCommandOptions>();
    CLI::App* const command = app.add_subcommand(
        "latency",
        "Measure this host: from a venue's frame to our order, stage by stage, beside the host's floors");
    command->add_option("--rounds", options->rounds.rounds, "Orders that are timed with a feed's caches")
        ->check(CLI::Range(std::size_t{10}, std::size_t{10'000'000}))
        ->capture_default_str();
    command
        ->add_option("--cold-rounds", options->rounds.cold_rounds,
                     "Orders that are timed after the caches were walked through")
        ->check(CLI::Range(std::size_t{0}, std::size_t{1'000'000}))
        ->capture_default_str();
    command
        ->add_option("--warm-up", options->rounds.warm_up,
                     "Orders before that, of which the first ten are told as the first pass")
        ->check(CLI::Range(std::size_t{10}, std::size_t{1'000'000}))
        ->capture_default_str();
    command
        ->add_option("--period-ms", options->rounds.period_ms,
                     "An order so often; the venues' budgets allow no more than one in 90 ms")
        ->check(CLI::Range(std::int64_t{90}, std::int64_t{60'000}))
        ->capture_default_str();
    command->add_option(
        "--venues", options->venues,
        "Two emulated spot venues whose orders go by websocket: where to buy, where to sell (A,B)");
    command->add_option("--cores", options->cores,
                        "Processors of the engine's thread and of the venues', such as 2,3");
    command->add_option(
        "--live-feed", options->live_feed,
        "Measure this paper configuration's feeds instead (.toml): venue's time to ours, socket to decision");
    command->add_option("--seconds", options->seconds, "With --live-feed: for so long")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{86'400}))
        ->capture_default_str();
    command->add_flag("--unsafe-endpoint", options->unsafe_endpoint,
                      "With --live-feed: allow [venue.*] endpoint, another host in a venue's place");
    command->add_option("--output", options->output, "text or json")
        ->check(CLI::IsMember(std::vector<std::string>{"text", "json"}));
    command->add_option("--report", options->html, "Write a self-contained page (.html)");
    command->add_option("--hgrm", options->hgrm,
                        "Write each distribution there as HdrHistogram prints it (.hgrm)");
    command->add_flag("--quiet", options->quiet, "No lines about what is going on");
    return {command, [options] { return run_latency(*options); }};
}

}  // namespace arb
