#include "engine/app/doctor/doctor.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/app/doctor/doctor_checks.hpp"
#include "engine/report/display.hpp"
#include "engine/report/json_writer.hpp"
#include "engine/report/text_table.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr unsigned kJsonVersion = 1;

const char* mark(CheckState state)
{
    constexpr const char* kMarks[] = {"ok", "warn", "FAIL", "-"};
    return kMarks[static_cast<std::size_t>(state)];
}

Tone tone_of(CheckState state)
{
    constexpr Tone kTones[] = {Tone::good, Tone::warn, Tone::bad, Tone::dim};
    return kTones[static_cast<std::size_t>(state)];
}

std::string summary(const DoctorReport& report)
{
    std::string text = display::counted(report.checks.size(), "check", "checks") +
                       fmt::format(": {} ok", report.count(CheckState::ok));
    if (const std::size_t n = report.count(CheckState::warning); n > 0)
        text += ", " + display::counted(n, "warning", "warnings");
    if (const std::size_t n = report.count(CheckState::failed); n > 0) text += fmt::format(", {} failed", n);
    if (const std::size_t n = report.count(CheckState::skipped); n > 0)
        text += fmt::format(", {} skipped", n);
    return text;
}

}  // namespace

const char* name(CheckState state)
{
    constexpr const char* kNames[] = {"ok", "warning", "failed", "skipped"};
    static_assert(std::size(kNames) == static_cast<std::size_t>(CheckState::skipped) + 1);
    return kNames[static_cast<std::size_t>(state)];
}

std::size_t DoctorReport::count(CheckState state) const
{
    return static_cast<std::size_t>(std::count_if(
        checks.begin(), checks.end(), [&](const DoctorCheck& check) { return check.state == state; }));
}

void DoctorChecks::add(std::string_view group, std::string_view name, std::string_view subject,
                       CheckState state, std::string_view said, std::string_view fix)
{
    report_->checks.push_back({std::string(group), std::string(name), plain_text(subject), state,
                               plain_text(said), plain_text(fix)});
}

void DoctorChecks::accept(const HeldKey& key)
{
    report_->keys.push_back(
        fmt::format("{}/{} ({})", key.facts.venue, key.facts.label, name(key.facts.role)));
}

DoctorReport examine(const DoctorRequest& request, const DoctorSurroundings& surroundings)
{
    DoctorReport report;
    report.time = surroundings.now();
    report.config = request.config_path;
    report.directory = request.directory;
    report.build = request.build;
    report.config_hash = request.config.hash;
    report.live = request.live;
    DoctorChecks checks(request, surroundings, report);
    check_venues(checks);
    check_instruments(checks);
    check_keys(checks);
    check_files(checks);
    check_disk(checks);
    check_machine(checks);
    // Groups that were looked at in turns are shown together, in the order they began.
    std::map<std::string, std::size_t> places;
    for (const DoctorCheck& check : report.checks) places.try_emplace(check.group, places.size());
    std::stable_sort(report.checks.begin(), report.checks.end(),
                     [&](const auto& a, const auto& b) { return places.at(a.group) < places.at(b.group); });
    return report;
}

std::string doctor_text(const DoctorReport& report, bool colour)
{
    std::size_t names = 0;
    std::size_t subjects = 0;
    for (const DoctorCheck& check : report.checks) {
        names = std::max(names, columns_of(check.name));
        subjects = std::max(subjects, columns_of(check.subject));
    }
    std::string out =
        painted(fmt::format("{}{}", plain_text(report.config), report.live ? ", for --live" : ""), Tone::bold,
                colour) +
        "\n";
    std::string group;
    for (const DoctorCheck& check : report.checks) {
        if (check.group != group) {
            group = check.group;
            out += "\n" + painted(group, Tone::bold, colour) + "\n";
        }
        out +=
            fmt::format("  {}  {}  {}  ", aligned(mark(check.state), 4, false, tone_of(check.state), colour),
                        aligned(check.name, names, false, Tone::none, colour),
                        aligned(check.subject, subjects, false, Tone::none, colour));
        out +=
            painted(check.said, check.state == CheckState::skipped ? Tone::dim : Tone::none, colour) + "\n";
        if (!check.fix.empty()) out += fmt::format("        -> {}\n", check.fix);
    }
    return out + "\n" + painted(summary(report), report.passed() ? Tone::good : Tone::bad, colour) + "\n";
}

std::string doctor_json(const DoctorReport& report)
{
    JsonWriter json(3);
    json.begin_object();
    json.key("version").integer(kJsonVersion);
    json.key("generated").time(report.time);
    json.key("build").text(report.build);
    json.key("config").text(report.config).key("config_hash").hash(report.config_hash);
    json.key("directory").text(report.directory);
    json.key("live").flag(report.live);
    json.key("checks").begin_array();
    for (const DoctorCheck& check : report.checks) {
        json.begin_object();
        json.key("group").text(check.group).key("name").text(check.name).key("subject").text(check.subject);
        json.key("state").text(name(check.state)).key("said").text(check.said).key("fix").text(check.fix);
        json.end_object();
    }
    json.end_array().key("keys").begin_array();
    for (const std::string& key : report.keys) json.text(key);
    json.end_array().key("summary").begin_object();
    for (const CheckState state :
         {CheckState::ok, CheckState::warning, CheckState::failed, CheckState::skipped})
        json.key(name(state)).integer(report.count(state));
    return json.key("passed").flag(report.passed()).end_object().end_object().take();
}

}  // namespace arb
