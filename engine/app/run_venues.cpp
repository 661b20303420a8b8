// What a run needs to know before its first input: which venues, with which keys and instruments, and whether
// its paper money is worth anything.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/app/run_session.hpp"

namespace arb {
namespace {

constexpr Duration kInstrumentsWithin = seconds(20);

// The configuration declares it comparable with others.
bool compared(const EngineConfig& config, const std::string& name)
{
    return std::any_of(config.comparisons.begin(), config.comparisons.end(), [&](const ComparisonConfig& c) {
        return std::find(c.instruments.begin(), c.instruments.end(), name) != c.instruments.end();
    });
}

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

FetchVenue venue_of_run(const Plugins& plugins, const EngineConfig& config, const VenueConfig& venue,
                        bool unsafe_endpoint)
{
    FetchVenue fetch;
    const VenuePlace place = find_venue(plugins, venue.label);
    fetch.key = place.key;
    fetch.type = place.type;
    if (fetch.type == nullptr)
        throw StartError(ExitCode::usage, fmt::format("{}: no connector for '{}'", venue.place, venue.label));
    if (!venue.endpoint.empty() && !unsafe_endpoint) {
        throw StartError(ExitCode::usage,
                         fmt::format("{}: endpoint puts another host in the venue's place; only with "
                                     "--unsafe-endpoint, and never with real keys",
                                     venue.place));
    }
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

void RunSession::choose_venues()
{
    for (const VenueConfig& venue : request_.config.venues)
        venues_.push_back(venue_of_run(request_.plugins, request_.config, venue, request_.unsafe_endpoint));
    if (venues_.empty()) throw StartError(ExitCode::usage, request_.config.name + ": no [venue.NAME] in it");
    listings_ = fetch_instruments(loop_, venues_, kInstrumentsWithin).take();
    const std::vector<std::string>& wanted = request_.config.run_instruments;
    std::map<std::string, int> seen;
    for (const auto& venue : listings_) {
        for (const ListingDefinition& d : venue.definitions) ++seen[d.instrument_name()];
    }
    std::vector<std::string> names;
    for (const auto& [name, count] : seen) names.push_back(name);
    for (const std::string& name : wanted) {
        if (seen[name] > 0) continue;
        const std::string near = nearest(name, names);
        throw StartError(ExitCode::usage,
                         fmt::format("instruments: no venue lists '{}'{}", name,
                                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    for (auto& venue : listings_) {
        auto& all = venue.definitions;
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const ListingDefinition& d) {
                                     const std::string name = d.instrument_name();
                                     if (wanted.empty())
                                         return seen[name] < 2 && !compared(request_.config, name);
                                     return std::find(wanted.begin(), wanted.end(), name) == wanted.end();
                                 }),
                  all.end());
    }
    table_ = std::make_unique<InstrumentTable>(InstrumentTable::build(listings_).take());
    listings_now_ = listings_;
}

// Paper money and fees come from the configuration: without money a run would look idle and say nothing.
void RunSession::check_paper() const
{
    if (exchange_ == nullptr || request_.record_only) return;
    const std::vector<ListingFees> fees = fees_of(request_.config, *table_);
    for (const Listing& listing : table_->listings()) {
        if (fees[index(listing.id)].known) continue;
        const std::string label = table_->label(listing.venue);
        const VenueConfig* venue = config_of(request_.config, label);
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: [venue.{}] has no taker_fee_bps, and the venue's instrument list does not "
                        "tell fees; without fees paper trading lies",
                        venue != nullptr ? venue->place : request_.config.name, label));
    }
    const std::vector<Account>& accounts = engine_->portfolio().accounts();
    if (std::any_of(accounts.begin(), accounts.end(), [](const Account& a) { return !a.start.zero(); }))
        return;
    request_.log(
        "paper trading without money: give each venue its [venue.NAME.balance] in the configuration, or "
        "nothing "
        "can be bought or sold");
}

}  // namespace arb
