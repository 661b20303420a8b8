#include "engine/report/rehearsal_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/report/display.hpp"
#include "engine/report/json_writer.hpp"
#include "engine/report/text_table.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr const char* kMarks[] = {"ok", "DIFFERS", "-"};
constexpr Tone kResultTones[] = {Tone::good, Tone::bad, Tone::dim};

std::string milliseconds_number(Duration time)
{
    return format_scaled(time.ns / 1000, 3);
}

std::string rehearsal_summary(const RehearsedVenue& venue)
{
    return fmt::format("{} as expected, {} differ, {} not tried", venue.count(CheckResult::as_expected),
                       venue.count(CheckResult::differs), venue.count(CheckResult::not_tried));
}

std::string check_lines(const RehearsalCheck& check, std::size_t width, bool colour)
{
    const auto result = static_cast<std::size_t>(check.result);
    std::string out =
        fmt::format("  {}  {}  ", aligned(kMarks[result], 7, false, kResultTones[result], colour),
                    aligned(plain_text(check.name), width, false, Tone::none, colour));
    if (check.result != CheckResult::differs) {
        const std::string found =
            (check.result == CheckResult::not_tried ? "not tried: " : "") + plain_text(check.found);
        return out + painted(found, check.result == CheckResult::not_tried ? Tone::dim : Tone::none, colour) +
               "\n";
    }
    const std::string indent(2 + 7 + 2 + width + 2, ' ');
    return out + fmt::format("expected {}\n{}found    {}\n", plain_text(check.expected), indent,
                             plain_text(check.found));
}

void write_venue(JsonWriter& json, const RehearsedVenue& venue)
{
    json.begin_object().key("venue").text(venue.venue).key("checks").begin_array();
    for (const RehearsalCheck& check : venue.checks) {
        json.begin_object().key("name").text(check.name).key("result").text(name(check.result));
        json.key("expected").text(check.expected).key("found").text(check.found).end_object();
    }
    json.end_array().key("latencies").begin_array();
    for (const RehearsalLatency& latency : venue.latencies) {
        json.begin_object().key("name").text(latency.name).key("count").integer(latency.samples.size());
        json.key("p50_ms")
            .number(latency.median().ns / 1000, 3)
            .key("max_ms")
            .number(latency.most().ns / 1000, 3);
        json.end_object();
    }
    json.end_array().key("flags").texts(venue.flags).key("recording").text(venue.recording).end_object();
}

}  // namespace

std::size_t RehearsedVenue::count(CheckResult result) const
{
    return static_cast<std::size_t>(std::count_if(checks.begin(), checks.end(),
                                                  [&](const auto& check) { return check.result == result; }));
}

std::size_t RehearsalReport::count(CheckResult result) const
{
    std::size_t sum = 0;
    for (const RehearsedVenue& venue : venues) sum += venue.count(result);
    return sum;
}

bool RehearsalReport::flagged() const
{
    return std::any_of(venues.begin(), venues.end(),
                       [](const RehearsedVenue& v) { return !v.flags.empty(); });
}

std::string rehearsal_text(const RehearsalReport& report, bool colour)
{
    std::string out;
    for (const RehearsedVenue& venue : report.venues) {
        std::size_t width = 0;
        for (const RehearsalCheck& check : venue.checks) width = std::max(width, columns_of(check.name));
        out += painted(plain_text(venue.venue), Tone::bold, colour) + "\n";
        for (const RehearsalCheck& check : venue.checks) out += check_lines(check, width, colour);
        if (!venue.latencies.empty()) {
            TextTable table;
            table.column("latency", TextTable::Align::left).column("times", TextTable::Align::right);
            table.column("p50 ms", TextTable::Align::right).column("max ms", TextTable::Align::right);
            for (const RehearsalLatency& latency : venue.latencies)
                table.row({{latency.name},
                           {display::count(latency.samples.size())},
                           {milliseconds_number(latency.median())},
                           {milliseconds_number(latency.most())}});
            out += "\n" + table.render(kTextIndent, kTextColumns, colour);
        }
        out += "\n";
        for (const std::string& flag : venue.flags)
            out += painted("  FLAGGED " + plain_text(flag), Tone::bad, colour) + "\n";
        out += fmt::format("  {}\n",
                           painted(rehearsal_summary(venue),
                                   venue.count(CheckResult::differs) == 0 ? Tone::good : Tone::bad, colour));
        if (!venue.recording.empty())
            out += fmt::format("  recording (masked): {}\n", plain_text(venue.recording));
        out += "\n";
    }
    return out;
}

std::string rehearsal_json(const RehearsalReport& report, bool alone)
{
    JsonWriter json(alone ? 2 : 3);
    if (alone && report.venues.size() == 1) {
        write_venue(json, report.venues.front());
        return json.take();
    }
    json.begin_array();
    for (const RehearsedVenue& venue : report.venues) write_venue(json, venue);
    return json.end_array().take();
}

}  // namespace arb
