// What every strategy promises: settings that it does not like are refused by StartError and nothing else,
// and equal inputs give equal proposals.
#include <gtest/gtest.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/sim/backtest.hpp"
#include "tests/support/trading_world.hpp"

namespace arb {
namespace {

class StrategyContract : public testing::TestWithParam<const StrategyType*> {
  protected:
    Settings settings(std::vector<SettingValue> values = {}) const
    {
        return Settings("strategy." + std::string(GetParam()->name), "test.toml:1:1", std::move(values));
    }
};

TEST_P(StrategyContract, is_made_from_empty_settings_or_says_what_is_missing)
{
    const test::World world({{.venue = "hb"}, {.venue = "kc"}});
    Settings none = settings();
    try {
        EXPECT_NE(GetParam()->make(none, world.markets), nullptr);
    } catch (const StartError& error) {
        EXPECT_EQ(std::string(error.what()).find("test.toml:1:1"), 0U) << error.what();
    }
}

TEST_P(StrategyContract, refuses_a_key_that_it_does_not_know)
{
    const test::World world({{.venue = "hb"}, {.venue = "kc"}});
    Settings unknown = settings({{"no_such_key", {"1"}, false, "test.toml:2:3"}});
    try {
        (void)GetParam()->make(unknown, world.markets);
        unknown.finish();  // as the engine does, once the strategy has asked for what it knows
        ADD_FAILURE() << "was accepted";
    } catch (const StartError& error) {
        EXPECT_EQ(error.code(), ExitCode::usage);
        EXPECT_NE(std::string(error.what()).find("test.toml:"), std::string::npos) << error.what();
    }
}

RunResult sample_run(Settings settings)
{
    const std::string folder = std::string(ARBITER_SOURCE_DIR) + "/config/";
    BacktestRequest request;
    request.config = load_config(folder + "backtest.toml");
    request.config.strategies = {std::move(settings)};
    request.recordings = {folder + "sample.arb"};
    request.plugins = plugins();
    return run_backtest(request).result;
}

TEST_P(StrategyContract, proposes_the_same_to_the_same_inputs)
{
    const RunResult first = sample_run(settings()), second = sample_run(settings());
    EXPECT_EQ(first.decision_hash, second.decision_hash);
    EXPECT_EQ(first.packages_total, second.packages_total);
    EXPECT_EQ(first.fills_total, second.fills_total);
    EXPECT_EQ(first.waterfall.realised, second.waterfall.realised);
    EXPECT_GT(first.opportunities_total, 0U);
}

INSTANTIATE_TEST_SUITE_P(Every, StrategyContract,
                         testing::ValuesIn(plugins().strategies.begin(), plugins().strategies.end()),
                         [](const auto& instance) { return std::string(instance.param->name); });

}  // namespace
}  // namespace arb
