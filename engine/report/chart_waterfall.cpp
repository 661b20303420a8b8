#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/report/chart_axis.hpp"
#include "engine/report/display.hpp"
#include "engine/report/html_charts.hpp"
#include "engine/report/html_text.hpp"
#include "engine/report/svg.hpp"

namespace arb::chart {
namespace {

struct Step {
    const char* label;
    const char* words;
    Amount value;
    bool total;  ///< starts at zero; the others hang on the step before
};

std::string exact_text(const Step& step)
{
    return (step.value.units > 0 && !step.total ? "+" : "") + display::exact(step.value);
}

std::string row(const Step& step, Int128 before, Int128 after, const Axis& axis, Amount quoted)
{
    const double left = axis.at(std::min(before, after));   // not money: pixels
    const double right = axis.at(std::max(before, after));  // not money: pixels
    const char* sign = step.value.units < 0 ? "neg" : step.value.zero() ? "zero" : "pos";
    const char* kind = !step.total ? sign : step.value.units < 0 ? "neg total" : "pos total";
    std::string out = fmt::format("<div class=\"step{}\" title=\"{}\">", step.total ? " sum" : "",
                                  html::escape(step.words));
    out += html::element("span", "name", step.label);
    out += fmt::format("<span class=\"track\"><b class=\"zero\" style=\"left:{}%\"></b>", pixel(axis.at(0)));
    out +=
        fmt::format("<b class=\"tie\" style=\"left:{}%\"></b>", pixel(axis.at(step.total ? after : before)));
    out += fmt::format("<b class=\"bar {}\" style=\"left:{}%;width:{}%\"></b></span>", kind, pixel(left),
                       pixel(right - left));
    out += html::element("span", "share", percent_text(step.value, quoted));
    out += html::element("span", std::string("exact ") + sign, exact_text(step));
    return out + "</div>";
}

}  // namespace

std::string waterfall(const RunResult& result)
{
    Card box{3, "Where the edge went", "Quoted edge to realised result, exact, in " + quote_text(result), "",
             ""};
    if (result.packages_total == 0) {
        box.body = empty_state("No package was sent, so there is no edge to split. " +
                               conclude(result, find(result)).front());
        return card(box);
    }
    const Waterfall& w = result.waterfall;
    const std::array<Step, 6> steps{
        {{"Quoted", "best bid less best ask, times quantity, when it was decided", w.quoted, true},
         {"Depth", "what walking the books beyond their best levels cost", w.depth, false},
         {"Fees", "all fees, unwinding included", w.fees, false},
         {"Latency", "what the books' change until the orders arrived cost or gave", w.latency, false},
         {"Unwind", "what closing leftover legs cost", w.unwind, false},
         {"Realised", "the sum of all of these", w.realised, true}}};
    Axis axis{0, 0, 0, 100};
    Int128 level = 0;
    for (const Step& step : steps) {
        level = (step.total ? 0 : level) + step.value.units;
        axis.low = std::min(axis.low, level);
        axis.high = std::max(axis.high, level);
    }
    level = 0;
    // One width for the column of amounts in all rows, or the bars would not share one scale.
    std::size_t digits = 12;
    for (const Step& step : steps) digits = std::max(digits, exact_text(step).size());
    box.body = fmt::format("<div class=\"waterfall\" style=\"--w:{}ch\">", digits + 1);
    for (const Step& step : steps) {
        const Int128 before = step.total ? 0 : level;
        level = before + step.value.units;
        box.body += row(step, before, level, axis, w.quoted);
    }
    box.body += "</div>";
    return card(box);
}

}  // namespace arb::chart
