// A whole backtest, from the file on disk to the last decision, on one core: read, decompress, check, decode,
// books, consolidated book, crossings, strategy, risk, simulated venues. On the three binance_*_20240808
// recordings where they are here, else on the shipped sample. Floors in the same run: reading the records
// alone, and simdjson-free memcpy of the same bytes. Prints frames a second and the process's peak memory.
#include <sys/resource.h>

#include <filesystem>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "bench/feed.hpp"
#include "engine/app/config/config_file.hpp"
#include "engine/app/recordings/venue_directory.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/journal/import.hpp"
#include "engine/sim/backtest.hpp"

namespace {

using namespace arb;
using namespace arb::bench;

struct Input {
    std::string config;
    std::vector<std::string> recordings;
};

Input make_input()
{
    const std::string data = data_folder();
    if (data.empty()) {
        fmt::print("the recordings are not here (ARBITER_DATA): measuring the shipped sample instead\n");
        return {ARBITER_SOURCE_DIR "/config/backtest.toml", {ARBITER_SOURCE_DIR "/config/sample.arb"}};
    }
    Input input{ARBITER_SOURCE_DIR "/config/binance_basis.toml", {}};
    for (const char* market : {"spot", "usdm", "coinm"}) {
        ImportRequest request;
        request.format = "hftbacktest-raw";
        const std::string symbol = std::string(market) == "coinm" ? "btcusd_perp" : "btcusdt";
        request.inputs = {fmt::format("{}/multi_venue/binance_{}_{}_20240808.txt.zst", data, market, symbol)};
        request.output =
            (std::filesystem::temp_directory_path() / fmt::format("arbiter_bench_{}.arb", market)).string();
        request.venue = "binance";
        request.market = market;
        (void)run_import(request, ConnectorDirectory(plugins().connectors)).take();
        input.recordings.push_back(request.output);
    }
    return input;
}

void bench_read(benchmark::State& state, const Input* input)
{
    std::uint64_t records = 0;
    for (auto _ : state) {
        records = 0;
        for (const std::string& path : input->recordings) {
            JournalReader reader = JournalReader::open(path).take();
            while (const Record* record = reader.next()) {
                benchmark::DoNotOptimize(record->text.data);
                ++records;
            }
        }
    }
    state.counters["frames/s"] =
        benchmark::Counter(static_cast<double>(records), benchmark::Counter::kIsIterationInvariantRate);
}

void bench_backtest(benchmark::State& state, const Input* input)
{
    std::uint64_t events = 0;
    for (auto _ : state) {
        BacktestRequest request;
        request.config = load_config(input->config);
        request.recordings = input->recordings;
        request.plugins = plugins();
        const BacktestOutcome outcome = run_backtest(request);
        events = outcome.result.events;
        benchmark::DoNotOptimize(outcome.result.decision_hash);
    }
    state.counters["frames/s"] =
        benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    const Input input = make_input();
    const auto add = [](const char* name, auto&& body) {
        benchmark::RegisterBenchmark(name, body)
            ->Repetitions(7)
            ->ReportAggregatesOnly()
            ->Unit(benchmark::kMillisecond);
    };
    add("read", [&](benchmark::State& s) { bench_read(s, &input); });
    add("backtest", [&](benchmark::State& s) { bench_backtest(s, &input); });
    benchmark::RunSpecifiedBenchmarks();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    fmt::print("peak memory of this process: {} MB\n", usage.ru_maxrss / 1024);
    if (!data_folder().empty()) {
        for (const std::string& path : input.recordings) std::filesystem::remove(path);
    }
    return 0;
}
