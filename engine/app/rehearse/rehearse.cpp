#include "engine/app/rehearse/rehearse.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "engine/app/config/venue_way.hpp"
#include "engine/app/doctor/live_locks.hpp"
#include "engine/app/keys/key_ring.hpp"
#include "engine/app/rehearse/rehearse_venue.hpp"
#include "engine/keys/private_directory.hpp"

namespace arb {
namespace {

constexpr Duration kRehearsalTurn = milliseconds(2);
constexpr Duration kToldEvery = seconds(5);
constexpr std::size_t kBooksMost = 20;  // books watched at one venue
constexpr std::string_view kUsualBases[] = {"BTC", "ETH"};

bool sends_orders(RunMode mode)
{
    return mode == RunMode::emulated || mode == RunMode::live;
}

/// Everything that is wrong with the words, before a byte is sent.
void check_request(const RehearseRequest& request)
{
    const EngineConfig& config = request.config;
    if (request.fill && !request.orders) {
        throw StartError(ExitCode::usage,
                         "--fill sends orders that fill, so it goes with --orders: say both, or neither");
    }
    if (request.orders && !sends_orders(config.mode)) {
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: --orders needs mode = \"emulated\" or \"live\", and keys; this mode sends none",
                        request.config_path));
    }
    // Orders at real venues: the same three locks as a run's.
    if (request.orders || request.live) {
        const std::string shut =
            check_live_locks(config, request.config_path, request.directory, request.build, request.live);
        if (!shut.empty()) throw StartError(ExitCode::doctor, shut);
    }
    std::vector<std::string> labels;
    for (const VenueConfig& venue : config.venues) labels.push_back(venue.label);
    if (labels.empty()) throw StartError(ExitCode::usage, request.config_path + ": no [venue.NAME] in it");
    if (request.venue.empty() || std::find(labels.begin(), labels.end(), request.venue) != labels.end())
        return;
    throw StartError(ExitCode::usage, fmt::format("{}: there is no [venue.{}]; it has: {}{}",
                                                  request.config_path, request.venue, fmt::join(labels, ", "),
                                                  did_you_mean(request.venue, labels)));
}

std::string why_no_keys(const RehearseRequest& request)
{
    if (!sends_orders(request.config.mode)) return "this mode needs no key, so none is asked about";
    if (request.config.mode == RunMode::live && !request.live)
        return "a trade key is loaded with --live alone, and there is no read key";
    return {};
}

/// What is wanted of a venue: what the configuration names, else what it shares with others, else the usual.
std::vector<std::string> wanted_at(const EngineConfig& config, const std::vector<ListingDefinition>& listed,
                                   const std::map<std::string, int>& shared)
{
    std::vector<std::string> wanted = config.run_instruments;
    for (const ComparisonConfig& comparison : config.comparisons) {
        for (const std::string& name : comparison.instruments) {
            if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) wanted.push_back(name);
        }
    }
    if (!wanted.empty()) return wanted;
    const auto take = [&](auto&& fits) {
        for (const ListingDefinition& d : listed) {
            const std::string name = d.instrument_name();
            const bool known = std::find(wanted.begin(), wanted.end(), name) != wanted.end();
            if (!known && wanted.size() < kBooksMost && d.status != ListingStatus::halted && fits(d))
                wanted.push_back(name);
        }
    };
    for (const std::string_view base : kUsualBases)
        take([&](const ListingDefinition& d) { return d.base == base && d.quote == config.quote; });
    take([&](const ListingDefinition& d) {
        const auto count = shared.find(d.instrument_name());
        return count != shared.end() && count->second > 1 && d.quote == config.quote;
    });
    if (wanted.empty() && !listed.empty()) wanted.push_back(listed.front().instrument_name());
    return wanted;
}

/// Turns all until each is over, or somebody will not wait. False: cut off.
bool turn_all(const RehearseRequest& request, std::vector<std::unique_ptr<RehearseVenue>>& venues)
{
    const LiveClock clock;
    Timestamp told = clock.now();
    bool stopping = false;
    const auto over = [&] {
        return std::all_of(venues.begin(), venues.end(), [](const auto& venue) { return venue->over(); });
    };
    while (!over()) {
        for (const auto& venue : venues) venue->turn(kRehearsalTurn);
        const int stops = request.stops ? request.stops() : 0;
        if (stops > 1) return false;
        if (stops > 0 && !stopping) {
            stopping = true;
            if (request.log)
                request.log(
                    "stopping: cancelling what is open, giving back what was bought (once more: at once)");
            for (const auto& venue : venues) venue->stop();
        }
        if (!request.log || clock.now() - told < kToldEvery) continue;
        told = clock.now();
        std::string line;
        for (const auto& venue : venues) {
            if (!venue->over()) line += (line.empty() ? "at: " : "; ") + venue->doing();
        }
        if (!line.empty()) request.log(line);
    }
    return true;
}

}  // namespace

RehearseOutcome rehearse(const RehearseRequest& request)
{
    check_request(request);
    make_private_directory(request.directory);
    EngineConfig config = request.config;
    if (!request.venue.empty())
        std::erase_if(config.venues, [&](const VenueConfig& venue) { return venue.label != request.venue; });
    KeyAccess access;
    access.trade = config.mode == RunMode::emulated || request.live;
    access.passphrase = request.passphrase;
    access.close_process = request.close_process;
    HeldKeys held;
    // Before keys are read: a key where that mode takes none is refused unread.
    for (const VenueConfig& venue : config.venues)
        (void)venue_of_run(request.plugins, config, venue, request.unsafe_endpoint);
    if (sends_orders(config.mode)) held = request.questions.open(config, request.plugins, access);
    const std::string& named = config.keys.audit_log;
    KeyUseLog uses(named.empty() ? request.directory + "/" + kAuditFile : named);
    if (!uses.trouble().empty() && request.log)
        request.log(uses.trouble() + ": the uses of keys of this rehearsal are not in it");

    RehearsalCommon common;
    common.config = &config;
    common.plugins = request.plugins;
    common.build = request.build;
    common.directory = request.directory;
    common.questions = request.questions;
    common.uses = &uses;
    common.pools = std::make_shared<RequestPools>();
    common.no_keys = why_no_keys(request);
    common.watch = request.watch;
    common.patience = request.patience;
    common.orders = request.orders;
    common.fill = request.fill;
    common.unsafe_endpoint = request.unsafe_endpoint;
    // Seconds since 1970, as a run's: an order id is never used again.
    common.epoch = static_cast<std::uint32_t>(LiveClock().now().ns / seconds(1).ns);

    RehearseOutcome outcome;
    outcome.report.time = LiveClock().now();
    outcome.report.config = request.config_path;
    outcome.report.build = request.build;
    net::Loop loop(net::Idle::sleep);
    std::vector<std::unique_ptr<RehearseVenue>> venues;
    std::map<std::string, int> shared;
    for (const VenueConfig& venue : config.venues) {
        std::vector<const HeldKey*> keys;
        for (const HeldKey* key : held.keys) {
            if (key->facts.venue == venue.label) keys.push_back(key);
        }
        venues.push_back(std::make_unique<RehearseVenue>(common, venue, std::move(keys), loop));
        if (request.log) request.log("reaching " + venue.label);
        (void)venues.back()->reach();
        for (const ListingDefinition& d : venues.back()->listed()) ++shared[d.instrument_name()];
    }
    for (const auto& venue : venues) venue->begin(wanted_at(config, venue->listed(), shared));
    const bool whole = turn_all(request, venues);
    for (const auto& venue : venues) outcome.report.venues.push_back(venue->finish(!whole && !venue->over()));
    outcome.code = outcome.report.count(CheckResult::differs) > 0 ? ExitCode::network
                   : outcome.report.flagged()                     ? ExitCode::exposed
                                                                  : ExitCode::ok;
    return outcome;
}

}  // namespace arb
