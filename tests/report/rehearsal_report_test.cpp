// The rehearsal's three forms: golden JSON and text, a page that loads nothing, and hostile words made safe.
#include <gtest/gtest.h>

#include "engine/report/rehearsal_report.hpp"

namespace arb {
namespace {

RehearsalReport sample_rehearsal()
{
    RehearsalReport report;
    report.time = Timestamp{1'700'000'000'000'000'000};
    report.config = "emulated.toml";
    report.build = "arbiter test";
    RehearsedVenue venue;
    venue.venue = "okx";
    venue.checks = {
        {"hosts", CheckResult::as_expected, "reachable", "TLSv1.3"},
        {"clock", CheckResult::differs, "at most 1000 ms from ours", "20 s ahead of us"},
        {"buy: fee", CheckResult::not_tried, "as told", "orders that fill are sent with --fill alone"}};
    venue.latencies = {{"order to answer", {milliseconds(3), microseconds(1500), milliseconds(7)}}};
    venue.recording = "state/rehearse-okx-1.arb";
    report.venues.push_back(venue);
    return report;
}

TEST(RehearsalReport, json_of_one_venue)
{
    EXPECT_EQ(rehearsal_json(sample_rehearsal(), true), R"({
  "venue": "okx",
  "checks": [
    {"name":"hosts","result":"as expected","expected":"reachable","found":"TLSv1.3"},
    {"name":"clock","result":"differs","expected":"at most 1000 ms from ours","found":"20 s ahead of us"},
    {"name":"buy: fee","result":"not tried","expected":"as told","found":"orders that fill are sent with --fill alone"}
  ],
  "latencies": [
    {"name":"order to answer","count":3,"p50_ms":3,"max_ms":7}
  ],
  "flags": [],
  "recording": "state/rehearse-okx-1.arb"
}
)");
}

TEST(RehearsalReport, json_of_several_is_an_array_of_them)
{
    RehearsalReport report;
    report.venues.resize(2);
    report.venues[0].venue = "a";
    report.venues[1].venue = "b";
    const std::string json = rehearsal_json(report, false);
    EXPECT_EQ(json.find("[\n  {\n    \"venue\": \"a\""), 0U) << json;
    EXPECT_NE(json.find("\"venue\": \"b\""), std::string::npos) << json;
}

TEST(RehearsalReport, text_tells_what_was_expected_where_it_differs)
{
    EXPECT_EQ(rehearsal_text(sample_rehearsal(), false), R"(okx
  ok       hosts     TLSv1.3
  DIFFERS  clock     expected at most 1000 ms from ours
                     found    20 s ahead of us
  -        buy: fee  not tried: orders that fill are sent with --fill alone

  latency          times  p50 ms  max ms
  order to answer      3       3       7

  1 as expected, 1 differ, 1 not tried
  recording (masked): state/rehearse-okx-1.arb

)");
}

TEST(RehearsalReport, flags_are_loud_in_every_form)
{
    RehearsalReport report = sample_rehearsal();
    report.venues.front().flags = {"AN ORDER MAY BE LEFT OPEN: client id ar1"};
    EXPECT_TRUE(report.flagged());
    EXPECT_NE(rehearsal_text(report, false).find("FLAGGED AN ORDER MAY BE LEFT OPEN: client id ar1"),
              std::string::npos);
    EXPECT_NE(rehearsal_json(report, true).find(R"("AN ORDER MAY BE LEFT OPEN: client id ar1")"),
              std::string::npos);
    EXPECT_NE(rehearsal_html(report).find("AN ORDER MAY BE LEFT OPEN"), std::string::npos);
}

TEST(RehearsalReport, the_page_is_whole_and_loads_nothing)
{
    const std::string page = rehearsal_html(sample_rehearsal());
    EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
    EXPECT_TRUE(page.ends_with("</html>\n"));
    for (const char* outside : {"http://", "https://", "src=", "href=", "@import", "url("})
        EXPECT_EQ(page.find(outside), std::string::npos) << outside;
    for (const char* shown :
         {"okx", "differs", "20 s ahead of us", "order to answer", "1 check is not as expected."})
        EXPECT_NE(page.find(shown), std::string::npos) << shown;
}

TEST(RehearsalReport, a_venues_words_are_cleaned)
{
    RehearsalReport report = sample_rehearsal();
    report.venues.front().checks.front().found = "<script>alert(1)</script>\x1b[31m";
    EXPECT_EQ(rehearsal_html(report).find("<script>alert"), std::string::npos);
    EXPECT_EQ(rehearsal_text(report, false).find('\x1b'), std::string::npos);
    EXPECT_EQ(rehearsal_json(report, true).find("<script>"), std::string::npos);
}

TEST(RehearsalLatency, the_middle_and_the_most)
{
    EXPECT_EQ(RehearsalLatency{}.median(), Duration{});
    EXPECT_EQ((RehearsalLatency{"a", {milliseconds(5)}}.median()), milliseconds(5));
    const RehearsalLatency four{"b", {milliseconds(4), milliseconds(1), milliseconds(3), milliseconds(2)}};
    EXPECT_EQ(four.median(), milliseconds(2));
    EXPECT_EQ(four.most(), milliseconds(4));
}

}  // namespace
}  // namespace arb
