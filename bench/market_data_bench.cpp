// frame -> facts -> valid book, per venue on real frames, beside the floors in the same run: simdjson's bare
// walk of the same frames (every key visited, every value read as text; "walk raw" only looks at where values
// stand) and memcpy. Prints Google Benchmark's lines and then one table of ratios. A run without the captures
// uses the sample that the project ships.
#include <cstring>
#include <filesystem>
#include <map>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "bench/feed.hpp"
#include "engine/venue/json_floor.hpp"

namespace {

using namespace arb;
using namespace arb::bench;

void bench_walk(benchmark::State& state, const Feed* feed, JsonWalk how)
{
    JsonWalker walker;
    std::uint64_t sum = 0;
    for (auto _ : state) {
        for (std::size_t i = feed->timed_from(); i < feed->items().size(); ++i)
            sum += walker.walk(feed->text(feed->items()[i]), how);
        benchmark::DoNotOptimize(sum);
    }
}

void bench_memcpy(benchmark::State& state, const Feed* feed)
{
    std::vector<char> to(16 << 20);
    for (auto _ : state) {
        for (std::size_t i = feed->timed_from(); i < feed->items().size(); ++i) {
            const PaddedText text = feed->text(feed->items()[i]);
            std::memcpy(to.data(), text.data, std::min(text.size, to.size()));
            benchmark::DoNotOptimize(to.data());
            benchmark::ClobberMemory();
        }
    }
}

void bench_pipe(benchmark::State& state, const Feed* feed, bool with_books)
{
    Pipe pipe(feed->table(), with_books);
    for (auto _ : state) {
        state.PauseTiming();
        pipe.restart();
        for (std::size_t i = 0; i < feed->timed_from(); ++i)
            pipe.feed(feed->items()[i], feed->text(feed->items()[i]));
        state.ResumeTiming();
        for (std::size_t i = feed->timed_from(); i < feed->items().size(); ++i) {
            pipe.feed(feed->items()[i], feed->text(feed->items()[i]));
        }
    }
    if (pipe.undecoded != 0 || (with_books && !pipe.all_valid())) state.SkipWithError("books are not valid");
}

// Keeps the medians of each benchmark for the table of ratios.
class Medians : public benchmark::ConsoleReporter {
  public:
    void ReportRuns(const std::vector<Run>& runs) override
    {
        ConsoleReporter::ReportRuns(runs);
        for (const Run& run : runs) {
            if (run.aggregate_name != "median") continue;
            const std::string name = run.run_name.function_name;
            ns[name] = run.GetAdjustedCPUTime();
        }
    }
    std::map<std::string, double> ns;
};

struct Entry {
    std::string name;
    std::unique_ptr<Feed> feed;
};

std::vector<Entry> load_feeds()
{
    std::vector<Entry> entries;
    const std::string data = data_folder();
    if (data.empty()) {
        fmt::print("the captures are not here (ARBITER_DATA): measuring the shipped sample instead\n");
        entries.push_back({"sample", Feed::load(ARBITER_SOURCE_DIR "/config/sample.arb")});
        return entries;
    }
    for (const char* name :
         {"coinbase", "okx", "bybit", "kraken_v2_enveloped", "binance", "binance_usdm", "binance_coinm"}) {
        entries.push_back(
            {name, Feed::load(fmt::format("{}/captures/{}.jsonl.zst", data, name), "cryptofeed")});
    }
    for (const char* market : {"spot", "usdm", "coinm"}) {
        const std::string symbol = std::string(market) == "coinm" ? "btcusd_perp" : "btcusdt";
        const std::string path =
            fmt::format("{}/multi_venue/binance_{}_{}_20240808.txt.zst", data, market, symbol);
        entries.push_back({fmt::format("20240808_{}", market), Feed::load(path, "hftbacktest-raw", market)});
    }
    return entries;
}

}  // namespace

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    const std::vector<Entry> entries = load_feeds();
    for (const Entry& entry : entries) {
        const Feed* feed = entry.feed.get();
        const auto add = [&](const char* what, auto&& body) {
            benchmark::RegisterBenchmark(fmt::format("{}/{}", entry.name, what).c_str(), body)
                ->Repetitions(7)
                ->ReportAggregatesOnly()
                ->Unit(benchmark::kMicrosecond);
        };
        add("memcpy", [feed](benchmark::State& s) { bench_memcpy(s, feed); });
        add("walk", [feed](benchmark::State& s) { bench_walk(s, feed, JsonWalk::values); });
        add("walk_raw", [feed](benchmark::State& s) { bench_walk(s, feed, JsonWalk::outlines); });
        add("decode", [feed](benchmark::State& s) { bench_pipe(s, feed, false); });
        add("book", [feed](benchmark::State& s) { bench_pipe(s, feed, true); });
    }
    Medians medians;
    benchmark::RunSpecifiedBenchmarks(&medians);
    fmt::print("\n{:<20}{:>8}{:>8}{:>8}{:>10}{:>8}{:>8}{:>8}{:>13}{:>11}\n", "ns a frame, median", "frames",
               "bytes", "memcpy", "walk raw", "walk", "decode", "book", "decode/walk", "book/walk");
    for (const Entry& entry : entries) {
        const auto frames = static_cast<double>(entry.feed->timed_frames());
        const auto ns = [&](const char* what) {
            return medians.ns[entry.name + "/" + what] * 1000.0 / frames;
        };
        if (ns("walk") == 0.0) continue;
        fmt::print("{:<20}{:>8}{:>8}{:>8.1f}{:>10.1f}{:>8.1f}{:>8.1f}{:>8.1f}{:>13.2f}{:>11.2f}\n",
                   entry.name, entry.feed->timed_frames(),
                   entry.feed->timed_bytes() / entry.feed->timed_frames(), ns("memcpy"), ns("walk_raw"),
                   ns("walk"), ns("decode"), ns("book"), ns("decode") / ns("walk"), ns("book") / ns("walk"));
    }
    return 0;
}
