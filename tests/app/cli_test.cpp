// The commands as a shell sees them: arguments in, one JSON object or a message out, and the exit code.
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/recordings/recording_commands.hpp"
#include "engine/app/shell/command.hpp"
#include "tests/support/temporary_folder.hpp"

namespace arb {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kConfigs = fs::path(ARBITER_SOURCE_DIR) / "config";
const std::string kSample = (kConfigs / "sample.arb").string();
const std::string kConfig = (kConfigs / "backtest.toml").string();

struct Ran {
    int code = -1;
    std::string out, err;
};

int run_captured(const std::vector<std::string>& arguments)
{
    CLI::App app{"test", "arbiter"};
    app.require_subcommand(1);
    const Command commands[] = {add_import(app), add_audit(app), add_backtest(app), add_replay(app),
                                add_generate(app)};
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        app.parse(std::move(reversed));
        for (const Command& command : commands) {
            if (command.app->parsed()) return static_cast<int>(command.run());
        }
    } catch (const CLI::ParseError&) {
        return static_cast<int>(ExitCode::usage);
    } catch (const StartError& error) {
        fprintf(stderr, "arbiter: %s\n", error.what());
        return static_cast<int>(error.code());
    }
    return static_cast<int>(ExitCode::internal);
}

Ran run(const std::vector<std::string>& arguments)
{
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Ran ran;
    ran.code = run_captured(arguments);
    ran.out = testing::internal::GetCapturedStdout();
    ran.err = testing::internal::GetCapturedStderr();
    return ran;
}

class Cli : public testing::Test {
  protected:
    std::string at(const std::string& name) const { return folder_.at(name); }
    std::string write(const std::string& name, const std::string& content) const
    {
        return folder_.write(name, content);
    }

  private:
    test::TemporaryFolder folder_;
};

Amount amount(const json& value)
{
    EXPECT_TRUE(value.is_string()) << value;
    const auto decimal = Decimal::parse(value.get<std::string>());
    EXPECT_TRUE(decimal.has_value()) << value;
    return decimal ? amount_of(*decimal).value_or(Amount{}) : Amount{};
}

void expect_keys(const json& object, const std::vector<std::string>& keys)
{
    for (const std::string& key : keys) EXPECT_TRUE(object.contains(key)) << key;
}

TEST_F(Cli, audit_prints_one_object)
{
    const Ran ran = run({"audit", kSample, "--output", "json"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    const json object = json::parse(ran.out);
    expect_keys(object, {"frames", "span_ns", "undecoded", "books"});
    EXPECT_EQ(object["frames"], 1677);
    ASSERT_EQ(object["books"].size(), 10U);
    for (const json& book : object["books"]) {
        expect_keys(book, {"venue", "market", "instrument", "symbol", "snapshots", "deltas", "gaps",
                           "resyncs", "checksums_ok", "checksums_bad", "crossed", "levels_bid", "levels_ask",
                           "best_bid", "best_ask", "valid"});
        EXPECT_LT(amount(book["best_bid"]), amount(book["best_ask"])) << book["symbol"];
        EXPECT_EQ(book["valid"], true);
    }
}

TEST_F(Cli, backtest_prints_one_object_that_adds_up)
{
    const Ran ran = run({"backtest", kConfig, kSample, "--output", "json", "--report", at("r.html"),
                         "--record", at("s.arb")});
    EXPECT_EQ(ran.code, 0) << ran.err;
    const json object = json::parse(ran.out);
    expect_keys(object, {"events", "events_per_second", "crossings", "packages", "fills", "waterfall",
                         "by_venue", "final_balances", "decision_hash"});
    ASSERT_FALSE(object["crossings"].empty());
    expect_keys(object["crossings"][0], {"instrument", "buy_venue", "sell_venue", "instants", "max_bps"});
    const json& waterfall = object["waterfall"];
    Amount sum;
    for (const char* part : {"quoted", "depth", "fees", "latency", "unwind"}) sum += amount(waterfall[part]);
    EXPECT_EQ(sum, amount(waterfall["realised"]));
    EXPECT_NE(sum, Amount{});
    for (const json& row : object["balances"]) {
        const Amount end = amount(row["start"]) + amount(row["fills"]) - amount(row["fees"]);
        EXPECT_EQ(end, amount(row["end"])) << row;
        const std::string venue = row["venue"], asset = row["asset"];
        EXPECT_EQ(object["final_balances"][venue][asset], row["end"]) << row;
    }
    EXPECT_GT(fs::file_size(at("r.html")), 10'000U);
    const Ran replayed = run({"replay", at("s.arb")});
    EXPECT_EQ(replayed.code, 0) << replayed.err;
    EXPECT_NE(replayed.out.find(object["decision_hash"].get<std::string>()), std::string::npos)
        << replayed.out;
}

TEST_F(Cli, a_backtest_of_a_live_configuration_simulates)
{
    std::string text = "mode = \"live\"\n" + read_text_file(kConfig);
    const std::string risk = "[risk]\n";
    text.replace(text.find(risk), risk.size(),
                 risk +
                     "instrument_max_quote = \"1000000\"\nvenue_max_quote = \"1000000\"\n"
                     "gross_max_quote = \"9000000\"\nloss_day_max_quote = \"1000000\"\n");
    const Ran plain = run({"backtest", kConfig, kSample, "--output", "json"});
    const Ran ran =
        run({"backtest", write("live.toml", text), kSample, "--output", "json", "--record", at("s.arb")});
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(json::parse(ran.out)["waterfall"], json::parse(plain.out)["waterfall"]);
    EXPECT_EQ(run({"replay", at("s.arb")}).code, 0) << "the journal says that it was a backtest";
}

TEST_F(Cli, a_recording_given_twice_is_refused)
{
    const Ran ran = run({"backtest", kConfig, kSample, kSample});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("given twice"), std::string::npos) << ran.err;
    fs::copy_file(kSample, at("copy.arb"));
    EXPECT_EQ(run({"audit", kSample, at("copy.arb")}).code, 2);
}

TEST_F(Cli, tardis_files_come_in_under_the_venues_own_names)
{
    const std::pair<const char*, const char*> files[] = {{"binance,BTCUSDT", "binance "},
                                                         {"binance-futures,BTCUSDT", "binance_usdm "},
                                                         {"binance-delivery,BTCUSD_PERP", "binance_coinm "},
                                                         {"bybit,BTCUSDT", "bybit_linear "},
                                                         {"bybit-spot,BTCUSDT", "bybit "},
                                                         {"okex,BTC-USDT", "okx "},
                                                         {"okex-swap,BTC-USDT-SWAP", "okx "},
                                                         {"coinbase,BTC-USD", "coinbase "},
                                                         {"kraken,XBT/USD", "kraken "},
                                                         {"binance-us,BTCUSDT", "binance_us "}};
    std::string all = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n";
    std::string both = all;
    for (const auto& [name, label] : files) {
        const std::string row = std::string(name) + ",1600000000000000,1600000000001000,true,bid,1,1\n";
        const Ran ran = run({"import", "--from", "tardis-l2", write("t.csv", all + row), "-o", at("t.arb")});
        EXPECT_EQ(ran.code, 0) << name << ran.err;
        EXPECT_NE(ran.out.find(std::string("\n  ") + label), std::string::npos) << name << ran.out;
        const bool perpetual = ran.out.find(":PERP") != std::string::npos;
        const std::string_view at_venue(label);
        if (at_venue == "bybit_linear " || at_venue == "binance_usdm ") {
            EXPECT_TRUE(perpetual) << ran.out;
        }
        if (at_venue == "bybit " || at_venue == "binance ") {
            EXPECT_FALSE(perpetual) << ran.out;
        }
        both += row;
    }
    // All of them in one file, in one recording; the exchange's time tells how far the clocks are apart.
    ASSERT_EQ(run({"import", "--from", "tardis-l2", write("t.csv", both), "-o", at("t.arb")}).code, 0);
    const json audited = json::parse(run({"audit", at("t.arb"), "--output", "json"}).out);
    EXPECT_EQ(audited["books"].size(), 10U);
    for (const json& book : audited["books"]) EXPECT_EQ(book["offset_median_ns"], 1'000'000) << book;
}

TEST_F(Cli, wrong_usage_and_configurations_end_with_2)
{
    EXPECT_EQ(run({}).code, 2);
    EXPECT_EQ(run({"audits", kSample}).code, 2);
    EXPECT_EQ(run({"audit"}).code, 2);
    EXPECT_EQ(run({"audit", kSample, "--output", "xml"}).code, 2);
    EXPECT_EQ(run({"generate", "--seconds", "0", "-o", at("g.arb")}).code, 2);
    EXPECT_EQ(run({"generate", "--venues", "okxx", "-o", at("g.arb")}).code, 2);
    EXPECT_EQ(run({"backtest", at("none.toml"), kSample}).code, 2);
    const Ran bad = run({"backtest", write("bad.toml", "[risk]\nmax = 1\n"), kSample, "--output", "json"});
    EXPECT_EQ(bad.code, 2);
    EXPECT_TRUE(bad.out.empty()) << bad.out;
    EXPECT_NE(bad.err.find("bad.toml:2:7"), std::string::npos) << bad.err;
}

TEST_F(Cli, bad_recordings_end_with_8_and_are_named)
{
    const std::string good = read_text_file(kSample);
    std::string foreign_header = good, corrupted = good;
    foreign_header[0] = static_cast<char>(foreign_header[0] ^ 1);
    corrupted[good.size() / 2] = static_cast<char>(corrupted[good.size() / 2] ^ 1);
    const std::string files[] = {
        at("missing.arb"),
        write("empty.arb", ""),
        write("foreign.arb", "timestamp,b1\r\n1,2\r\n"),
        write("header.arb", foreign_header),
        write("corrupted.arb", corrupted),
        write("cut.arb", good.substr(0, good.size() / 2)),
    };
    for (const std::string& file : files) {
        for (const std::vector<std::string>& command :
             {std::vector<std::string>{"audit", file}, {"backtest", kConfig, file}}) {
            const Ran ran = run(command);
            EXPECT_EQ(ran.code, 8) << command[0] << " " << file << ran.err;
            EXPECT_NE(ran.err.find(file), std::string::npos) << ran.err;
        }
        EXPECT_EQ(run({"replay", file}).code, 8) << file;
    }
    EXPECT_EQ(run({"replay", kSample}).code, 8);  // inputs, but no decisions
}

TEST_F(Cli, what_is_readable_of_a_cut_recording_is_kept)
{
    ASSERT_EQ(run({"generate", "--seed", "3", "--seconds", "60", "-o", at("long.arb")}).code, 0);
    const std::string good = read_text_file(at("long.arb"));
    const std::string cut = write("cut.arb", good.substr(0, good.size() * 6 / 10));
    const Ran whole = run({"audit", at("long.arb"), "--output", "json"});
    const Ran ran = run({"audit", cut, "--output", "json"});
    EXPECT_EQ(ran.code, 8);
    const json object = json::parse(ran.out);
    EXPECT_GT(object["frames"], 0);
    EXPECT_LT(object["frames"], json::parse(whole.out)["frames"]);
    ASSERT_EQ(object["notes"].size(), 1U);
    EXPECT_NE(object["notes"][0].get<std::string>().find(cut), std::string::npos);
}

TEST_F(Cli, an_import_names_file_and_line_of_what_is_wrong)
{
    const std::string text =
        "timestamp,symbol,b1,bv1,a1,av1\n2021-08-20 00:00:00,X,1,1,2,1\n2021-08-20 00:00:01,X,1,one,2,1\n";
    const Ran ran = run({"import", "--from", "book-csv", "--venue", "hb", "--instrument", "LINK/USDT",
                         write("bad.csv", text), "-o", at("out.arb")});
    EXPECT_EQ(ran.code, 8) << ran.out;
    EXPECT_NE(ran.err.find("bad.csv"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find('3'), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace arb
