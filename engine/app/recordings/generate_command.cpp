// arbiter generate: an invented market in the venues' wire formats, for demonstrations and tests.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/recordings/recording_commands.hpp"
#include "engine/world/workload.hpp"

namespace arb {

Command add_generate(CLI::App& app)
{
    auto request = std::make_shared<WorkloadRequest>();
    CLI::App* command = app.add_subcommand("generate", "Invent a multi-venue recording from a seed");
    command->add_option("--seed", request->seed, "Equal seeds give equal recordings");
    command->add_option("--seconds", request->seconds, "Length of the market")->check(CLI::Range(1, 3600));
    command->add_option("--venues", request->venues,
                        "Venues, e.g. binance okx (all spot venues when left out)");
    command->add_option("-o,--output", request->output, "Recording to write (.arb)")->required();
    const auto run = [request] {
        request->build = build_text();
        const Result<Written> written = generate_recording(*request, plugins());
        if (!written) return report_troubles({written.error()});
        fmt::print("{}: {} records, {} bytes, seed {}\n", request->output, written->records, written->bytes,
                   request->seed);
        return ExitCode::ok;
    };
    return {command, run};
}

}  // namespace arb
