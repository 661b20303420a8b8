#include "engine/app/keys/keys_list.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/report/json_writer.hpp"
#include "engine/report/text_table.hpp"

namespace arb {
namespace {

constexpr std::size_t kColumns = 120;
constexpr std::int64_t kWarnDays = 14;

std::string end_of(const std::string& key_id)
{
    const std::size_t shown = std::min<std::size_t>(6, key_id.size() / 3);
    return key_id.substr(key_id.size() - shown);
}

Tone tone_of_key(KeyState state)
{
    return state == KeyState::active ? Tone::good : state == KeyState::retiring ? Tone::warn : Tone::dim;
}

Cell days_left(const KeyEntry& entry, Timestamp now)
{
    if (!entry.expires.known()) return {"-", Tone::dim};
    const std::int64_t days = days_until(entry.expires, now);
    if (days < 0) return {"expired", Tone::bad};
    return {std::to_string(days), days < 1 ? Tone::bad : days <= kWarnDays ? Tone::warn : Tone::none};
}

std::string joined(const std::vector<std::string>& texts)
{
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
    return all;
}

}  // namespace

std::string keys_table(const std::vector<KeyEntry>& entries, Timestamp now, bool colour)
{
    if (entries.empty()) return "no keys\n";
    using Align = TextTable::Align;
    TextTable table;
    table.column("venue", Align::left)
        .column("label", Align::left)
        .column("role", Align::left)
        .column("state", Align::left)
        .column("id", Align::left, 1)
        .column("made", Align::left, 2)
        .column("expires", Align::left)
        .column("days", Align::right)
        .column("addresses", Align::left, 3);
    std::string attested;
    for (const KeyEntry& entry : entries) {
        table.row(
            {{entry.environment == "live" ? entry.venue : entry.venue + " " + entry.environment},
             {entry.label, Tone::bold},
             {name(entry.role)},
             {name(entry.state), tone_of_key(entry.state)},
             {"..." + end_of(entry.key_id)},
             {format_day(entry.created)},
             {entry.expires.known() ? format_day(entry.expires) : "never"},
             days_left(entry, now),
             {entry.ips.empty() ? "none" : joined(entry.ips), entry.ips.empty() ? Tone::warn : Tone::none}});
        for (const KeyAttestation& a : entry.attestations) {
            attested +=
                fmt::format("  {} '{}': {} vouches since {} until {}{}: {}\n", entry.venue, entry.label, a.by,
                            format_day(a.date), format_day(a.until), now >= a.until ? " (over)" : "", a.what);
        }
    }
    const std::string text = table.render(0, kColumns, colour);
    return attested.empty() ? text : text + "attested:\n" + attested;
}

std::string keys_json(const std::vector<KeyEntry>& entries, Timestamp now)
{
    JsonWriter json(2);
    json.begin_object().key("keys").begin_array();
    for (const KeyEntry& entry : entries) {
        json.begin_object();
        json.key("venue").text(entry.venue).key("label").text(entry.label);
        json.key("environment").text(entry.environment);
        json.key("role").text(name(entry.role)).key("state").text(name(entry.state));
        json.key("key_id_end").text(end_of(entry.key_id));
        json.key("created").text(format_day(entry.created));
        json.key("expires");
        if (entry.expires.known()) {
            json.text(format_day(entry.expires));
            json.key("days_left").signed_integer(days_until(entry.expires, now));
        } else {
            json.null().key("days_left").null();
        }
        json.key("ips").begin_array();
        for (const std::string& ip : entry.ips) json.text(ip);
        json.end_array().key("attestations").begin_array();
        for (const KeyAttestation& a : entry.attestations) {
            json.begin_object().key("what").text(a.what).key("by").text(a.by);
            json.key("date").text(format_day(a.date)).key("until").text(format_day(a.until));
            json.key("counts").flag(now < a.until).end_object();
        }
        json.end_array().end_object();
    }
    return json.end_array().end_object().take();
}

}  // namespace arb
