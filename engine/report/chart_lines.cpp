#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/report/chart_axis.hpp"
#include "engine/report/display.hpp"
#include "engine/report/html_charts.hpp"
#include "engine/report/html_text.hpp"
#include "engine/report/svg.hpp"

namespace arb::chart {
namespace {

constexpr int kLinesWidth = 560, kLinesHeight = 250;
constexpr int kLinesTop = 14, kLinesBottom = 34, kLinesRight = 12;
constexpr std::size_t kSeriesMax = 6;  ///< lines a box; there are as many colours
constexpr std::size_t kBoxesMax = 8;
constexpr int kTips = 60;

struct Line {
    std::string name;
    const std::vector<SeriesPoint>* points = nullptr;
    int colour = 0;
};

struct LinePlot {
    Svg svg;
    Axis x, y;
};

/// At most four points for each column of pixels: first, lowest, highest, last, in order of time. Nothing
/// that would show is lost, and a page of a million points stays small.
std::vector<SeriesPoint> thinned(const std::vector<SeriesPoint>& points, const Axis& x)
{
    if (points.size() <= 2 * kLinesWidth) return points;
    std::vector<SeriesPoint> out;
    for (std::size_t begin = 0; begin < points.size();) {
        const auto column = static_cast<int>(x.at(points[begin].time.ns));
        std::size_t end = begin, low = begin, high = begin;
        for (; end < points.size() && static_cast<int>(x.at(points[end].time.ns)) == column; ++end) {
            if (points[end].value < points[low].value) low = end;
            if (points[end].value > points[high].value) high = end;
        }
        std::vector<std::size_t> kept{begin, low, high, end - 1};
        std::sort(kept.begin(), kept.end());
        kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
        for (const std::size_t i : kept) out.push_back(points[i]);
        begin = end;
    }
    return out;
}

/// A value holds until the next one, so lines go across and then up or down.
std::string step_path(const std::vector<SeriesPoint>& points, const LinePlot& plot)
{
    std::string path;
    for (const SeriesPoint& point : points) {
        const std::string x = pixel(plot.x.at(point.time.ns));
        const std::string y = pixel(plot.y.at(point.value.units));
        path += path.empty() ? "M" + x + " " + y : "H" + x + "V" + y;
    }
    return path + "H" + pixel(plot.x.to);
}

/// The value at a time: that of the last point not after it, or of the first.
Amount value_at(const std::vector<SeriesPoint>& points, Timestamp time)
{
    const auto after = std::upper_bound(points.begin(), points.end(), time,
                                        [](Timestamp t, const SeriesPoint& point) { return t < point.time; });
    return after == points.begin() ? points.front().value : (after - 1)->value;
}

unsigned label_decimals(const std::vector<Line>& lines)
{
    Amount largest;
    for (const Line& line : lines) {
        for (const SeriesPoint& point : *line.points)
            largest = std::max(largest, display::magnitude(point.value));
    }
    return display::money_decimals(largest);
}

void draw_time_axis(LinePlot& plot, Timestamp begin, Timestamp end)
{
    const std::vector<Timestamp> ticks = time_ticks(begin, end, 6);
    const Duration distance = ticks.size() > 1 ? ticks[1] - ticks[0] : end - begin;
    for (const Timestamp tick : ticks) {
        const double x = plot.x.at(tick.ns);  // not money: pixels
        plot.svg.line(x, kLinesHeight - kLinesBottom, x, kLinesHeight - kLinesBottom + 4, "base");
        const std::string label = time_label(tick, distance);
        const double half = 4.2 * static_cast<double>(label.size());            // not money: pixels
        const double centre = std::clamp(x, half + 2, kLinesWidth - half - 2);  // not money: pixels
        plot.svg.text(centre, kLinesHeight - kLinesBottom + 21, Anchor::middle, "tick", label);
    }
}

LinePlot line_plot_of(const std::vector<Line>& lines, Timestamp begin, Timestamp end, bool with_zero,
                      std::string_view label)
{
    Int128 low = lines[0].points->front().value.units, high = low;
    for (const Line& line : lines) {
        for (const SeriesPoint& point : *line.points) {
            low = std::min(low, point.value.units);
            high = std::max(high, point.value.units);
        }
    }
    if (with_zero) {
        low = std::min<Int128>(low, 0);
        high = std::max<Int128>(high, 0);
    }
    if (low == 0 && high == 0) high = power_of_ten(kAmountDecimals);
    const Ticks ticks = round_ticks(low, high, 4);
    std::size_t widest = 0;
    for (const Int128 value : ticks.values) widest = std::max(widest, amount_label(value, ticks.step).size());
    const auto left = static_cast<int>(14 + 7.6 * static_cast<double>(widest));  // not money: pixels
    const auto from = static_cast<double>(left);                                 // not money: pixels
    LinePlot plot{Svg(kLinesWidth, kLinesHeight, label),
                  Axis{begin.ns, end.ns, from, kLinesWidth - kLinesRight},
                  Axis{ticks.low, ticks.high, kLinesHeight - kLinesBottom, kLinesTop}};
    for (const Int128 value : ticks.values) {
        const double y = plot.y.at(value);  // not money: pixels
        const bool base = value == 0 || (low > 0 && value == ticks.low);
        plot.svg.line(left, y, kLinesWidth - kLinesRight, y, base ? "base" : "grid");
        plot.svg.text(left - 6, y + 4, Anchor::end, "tick", amount_label(value, ticks.step));
    }
    draw_time_axis(plot, begin, end);
    return plot;
}

void add_tips(LinePlot& plot, const std::vector<Line>& lines, Timestamp begin, Timestamp end,
              std::string_view unit)
{
    const unsigned decimals = label_decimals(lines);
    const std::int64_t slice = (end - begin).ns / kTips;
    if (slice <= 0) return;
    const double width = (plot.x.to - plot.x.from) / kTips;  // not money: pixels
    for (int i = 0; i < kTips; ++i) {
        const Timestamp time = begin + nanoseconds(slice * i + slice / 2);
        std::string tip = format_utc(time).substr(11, 8);
        for (const Line& line : lines) {
            const Amount value = value_at(*line.points, time);
            tip += fmt::format(" \u00b7 {}{}{} {}", line.name, line.name.empty() ? "" : " ",
                               display::money(value, decimals), unit);
        }
        plot.svg.hot(plot.x.from + width * i, kLinesTop, width, kLinesHeight - kLinesBottom - kLinesTop, tip);
    }
}

struct Span {
    Timestamp begin, end;
};

/// The run's span, widened to the points, so that nothing is drawn outside the plot.
Span span_of(const RunResult& result, const std::vector<Line>& lines)
{
    Span span{lines[0].points->front().time, lines[0].points->back().time};
    for (const Line& line : lines) {
        span.begin = std::min(span.begin, line.points->front().time);
        span.end = std::max(span.end, line.points->back().time);
    }
    if (result.begin.known()) span.begin = std::min(span.begin, result.begin);
    if (result.end.known()) span.end = std::max(span.end, result.end);
    if (span.end == span.begin) span.end = span.begin + seconds(1);
    return span;
}

std::string no_line(const RunResult& result, std::string_view what)
{
    if (result.events == 0) return "The recordings held no inputs.";
    return fmt::format("The run kept no {}: no book gave a price to mark it at, or nothing changed.", what);
}

/// "bnc LINK" is what bnc holds of LINK.
std::string_view asset_of(std::string_view name)
{
    return name.substr(name.rfind(' ') + 1);
}

std::string_view venue_of(std::string_view name)
{
    const std::size_t blank = name.rfind(' ');
    return blank == std::string_view::npos ? name : name.substr(0, blank);
}

/// Level lines would lie on one another and say nothing.
bool any_moved(const std::vector<Line>& lines)
{
    return std::any_of(lines.begin(), lines.end(), [](const Line& line) {
        return std::any_of(line.points->begin(), line.points->end(),
                           [&](const SeriesPoint& p) { return p.value != line.points->front().value; });
    });
}

struct PlotBox {
    std::string_view asset;
    std::vector<Line> lines;
    std::size_t left_out = 0;
};

/// Series of one asset belong together; a venue keeps its colour in all boxes.
std::vector<PlotBox> boxes_of(const RunResult& result)
{
    std::vector<PlotBox> boxes;
    std::vector<std::string_view> venues;
    for (const Series& series : result.inventory) {
        if (series.points.empty()) continue;
        const std::string_view asset = asset_of(series.name);
        const std::string_view venue = venue_of(series.name);
        auto box =
            std::find_if(boxes.begin(), boxes.end(), [&](const PlotBox& b) { return b.asset == asset; });
        if (box == boxes.end()) box = boxes.insert(boxes.end(), PlotBox{asset, {}, 0});
        if (std::find(venues.begin(), venues.end(), venue) == venues.end()) venues.push_back(venue);
        const auto place = std::find(venues.begin(), venues.end(), venue) - venues.begin();
        if (box->lines.size() == kSeriesMax) {
            ++box->left_out;
            continue;
        }
        box->lines.push_back({std::string(venue), &series.points, static_cast<int>(place % kSeriesMax)});
    }
    return boxes;
}

std::string inventory_box(const RunResult& result, const PlotBox& held)
{
    const std::vector<Line>& lines = held.lines;
    const std::string unit = display::clipped(held.asset, 16);
    Card box{3, "Inventory of " + unit, "What each venue holds, start to end", "", ""};
    if (held.left_out > 0) box.subtitle += fmt::format("; {} more venues are not drawn", held.left_out);
    const unsigned decimals = label_decimals(lines);
    for (const Line& line : lines) {
        box.legend += legend_entry(fmt::format("s{}", line.colour),
                                   fmt::format("{} {} \u2192 {}", display::clipped(line.name, 24),
                                               display::money(line.points->front().value, decimals),
                                               display::money(line.points->back().value, decimals)));
    }
    if (!any_moved(lines)) {
        box.body = empty_state("Nothing was bought or sold, so nothing moved.");
        return card(box);
    }
    const Span span = span_of(result, lines);
    LinePlot plot =
        line_plot_of(lines, span.begin, span.end, false, "Lines of " + unit + " held by venue over time");
    for (const Line& line : lines)
        plot.svg.path(step_path(thinned(*line.points, plot.x), plot), "series", line.colour);
    add_tips(plot, lines, span.begin, span.end, unit);
    box.body = plot.svg.take();
    return card(box);
}

}  // namespace

std::string equity(const RunResult& result)
{
    const std::string quote = quote_text(result);
    Card box{3, "Equity", "Change since the start, marked at mid prices, in " + quote, "", ""};
    const std::vector<SeriesPoint>& points = result.equity.points;
    if (points.empty()) {
        box.body = empty_state(no_line(result, "equity line"));
        return card(box);
    }
    const std::vector<Line> lines{{"", &points, 0}};
    if (points.front().value.zero() && !any_moved(lines)) {
        box.body = empty_state("Equity did not change: nothing was traded.");
        return card(box);
    }
    const Span span = span_of(result, lines);
    LinePlot plot = line_plot_of(lines, span.begin, span.end, true, "Line of the change of equity over time");
    const std::string path = step_path(thinned(points, plot.x), plot);
    const std::string zero = pixel(plot.y.at(0));
    plot.svg.path(path + "V" + zero + "H" + pixel(plot.x.at(points.front().time.ns)) + "Z", "area");
    plot.svg.path(path, "series", 0);
    const Amount last = points.back().value;
    box.legend = html::element("span",
                               last.units < 0 ? "neg"
                               : last.zero()  ? "zero"
                                              : "pos",
                               display::signed_money(last, display::money_decimals(last)) + " " + quote) +
                 html::element("span", "sub", "at the end");
    add_tips(plot, lines, span.begin, span.end, quote);
    box.body = plot.svg.take();
    return card(box);
}

std::size_t inventory_boxes(const RunResult& result)
{
    return std::min(boxes_of(result).size(), kBoxesMax);
}

std::string inventory(const RunResult& result)
{
    const std::vector<PlotBox> boxes = boxes_of(result);
    if (boxes.empty()) {
        return card(
            {6, "Inventory", "What each venue holds", "", empty_state(no_line(result, "inventory lines"))});
    }
    std::string out;
    for (std::size_t i = 0; i < std::min(boxes.size(), kBoxesMax); ++i)
        out += inventory_box(result, boxes[i]);
    if (boxes.size() > kBoxesMax) {
        out +=
            card({6, "More inventory", "", "",
                  empty_state(fmt::format("{} more assets are in the balances.", boxes.size() - kBoxesMax))});
    }
    return out;
}

}  // namespace arb::chart
