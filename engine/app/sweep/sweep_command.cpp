#include "engine/app/sweep/sweep_command.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/sweep/sweep_plan.hpp"
#include "engine/app/sweep/sweep_results.hpp"
#include "engine/app/sweep/sweep_run.hpp"

namespace arb {
namespace {

struct SweepOptions {
    std::string config;
    std::vector<std::string> recordings;
    std::vector<std::string> sets;
    std::string out = "arbiter-sweep";
    std::string output = "table";
    std::size_t most = 1000;
    unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
};

constexpr const char* kExamples =
    "The ranges stand in the configuration, all combinations of them are run:\n"
    "  [sweep]\n"
    "  \"strategy.cross_venue.min_edge_bps\" = { from = \"0.5\", to = \"3\", step = \"0.5\" }\n"
    "  \"venue.*.order_latency_us\" = [500, 2000, 5000]\n"
    "Examples:\n"
    "  arbiter sweep config/sweep.toml config/sample.arb\n"
    "  arbiter sweep my.toml monday.arb tuesday.arb --out week --jobs 4\n"
    "  arbiter sweep my.toml monday.arb --set risk.order_max_quote=500 --out small\n"
    "Results are kept in --out as they come; the same command again goes on where it was.";

// What is missing is checked, then run and kept line by line.
void run_missing(const SweepOptions& options, const SweepPlan& plan, SweepResults& results)
{
    std::set<std::size_t> there;
    for (const SweepRow& row : results.rows()) there.insert(row.variant);
    SweepWork work;
    work.plan = &plan;
    work.recordings = options.recordings;
    work.plugins = plugins();
    for (std::size_t variant = 0; variant < plan.variants; ++variant) {
        if (there.count(variant) == 0) work.variants.push_back(variant);
    }
    work.jobs = static_cast<unsigned>(std::min<std::size_t>(options.jobs, work.variants.size()));
    if (!there.empty())
        fmt::print(stderr, "{}: {} of {} variants are there\n", results.path(), there.size(), plan.variants);
    check_variants(work);
    run_variants(work, [&](SweepRow row) { results.add(std::move(row)); });
}

ExitCode run_sweep(const SweepOptions& options)
{
    const SweepPlan plan = read_sweep_plan(options.config, options.sets, options.most);
    const EngineConfig config = plan.config(0);
    SweepReport report;
    report.title = config.name;
    report.quote = config.quote;
    report.inputs = options.recordings;
    report.ranges = plan.ranges;
    for (const TomlOverride& said : plan.fixed) report.fixed.emplace_back(said.key, said.text);
    const SweepIdentity identity{build_text(), plan.hash(), hash_of_recordings(options.recordings)};
    SweepResults results(options.out, identity, plan.ranges, plan.variants);
    run_missing(options, plan, results);
    report.rows = results.rows();
    sort_sweep(report.rows);
    write_file(options.out + "/sweep.csv", sweep_csv(report));
    write_file(options.out + "/sweep.html", sweep_html(report));
    fmt::print("{}", options.output == "json" ? sweep_json(report) : sweep_text(report, colour_wanted()));
    fmt::print(stderr, "report: {0}/sweep.html, {0}/sweep.csv\n", options.out);
    // Every variant reads the same files, so it is told once what is wrong with them.
    const std::string& trouble = report.rows.front().trouble;
    return trouble.empty() ? ExitCode::ok : report_troubles({{ExitCode::data, trouble}});
}

}  // namespace

Command add_sweep(CLI::App& app)
{
    auto options = std::make_shared<SweepOptions>();
    CLI::App* command =
        app.add_subcommand("sweep", "Backtest a configuration with many values, and compare what they made");
    command->add_option("config", options->config, "Configuration with a [sweep] table (.toml)")->required();
    command->add_option("recordings", options->recordings, "Recordings (.arb)")->required();
    command
        ->add_option("--set", options->sets,
                     "KEY=VALUE: this value in all variants (strategy.cross_venue.min_edge_bps=2)")
        ->allow_extra_args(false);
    command->add_option("--out", options->out, "Folder of the results")->capture_default_str();
    command->add_option("--jobs", options->jobs, "Runs at a time; each decodes the recordings once")
        ->check(CLI::Range(1U, 1024U))
        ->capture_default_str();
    command->add_option("--most", options->most, "Refuse more variants than this")->capture_default_str();
    command->add_option("--output", options->output, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
    command->footer(kExamples);
    return {command, [options] { return run_sweep(*options); }};
}

}  // namespace arb
