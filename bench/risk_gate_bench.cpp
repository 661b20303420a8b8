// What the risk gate costs a package: both legs judged with every limit set, reserved, and released again;
// with 2, 100 and 10,000 listings, with none and with 200 other orders out. It must not depend on either: a
// strategy that watches more markets is not slower in each. Prints Google Benchmark's lines.
#include <memory>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "tests/support/trading_world.hpp"

namespace {

using namespace arb;
using namespace arb::test;

struct Stage {
    explicit Stage(std::int64_t listings)
    {
        std::vector<Spec> specs;
        for (const char* venue : {"hb", "kc"}) {
            for (std::int64_t i = 0; i < listings / 2; ++i) {
                Spec spec{.venue = venue};
                spec.base = fmt::format("COIN{}", i);
                specs.push_back(spec);
            }
        }
        world = std::make_unique<World>(specs);
        const auto second = static_cast<std::size_t>(listings / 2);
        for (const std::size_t venue : {0U, 1U}) {
            world->start_with(venue, "USDT", "100000000");
            world->start_with(venue, "COIN0", "1000000");
        }
        world->book(0, {{"27.08", "100"}}, {{"27.10", "100"}});
        world->book(second, {{"27.20", "100"}}, {{"27.30", "100"}});
        RiskLimits limits = wide_limits();
        limits.orders_per_second = 4000;
        limits.instrument_max = limits.venue_max = limits.gross_max = limits.loss_day_max =
            money("1000000000");
        gate =
            std::make_unique<RiskGate>(world->markets, world->portfolio, limits, world->fees);
        package = package_of(*world, 0, "27.10", second, "27.20", "1");
    }
    std::unique_ptr<World> world;
    std::unique_ptr<RiskGate> gate;
    Package package;
};

void approve(benchmark::State& state)
{
    Stage stage(state.range(0));
    RiskReason reason = RiskReason::none;
    Timestamp now = kStart;
    for (std::int64_t i = 0; i < state.range(1) / 2; ++i) {
        if (!stage.gate->approve(stage.package, now, reason)) state.SkipWithError(name(reason));
        now = now + milliseconds(1);
    }
    for (auto _ : state) {
        now = now + milliseconds(1);
        const auto orders = stage.gate->approve(stage.package, now, reason);
        if (!orders) {
            state.SkipWithError(name(reason));
            break;
        }
        stage.gate->on_done(orders->id(0));
        stage.gate->on_done(orders->id(1));
        benchmark::DoNotOptimize(orders);
    }
}

BENCHMARK(approve)->ArgNames({"listings", "orders_out"})->ArgsProduct({{2, 100, 10'000}, {0, 200}});

}  // namespace

BENCHMARK_MAIN();
