// A sweep as one self-contained HTML page, in the look of the other reports: what the best made, a heat map
// of the first two ranges, a line for each range of numbers, and the variants as a table.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/report/chart_axis.hpp"
#include "engine/report/display.hpp"
#include "engine/report/html_style.hpp"
#include "engine/report/html_text.hpp"
#include "engine/report/svg.hpp"
#include "engine/report/sweep_report.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr int kSweepWidth = 560, kSweepHeight = 250;
constexpr int kSweepTop = 14, kSweepBottom = 34, kSweepRight = 18;
constexpr int kHeatRow = 28;
constexpr std::size_t kHeatMost = 40;    ///< values a side that can be told apart
constexpr std::size_t kHeatTexts = 8;    ///< columns up to which each cell has room for its figure
constexpr std::size_t kLabelsMost = 10;  ///< values below a line
constexpr std::size_t kShadesMost = 5;   ///< as the style sheet has
constexpr double kLetter = 7.2;          // not money: pixels

// The rows where they stand in the grid, and where charts hold what they do not vary.
class SweepGrid {
  public:
    explicit SweepGrid(const SweepReport& report)
        : report_(report),
          names_(sweep_names(report.ranges)),
          base_(sweep_places(report.ranges, best().variant))
    {
        for (const SweepRow& row : report.rows) rows_[row.variant] = &row;
        for (std::size_t i = 0; i < base_.size(); ++i) base_[i] = report.ranges[i].own.value_or(base_[i]);
        for (const SweepRow& row : report.rows) largest_ = std::max(largest_, absolute(row.result));
    }

    const SweepReport& report() const { return report_; }
    const SweepRow& best() const { return report_.rows.front(); }
    const std::string& name(std::size_t range) const { return names_[range]; }
    std::string unit() const { return display::clipped(plain_text(report_.quote), 16); }
    Amount largest() const { return largest_; }
    std::string money(Amount value) const
    {
        return display::signed_money(value, display::money_decimals(largest_));
    }
    /// The run with these ranges at these places, all others held.
    const SweepRow& at(const std::vector<std::pair<std::size_t, std::size_t>>& places) const
    {
        std::vector<std::size_t> all = base_;
        for (const auto& [range, place] : places) all[range] = place;
        return *rows_.at(sweep_variant(report_.ranges, all));
    }
    /// "; with KEY = VALUE (its own), ..." for what is held.
    std::string held(const std::vector<std::size_t>& varied) const
    {
        std::string text;
        for (std::size_t i = 0; i < base_.size(); ++i) {
            if (std::find(varied.begin(), varied.end(), i) != varied.end()) continue;
            text += fmt::format("{}{} = {}{}", text.empty() ? "; with " : ", ", names_[i],
                                report_.ranges[i].values[base_[i]],
                                report_.ranges[i].own ? "" : " (of the best)");
        }
        return text;
    }
    std::string settings(std::size_t variant) const
    {
        std::string text;
        const std::vector<std::size_t> places = sweep_places(report_.ranges, variant);
        for (std::size_t i = 0; i < places.size(); ++i)
            text +=
                fmt::format("{}{} = {}", i == 0 ? "" : ", ", names_[i], report_.ranges[i].values[places[i]]);
        return text;
    }
    /// The run with all of the configuration's own values, where all of them are among the ranges'.
    const SweepRow* own() const
    {
        for (const SweepRange& range : report_.ranges) {
            if (!range.own) return nullptr;
        }
        return &at({});
    }

  private:
    const SweepReport& report_;
    std::vector<std::string> names_;
    std::vector<std::size_t> base_;
    std::map<std::size_t, const SweepRow*> rows_;
    Amount largest_;
};

std::string sweep_verdict(const SweepGrid& grid)
{
    const auto line = [&](std::string_view who, const SweepRow& row) {
        return fmt::format("{} made {} {}, drawdown {}, with {}: {}.", who, grid.money(row.result),
                           grid.unit(), display::money(row.drawdown, display::money_decimals(grid.largest())),
                           display::counted(row.packages, "package", "packages"), grid.settings(row.variant));
    };
    std::string out =
        "<section class=\"verdict\">" +
        html::element("p", "lead",
                      line("The best of " + display::count(grid.report().rows.size()), grid.best()));
    if (const SweepRow* own = grid.own())
        out += html::element("p", "", line("The configuration as it stands", *own));
    out += html::element(
        "p", "", "One recording tells what would have been best on it, not what will be: try it on another.");
    return out + "</section>\n";
}

std::string sweep_tiles(const SweepGrid& grid)
{
    const std::vector<SweepRow>& rows = grid.report().rows;
    std::size_t gained = 0, idle = 0;
    for (const SweepRow& row : rows) {
        gained += row.result.units > 0;
        idle += row.packages == 0;
    }
    const auto figure = [&](std::string_view name, const SweepRow& row) {
        const char* sign = row.result.zero() ? "" : row.result.units < 0 ? "neg" : "pos";
        return html::tile(name, sign, grid.money(row.result),
                          fmt::format("{}, variant {}", grid.unit(), row.variant));
    };
    return "<section class=\"tiles\">" + figure("Best", rows.front()) +
           figure("Middle", rows[rows.size() / 2]) + figure("Worst", rows.back()) +
           html::tile("Variants", "", display::count(rows.size()), "all run") +
           html::tile("Gained", "", display::count(gained), "result above zero") +
           html::tile("Sent nothing", "", display::count(idle), "no package") + "</section>\n";
}

int label_room(const std::vector<std::string>& labels)
{
    std::size_t widest = 0;
    for (const std::string& label : labels)
        widest = std::max(widest, std::min<std::size_t>(20, label.size()));
    return static_cast<int>(14 + kLetter * static_cast<double>(widest));  // not money: pixels
}

std::string shade_of(Amount value, Amount largest)
{
    if (value.zero()) return "heat";
    const Int128 share = (absolute(value).units * Int128{kShadesMost} + largest.units - 1) / largest.units;
    return fmt::format("heat {} h{}", value.units < 0 ? "neg" : "pos", static_cast<int>(share));
}

std::string heat_box(const SweepGrid& grid)
{
    const std::vector<SweepRange>& ranges = grid.report().ranges;
    chart::Card card;
    card.title = "Heat map";
    if (ranges.size() < 2) {
        card.body = chart::empty_state("A heat map needs two ranges; this sweep has one.");
        return chart::card(card);
    }
    const std::vector<std::string>&down = ranges[0].values, &across = ranges[1].values;
    card.subtitle = fmt::format("Result in {}; down {}, across {}{}", grid.unit(), grid.name(0), grid.name(1),
                                grid.held({0, 1}));
    if (down.size() > kHeatMost || across.size() > kHeatMost) {
        card.body = chart::empty_state("Too many values to tell apart; the table and the CSV have them.");
        return chart::card(card);
    }
    const int left = label_room(down);
    const int height = kHeatRow * static_cast<int>(down.size()) + kSweepBottom;
    const double width = static_cast<double>(kSweepWidth - left) /  // not money: pixels
                         static_cast<double>(across.size());        // not money: pixels
    chart::Svg svg(kSweepWidth, height, "Result by " + grid.name(0) + " and " + grid.name(1));
    for (std::size_t d = 0; d < down.size(); ++d) {
        const double y = kHeatRow * static_cast<double>(d);  // not money: pixels
        svg.text(left - 6, y + 18, chart::Anchor::end, "tick", display::clipped(down[d], 20));
        for (std::size_t a = 0; a < across.size(); ++a) {
            const SweepRow& row = grid.at({{0, d}, {1, a}});
            const double x = left + width * static_cast<double>(a);  // not money: pixels
            svg.rect(x + 1, y + 1, width - 2, kHeatRow - 2, shade_of(row.result, grid.largest()));
            if (across.size() <= kHeatTexts)
                svg.text(x + width / 2, y + 18, chart::Anchor::middle, "heattext", grid.money(row.result));
            svg.hot(x, y, width, kHeatRow,
                    fmt::format("{} \u00b7 {} {}", grid.settings(row.variant), display::exact(row.result),
                                grid.unit()));
        }
    }
    const std::size_t step = (across.size() + kLabelsMost - 1) / kLabelsMost;
    for (std::size_t a = 0; a < across.size(); a += step)
        svg.text(left + width * (static_cast<double>(a) + 0.5), height - 13,  // not money: pixels
                 chart::Anchor::middle, "tick", display::clipped(across[a], 12));
    card.body = svg.take();
    return chart::card(card);
}

struct SweepPoint {
    Int128 x = 0;  ///< the value, in the range's finest decimals
    std::string label;
    const SweepRow* row = nullptr;
};

// In order of the values; nothing when they are no numbers, or one alone.
std::vector<SweepPoint> points_of(const SweepGrid& grid, std::size_t range)
{
    const std::vector<std::string>& values = grid.report().ranges[range].values;
    unsigned decimals = 0;
    std::vector<Decimal> numbers;
    for (const std::string& value : values) {
        const std::optional<Decimal> number = Decimal::parse(value);
        if (!number || values.size() < 2) return {};
        decimals = std::max(decimals, number->decimals());
        numbers.push_back(*number);
    }
    std::vector<SweepPoint> points;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::optional<std::int64_t> x = numbers[i].scaled(decimals);
        if (!x) return {};
        points.push_back({*x, values[i], &grid.at({{range, i}})});
    }
    std::sort(points.begin(), points.end(),
              [](const SweepPoint& a, const SweepPoint& b) { return a.x < b.x; });
    return points;
}

std::string line_svg(const SweepGrid& grid, const std::vector<SweepPoint>& points, const std::string& name)
{
    Int128 low = 0, high = 0;
    for (const SweepPoint& point : points) {
        low = std::min(low, point.row->result.units);
        high = std::max(high, point.row->result.units);
    }
    if (low == high) high = power_of_ten(kAmountDecimals);
    const chart::Ticks ticks = chart::round_ticks(low, high, 4);
    std::vector<std::string> labels;
    for (const Int128 value : ticks.values) labels.push_back(chart::amount_label(value, ticks.step));
    const int left = label_room(labels);
    const chart::Axis x{points.front().x, points.back().x, left + 8.0, kSweepWidth - kSweepRight};
    const chart::Axis y{ticks.low, ticks.high, kSweepHeight - kSweepBottom, kSweepTop};
    chart::Svg svg(kSweepWidth, kSweepHeight, "Result against " + name);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const double at = y.at(ticks.values[i]);  // not money: pixels
        svg.line(left, at, kSweepWidth - kSweepRight, at, ticks.values[i] == 0 ? "base" : "grid");
        svg.text(left - 6, at + 4, chart::Anchor::end, "tick", labels[i]);
    }
    std::string path;
    double told = -1000;  // not money: pixels
    for (const SweepPoint& point : points) {
        const double at = x.at(point.x);                      // not money: pixels
        const double height = y.at(point.row->result.units);  // not money: pixels
        path += fmt::format("{}{} {}", path.empty() ? "M" : "L", chart::pixel(at), chart::pixel(height));
        svg.rect(at - 2.5, height - 2.5, 5, 5, "taken");
        svg.hot(at - 8, kSweepTop, 16, kSweepHeight - kSweepBottom - kSweepTop,
                fmt::format("{} = {} \u00b7 {} {}, {}", name, point.label, display::exact(point.row->result),
                            grid.unit(), display::counted(point.row->packages, "package", "packages")));
        const std::string label = display::clipped(point.label, 10);
        const double wide = kLetter * static_cast<double>(label.size()) + 8;  // not money: pixels
        if (at - told < wide) continue;
        told = at;
        svg.text(at, kSweepHeight - kSweepBottom + 21, chart::Anchor::middle, "tick", label);
    }
    svg.path(path, "series", 0);
    return svg.take();
}

std::string line_boxes(const SweepGrid& grid)
{
    std::string out;
    for (std::size_t range = 0; range < grid.report().ranges.size(); ++range) {
        const std::vector<SweepPoint> points = points_of(grid, range);
        if (points.empty()) continue;
        chart::Card card;
        card.title = "Result against " + grid.name(range);
        card.subtitle = fmt::format("In {}{}", grid.unit(), grid.held({range}));
        card.body = line_svg(grid, points, grid.name(range));
        out += chart::card(card);
    }
    return out;
}

std::string variants_box(const SweepGrid& grid)
{
    const SweepReport& report = grid.report();
    std::string body = "<div class=\"scroll\"><table><thead><tr>";
    const auto head = [&](std::string_view title) {
        body += "<th scope=\"col\" class=\"n\">" + html::escape(title) + "</th>";
    };
    const unsigned decimals = display::money_decimals(grid.largest());
    for (std::size_t i = 0; i < report.ranges.size(); ++i) head(grid.name(i));
    for (const char* title : {"Result", "Fees", "Drawdown", "Packages", "Unwound", "Fills", "Decisions"})
        head(title);
    body += "</tr></thead><tbody>";
    for (std::size_t n = 0; n < std::min(report.rows.size(), html::kRowsShown); ++n) {
        const SweepRow& row = report.rows[n];
        body += "<tr>";
        const std::vector<std::size_t> places = sweep_places(report.ranges, row.variant);
        for (std::size_t i = 0; i < places.size(); ++i)
            body += html::element("td", "n", report.ranges[i].values[places[i]]);
        body += fmt::format("<td class=\"n{}\" data-tip=\"{}\">{}</td>",
                            row.result.zero()      ? " zero"
                            : row.result.units < 0 ? " neg"
                                                   : " pos",
                            display::exact(row.result), grid.money(row.result));
        body += html::element("td", "n", display::money(row.fees, decimals)) +
                html::element("td", "n", display::money(row.drawdown, decimals));
        for (const std::uint64_t count : {row.packages, row.unwound, row.fills})
            body += html::element("td", count == 0 ? "n zero" : "n", display::count(count));
        body += html::element("td", "n", fmt::format("{:016x}", row.decision_hash)) + "</tr>";
        if (row.packages == 0)
            body += fmt::format("<tr class=\"detail\"><td colspan=\"{}\">{}</td></tr>", places.size() + 7,
                                html::escape(row.why));
    }
    if (report.rows.size() > html::kRowsShown)
        body += fmt::format("<tr class=\"more\"><td colspan=\"{}\">and {} more, in the CSV</td></tr>",
                            report.ranges.size() + 7, display::count(report.rows.size() - html::kRowsShown));
    chart::Card card;
    card.span = 6;
    card.title = "Variants";
    card.subtitle = "Best first, in " + grid.unit() + "; equal decisions have equal hashes";
    card.body = body + "</tbody></table></div>";
    return chart::card(card);
}

std::string sweep_masthead(const SweepReport& report)
{
    const std::string title = "Sweep of " + display::clipped(plain_text(report.title), 80);
    const auto fact = [](std::string_view name, std::string_view text) {
        return html::element("dt", "", name) + html::element("dd", "", text);
    };
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<meta name=\"color-scheme\" content=\"light dark\">"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; script-src 'unsafe-inline'\">" +
        html::element("title", "", title) + "<style>" + html::style_sheet() +
        "</style></head>\n<body>\n<header class=\"masthead\"><div>" + html::element("h1", "", title) + "<dl>";
    std::string inputs;
    for (const std::string& input : report.inputs) inputs += (inputs.empty() ? "" : ", ") + plain_text(input);
    out += fact("Inputs", display::clipped(inputs, 240));
    for (const SweepRange& range : report.ranges)
        out += fact(range.key, display::clipped(fmt::format("{}", fmt::join(range.values, ", ")), 240));
    for (const auto& [key, value] : report.fixed) out += fact(key, value + " in all variants");
    return out + "</dl></div><button id=\"theme\" type=\"button\" hidden>Dark</button></header>\n";
}

}  // namespace

std::string sweep_html(const SweepReport& report)
{
    const SweepGrid grid(report);
    std::string out = sweep_masthead(report) + sweep_verdict(grid) + sweep_tiles(grid) + "<main>\n";
    out += heat_box(grid) + line_boxes(grid) + variants_box(grid);
    return out + "</main>\n<footer>" +
           html::element("span", "", "Numbers are rounded for reading; point at one for all its digits.") +
           "</footer><div id=\"tip\" role=\"status\" hidden></div><script>" + std::string(html::script()) +
           "</script>\n</body></html>\n";
}

}  // namespace arb
