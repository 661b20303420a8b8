// A measurement of latency in its four forms: quantiles against a naive count, what is not told, pages that
// load nothing.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/report/latency_report.hpp"

namespace arb {
namespace {

using nlohmann::json;

LatencyReport sample_latency()
{
    LatencyReport report;
    report.time = Timestamp{1'700'000'000'000'000'000};
    report.build = "arbiter 0.1.0";
    report.machine = "a processor, 2 processors, Linux 6.1";
    report.facts = {{"venues", "okx (buy) and bybit (sell)"}};
    LatencyTable wire;
    wire.id = "wire_quiet";
    wire.title = "us, quiet rounds";
    wire.rows = {{"echo", std::vector<std::int64_t>(2000, 12'000)},
                 {"frame to first order", {30'000, 10'000, 20'000}}};
    wire.floor_name = "x echo";
    wire.floor = 12'000;
    report.tables = {wire};
    report.floors = {{"clock", "steady_clock::now()", 23'450}};
    report.goals = {{"wire to wire", "frame to first order, p50", "echo, p50", 20'000, 12'000, 130},
                    {"the tail", "p99", "p50", 0, 20'000, 200}};
    report.host = {{"isolated cores", HostState::costs, "none", "isolcpus"},
                   {"clock source", HostState::good, "tsc", ""}};
    return report;
}

TEST(LatencyQuantile, counts_as_a_naive_count_does)
{
    std::uint64_t seed = 7;
    const auto below = [&seed](std::uint64_t most) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        return (seed >> 33U) % most;
    };
    for (int run = 0; run < 50; ++run) {
        std::vector<std::int64_t> values(1 + below(400));
        for (std::int64_t& value : values) value = static_cast<std::int64_t>(below(1000));
        std::sort(values.begin(), values.end());
        for (const std::uint64_t parts : {1'000U, 50'000U, 90'000U, 99'000U, 100'000U}) {
            const std::int64_t told = latency_quantile(values, parts);
            std::size_t not_above = 0, below = 0;
            for (const std::int64_t value : values) {
                not_above += value <= told;
                below += value < told;
            }
            EXPECT_GE(not_above * 100'000, values.size() * parts);
            EXPECT_LT(below * 100'000, values.size() * parts);
        }
    }
    EXPECT_EQ(latency_quantile({}, 50'000), 0);
}

TEST(LatencyQuantile, needs_ten_samples_beyond_it)
{
    EXPECT_FALSE(latency_quantile_told(0, 50'000));
    EXPECT_TRUE(latency_quantile_told(1, 50'000));
    EXPECT_FALSE(latency_quantile_told(999, 99'000));
    EXPECT_TRUE(latency_quantile_told(1'000, 99'000));
    EXPECT_FALSE(latency_quantile_told(9'999, 99'900));
    EXPECT_TRUE(latency_quantile_told(10'000, 99'900));
}

TEST(LatencyReport, text)
{
    EXPECT_EQ(latency_text(sample_latency(), false),
              R"(arbiter latency: a processor, 2 processors, Linux 6.1, arbiter 0.1.0
  venues: okx (buy) and bybit (sell)

us, quiet rounds                         samples      p50      p99    p99.9      most p50 of fifths   x echo
echo                                        2000     12.0     12.0        -      12.0     12.0-12.0     1.00
frame to first order                           3     20.0        -        -      30.0             -     1.66

floors of this host, median                       ns
steady_clock::now()                             23.5

goals, each a ratio taken in this run
  wire to wire: 1.67 (20.0 / 12.0 us), goal 1.30
      frame to first order, p50 / echo, p50
  the tail: not measured
      p99 / p50

this host
  costs    isolated cores: none
           mend: isolcpus
  good     clock source: tsc
)");
}

TEST(LatencyReport, json_is_whole_and_tells_no_quantile_that_nothing_stands_behind)
{
    const json told = json::parse(latency_json(sample_latency()));
    const json& rows = told["tables"][0]["rows"];
    EXPECT_EQ(rows[0]["p99_us"], 12.0);
    EXPECT_TRUE(rows[0]["p999_us"].is_null());
    EXPECT_EQ(rows[1]["p50_us"], 20.0);
    EXPECT_EQ(rows[1]["most_us"], 30.0);
    EXPECT_TRUE(rows[1]["p99_us"].is_null());
    EXPECT_EQ(told["floors_ns"]["clock"], 23.45);
    EXPECT_EQ(told["goals"][0]["ratio"], 1.67);
    EXPECT_EQ(told["goals"][0]["reached"], false);
    EXPECT_TRUE(told["goals"][1]["ratio"].is_null());
    EXPECT_EQ(told["host"][0]["state"], "costs");
}

TEST(LatencyReport, the_page_is_whole_and_loads_nothing)
{
    LatencyReport report = sample_latency();
    report.machine = "<script>alert(1)</script>";
    const std::string page = latency_html(report);
    EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
    EXPECT_TRUE(page.ends_with("</html>\n"));
    for (const char* outside : {"http://", "https://", "src=", "href=", "@import", "url(", "<script>alert"})
        EXPECT_EQ(page.find(outside), std::string::npos) << outside;
    for (const char* shown : {"frame to first order", "isolcpus", "wire to wire", "1.67", "steady_clock"})
        EXPECT_NE(page.find(shown), std::string::npos) << shown;
}

TEST(LatencyReport, percentile_files_count_every_sample_once)
{
    LatencyRow row{"row", {}};
    for (std::int64_t i = 1; i <= 1000; ++i) row.ns.push_back((i * 7919) % 1000 * 1000);
    const std::string text = latency_hgrm(row);
    EXPECT_TRUE(text.starts_with("       Value     Percentile TotalCount 1/(1-Percentile)\n\n"));
    EXPECT_NE(text.find("     999.000 1.000000000000       1000\n"), std::string::npos) << text;
    EXPECT_NE(text.find("#[Mean    =      499.500, Max     =      999.000]"), std::string::npos) << text;
    EXPECT_NE(text.find("     499.000 0.500000000000        500           2.00\n"), std::string::npos)
        << text;
    EXPECT_NE(latency_hgrm({"empty", {}}).find("#[Total count    =            0]"), std::string::npos);
}

}  // namespace
}  // namespace arb
