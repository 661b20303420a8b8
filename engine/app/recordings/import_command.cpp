// arbiter import: others' recordings to ours.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/recordings/progress.hpp"
#include "engine/app/recordings/recording_commands.hpp"
#include "engine/app/recordings/venue_directory.hpp"
#include "engine/journal/import.hpp"

namespace arb {
namespace {

struct ImportOptions {
    ImportRequest request;
    std::string instruments;
};

ExitCode run_import(ImportOptions& options)
{
    ImportRequest& request = options.request;
    request.build = build_text();
    if (!options.instruments.empty()) request.instruments = load_instruments(options.instruments);
    const ConnectorDirectory directory(plugins().connectors);
    Progress progress("import");
    request.progress = [&](std::uint64_t done, std::uint64_t total, std::uint64_t records) {
        progress.update(done, total, records);
    };
    const Result<ImportSummary> summary = run_import(request, directory);
    if (!summary) return report_troubles({summary.error()});
    const std::uint64_t ms = progress.elapsed_ns() / 1'000'000;
    fmt::print("{}: {} records ({} frames), {} bytes, {} ms\n", request.output, summary->records,
               summary->frames, summary->bytes, ms);
    for (const auto& venue : summary->venues) {
        for (const ListingDefinition& d : venue.definitions) {
            fmt::print("  {:<16} {:<18} {:<18} tick {} lot {}{}{}\n", venue.key.label(), d.instrument_name(),
                       d.symbol, d.tick.text(), d.lot.text(), d.inferred ? "  (learnt from the data)" : "",
                       d.status == ListingStatus::halted ? "  (halted: it does not trade)" : "");
        }
    }
    for (const std::string& note : summary->notes) fmt::print("  note: {}\n", note);
    return ExitCode::ok;
}

}  // namespace

Command add_import(CLI::App& app)
{
    auto options = std::make_shared<ImportOptions>();
    CLI::App* command = app.add_subcommand("import", "Turn others' recordings into an Arbiter recording");
    command->add_option("--from", options->request.format, "Format of the inputs")
        ->required()
        ->check(CLI::IsMember(import_formats()));
    command->add_option("inputs", options->request.inputs, "Input files (plain, gzip or zstd)")->required();
    command->add_option("-o,--output", options->request.output, "Recording to write (.arb)")->required();
    command->add_option("--venue", options->request.venue, "Venue of the data (hftbacktest-raw, book-csv)");
    command->add_option("--market", options->request.market, "Its market, e.g. spot, usdm, coinm");
    command->add_option("--instrument", options->request.instrument, "BASE/QUOTE (book-csv)");
    command->add_option("--instruments", options->instruments, "TOML file of [[instrument]] rules");
    return {command, [options] { return run_import(*options); }};
}

}  // namespace arb
