// What an update of one book costs, and a package's judgement, when ten venues list 1, 10, 100 or 1,000
// instruments each: nothing that grows with their number may be touched. `one_market`: updates of one
// instrument's ten books by turns, so that caches hold the same few lines whatever else is listed.
// `all_markets`: updates wander over everything, as a feed does; what it costs beyond the first is memory,
// not work. Prints Google Benchmark's lines.
#include <memory>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "engine/trading/crossing_monitor.hpp"
#include "tests/support/trading_world.hpp"

namespace {

using namespace arb;
using namespace arb::test;

constexpr std::size_t kVenues = 10;
constexpr std::int64_t kBookLevels = 25;

struct Scale {
    explicit Scale(std::size_t instruments_each) : instruments(instruments_each)
    {
        std::vector<Spec> specs;
        for (std::size_t v = 0; v < kVenues; ++v) {
            for (std::size_t i = 0; i < instruments; ++i) {
                Spec spec{.venue = fmt::format("v{}", v)};
                spec.base = fmt::format("COIN{}", i);
                specs.push_back(spec);
            }
        }
        world = std::make_unique<World>(specs);
        crossings = std::make_unique<CrossingMonitor>(world->markets, world->fees);
        TextLevels bids, asks;
        for (std::int64_t i = 0; i < kBookLevels; ++i) {
            bids.push_back({full_text(2'700 - i, 2), "10"});
            asks.push_back({full_text(2'701 + i, 2), "10"});
        }
        for (std::size_t l = 0; l < specs.size(); ++l) world->book(l, bids, asks);
    }
    /// One level of one book changes, and all that follows before strategies are asked.
    void update(std::size_t listing, std::uint64_t number)
    {
        const Level level{{2'690 + static_cast<std::int64_t>(number % 8)},
                          {static_cast<std::int64_t>(10 + number % 7)}};
        BookUpdate change;
        change.listing = static_cast<ListingId>(listing);
        change.receive_time = now = now + nanoseconds(1'000);
        change.bids = {&level, 1};
        world->markets.on_update(kNoConnection, change);
        for (const MarketId market : world->markets.changed()) crossings->observe(market, now);
        world->markets.clear_changed();
    }
    std::size_t listing(std::size_t venue, std::size_t instrument) const
    {
        return venue * instruments + instrument;
    }

    std::size_t instruments;
    std::unique_ptr<World> world;
    std::unique_ptr<CrossingMonitor> crossings;
    Timestamp now = kStart;
};

void one_market(benchmark::State& state)
{
    Scale scale(static_cast<std::size_t>(state.range(0)));
    std::uint64_t number = 0;
    for (auto _ : state) {
        scale.update(scale.listing(number % kVenues, scale.instruments / 2), number);
        ++number;
    }
}

void all_markets(benchmark::State& state)
{
    Scale scale(static_cast<std::size_t>(state.range(0)));
    std::uint64_t number = 0;
    for (auto _ : state) {
        scale.update(scale.listing(number % kVenues, number * 7'919 % scale.instruments), number);
        ++number;
    }
}

// Resident memory that books of so many listings take, by listing; beside the process without them.
void memory(benchmark::State& state)
{
    for (auto _ : state) {
        const auto resident = [] {
            long pages = 0, mine = 0;
            std::FILE* const file = std::fopen("/proc/self/statm", "r");
            if (file != nullptr) {
                if (std::fscanf(file, "%ld %ld", &pages, &mine) != 2) mine = 0;
                std::fclose(file);
            }
            return static_cast<std::int64_t>(mine) * 4096;
        };
        const std::int64_t before = resident();
        const Scale scale(static_cast<std::size_t>(state.range(0)));
        const std::int64_t taken = resident() - before;
        state.counters["bytes_a_listing"] =
            static_cast<double>(taken / (state.range(0) * static_cast<std::int64_t>(kVenues)));
    }
}

BENCHMARK(one_market)->ArgName("instruments")->Arg(1)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK(all_markets)->ArgName("instruments")->Arg(1)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK(memory)->ArgName("instruments")->Arg(1000)->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
