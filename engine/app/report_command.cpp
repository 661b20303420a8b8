// arbiter report: what did the ledger of a session, or of all of them, record? arbiter why: of one package?
#include <sys/stat.h>

#include <charconv>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/commands.hpp"
#include "engine/report/ledger.hpp"
#include "engine/report/ledger_csv.hpp"
#include "engine/report/ledger_reader.hpp"
#include "engine/report/ledger_report.hpp"
#include "engine/report/package_story.hpp"

namespace arb {
namespace {

const std::map<std::string, LedgerCsv> kExports{{"csv-fills", LedgerCsv::fills},
                                                {"csv-orders", LedgerCsv::orders},
                                                {"csv-packages", LedgerCsv::packages},
                                                {"csv-balances", LedgerCsv::balances},
                                                {"csv-keys", LedgerCsv::keys}};

struct ReportOptions {
    std::string path;
    std::string output = "table";
    std::string html;
    std::string run = "last";
    std::string quote;
};

/// The file itself, or the one inside a state directory.
std::string ledger_path(const std::string& path)
{
    struct stat status {};
    const bool folder = ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    const std::string file = folder ? path + "/" + kLedgerFile : path;
    if (::stat(file.c_str(), &status) == 0) return file;
    throw StartError(
        ExitCode::usage,
        folder ? fmt::format("{}: there is no {} in this directory; has a run been here?", path, kLedgerFile)
               : fmt::format("{}: there is no such file or directory", path));
}

LedgerRuns runs_of(const std::string& text)
{
    if (text == "all") return LedgerRuns::all();
    if (text == "last") return LedgerRuns::last();
    std::uint32_t epoch = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), epoch);
    if (error != std::errc{} || end != text.data() + text.size())
        throw StartError(ExitCode::usage, fmt::format("--run {}: give a run's number, last or all", text));
    return LedgerRuns::one(epoch);
}

ExitCode run_report(const ReportOptions& options)
{
    LedgerReader reader = LedgerReader::open(ledger_path(options.path)).take();
    const LedgerRuns runs = runs_of(options.run);
    const std::vector<std::string> modes = reader.modes().take();
    if (runs.which == LedgerRuns::Which::all && modes.size() > 1) {
        throw StartError(ExitCode::usage,
                         fmt::format("{}: it holds runs in modes {}, which are never added together; give "
                                     "--run and a run's number",
                                     options.path, fmt::join(modes, " and ")));
    }
    const auto exported = kExports.find(options.output);
    if (exported != kExports.end()) {
        const auto error = ledger_csv(reader, runs, exported->second, [](std::string_view line) {
            std::fwrite(line.data(), 1, line.size(), stdout);
        });
        if (error) throw StartError(*error);
        if (options.html.empty()) return ExitCode::ok;
    }
    const LedgerReport report = reader.report(runs, options.quote).take();
    if (exported == kExports.end()) {
        const std::string text =
            options.output == "json" ? ledger_json(report) : ledger_text(report, colour_wanted());
        fmt::print("{}", text);
    }
    if (!options.html.empty()) {
        write_file(options.html, ledger_html(report));
        fmt::print(stderr, "report: {}\n", options.html);
    }
    return ExitCode::ok;
}

struct WhyOptions {
    std::string what;
    std::string path = "arbiter-state";
    std::string run = "all";
};

ExitCode tell_why(const WhyOptions& options)
{
    LedgerReader reader = LedgerReader::open(ledger_path(options.path)).take();
    fmt::print("{}", package_story(reader, runs_of(options.run), options.what, colour_wanted()).take());
    return ExitCode::ok;
}

}  // namespace

Command add_why(CLI::App& app)
{
    auto options = std::make_shared<WhyOptions>();
    CLI::App* command = app.add_subcommand("why", "One package's story: edge, orders, fills, end");
    command
        ->add_option("what", options->what,
                     "A package's number, or an order's id (ours or the venue's), or a trade's")
        ->required();
    command->add_option("ledger", options->path,
                        "Ledger file, or the state directory it is in; default: arbiter-state");
    command->add_option("--run", options->run, "A run's number, last or all (default)");
    return {command, [options] { return tell_why(*options); }};
}

Command add_report(CLI::App& app)
{
    auto options = std::make_shared<ReportOptions>();
    CLI::App* command = app.add_subcommand("report", "Profit, accounts, fees and flags from a ledger");
    command->add_option("ledger", options->path, "Ledger file, or the state directory it is in")->required();
    std::vector<std::string> outputs{"table", "json"};
    for (const auto& [name, what] : kExports) outputs.push_back(name);
    command
        ->add_option("--output", options->output,
                     "table, json, or csv-fills, csv-orders, csv-packages, "
                     "csv-balances, csv-keys")
        ->check(CLI::IsMember(outputs));
    command->add_option("--html", options->html, "Write a self-contained HTML page here");
    command->add_option("--run", options->run, "A run's number, last (default) or all");
    command->add_option("--quote", options->quote, "Reporting currency; default: the one most used");
    return {command, [options] { return run_report(*options); }};
}

}  // namespace arb
