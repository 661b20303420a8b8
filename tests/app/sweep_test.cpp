// arbiter sweep as a shell sees it: every variant is the backtest of that configuration, a sweep that was cut
// off goes on to the same end, and what cannot be run is refused before anything runs.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/sweep/sweep_command.hpp"
#include "engine/sim/backtest.hpp"
#include "tests/app/program_child.hpp"
#include "tests/support/temporary_folder.hpp"

namespace arb {
namespace {

using nlohmann::json;

const std::string kSweepFolder = std::string(ARBITER_SOURCE_DIR) + "/config/";
const std::string kRecording = kSweepFolder + "sample.arb";

// The shipped configuration with other ranges.
std::string with_sweep(const std::string& ranges)
{
    std::string text = read_text_file(kSweepFolder + "backtest.toml");
    return text.substr(0, text.find("[sweep]")) + "[sweep]\n" + ranges;
}

const std::string kTwoRanges =
    "\"strategy.cross_venue.min_edge_bps\" = { from = \"0.5\", to = \"3\", step = \"0.5\" }\n"
    "\"venue.*.taker_fee_bps\" = [\"1\", \"4.5\", 10, \"200\"]\n";

class Sweep : public testing::Test {
  protected:
    struct Ran {
        int code = -1;
        std::string out, err;
    };

    std::string at(const std::string& name) const { return folder_.at(name); }
    std::string config(const std::string& ranges) const
    {
        return folder_.write("sweep.toml", with_sweep(ranges));
    }
    std::string read(const std::string& name) const { return read_text_file(at(name)); }

    Ran run(std::vector<std::string> arguments) const
    {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        Ran ran;
        ran.code = run_here(std::move(arguments));
        ran.out = testing::internal::GetCapturedStdout();
        ran.err = testing::internal::GetCapturedStderr();
        return ran;
    }
    Ran sweep(const std::string& out, std::vector<std::string> more = {}) const
    {
        std::vector<std::string> arguments = {"sweep", at("sweep.toml"), kRecording, "--out", at(out)};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(std::move(arguments));
    }

  private:
    static int run_here(std::vector<std::string> arguments)
    {
        CLI::App app{"test", "arbiter"};
        const Command command = add_sweep(app);
        try {
            std::reverse(arguments.begin(), arguments.end());
            app.parse(std::move(arguments));
            return static_cast<int>(command.run());
        } catch (const CLI::ParseError&) {
            return static_cast<int>(ExitCode::usage);
        } catch (const StartError& error) {
            fprintf(stderr, "%s\n", error.what());
            return static_cast<int>(error.code());
        }
    }

    test::TemporaryFolder folder_;
};

TEST_F(Sweep, each_variant_is_the_backtest_of_that_configuration)
{
    config(kTwoRanges);
    const Ran ran = sweep("out", {"--output", "json"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    const json report = json::parse(ran.out);
    ASSERT_EQ(report["variants"].size(), 24U);
    std::size_t compared = 0;
    for (const json& variant : report["variants"]) {
        const std::string edge = variant["settings"]["strategy.cross_venue.min_edge_bps"];
        const std::string fee = variant["settings"]["venue.*.taker_fee_bps"];
        if (edge != "2.5") continue;
        std::string text = with_sweep(kTwoRanges);
        const auto replace = [&](const std::string& key, const std::string& value) {
            for (std::size_t place = text.find("\n" + key + " = "); place != std::string::npos;
                 place = text.find("\n" + key + " = ", place + 1)) {
                const std::size_t begin = place + 1;
                text.replace(begin, text.find('\n', begin) - begin, key + " = \"" + value + "\"");
            }
        };
        replace("min_edge_bps", edge);
        replace("taker_fee_bps", fee);
        BacktestRequest request;
        request.config = parse_config(text, "variant");
        request.recordings = {kRecording};
        request.plugins = plugins();
        const RunResult result = run_backtest(request).result;
        EXPECT_EQ(variant["decision_hash"], fmt::format("{:016x}", result.decision_hash)) << fee;
        EXPECT_EQ(variant["result"], result.waterfall.realised.text());
        EXPECT_EQ(variant["fees"], result.waterfall.fees.text());
        EXPECT_EQ(variant["packages"], result.packages_total);
        EXPECT_EQ(variant["fills"], result.fills_total);
        EXPECT_EQ(variant["why"].get<std::string>().empty(), result.packages_total > 0);
        ++compared;
    }
    EXPECT_EQ(compared, 4U);
    EXPECT_EQ(report["ranges"][0]["own"], "1");
    EXPECT_EQ(report["ranges"][1]["own"], nullptr) << "the venues differ in it";
}

TEST_F(Sweep, forms_agree_and_do_not_depend_on_the_number_of_threads)
{
    config(kTwoRanges);
    const Ran one = sweep("one", {"--jobs", "1", "--output", "json"});
    const Ran two = sweep("two", {"--jobs", "2", "--output", "json"});
    ASSERT_EQ(one.code, 0) << one.err;
    EXPECT_EQ(one.out, two.out);
    EXPECT_EQ(read("one/sweep.csv"), read("two/sweep.csv"));
    EXPECT_EQ(read("one/sweep.html"), read("two/sweep.html"));
    const Ran table = sweep("one");
    ASSERT_EQ(table.code, 0) << table.err;
    EXPECT_NE(table.err.find("24 of 24 variants are there"), std::string::npos) << table.err;
    const std::size_t sentences = table.out.find("Variants that sent nothing");
    ASSERT_NE(sentences, std::string::npos) << "fees of 2 %";
    for (std::size_t begin = 0; begin < sentences;) {
        const std::size_t end = table.out.find('\n', begin);
        EXPECT_LE(end - begin, 80U) << table.out.substr(begin, end - begin);
        begin = end + 1;
    }
    // The best first, in each of them.
    const json variants = json::parse(one.out)["variants"];
    const std::string csv = read("one/sweep.csv"), html = read("one/sweep.html");
    std::size_t place = csv.find("\r\n") + 2;
    Amount before;
    for (const json& variant : variants) {
        const std::string line = csv.substr(place, csv.find("\r\n", place) - place);
        place += line.size() + 2;
        EXPECT_TRUE(line.starts_with(variant["variant"].dump() + ",")) << line;
        EXPECT_NE(line.find("," + variant["result"].get<std::string>() + ","), std::string::npos) << line;
        EXPECT_NE(line.find(variant["decision_hash"].get<std::string>()), std::string::npos) << line;
        EXPECT_NE(html.find(variant["decision_hash"].get<std::string>()), std::string::npos);
        const Amount result = amount_rounded_down(variant["result"].get<std::string>()).value();
        if (&variant != &variants.front()) {
            EXPECT_LE(result, before);
        }
        before = result;
    }
    EXPECT_EQ(place, csv.size());
    EXPECT_NE(html.find("Heat map"), std::string::npos);
    EXPECT_NE(html.find("Result against taker_fee_bps"), std::string::npos);
}

TEST_F(Sweep, goes_on_after_a_cut)
{
    config(kTwoRanges);
    ASSERT_EQ(sweep("whole", {"--jobs", "1"}).code, 0);
    const std::string whole = read("whole/results.jsonl");
    std::size_t cut = 0;
    for (int line = 0; line < 9; ++line) cut = whole.find('\n', cut) + 1;
    std::filesystem::create_directories(at("cut"));
    std::ofstream(at("cut/results.jsonl"), std::ios::binary) << whole.substr(0, cut + 40);
    const Ran ran = sweep("cut", {"--jobs", "1"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_NE(ran.err.find("8 of 24 variants are there"), std::string::npos) << ran.err;
    EXPECT_EQ(read("cut/results.jsonl"), whole);
    EXPECT_EQ(read("cut/sweep.csv"), read("whole/sweep.csv"));
}

TEST_F(Sweep, goes_on_after_a_kill)
{
    config(kTwoRanges);
    ASSERT_EQ(sweep("whole").code, 0);
    test::ProgramChild child({"sweep", at("sweep.toml"), kRecording, "--out", at("killed"), "--jobs", "1"},
                             {at("out"), at("err"), {}});
    const auto lines = [&] {
        std::ifstream file(at("killed/results.jsonl"));
        return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
    };
    while (!child.ended_within(1) && lines() < 4) {
    }
    child.kill(SIGKILL);
    (void)child.wait();
    const std::string left = read("killed/results.jsonl");
    ASSERT_GE(lines(), 4) << read("err");
    const Ran ran = sweep("killed");
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_TRUE(read("killed/results.jsonl").starts_with(left.substr(0, left.rfind('\n') + 1)));
    EXPECT_EQ(read("killed/sweep.csv"), read("whole/sweep.csv"));
}

TEST_F(Sweep, results_of_something_else_are_refused)
{
    config(kTwoRanges);
    ASSERT_EQ(sweep("out").code, 0);
    const std::string before = read("out/results.jsonl");
    const std::string other = "holds results of another configuration";
    Ran ran = sweep("out", {"--set", "risk.order_max_quote=500"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find(other), std::string::npos) << ran.err;
    std::filesystem::copy_file(kRecording, at("longer.arb"));
    std::ofstream(at("longer.arb"), std::ios::app | std::ios::binary) << '\0';
    ran = run({"sweep", at("sweep.toml"), at("longer.arb"), "--out", at("out")});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find(other), std::string::npos) << ran.err;
    config("\"strategy.cross_venue.min_edge_bps\" = [\"1\"]\n");
    EXPECT_EQ(sweep("out").code, 2);
    EXPECT_EQ(read("out/results.jsonl"), before);
    config(kTwoRanges);
    std::ofstream(at("out/results.jsonl"), std::ios::app) << "{\"variant\":99}\n";
    ran = sweep("out");
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("results.jsonl:26: is no result of this sweep"), std::string::npos) << ran.err;
}

TEST_F(Sweep, a_key_that_is_set_is_the_same_in_all_variants)
{
    config(kTwoRanges);
    const std::string fee = "venue.*.taker_fee_bps";
    const Ran ran =
        sweep("out", {"--set", fee + "=4.5", "--set", "venue.okx.taker_fee_bps=1", "--output", "json"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    const json report = json::parse(ran.out);
    EXPECT_EQ(report["variants"].size(), 6U) << "a range that is set varies no longer";
    EXPECT_EQ(report["set"][fee], "4.5");
    EXPECT_EQ(report["ranges"].size(), 1U);
    // The configuration's own edge is one of the values.
    EXPECT_EQ(report["ranges"][0]["own"], "1");
}

TEST_F(Sweep, what_is_wrong_is_told_before_anything_runs)
{
    const std::string edge = "\"strategy.cross_venue.min_edge_bps\" = ";
    struct Mistake {
        std::string ranges;
        const char* place;
        const char* advice;
    };
    const Mistake mistakes[] = {
        {"", "sweep.toml: ", "nothing varies"},
        {"\"strategy.cross_venue.min_edge_bsp\" = [1]\n", ":2:", "did you mean 'min_edge_bps'?"},
        {"\"strategy.cros_venue.min_edge_bps\" = [1]\n", ":2:", "did you mean [strategy.cross_venue]?"},
        {"\"venue.binanse.taker_fee_bps\" = [1]\n", ":2:", "did you mean [venue.binance]?"},
        {"\"venue.*.order_latency\" = [1]\n", ":2:", "did you mean 'order_latency_us'?"},
        {"\"venue.okx.*\" = [1]\n", ":2:", "names no key"},
        {"\"instrument[].tick\" = [1]\n", ":2:", "names no key"},
        {"\"market.name\" = [1]\n", ":2:", "has no table [market]"},
        {"strategy.cross_venue.min_edge_bps = [1]\n", ":2:", "write the whole key in quotes"},
        {edge + "\"1\"\n", ":2:", "is no list"},
        {edge + "[]\n", ":2:", "lists no value"},
        {edge + "[0.5]\n", ":2:", "write it in quotes"},
        {edge + "[\"1\", \"1.0\"]\n", ":2:", "twice"},
        {edge + "[1, 2, \"much\"]\n", ":2:", "wanted are basis points"},
        {edge + "{ from = 0, to = 20000, step = 5000 }\n", ":2:", "basis points from"},
        {edge + "{ from = 1, to = 3 }\n", ":2:", "step is missing"},
        {edge + "{ from = 1, to = 3, step = 0 }\n", ":2:", "above zero"},
        {edge + "{ from = 3, to = 1, step = 1 }\n", ":2:", "is below from"},
        {edge + "{ from = 1, to = 3, steps = 1 }\n", ":2:", "step"},
        {edge + "{ from = 0, to = 1, step = \"0.000001\" }\n", ":2:", "more than 10000 values"},
        {edge + "{ from = 0, to = 2000, step = 1 }\n",
         "sweep.toml: ", "makes 2,001 variants, more than 1,000"},
    };
    const std::string lines_before = with_sweep("");
    const auto first = std::count(lines_before.begin(), lines_before.end(), '\n');
    for (const Mistake& mistake : mistakes) {
        config(mistake.ranges);
        const Ran ran = sweep("out");
        EXPECT_EQ(ran.code, 2) << mistake.ranges;
        const std::string place =
            mistake.place == std::string(":2:") ? fmt::format(":{}:", first + 1) : mistake.place;
        EXPECT_NE(ran.err.find(place), std::string::npos) << mistake.ranges << ran.err;
        EXPECT_NE(ran.err.find(mistake.advice), std::string::npos) << mistake.ranges << ran.err;
        EXPECT_EQ(ran.out, "");
        if (std::filesystem::exists(at("out/results.jsonl"))) {
            const std::string results = read("out/results.jsonl");
            EXPECT_EQ(std::count(results.begin(), results.end(), '\n'), 1) << "of what it is, no result";
        }
    }
    config(kTwoRanges);
    EXPECT_EQ(sweep("out", {"--most", "23"}).code, 2);
    for (const char* set : {"risk.order_max_quote", "=5", "risk.order_max_quot=5", "risks.order_max_quote=5",
                            "risk.order_max_quote=0", "risk.*=5"}) {
        const Ran ran = sweep("out", {"--set", set});
        EXPECT_EQ(ran.code, 2) << set;
        EXPECT_NE(ran.err.find(std::string("--set ") + set), std::string::npos) << ran.err;
    }
    EXPECT_EQ(sweep("out").code, 0) << "what was refused stands in nobody's way";
    EXPECT_EQ(run({"sweep", at("sweep.toml"), at("none.arb"), "--out", at("out")}).code, 8);
}

}  // namespace
}  // namespace arb
