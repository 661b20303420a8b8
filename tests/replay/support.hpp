#pragma once
// What the replay tests share: the folder of real captures (or none), imports into a folder of the running
// test, and the sums that every run must keep. Only for tests, one thread; amounts are exact.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/app/config/config_file.hpp"
#include "engine/app/recordings/audit.hpp"
#include "engine/app/recordings/venue_directory.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/sim/backtest.hpp"
#include "engine/sim/replay.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/trading_world.hpp"

namespace arb::test {

inline std::filesystem::path source_folder()
{
    return ARBITER_SOURCE_DIR;
}

/// Where the captures are: ARBITER_DATA, else beside the project.
inline std::filesystem::path data_folder()
{
    const char* given = std::getenv("ARBITER_DATA");
    return given != nullptr ? std::filesystem::path(given) : source_folder() / "../shared/data";
}

/// A test with a fresh folder of its own, removed with it.
class FolderTest : public testing::Test {
  protected:
    std::string at(const std::string& name) const { return folder_.at(name); }

  private:
    TemporaryFolder folder_;
};

/// Skipped, with the reason, where there are no captures.
class CaptureTest : public FolderTest {
  protected:
    void SetUp() override
    {
        if (!std::filesystem::is_directory(data_folder())) {
            GTEST_SKIP() << "no captures at " << data_folder().string()
                         << "; set ARBITER_DATA to their folder to run this test";
        }
    }

    /// Imports one file of the captures and gives the recording's path.
    std::string import(const std::string& file, ImportRequest request)
    {
        request.inputs = {(data_folder() / file).string()};
        request.output = at(std::filesystem::path(file).filename().string() + ".arb");
        request.build = "test";
        request.progress = [](std::uint64_t, std::uint64_t, std::uint64_t) {};
        const ConnectorDirectory directory(plugins().connectors);
        const Result<ImportSummary> summary = run_import(request, directory);
        EXPECT_TRUE(static_cast<bool>(summary)) << (summary ? "" : summary.error().message);
        return request.output;
    }
    std::string import_capture(const std::string& name)
    {
        ImportRequest request;
        request.format = "cryptofeed";
        return import("captures/" + name + ".jsonl.zst", request);
    }
    std::string import_binance(const std::string& market, const std::string& symbol)
    {
        ImportRequest request;
        request.format = "hftbacktest-raw";
        request.venue = "binance";
        request.market = market;
        return import("multi_venue/binance_" + market + "_" + symbol + "_20240808.txt.zst", request);
    }
    std::string import_link(const std::string& venue)
    {
        ImportRequest request;
        request.format = "book-csv";
        request.venue = venue;
        request.instrument = "LINK/USDT";
        return import("multi_venue/link_usdt_2021-08-20_" + venue + ".csv.zst", request);
    }
};

inline AuditResult audit_of(const std::vector<std::string>& recordings)
{
    AuditOutcome outcome =
        run_audit(recordings, plugins(), [](std::uint64_t, std::uint64_t, std::uint64_t) {});
    for (const Error& trouble : outcome.troubles) ADD_FAILURE() << trouble.message;
    return std::move(outcome.result);
}

inline BacktestRequest request_of(EngineConfig config, std::vector<std::string> recordings)
{
    BacktestRequest request;
    request.config = std::move(config);
    request.recordings = std::move(recordings);
    request.plugins = plugins();
    request.build = "test";
    request.progress = [](std::uint64_t, std::uint64_t, std::uint64_t) {};
    return request;
}

inline RunResult backtest_of(const BacktestRequest& request)
{
    BacktestOutcome outcome = run_backtest(request);
    for (const Error& trouble : outcome.troubles) ADD_FAILURE() << trouble.message;
    return std::move(outcome.result);
}

inline ReplayOutcome replay_of(const std::string& session)
{
    const JournalReader reader = JournalReader::open(session).take();
    return run_replay(request_of(parse_config(reader.header().config_text, session), {session}));
}

/// Every package and the total sum exactly; every balance is its start plus its own fills less its fees.
inline void expect_exact_sums(const RunResult& result)
{
    Waterfall sum;
    for (const PackageRow& package : result.packages) {
        EXPECT_EQ(package.waterfall.sum(), package.waterfall.realised) << package.id;
        sum += package.waterfall;
    }
    EXPECT_EQ(result.packages.size(), result.packages_total);
    EXPECT_EQ(sum.quoted, result.waterfall.quoted);
    EXPECT_EQ(sum.depth, result.waterfall.depth);
    EXPECT_EQ(sum.fees, result.waterfall.fees);
    EXPECT_EQ(sum.latency, result.waterfall.latency);
    EXPECT_EQ(sum.unwind, result.waterfall.unwind);
    EXPECT_EQ(sum.realised, result.waterfall.realised);
    EXPECT_EQ(result.waterfall.sum(), result.waterfall.realised);
    ASSERT_FALSE(result.balances.empty());
    EXPECT_EQ(result.fills.size(), result.fills_total);
    std::map<std::pair<std::string, std::string>, std::pair<Amount, Amount>> counted;  // fills, fees
    for (const FillRow& fill : result.fills) {
        const bool buy = fill.side == Side::buy;
        auto& quote = counted[{fill.venue, result.quote}];
        quote.first += buy ? -fill.notional : fill.notional;
        quote.second += fill.fee;
        const std::string base = fill.instrument.substr(0, fill.instrument.find('/'));
        counted[{fill.venue, base}].first += buy ? money(fill.quantity) : -money(fill.quantity);
    }
    for (const BalanceRow& row : result.balances) {
        const auto& [fills, fees] = counted[{row.venue, row.asset}];
        EXPECT_EQ(row.fills, fills) << row.venue << " " << row.asset;
        EXPECT_EQ(row.fees, fees) << row.venue << " " << row.asset;
        EXPECT_EQ(row.end, row.start + fills - fees) << row.venue << " " << row.asset;
    }
}

}  // namespace arb::test
