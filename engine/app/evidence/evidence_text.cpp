// The pages of the evidence bundle that people read, and the list of its files.
#include "engine/app/evidence/evidence_text.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/base/secret.hpp"
#include "engine/report/json_writer.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

/// The value of `name = "value"`; empty when the line is another.
std::string value_of(std::string_view line, std::string_view name)
{
    if (!line.starts_with(name)) return {};
    line.remove_prefix(name.size());
    const std::size_t first = line.find_first_not_of(" =");
    const std::size_t open = line.find_first_of("\"'");
    if (open == std::string_view::npos || first != open) return {};
    const std::size_t close = line.find(line[open], open + 1);
    return close == std::string_view::npos ? std::string()
                                           : std::string(line.substr(open + 1, close - open - 1));
}

EvidenceKey key_of_file(const std::string& venue, const std::string& path)
{
    // A file that cannot be read, or names no label, is told by its path.
    EvidenceKey key{venue, path, {}};
    // Read line by line for two values: the secret is never taken in.
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (std::string label = value_of(line, "label"); !label.empty()) key.label = std::move(label);
        if (std::string id = value_of(line, "key_id"); !id.empty()) key.key_id = std::move(id);
        wipe(line.data(), line.size());
    }
    return key;
}

}  // namespace

std::string_view key_page_of(const Plugins& plugins, std::string_view venue)
{
    for (const ConnectorType* const type : plugins.connectors) {
        if (venue == type->exchange || venue.starts_with(std::string(type->exchange) + "_"))
            return type->key_page;
    }
    return {};
}

std::vector<EvidenceKey> keys_of_config(const EngineConfig& config)
{
    std::vector<EvidenceKey> keys;
    for (const VenueConfig& venue : config.venues) {
        for (const std::string& path : {venue.key_file, venue.read_key_file}) {
            if (!path.empty()) keys.push_back(key_of_file(venue.label, path));
        }
        for (const std::string& label : {venue.trade_key, venue.read_key}) {
            if (!label.empty()) keys.push_back({venue.label, label, {}});
        }
    }
    return keys;
}

std::string revocation_text(const Plugins& plugins, const std::vector<std::string>& venues,
                            const std::vector<EvidenceKey>& keys)
{
    std::map<std::string, std::set<std::string>> by_venue;
    for (const std::string& venue : venues) by_venue[venue];
    for (const EvidenceKey& key : keys) {
        by_venue[key.venue].insert(fmt::format("key '{}', {}", plain_text(key.label),
                                               key.key_id.empty()
                                                   ? "id not known here: `arbiter keys list` shows it"
                                                   : "id " + plain_text(key.key_id)));
    }
    std::string text;
    for (const auto& [venue, lines] : by_venue) {
        const std::string_view page = key_page_of(plugins, venue);
        text += fmt::format("  {}: {}\n", plain_text(venue),
                            page.empty() ? "look for API management in the account's settings" : page);
        for (const std::string& line : lines) text += "      " + line + "\n";
        if (lines.empty()) text += "      no key of ours is known here\n";
    }
    if (by_venue.empty()) text += "  no venue is known here: revoke the keys at every venue you use\n";
    return text;
}

std::string evidence_readme(const EvidenceRequest& request, const EvidenceOutcome& outcome)
{
    std::string text = fmt::format("Arbiter: evidence of {}\nState directory: {}\n\nWhat happened\n",
                                   format_utc(request.now), plain_text(request.directory));
    for (const std::string& line : request.story) text += "  " + plain_text(line) + "\n";
    if (request.story.empty()) text += "  nothing was noted\n";
    text +=
        "\nWhat to do, in this order\n"
        "  1. Revoke every key below, at the venue's own page, from a machine that you trust.\n"
        "  2. At each venue look for open orders, positions, withdrawals, new withdrawal addresses, new\n"
        "     sub-accounts and unknown sessions. Close the sessions, change the password, renew the second "
        "factor.\n"
        "  3. Compare ledger-orders.csv and ledger-fills.csv with the venue's own history: what stands only\n"
        "     there is not ours.\n"
        "  4. Read audit-check.json: uses at unusual hours, new endpoints, a broken chain.\n"
        "  5. Tell the venue's support, with this bundle. Copy it to another machine first, and keep\n"
        "     manifest.json apart: its hashes show that nothing was changed later.\n"
        "  6. Only then make new keys (trading alone, with an IP allow list) and start again.\n"
        "\nWhere each key is revoked\n";
    text += revocation_text(request.plugins, outcome.venues, outcome.keys);
    text += "\nFiles\n";
    for (const EvidencePart& part : outcome.parts) {
        if (part.there) text += fmt::format("  {:<24}{}\n", part.file, part.what);
    }
    text += fmt::format("  {:<24}SHA-256 of each file\n", "manifest.json");
    std::string missing;
    for (const EvidencePart& part : outcome.parts) {
        if (part.missing.empty()) continue;
        missing += fmt::format("  {:<24}{}: {}\n", part.file, part.there ? "not whole" : "not here",
                               plain_text(part.missing));
    }
    if (!missing.empty()) text += "\nMissing\n" + missing;
    return text + "\nNo secret is in this bundle: no API secret, no passphrase, no session token.\n";
}

std::string evidence_manifest(const EvidenceRequest& request, const EvidenceOutcome& outcome)
{
    JsonWriter json(3);
    json.begin_object();
    json.key("made").time(request.now);
    json.key("state_directory").text(request.directory);
    json.key("journal_minutes").signed_integer(request.span.ns / seconds(60).ns);
    json.key("files").begin_array();
    for (const EvidencePart& part : outcome.parts) {
        if (!part.there) continue;
        json.begin_object();
        json.key("file").text(part.file);
        json.key("bytes").integer(part.bytes);
        json.key("sha256").text(part.sha256);
        json.key("what").text(part.what);
        if (!part.missing.empty()) json.key("not_whole").text(part.missing);
        json.end_object();
    }
    json.end_array();
    json.key("missing").begin_array();
    for (const EvidencePart& part : outcome.parts) {
        if (part.there) continue;
        json.begin_object();
        json.key("file").text(part.file);
        json.key("why").text(part.missing);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return json.take();
}

}  // namespace arb
