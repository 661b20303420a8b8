#include "engine/report/html_report.hpp"

#include <fmt/format.h>

#include <string_view>

#include "engine/report/display.hpp"
#include "engine/report/findings.hpp"
#include "engine/report/html_charts.hpp"
#include "engine/report/html_style.hpp"
#include "engine/report/html_tables.hpp"
#include "engine/report/html_text.hpp"
#include "engine/report/svg.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

using html::element;
using html::escape;
using html::tile;

std::string title_of(const RunResult& result)
{
    return result.title.empty() ? "Backtest" : "Backtest " + display::clipped(plain_text(result.title), 80);
}

std::string head(const RunResult& result)
{
    // The policy makes "opens offline" a promise that the browser keeps: nothing outside can be fetched.
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
           "<meta name=\"color-scheme\" content=\"light dark\">"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
           "'unsafe-inline'; "
           "script-src 'unsafe-inline'\">" +
           element("title", "", title_of(result)) + "<style>" + html::style_sheet() + "</style></head>\n";
}

std::string fact(std::string_view name, std::string_view text)
{
    return element("dt", "", name) + element("dd", "", text);
}

std::string masthead(const RunResult& result)
{
    std::string inputs;
    for (const std::string& input : result.inputs) inputs += (inputs.empty() ? "" : ", ") + plain_text(input);
    std::string span = "unknown";
    if (result.begin.known() && result.end.known()) {
        span = fmt::format("{} to {} ({})", display::moment(result.begin), display::moment(result.end),
                           display::duration((result.end - result.begin).ns));
    }
    std::string events = display::count(result.events);
    if (result.wall_ns > 0) {
        events +=
            fmt::format(" in {}, {} a second", display::duration(static_cast<std::int64_t>(result.wall_ns)),
                        display::count(events_per_second(result)));
    }
    std::string out = "<header class=\"masthead\"><div>" + element("h1", "", title_of(result)) + "<dl>";
    out += fact("Span", span) + fact("Inputs", inputs.empty() ? "none" : display::clipped(inputs, 240));
    out += fact("Events", events) + fact("Decisions", fmt::format("{:016x}", result.decision_hash));
    return out + "</dl></div><button id=\"theme\" type=\"button\" hidden>Dark</button></header>\n";
}

std::string verdict(const RunResult& result, const Findings& findings)
{
    std::string out = "<section class=\"verdict\">";
    bool first = true;
    for (const std::string& sentence : conclude(result, findings)) {
        const bool warning = sentence.starts_with("Warning");
        out += element("p", first ? "lead" : warning ? "warn" : "", sentence);
        first = false;
    }
    return out + "</section>\n";
}

std::string tiles(const RunResult& result, const Findings& findings)
{
    const Waterfall& w = result.waterfall;
    const std::string quote = quote_text(result);
    const char* sign = w.realised.units < 0 ? "neg" : w.realised.zero() ? "" : "pos";
    std::string kept = quote;
    if (result.packages_total > 0 && !w.quoted.zero()) {
        kept = fmt::format("{}, {} of quoted", quote, percent_text(w.realised, w.quoted));
    }
    const std::string widest =
        findings.widest == nullptr ? "none" : "widest " + display::bps(findings.widest->max_edge) + " bps";
    const std::uint64_t taken = result.opportunities_total > findings.opportunities_missed
                                    ? result.opportunities_total - findings.opportunities_missed
                                    : 0;
    std::string out = "<section class=\"tiles\">";
    out +=
        tile("Realised", sign, display::signed_money(w.realised, display::money_decimals(w.realised)), kept);
    const Amount paid = -w.fees;
    out += tile("Fees paid", "", display::money(paid, display::money_decimals(paid)),
                findings.fees ? "both legs " + fee_text(*findings.fees) : quote);
    out += tile("Crossings", "", display::count(findings.instants), widest);
    out += tile("Opportunities", "", display::count(result.opportunities_total),
                fmt::format("{} taken, {} missed", display::count(taken),
                            display::count(findings.opportunities_missed)));
    out += tile("Packages", "", display::count(result.packages_total),
                fmt::format("{} unwound, {} flagged", display::count(result.packages_unwound),
                            display::count(result.packages_flagged)));
    out += tile("Fills", "", display::count(result.fills_total),
                fmt::format("{}, {}", display::counted(result.orders_total, "order", "orders"),
                            display::counted(result.rejects_total, "reject", "rejects")));
    return out + "</section>\n";
}

std::string notes(const RunResult& result)
{
    std::string body;
    for (const std::string& note : result.notes) body += element("li", "", note);
    if (body.empty()) body = element("li", "", "Nothing needs saying beyond the numbers.");
    return chart::card({6, "Notes", "What a careful reader must know", "", "<ul>" + body + "</ul>"});
}

std::string footer(const Findings& findings)
{
    const auto check = [](bool good, std::string_view yes, std::string_view no) {
        return element("span", good ? "check" : "check warn",
                       std::string(good ? "\u2713 " : "\u2717 ") + std::string(good ? yes : no));
    };
    return "<footer>" +
           check(findings.waterfall_adds_up, "the waterfall adds up to the last digit",
                 "the waterfall does not add up") +
           check(findings.balances_add_up, "every balance is start + fills \u2212 fees",
                 "a balance is not start + fills \u2212 fees") +
           element("span", "", "Numbers are rounded for reading; point at one for all its digits.") +
           "</footer>";
}

}  // namespace

std::string backtest_html(const RunResult& result)
{
    const Findings findings = find(result);
    std::string out = head(result) + "<body>\n" + masthead(result) + verdict(result, findings);
    out += tiles(result, findings);
    out += "<main>\n";
    out += chart::waterfall(result) + chart::equity(result);
    out += chart::edges(result, findings) + chart::sizes(result) + chart::lifetimes(result);
    out += html::crossings_table(result) + html::missed_table(result);
    out += html::pairs_table(result);
    // Boxes stand two in a row: an odd one is joined by the balances, and the venues have a row of their own.
    const bool odd = chart::inventory_boxes(result) % 2 == 1;
    out += chart::inventory(result) + html::balances_table(result) + html::venues_table(result, odd ? 6 : 3);
    out += html::packages_table(result) + notes(result);
    out += "</main>\n" + footer(findings);
    out +=
        "<div id=\"tip\" role=\"status\" hidden></div><script>" + std::string(html::script()) + "</script>\n";
    return out + "</body></html>\n";
}

}  // namespace arb
