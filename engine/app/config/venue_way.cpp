#include "engine/app/config/venue_way.hpp"

#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace arb {
namespace {

// "live, demo"; of one environment the regions: "the main one (leave region out), eea".
std::string names_of(const std::vector<VenueEnvironment>& all, const std::string& environment)
{
    std::string text = environment.empty() ? "live" : "";
    if (environment == "live") text = "none";
    for (const VenueEnvironment& one : all) {
        const std::string_view name = environment.empty() ? one.name : one.region;
        if (!environment.empty() && one.name != environment) continue;
        const std::string shown = name.empty() ? "none" : std::string(name);
        if ((", " + text + ", ").find(", " + shown + ", ") == std::string::npos)
            text += (text.empty() ? "" : ", ") + shown;
    }
    return text;
}

// Nothing for the venue's own addresses.
std::optional<VenueEnvironment> environment_of(const ConnectorType& type, const std::string& market,
                                               const VenueConfig& venue)
{
    if (venue.environment == "live" && venue.region.empty()) return std::nullopt;
    const std::vector<VenueEnvironment> all =
        type.environments != nullptr ? type.environments(market) : std::vector<VenueEnvironment>();
    bool known = venue.environment == "live";
    for (const VenueEnvironment& one : all) {
        known |= one.name == venue.environment;
        if (one.name == venue.environment && one.region == venue.region) return one;
    }
    if (!known) {
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: environment is '{}': {} has {}{}", venue.environment_place, venue.environment,
                        venue.label, names_of(all, {}),
                        all.empty() ? " alone: leave it out, and try things with mode = \"paper\" or an "
                                      "emulated venue"
                                    : "; set one of these"));
    }
    throw StartError(ExitCode::usage,
                     fmt::format("{}: region is '{}': {} has in environment {}: {}; it is the site where "
                                 "the account was opened",
                                 venue.region_place, venue.region, venue.label, venue.environment,
                                 names_of(all, venue.environment)));
}

}  // namespace

LiveVenue way_to(const ConnectorType& type, const std::string& market, const VenueConfig& venue)
{
    LiveVenue way;
    for (const std::string_view host : type.hosts(market)) way.hosts.emplace_back(host);
    way.endpoint = venue.endpoint;
    way.ca_file = venue.ca_file;
    if (type.dial_headers != nullptr) way.dial_headers = type.dial_headers(market);
    if (const auto environment = environment_of(type, market, venue)) {
        for (const VenueEnvironment::Address& address : environment->addresses)
            way.moved.emplace_back(address.own, address.instead);
        way.headers = environment->headers;
    }
    return way;
}

VenuePlace place_of(const Plugins& plugins, const VenueConfig& venue, bool unsafe_endpoint)
{
    VenuePlace place = find_venue(plugins, venue.label);
    if (place.type == nullptr)
        throw StartError(ExitCode::usage, fmt::format("{}: no connector for '{}'", venue.place, venue.label));
    if (!venue.endpoint.empty() && !unsafe_endpoint) {
        throw StartError(ExitCode::usage,
                         fmt::format("{}: endpoint puts another host in the venue's place; only with "
                                     "--unsafe-endpoint, and never with real keys",
                                     venue.place));
    }
    return place;
}

void check_key_place(RunMode mode, const VenueConfig& venue)
{
    if (mode == RunMode::live && !venue.key_file.empty()) {
        throw StartError(
            ExitCode::refused,
            fmt::format("{}: key_file is for emulated venues; a key for real orders belongs in the "
                        "keystore: arbiter keys add, then trade_key = \"LABEL\"",
                        venue.place));
    }
}

FetchVenue venue_of_run(const Plugins& plugins, const EngineConfig& config, const VenueConfig& venue,
                        bool unsafe_endpoint)
{
    const VenuePlace place = place_of(plugins, venue, unsafe_endpoint);
    FetchVenue fetch;
    fetch.key = place.key;
    fetch.type = place.type;
    if (config.mode == RunMode::emulated && venue.endpoint.empty()) {
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: mode \"emulated\" sends orders to emulated venues alone: give this one its "
                        "endpoint",
                        venue.place));
    }
    fetch.way = way_to(*fetch.type, fetch.key.market, venue);
    if (config.mode == RunMode::emulated || config.mode == RunMode::live) check_key_place(config.mode, venue);
    return fetch;
}

}  // namespace arb
