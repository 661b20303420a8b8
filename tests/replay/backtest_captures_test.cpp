// Backtests over real recordings: how often two venues crossed, what was left after fees, exact sums, and
// golden decision hashes that every build must give.
#include "engine/report/findings.hpp"
#include "tests/replay/support.hpp"

namespace arb {
namespace {

class BacktestCaptures : public test::CaptureTest {
  protected:
    std::vector<std::string> link() { return {import_link("bnc"), import_link("hb")}; }
};

const std::string kLinkConfig = (test::source_folder() / "config/link_usdt.toml").string();

void expect_link_crossings(const RunResult& result)
{
    ASSERT_EQ(result.crossings.size(), 2U);
    for (const CrossingSummary& crossing : result.crossings) {
        EXPECT_EQ(crossing.instants, crossing.sell_venue == "bnc" ? 670U : 669U) << crossing.sell_venue;
        // 8.03 bps when rounded, and the other way round less.
        const std::int64_t hundredths = (crossing.max_edge.units + 50) / 100;
        EXPECT_EQ(hundredths, crossing.sell_venue == "bnc" ? 803 : 437) << crossing.sell_venue;
    }
}

TEST_F(BacktestCaptures, link_earns_nothing_at_ordinary_fees_and_says_why)
{
    const RunResult result = test::backtest_of(test::request_of(load_config(kLinkConfig), link()));
    expect_link_crossings(result);
    EXPECT_EQ(result.packages_total, 0U);
    EXPECT_EQ(result.fills_total, 0U);
    EXPECT_EQ(result.waterfall.realised, Amount{});
    test::expect_exact_sums(result);
    const std::vector<std::string> conclusion = conclude(result, find(result));
    ASSERT_FALSE(conclusion.empty());
    EXPECT_EQ(
        conclusion[0],
        "1,339 crossings, none paid its fees: the widest was 8.03 bps, both legs' taker fees are 20.00 bps.");
}

TEST_F(BacktestCaptures, link_at_low_fees_sums_exactly_and_replays)
{
    std::string text = read_text_file(kLinkConfig);
    const std::string ordinary = "fee_bps = \"10\"";
    std::size_t replaced = 0;
    for (std::size_t place; (place = text.find(ordinary)) != std::string::npos; ++replaced)
        text.replace(place, ordinary.size(), "fee_bps = \"0.5\"");
    ASSERT_EQ(replaced, 4U);
    BacktestRequest request = test::request_of(parse_config(text, "low.toml"), link());
    request.record_path = at("session.arb");
    const RunResult result = test::backtest_of(request);
    expect_link_crossings(result);
    test::expect_exact_sums(result);
    EXPECT_EQ(result.packages_total, 255U);
    EXPECT_EQ(result.fills_total, 613U);
    EXPECT_EQ(result.waterfall.realised, test::money("24.319992579055"));
    EXPECT_EQ(result.decision_hash, 0x70a755e3d5f8ec64U);
    const ReplayOutcome replayed = test::replay_of(request.record_path);
    EXPECT_FALSE(replayed.differs) << replayed.expected << "\n" << replayed.got;
    EXPECT_TRUE(replayed.troubles.empty());
    EXPECT_EQ(replayed.decisions, 1'636U);
    EXPECT_EQ(replayed.decision_hash, result.decision_hash);
}

TEST_F(BacktestCaptures, binance_basis_is_no_free_gap)
{
    const std::string config = (test::source_folder() / "config/binance_basis.toml").string();
    const RunResult result = test::backtest_of(test::request_of(
        load_config(config), {import_binance("spot", "btcusdt"), import_binance("usdm", "btcusdt"),
                              import_binance("coinm", "btcusd_perp")}));
    ASSERT_EQ(result.crossings.size(), 2U);
    // The recordings end 166 ms apart: they are compared as long as both run.
    EXPECT_EQ(result.crossings[0].instants + result.crossings[1].instants, 9'978U);
    EXPECT_EQ(result.packages_total, 0U);
    test::expect_exact_sums(result);
    EXPECT_EQ(result.decision_hash, 0x2b10dbfa008b9b4bU);
}

}  // namespace
}  // namespace arb
