#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "engine/report/chart_axis.hpp"
#include "engine/report/display.hpp"
#include "engine/report/html_charts.hpp"
#include "engine/report/svg.hpp"

namespace arb::chart {
namespace {

constexpr int kWidth = 380, kHeight = 230;
constexpr int kTop = 14, kBottom = 44, kRight = 8;

struct Bin {
    Int128 low = 0, high = 0;  ///< [low, high)
    std::uint64_t taken = 0, missed = 0;
    std::string range;  ///< "10 to 20 USDT"
    std::string edge;   ///< label at its left end
};

struct Histogram {
    std::vector<Bin> bins;
    std::string last_edge;  ///< label at the right end of the last bin
    std::string unit;       ///< below the axis
    std::string label;      ///< what it is, in a sentence
};

struct Plot {
    Svg svg;
    Axis x, y;
};

std::uint64_t highest(const Histogram& histogram)
{
    std::uint64_t most = 1;
    for (const Bin& bin : histogram.bins) most = std::max(most, bin.taken + bin.missed);
    return most;
}

/// Grid lines with counts, and the base line.
Plot plot_of(const Histogram& histogram)
{
    const Ticks ticks = round_ticks(0, static_cast<Int128>(highest(histogram)), 4);
    const std::size_t digits = display::count(static_cast<std::uint64_t>(ticks.high)).size();
    const int left = static_cast<int>(12 + 8 * digits);
    Plot plot{Svg(kWidth, kHeight, histogram.label),
              Axis{0, static_cast<Int128>(histogram.bins.size()), static_cast<double>(left),
                   kWidth - kRight},  // not money: pixels
              Axis{0, ticks.high, kHeight - kBottom, kTop}};
    for (const Int128 value : ticks.values) {
        const double y = plot.y.at(value);  // not money: pixels
        plot.svg.line(left, y, kWidth - kRight, y, value == 0 ? "base" : "grid");
        plot.svg.text(left - 6, y + 4, Anchor::end, "tick",
                      display::count(static_cast<std::uint64_t>(value)));
    }
    return plot;
}

/// A bar that is not empty stays visible, however small beside the highest.
double height_of(const Axis& y, std::uint64_t count)  // not money: pixels
{
    return count == 0 ? 0 : std::max(y.at(0) - y.at(static_cast<Int128>(count)), 1.5);
}

void draw_bars(Plot& plot, const Histogram& histogram)
{
    const double base = plot.y.at(0);  // not money: pixels
    for (std::size_t i = 0; i < histogram.bins.size(); ++i) {
        const Bin& bin = histogram.bins[i];
        const double left = plot.x.at(static_cast<Int128>(i));              // not money: pixels
        const double width = plot.x.at(static_cast<Int128>(i) + 1) - left;  // not money: pixels
        const double gap = width > 6 ? 1 : 0.25;                            // not money: pixels
        const double taken = height_of(plot.y, bin.taken);                  // not money: pixels
        const double missed = height_of(plot.y, bin.missed);                // not money: pixels
        if (bin.missed > 0)
            plot.svg.rect(left + gap, base - taken - missed, width - 2 * gap, missed, "missed");
        if (bin.taken > 0) plot.svg.rect(left + gap, base - taken, width - 2 * gap, taken, "taken");
        plot.svg.hot(left, kTop, width, base - kTop,
                     fmt::format("{}: {} taken, {} missed", bin.range, display::count(bin.taken),
                                 display::count(bin.missed)));
    }
}

void draw_edges(Plot& plot, const Histogram& histogram)
{
    constexpr double kRoom = 30;  // not money: pixels
    double free_from = -kRoom;    // not money: pixels
    const auto label = [&](std::size_t place, const std::string& text) {
        const double x = plot.x.at(static_cast<Int128>(place));      // not money: pixels
        const double half = 4.2 * static_cast<double>(text.size());  // not money: pixels
        const double centre = std::min(x, kWidth - half - 1);        // not money: pixels
        if (text.empty() || centre - half < free_from) return;
        plot.svg.line(x, kHeight - kBottom, x, kHeight - kBottom + 4, "base");
        plot.svg.text(centre, kHeight - kBottom + 17, Anchor::middle, "tick", text);
        free_from = centre + half + 2;
    };
    for (std::size_t i = 0; i < histogram.bins.size(); ++i) label(i, histogram.bins[i].edge);
    label(histogram.bins.size(), histogram.last_edge);
    plot.svg.text(kWidth - kRight, kHeight - 6, Anchor::end, "unit", histogram.unit);
}

std::string legend()
{
    return legend_entry("taken", "taken") + legend_entry("missed", "missed");
}

std::string no_opportunity(const RunResult& result)
{
    if (result.events == 0) return "The recordings held no inputs.";
    return "No opportunity was seen: no venue's best bid stood above another venue's best ask.";
}

std::string sample_text(const RunResult& result)
{
    const std::uint64_t listed = result.opportunities.size();
    if (listed == result.opportunities_total) return display::counted(listed, "opportunity", "opportunities");
    return fmt::format("the first {} of {} opportunities", display::count(listed),
                       display::count(result.opportunities_total));
}

void count_in(Histogram& histogram, const std::vector<Opportunity>& opportunities,
              const std::function<Int128(const Opportunity&)>& value_of)
{
    for (const Opportunity& opportunity : opportunities) {
        const Int128 value = value_of(opportunity);
        const auto after = std::upper_bound(histogram.bins.begin(), histogram.bins.end(), value,
                                            [](Int128 v, const Bin& bin) { return v < bin.low; });
        Bin& bin = after == histogram.bins.begin() ? *after : *(after - 1);
        ++(opportunity.taken ? bin.taken : bin.missed);
    }
}

/// Drops empty bins at both ends, and those between zero, which has a bin of its own, and the first value.
void trim(Histogram& histogram)
{
    auto& bins = histogram.bins;
    const auto used = [](const Bin& bin) { return bin.taken + bin.missed > 0; };
    const auto last = std::find_if(bins.rbegin(), bins.rend(), used).base();
    if (last != bins.end()) {
        histogram.last_edge = last->edge;
        bins.erase(last, bins.end());
    }
    bins.erase(bins.begin(), std::find_if(bins.begin(), bins.end(), used));
    if (bins.front().low == 0) bins.erase(bins.begin() + 1, std::find_if(bins.begin() + 1, bins.end(), used));
}

/// 1,500 is long for a tick: "1.5k". Only ladder values of 1, 2 and 5 come here.
std::string short_amount(Int128 units)
{
    const Int128 one = power_of_ten(18);
    if (units >= one * 1'000'000) return display::exact({units / 1'000'000}) + "M";
    if (units >= one * 1'000) return display::exact({units / 1'000}) + "k";
    return display::exact({units});
}

Histogram size_bins(const RunResult& result)
{
    Histogram histogram;
    const std::string quote = quote_text(result);
    const auto edge = [&](Int128 low, Int128 high) {
        const std::string range =
            low == 0 ? "below " + short_amount(high) : short_amount(low) + " to " + short_amount(high);
        histogram.bins.push_back({low, high, 0, 0, range + " " + quote, low == 0 ? "0" : short_amount(low)});
    };
    Int128 power = power_of_ten(12);
    edge(0, power);
    for (int n = 0; n < 18; ++n, power *= 10) {
        edge(power, power * 2);
        edge(power * 2, power * 5);
        edge(power * 5, power * 10);
    }
    histogram.unit = quote + " at the best instant, log scale";
    return histogram;
}

/// Over many decades only the powers of ten are named: every label then has its room, and the steps are even.
void thin_labels(Histogram& histogram)
{
    if (histogram.bins.size() <= 11) return;
    const auto thin = [](std::string& label) {
        if (label.find_first_of("25") != std::string::npos) label.clear();
    };
    for (Bin& bin : histogram.bins) thin(bin.edge);
    thin(histogram.last_edge);
}

Histogram lifetime_bins()
{
    static constexpr std::int64_t kSecond = 1'000'000'000;
    static constexpr std::array<std::int64_t, 29> kEdges{0,
                                                         1,
                                                         1'000,
                                                         10'000,
                                                         100'000,
                                                         1'000'000,
                                                         2'000'000,
                                                         5'000'000,
                                                         10'000'000,
                                                         20'000'000,
                                                         50'000'000,
                                                         100'000'000,
                                                         200'000'000,
                                                         500'000'000,
                                                         kSecond,
                                                         2 * kSecond,
                                                         5 * kSecond,
                                                         10 * kSecond,
                                                         20 * kSecond,
                                                         30 * kSecond,
                                                         60 * kSecond,
                                                         120 * kSecond,
                                                         300 * kSecond,
                                                         600 * kSecond,
                                                         1'800 * kSecond,
                                                         3'600 * kSecond,
                                                         21'600 * kSecond,
                                                         86'400 * kSecond,
                                                         INT64_MAX};
    Histogram histogram;
    for (std::size_t i = 0; i + 1 < kEdges.size(); ++i) {
        const std::string low = display::duration(kEdges[i]);
        const std::string range =
            i == 0 ? "a single instant" : low + " to " + display::duration(kEdges[i + 1]);
        histogram.bins.push_back({kEdges[i], kEdges[i + 1], 0, 0, range, i == 0 ? "0" : low});
    }
    histogram.bins.back().range = "a day or more";
    histogram.unit = "time until the gap closed, log scale";
    return histogram;
}

/// Wide enough for the fees and nearly all edges; the rest is counted in the last bin.
Int128 edge_limit(const RunResult& result, const Findings& findings)
{
    std::vector<std::int64_t> values;
    for (const Opportunity& opportunity : result.opportunities) values.push_back(opportunity.max_edge.units);
    std::sort(values.begin(), values.end());
    const Int128 nearly_all = values[(values.size() - 1) * 99 / 100];
    const Int128 fees = findings.fees ? Int128{findings.fees->most.units} : 0;
    return std::max<Int128>({nearly_all * 11 / 10, fees * 23 / 20, kRatePerBasisPoint / 10});
}

Histogram edge_bins(const RunResult& result, const Findings& findings)
{
    const Ticks ticks = round_ticks(0, edge_limit(result, findings), 26);
    const Ticks labels = round_ticks(0, ticks.high, 6);
    Histogram histogram;
    const auto text = [&](Int128 units) { return display::grouped(format_scaled128(units, 4)); };
    for (std::size_t i = 0; i + 1 < ticks.values.size(); ++i) {
        const Int128 low = ticks.values[i], high = ticks.values[i + 1];
        histogram.bins.push_back({low, high, 0, 0, text(low) + " to " + text(high) + " bps",
                                  low % labels.step == 0 ? text(low) : ""});
    }
    const auto beyond = [&](const Opportunity& o) { return Int128{o.max_edge.units} >= ticks.high; };
    if (std::any_of(result.opportunities.begin(), result.opportunities.end(), beyond)) {
        histogram.bins.back().range = text(histogram.bins.back().low) + " bps or more";
    }
    histogram.unit = "widest edge in bps, before fees";
    return histogram;
}

/// The plot's axis across, in rates instead of bins.
Axis rate_axis(const Plot& plot, const Histogram& histogram)
{
    Axis x = plot.x;
    x.low = histogram.bins.front().low;
    x.high = histogram.bins.back().high;
    return x;
}

/// Behind the bars: the fees between those of the cheapest and the dearest pair.
void draw_fee_band(Plot& plot, const Axis& x, const FeeRange& fees)
{
    const double left = x.at(fees.least.units);         // not money: pixels
    const double width = x.at(fees.most.units) - left;  // not money: pixels
    if (width > 1) plot.svg.rect(left, kTop, width, kHeight - kBottom - kTop, "feeband");
}

void draw_fee_line(Plot& plot, const Axis& x, const FeeRange& fees)
{
    const double left = x.at(fees.least.units);  // not money: pixels
    plot.svg.line(left, kTop - 6, left, kHeight - kBottom, "feeline");
    const bool room_right = left < kWidth * 0.4;
    plot.svg.text(left + (room_right ? 5 : -5), kTop + 5, room_right ? Anchor::start : Anchor::end, "feetext",
                  "fees " + fee_text(fees));
}

std::string drawn(Plot& plot, const Histogram& histogram)
{
    draw_bars(plot, histogram);
    draw_edges(plot, histogram);
    return plot.svg.take();
}

}  // namespace

std::string edges(const RunResult& result, const Findings& findings)
{
    Card box{2, "Edge against fees", "Only what stands right of the fees can pay", legend(), ""};
    if (result.opportunities.empty()) {
        box.legend.clear();
        box.body = empty_state(no_opportunity(result));
        return card(box);
    }
    Histogram histogram = edge_bins(result, findings);
    count_in(histogram, result.opportunities, [](const Opportunity& o) { return Int128{o.max_edge.units}; });
    histogram.label = "Histogram of " + sample_text(result) + " by widest edge in basis points";
    Plot plot = plot_of(histogram);
    const Axis rates = rate_axis(plot, histogram);
    if (findings.fees) draw_fee_band(plot, rates, *findings.fees);
    draw_bars(plot, histogram);
    if (findings.fees) draw_fee_line(plot, rates, *findings.fees);
    draw_edges(plot, histogram);
    box.body = plot.svg.take();
    return card(box);
}

std::string sizes(const RunResult& result)
{
    Card box{2, "Opportunities by size", "Notional that stood across the gap", legend(), ""};
    if (result.opportunities.empty()) {
        box.legend.clear();
        box.body = empty_state(no_opportunity(result));
        return card(box);
    }
    Histogram histogram = size_bins(result);
    count_in(histogram, result.opportunities, [](const Opportunity& o) { return o.max_notional.units; });
    trim(histogram);
    thin_labels(histogram);
    histogram.label = "Histogram of " + sample_text(result) + " by notional";
    Plot plot = plot_of(histogram);
    box.body = drawn(plot, histogram);
    return card(box);
}

std::string lifetimes(const RunResult& result)
{
    Card box{2, "Opportunities by lifetime", "How long the gap stood", legend(), ""};
    if (result.opportunities.empty()) {
        box.legend.clear();
        box.body = empty_state(no_opportunity(result));
        return card(box);
    }
    Histogram histogram = lifetime_bins();
    count_in(histogram, result.opportunities,
             [](const Opportunity& o) { return Int128{(o.end - o.begin).ns}; });
    trim(histogram);
    histogram.label = "Histogram of " + sample_text(result) + " by lifetime";
    Plot plot = plot_of(histogram);
    box.body = drawn(plot, histogram);
    return card(box);
}

}  // namespace arb::chart
