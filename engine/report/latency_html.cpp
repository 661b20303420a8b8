// A measurement of latency as one self-contained HTML page, in the look of the other reports: each table
// beside its distributions, then goals, floors and the host.
#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

#include "engine/report/chart_axis.hpp"
#include "engine/report/display.hpp"
#include "engine/report/html_style.hpp"
#include "engine/report/html_text.hpp"
#include "engine/report/latency_report.hpp"
#include "engine/report/svg.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr int kCurveWidth = 560, kCurveHeight = 250;
constexpr int kCurveTop = 14, kCurveBottom = 34, kCurveLeft = 64, kCurveRight = 12;
constexpr std::size_t kCurvesMax = 6;  ///< as many colours
constexpr int kHeadroom = 4;  ///< of the highest p99 beside the highest median: what lies above is clipped

// Where on the axis a percentile stands: each step leaves a half or less of what the step before left.
struct CurveMark {
    std::uint64_t parts;
    const char* label;
};
constexpr std::array<CurveMark, 9> kCurveMarks{{{1'000, "1"},
                                                {25'000, "25"},
                                                {50'000, "50"},
                                                {75'000, "75"},
                                                {90'000, "90"},
                                                {95'000, "95"},
                                                {99'000, "99"},
                                                {99'900, "99.9"},
                                                {100'000, "most"}}};

std::string latency_head(const std::vector<std::string>& heads)
{
    std::string out = "<div class=\"scroll\"><table><thead><tr>";
    for (std::size_t i = 0; i < heads.size(); ++i)
        out +=
            fmt::format("<th scope=\"col\"{}>{}</th>", i == 0 ? "" : " class=\"n\"", html::escape(heads[i]));
    return out + "</tr></thead><tbody>";
}

std::vector<std::int64_t> in_order(const LatencyRow& row)
{
    std::vector<std::int64_t> sorted = row.ns;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

std::string figures_box(const LatencyTable& table)
{
    std::vector<std::string> heads{"us", "Samples", "p50", "p99", "p99.9", "Most"};
    if (table.floor > 0) heads.push_back(table.floor_name);
    std::string body = latency_head(heads);
    for (const LatencyRow& row : table.rows) {
        const std::vector<std::int64_t> sorted = in_order(row);
        body += "<tr>" + html::element("td", "l", row.name) +
                html::element("td", "n", display::count(sorted.size()));
        for (const std::uint64_t parts : {50'000U, 99'000U, 99'900U}) {
            const bool told = latency_quantile_told(sorted.size(), parts);
            body += html::element("td", "n", told ? latency_us(latency_quantile(sorted, parts)) : "-");
        }
        body += html::element("td", "n", sorted.empty() ? "-" : latency_us(sorted.back()));
        if (table.floor > 0)
            body += html::element(
                "td", "n",
                sorted.empty() ? "-" : latency_ratio(latency_quantile(sorted, 50'000) * 100 / table.floor));
        body += "</tr>";
    }
    chart::Card card;
    card.title = table.title;
    card.subtitle = table.note;
    card.body = body + "</tbody></table></div>";
    return chart::card(card);
}

// Of more rows than there are colours, those that took longest, in their order.
std::vector<std::size_t> drawn_rows(const LatencyTable& table)
{
    std::vector<std::size_t> drawn(table.rows.size());
    std::iota(drawn.begin(), drawn.end(), std::size_t{0});
    std::erase_if(drawn, [&](std::size_t row) { return table.rows[row].ns.empty(); });
    const auto median = [&](std::size_t row) { return latency_quantile(in_order(table.rows[row]), 50'000); };
    std::stable_sort(drawn.begin(), drawn.end(),
                     [&](std::size_t one, std::size_t other) { return median(one) > median(other); });
    drawn.resize(std::min(kCurvesMax, drawn.size()));
    std::sort(drawn.begin(), drawn.end());
    return drawn;
}

std::int64_t top_of(const LatencyTable& table, const std::vector<std::size_t>& drawn)
{
    std::int64_t most = 1, median = 1;
    for (const std::size_t row : drawn) {
        const std::vector<std::int64_t> sorted = in_order(table.rows[row]);
        median = std::max(median, latency_quantile(sorted, 50'000));
        most = std::max(most, latency_quantile(sorted, 99'000));
    }
    return std::min(most, median * kHeadroom);
}

std::string curves_box(const LatencyTable& table)
{
    chart::Card card;
    card.title = "Distribution: " + table.title;
    card.subtitle = "Microseconds that this percentage of the samples does not exceed";
    const std::vector<std::size_t> drawn = drawn_rows(table);
    const chart::Ticks ticks = chart::round_ticks(0, top_of(table, drawn), 4);
    chart::Svg svg(kCurveWidth, kCurveHeight, "Percentiles of " + table.title);
    const chart::Axis x{0, static_cast<Int128>(kCurveMarks.size() - 1), kCurveLeft,
                        kCurveWidth - kCurveRight};
    const chart::Axis y{0, ticks.high, kCurveHeight - kCurveBottom, kCurveTop};
    for (const Int128 value : ticks.values) {
        const double at = y.at(value);  // not money: pixels
        svg.line(kCurveLeft, at, kCurveWidth - kCurveRight, at, value == 0 ? "base" : "grid");
        svg.text(kCurveLeft - 6, at + 4, chart::Anchor::end, "tick",
                 latency_us(static_cast<std::int64_t>(value)));
    }
    for (std::size_t i = 0; i < kCurveMarks.size(); ++i)
        svg.text(std::min<double>(x.at(static_cast<Int128>(i)), kCurveWidth - 20),  // not money: pixels
                 kCurveHeight - kCurveBottom + 21, chart::Anchor::middle, "tick", kCurveMarks[i].label);
    for (std::size_t r = 0; r < drawn.size(); ++r) {
        const LatencyRow& row = table.rows[drawn[r]];
        const std::vector<std::int64_t> sorted = in_order(row);
        std::string path;
        for (std::size_t i = 0; i < kCurveMarks.size(); ++i) {
            const std::int64_t value = std::min<std::int64_t>(latency_quantile(sorted, kCurveMarks[i].parts),
                                                              static_cast<std::int64_t>(ticks.high));
            path += fmt::format("{}{} {}", path.empty() ? "M" : "L",
                                chart::pixel(x.at(static_cast<Int128>(i))), chart::pixel(y.at(value)));
        }
        svg.path(path, "series", static_cast<int>(r));
        card.legend += chart::legend_entry(fmt::format("s{}", r), row.name);
    }
    card.body = svg.take();
    return chart::card(card);
}

std::string goals_box(const LatencyReport& report)
{
    std::string body = latency_head({"Goal", "Ratio", "At most", "Value us", "Floor us"});
    for (const LatencyGoal& goal : report.goals) {
        const std::int64_t ratio = goal.ratio_hundredths();
        body += "<tr>" + html::element("td", "l", goal.name) +
                html::element("td", ratio > goal.at_most_hundredths ? "n tag warn" : "n",
                              ratio == 0 ? "not measured" : latency_ratio(ratio)) +
                html::element("td", "n", latency_ratio(goal.at_most_hundredths)) +
                html::element("td", "n", latency_us(goal.value)) +
                html::element("td", "n", latency_us(goal.floor)) + "</tr>";
    }
    chart::Card card;
    card.title = "Goals";
    card.subtitle = "Each a ratio whose two figures were taken in this run";
    card.body = body + "</tbody></table></div>";
    return chart::card(card);
}

std::string floors_box(const LatencyReport& report)
{
    std::string body = latency_head({"Floor of this host", "ns"});
    for (const LatencyFloor& floor : report.floors)
        body += "<tr>" + html::element("td", "l", floor.name) +
                html::element("td", "n", latency_us(floor.picoseconds)) + "</tr>";
    chart::Card card;
    card.title = "Floors";
    card.subtitle = "Medians of repetitions, in the same run";
    card.body = body + "</tbody></table></div>";
    return chart::card(card);
}

std::string host_box(const LatencyReport& report)
{
    std::string body =
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">This host</th><th scope=\"col\"></th>"
        "<th scope=\"col\">Found</th><th scope=\"col\">Mend</th></tr></thead><tbody>";
    for (const HostCheck& check : report.host) {
        body +=
            "<tr>" + html::element("td", "l", check.name) + "<td class=\"t\">" +
            html::element("span", check.state == HostState::costs ? "tag warn" : "tag", name(check.state)) +
            "</td>" + html::element("td", "l", plain_text(check.found)) +
            html::element("td", "l", check.mend) + "</tr>";
    }
    chart::Card card;
    card.span = 6;
    card.title = "Host";
    card.body = body + "</tbody></table></div>";
    return chart::card(card);
}

}  // namespace

std::string latency_html(const LatencyReport& report)
{
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<meta name=\"color-scheme\" content=\"light dark\">"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; script-src 'unsafe-inline'\">"
        "<title>Latency</title><style>" +
        html::style_sheet() + "</style></head>\n<body>\n<header class=\"masthead\"><div>" +
        html::element("h1", "", "Latency") + "<dl>";
    out += html::element("dt", "", "Machine") + html::element("dd", "", plain_text(report.machine));
    for (const auto& [key, value] : report.facts)
        out += html::element("dt", "", key) + html::element("dd", "", plain_text(value));
    out += html::element("dt", "", "Made") + html::element("dd", "", display::moment(report.time));
    out += html::element("dt", "", "Build") + html::element("dd", "", plain_text(report.build));
    out += "</dl></div><button id=\"theme\" type=\"button\" hidden>Dark</button></header>\n<main>\n";
    for (const LatencyTable& table : report.tables) out += figures_box(table) + curves_box(table);
    if (!report.goals.empty()) out += goals_box(report);
    if (!report.floors.empty()) out += floors_box(report);
    if (!report.host.empty()) out += host_box(report);
    out += "</main>\n<footer>" +
           html::element("span", "",
                         "Figures move with the machine: compare ratios, and only with what was measured in "
                         "the same run.") +
           "</footer><div id=\"tip\" role=\"status\" hidden></div><script>" + std::string(html::script()) +
           "</script>\n";
    return out + "</body></html>\n";
}

}  // namespace arb
