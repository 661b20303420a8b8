// The rehearsal of venues as one self-contained HTML page, in the look of the other reports.
#include <fmt/format.h>

#include "engine/report/display.hpp"
#include "engine/report/html_style.hpp"
#include "engine/report/html_text.hpp"
#include "engine/report/rehearsal_report.hpp"
#include "engine/report/svg.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

using html::escape;

std::string table_head(std::initializer_list<std::string_view> heads)
{
    std::string out = "<div class=\"scroll\"><table><thead><tr>";
    for (const std::string_view head : heads) {
        const bool number = head.ends_with('#');
        out += fmt::format("<th scope=\"col\"{}>{}</th>", number ? " class=\"n\"" : "",
                           escape(number ? head.substr(0, head.size() - 1) : head));
    }
    return out + "</tr></thead><tbody>";
}

std::string checks_box(const RehearsedVenue& venue)
{
    std::string body = table_head({"Check", "Result", "Expected", "Found"});
    for (const RehearsalCheck& check : venue.checks) {
        body += "<tr>" + html::element("td", "l", plain_text(check.name)) + "<td class=\"t\">" +
                html::element("span", check.result == CheckResult::differs ? "tag warn" : "tag",
                              name(check.result)) +
                "</td>" + html::element("td", "l", plain_text(check.expected)) +
                html::element("td", "l", plain_text(check.found)) + "</tr>";
    }
    chart::Card card;
    card.span = 6;
    card.title = plain_text(venue.venue);
    card.subtitle =
        fmt::format("{} as expected, {} differ, {} not tried", venue.count(CheckResult::as_expected),
                    venue.count(CheckResult::differs), venue.count(CheckResult::not_tried));
    if (!venue.recording.empty()) card.subtitle += "; recording (masked): " + plain_text(venue.recording);
    card.body = body + "</tbody></table></div>";
    return chart::card(card);
}

std::string latencies_box(const RehearsedVenue& venue)
{
    std::string body = table_head({"Step", "Times#", "Median ms#", "Most ms#"});
    for (const RehearsalLatency& latency : venue.latencies) {
        body += "<tr>" + html::element("td", "l", latency.name) +
                html::element("td", "n", display::count(latency.samples.size())) +
                html::element("td", "n", format_scaled(latency.median().ns / 1000, 3)) +
                html::element("td", "n", format_scaled(latency.most().ns / 1000, 3)) + "</tr>";
    }
    chart::Card card;
    card.span = 6;
    card.title = "Latencies of " + plain_text(venue.venue);
    card.subtitle = "From asking to hearing, on this machine";
    card.body = venue.latencies.empty() ? chart::empty_state("Nothing was answered.")
                                        : body + "</tbody></table></div>";
    return chart::card(card);
}

std::string rehearsal_verdict(const RehearsalReport& report)
{
    const std::size_t differ = report.count(CheckResult::differs);
    std::string out = "<section class=\"verdict\">";
    out += html::element(
        "p", "lead",
        differ == 0 ? std::string("Everything that was tried is as expected.")
                    : fmt::format("{} not as expected.", display::counted(differ, "check is", "checks are")));
    for (const RehearsedVenue& venue : report.venues) {
        for (const std::string& flag : venue.flags)
            out += html::element("p", "warn", plain_text(venue.venue) + ": " + plain_text(flag));
    }
    return out + "</section>\n";
}

}  // namespace

std::string rehearsal_html(const RehearsalReport& report)
{
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<meta name=\"color-scheme\" content=\"light dark\">"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; script-src 'unsafe-inline'\">"
        "<title>Rehearsal</title><style>" +
        html::style_sheet() + "</style></head>\n<body>\n<header class=\"masthead\"><div>" +
        html::element("h1", "", "Rehearsal") + "<dl>";
    out += html::element("dt", "", "Configuration") +
           html::element("dd", "", display::clipped(plain_text(report.config), 240));
    out += html::element("dt", "", "Venues") + html::element("dd", "", display::count(report.venues.size()));
    out += html::element("dt", "", "Made") + html::element("dd", "", display::moment(report.time));
    out += html::element("dt", "", "Build") + html::element("dd", "", plain_text(report.build));
    out += "</dl></div><button id=\"theme\" type=\"button\" hidden>Dark</button></header>\n";
    out += rehearsal_verdict(report) + "<main>\n";
    for (const RehearsedVenue& venue : report.venues) out += checks_box(venue) + latencies_box(venue);
    out += "</main>\n<footer>" +
           html::element(
               "span", "",
               "Judged by what each venue answered to this program, at that time and under those keys.") +
           "</footer><div id=\"tip\" role=\"status\" hidden></div><script>" + std::string(html::script()) +
           "</script>\n";
    return out + "</body></html>\n";
}

}  // namespace arb
