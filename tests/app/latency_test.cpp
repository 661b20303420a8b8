// `arbiter latency` as a process of its own, small; its parts on machines and stamps that are handed in.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/demo/demo.hpp"
#include "engine/app/latency/latency_host.hpp"
#include "engine/app/latency/latency_measure.hpp"
#include "engine/app/latency/live_feed.hpp"
#include "engine/app/shell/command.hpp"
#include "tests/app/program_child.hpp"
#include "tests/keys/key_test_support.hpp"
#include "tests/support/temporary_folder.hpp"

namespace arb {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

int run_latency(const test::TemporaryFolder& folder, std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), "latency");
    test::ProgramChild::Place place;
    place.out = folder.at("out");
    place.err = folder.at("err");
    test::ProgramChild child(arguments, place);
    return child.code();
}

TEST(LatencyCommand, measures_every_stage_and_writes_what_it_was_asked_for)
{
    const test::TemporaryFolder folder;
    const int code = run_latency(folder, {"--venues", "okx,bybit", "--rounds", "10", "--cold-rounds", "5",
                                          "--warm-up", "10", "--quiet", "--output", "json", "--report",
                                          folder.at("page.html"), "--hgrm", folder.at("hgrm")});
    const std::string said = test::read_file(folder.at("err"));
    // It measures what this machine does just now, and tells nothing of a round that did not happen as it
    // should have.
    for (const char* busy : {"an order was not filled in one", "waited in vain", "more than one order"}) {
        if (code == 1 && said.find(busy) != std::string::npos) GTEST_SKIP() << "too busy a machine: " << said;
    }
    ASSERT_EQ(code, 0) << said;
    const json told = json::parse(test::read_file(folder.at("out")));
    const json& all = told["tables"][1]["rows"];
    ASSERT_EQ(told["tables"][1]["id"], "wire_all");
    EXPECT_EQ(all[2]["name"], "frame to first order");
    // A busy machine may make a round late: it is told, and counts nowhere.
    const int late = std::stoi(told["facts"]["not counted"].get<std::string>());
    EXPECT_EQ(
        all[2]["samples"].get<int>() + all[6]["samples"].get<int>() + all[7]["samples"].get<int>() + late,
        25);
    EXPECT_GT(all[2]["samples"].get<int>() + late, 0);
    // Feed frames have every stage up to the book; none is left out in silence.
    for (const json& table : told["tables"]) {
        if (table["id"] != "inside_feed") continue;
        for (const json& row : table["rows"]) EXPECT_GT(row["samples"].get<int>(), 50) << row["name"];
    }
    for (const char* floor : {"clock", "system_call", "page_fault", "hmac_sha256", "json_walk"})
        EXPECT_GT(told["floors_ns"][floor].get<double>(), 0.0) << floor;
    EXPECT_EQ(told["host"].size(), 9U);
    EXPECT_TRUE(test::read_file(folder.at("page.html")).ends_with("</html>\n"));
    EXPECT_TRUE(fs::exists(folder.at("hgrm") + "/wire_all_3.hgrm"));
}

TEST(LatencyCommand, refuses_what_it_cannot_do)
{
    const test::TemporaryFolder folder;
    const std::pair<std::vector<std::string>, const char*> cases[] = {
        {{}, "either --venues A,B or --live-feed"},
        {{"--venues", "okx,bybit", "--live-feed", "x.toml"}, "either --venues A,B or --live-feed"},
        {{"--venues", "okx"}, "--venues takes two"},
        {{"--venues", "okx,nowhere"}, "nowhere"},
        {{"--venues", "okx,bybit", "--cores", "0"}, "--cores takes two"},
        {{"--venues", "okx,bybit", "--cores", "0,9999"}, "no processor of this machine"},
        {{"--live-feed", "absent.toml"}, "absent.toml"},
        {{"--period-ms", "5"}, "--period-ms"},
        {{"--round", "5"}, "--round"},
    };
    for (const auto& [arguments, words] : cases) {
        EXPECT_EQ(run_latency(folder, arguments), 2) << words;
        EXPECT_NE(test::read_file(folder.at("err")).find(words), std::string::npos)
            << words << test::read_file(folder.at("err"));
    }
}

// Paper on emulated venues: every stage of a feed's frame is told, each venue's distance too, and no order is
// sent.
TEST(LatencyLiveFeed, tells_what_frames_of_now_took)
{
    const test::TemporaryFolder folder;
    EmulatedWorldConfig config = demo_world({"bybit", "kraken"}, 5, false, plugins());
    EmulatedWorld world(config, plugins(), folder.at("venues"));
    world.start();
    std::string text = demo_config(world, config);
    const std::size_t mode = text.find(R"(mode = "emulated")");
    ASSERT_NE(mode, std::string::npos);
    LiveFeedRequest request;
    request.config = parse_config(text, "emulated");
    request.directory = folder.path();
    request.unsafe_endpoint = true;
    request.seconds = 3;
    request.stops = [] { return false; };
    request.log = [](std::string_view) {};
    EXPECT_THROW((void)measure_live_feed(request), StartError) << "orders are not measured here";
    request.config = parse_config(text.replace(mode, 17, R"(mode = "paper")"), "paper");
    const LatencyReport report = measure_live_feed(request);
    world.stop();
    ASSERT_EQ(report.tables.size(), 2U);
    EXPECT_EQ(report.tables[0].rows.size(), 6U) << "three instruments at each of two venues";
    for (const LatencyRow& row : report.tables[1].rows) EXPECT_FALSE(row.ns.empty()) << row.name;
    for (const EmulatedTruth& truth : world.truth()) EXPECT_TRUE(truth.orders.empty()) << truth.venue;
}

TEST(LatencyStages, are_differences_of_stamps_and_leave_out_what_was_not_reached)
{
    PathStamps stamps;
    for (std::size_t i = 0; i < kPathStages; ++i) stamps.at[i] = 1'000 + i * i * 10;
    PathStamps without = stamps;
    without.at[static_cast<std::size_t>(PathStage::proposed)] = 0;
    // 1,000 ticks a microsecond: a tick is a nanosecond.
    EXPECT_EQ(stage_times({stamps, without}, PathStage::readable, PathStage::received, 1'000),
              (std::vector<std::int64_t>{10, 10}));
    EXPECT_EQ(stage_times({stamps, without}, PathStage::proposed, PathStage::approved, 1'000),
              (std::vector<std::int64_t>{150}));
    std::int64_t sum = 0;
    const std::vector<LatencyRow> rows = stage_rows({stamps}, false, 1'000);
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) sum += rows[i].ns.at(0);
    EXPECT_EQ(sum, rows.back().ns.at(0)) << "stages leave no gap and overlap nowhere";
}

TEST(LatencyHost, reads_a_machine_and_says_how_to_mend_it)
{
    const test::TemporaryFolder folder;
    const auto put = [&](const std::string& path, const std::string& text) {
        const fs::path file = folder.at("root") + path;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text << "\n";
    };
    put("/proc/cmdline", "quiet");
    put("/proc/cpuinfo", "processor\t: 0\nmodel name\t: A Processor\nprocessor\t: 1");
    put("/proc/sys/kernel/osrelease", "6.1.0");
    put("/sys/devices/system/cpu/isolated", "2-3,5");
    put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave");
    put("/sys/devices/system/cpu/cpu3/topology/thread_siblings_list", "3,7");
    put("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
    put("/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet");
    put("/proc/irq/10/smp_affinity_list", "0-7");
    put("/proc/irq/11/smp_affinity_list", "0");
    put("/proc/sys/net/core/busy_read", "50");
    EXPECT_EQ(describe_machine(folder.at("root")), "A Processor, 2 processors, Linux 6.1.0");
    const std::vector<HostCheck> checks = check_host(folder.at("root"), 3);
    const auto of = [&](std::string_view name) -> const HostCheck& {
        for (const HostCheck& check : checks) {
            if (check.name == name) return check;
        }
        throw std::runtime_error("no check " + std::string(name));
    };
    EXPECT_EQ(of("isolated cores").state, HostState::good);
    EXPECT_EQ(of("frequency governor").state, HostState::costs);
    EXPECT_EQ(of("hyperthreads").state, HostState::costs);
    EXPECT_EQ(of("transparent huge pages").state, HostState::good);
    EXPECT_EQ(of("clock source").state, HostState::costs);
    EXPECT_EQ(of("interrupts").found, "1 of 2 may come to core 3");
    EXPECT_EQ(of("busy polling of sockets").state, HostState::good);
    EXPECT_EQ(of("sleep states").state, HostState::unknown);
    EXPECT_EQ(check_host(folder.at("root"), 4).front().state, HostState::costs)
        << "isolated, but not this one";
    for (const HostCheck& check : checks)
        EXPECT_TRUE(check.state != HostState::costs || !check.mend.empty()) << check.name;
}

}  // namespace
}  // namespace arb
