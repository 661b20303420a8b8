#include "engine/report/html_report.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <vector>

#include "engine/report/html_text.hpp"
#include "tests/report/samples.hpp"

namespace arb {
namespace {

bool page_has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

std::size_t count_of(const std::string& text, std::string_view part)
{
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

/// What is wrong with the nesting of tags, or nothing. Void elements and the contents of style and script
/// aside.
std::string nesting_trouble(const std::string& page)
{
    std::vector<std::string> open;
    for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
        const std::size_t end = page.find('>', at);
        if (end == std::string::npos) return "a tag is not closed";
        const bool closing = page[at + 1] == '/';
        std::string name;
        for (std::size_t i = at + (closing ? 2 : 1);
             i < end && std::isalnum(static_cast<unsigned char>(page[i])); ++i) {
            name += page[i];
        }
        if (page[at + 1] == '!' || name == "meta" || page[end - 1] == '/') continue;
        if (!closing) {
            open.push_back(name);
            if (name == "style" || name == "script") at = page.find("</" + name, end) - 1;
            continue;
        }
        if (open.empty() || open.back() != name)
            return "</" + name + "> closes " + (open.empty() ? "" : open.back());
        open.pop_back();
    }
    return open.empty() ? "" : open.back() + " is left open";
}

const std::vector<RunResult>& all_samples()
{
    static const std::vector<RunResult> results{samples::rich_result(), samples::untraded_result(),
                                                samples::small_result(), samples::empty_result(),
                                                samples::hostile_result()};
    return results;
}

TEST(HtmlReport, is_one_file_without_outside_references)
{
    for (const RunResult& result : all_samples()) {
        const std::string page = backtest_html(result);
        for (const char* reference :
             {"http://", "https://", "src=", "href=", "@import", "url(", "<link", "<img", "fetch("}) {
            EXPECT_FALSE(page_has(page, reference)) << reference;
        }
        EXPECT_TRUE(page_has(page, "default-src 'none'"));
        EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
        EXPECT_LT(page.size(), 300'000U);
    }
}

TEST(HtmlReport, tags_nest)
{
    for (const RunResult& result : all_samples()) EXPECT_EQ(nesting_trouble(backtest_html(result)), "");
    EXPECT_NE(nesting_trouble("<p><b></p></b>"), "") << "the check itself can fail";
}

TEST(HtmlReport, has_every_chart_and_table)
{
    for (const RunResult& result : all_samples()) {
        const std::string page = backtest_html(result);
        for (const char* title :
             {"Where the edge went", "Equity", "Edge against fees", "Opportunities by size",
              "Opportunities by lifetime", "Inventory", "Crossings", "Missed opportunities", "By venue pair",
              "By venue", "Balances", "Last packages", "Notes"}) {
            EXPECT_TRUE(page_has(page, std::string("<h2>") + title)) << title;
        }
    }
    const std::string page = backtest_html(samples::rich_result());
    EXPECT_EQ(count_of(page, "<table>"), 6U);
    EXPECT_EQ(count_of(page, "<svg "), 6U) << "equity, three histograms, two assets";
    EXPECT_EQ(count_of(page, "<tr class=\"detail\">"), 2U) << "packages in trouble say what happened";
}

TEST(HtmlReport, waterfall_shows_exact_amounts)
{
    const std::string page = backtest_html(samples::small_result());
    for (const char* amount :
         {">0.0963408<", ">-0.01<", ">-0.024000000000000001<", ">+0.001<", ">0.063340799999999999<"}) {
        EXPECT_TRUE(page_has(page, amount)) << amount;
    }
}

TEST(HtmlReport, says_the_conclusion_and_the_reasons)
{
    const std::string page = backtest_html(samples::untraded_result());
    EXPECT_TRUE(
        page_has(page,
                 "1,339 crossings, none paid its fees: the widest was 8.03 bps, both legs&#39; taker fees "
                 "are 20.00 bps."));
    EXPECT_TRUE(page_has(page, "the fees of both legs are more than the gap"));
    EXPECT_TRUE(page_has(page, "fees 20.00 bps</text>"));
    EXPECT_TRUE(page_has(page, "No package was sent"));
}

TEST(HtmlReport, histograms_count_every_opportunity_once)
{
    RunResult result = samples::rich_result();
    result.opportunities[0].max_notional = {};
    result.opportunities[1].max_edge = {50'000'000};
    result.opportunities[2].end = result.opportunities[2].begin + seconds(1'000'000);
    const std::string page = backtest_html(result);
    std::size_t at = 0;
    for (int chart = 0; chart < 3; ++chart) {
        at = page.find("aria-label=\"Histogram of 620 opportunities", at + 1);
        ASSERT_NE(at, std::string::npos);
        const std::size_t end = page.find("</svg>", at);
        std::uint64_t total = 0;
        for (std::size_t tip = page.find("data-tip", at); tip < end; tip = page.find("data-tip", tip + 1)) {
            const std::size_t colon = page.find(": ", tip);
            total += std::stoull(page.substr(colon + 2));
            total += std::stoull(page.substr(page.find("taken, ", colon) + 7));
        }
        EXPECT_EQ(total, 620U) << chart;
    }
}

TEST(HtmlReport, empty_run_says_why_it_is_empty)
{
    const std::string page = backtest_html(samples::empty_result());
    EXPECT_EQ(count_of(page, "<svg "), 0U);
    EXPECT_EQ(count_of(page, "class=\"empty\""), 12U);
    EXPECT_TRUE(page_has(page, "The recordings held no inputs"));
}

TEST(HtmlReport, hostile_text_stays_text)
{
    const std::string page = backtest_html(samples::hostile_result());
    EXPECT_EQ(count_of(page, "<script>"), 1U);
    EXPECT_EQ(count_of(page, "</script>"), 1U);
    EXPECT_EQ(count_of(page, "</style>"), 1U);
    EXPECT_FALSE(page_has(page, "<!-- "));
    EXPECT_FALSE(page_has(page, "onload='"));
    EXPECT_FALSE(page_has(page, "\x1b"));
    EXPECT_FALSE(page_has(page, "\xe2\x80\xae"));
    EXPECT_FALSE(page_has(page, "\xff"));
    EXPECT_EQ(html::escape("<a b=\"c\" d='e'>&`\x1b"),
              "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;&#96;\xef\xbf\xbd");
}

TEST(HtmlReport, size_does_not_grow_with_the_run)
{
    RunResult result = samples::small_result();
    for (int i = 0; i < 200'000; ++i) {
        const Timestamp now = result.begin + milliseconds(30 * i);
        result.equity.points.push_back({now, {Int128{i % 977} * samples::kMicro}});
        result.inventory[0].points.push_back({now, {Int128{i % 31} * samples::kMicro}});
    }
    result.packages.resize(5'000, result.packages[0]);
    result.by_pair.resize(5'000, result.by_pair[0]);
    EXPECT_LT(backtest_html(result).size(), 300'000U);
}

TEST(HtmlReport, one_point_and_extreme_amounts_draw)
{
    RunResult result = samples::small_result();
    result.equity.points.resize(1);
    result.begin = result.end = result.equity.points[0].time;
    result.inventory[0].points = {{{1}, {Int128{1} << 115}}, {{2}, {-(Int128{1} << 115)}}};
    result.waterfall = {};
    EXPECT_EQ(nesting_trouble(backtest_html(result)), "");
}

}  // namespace
}  // namespace arb
