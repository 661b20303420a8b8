#include "engine/pipeline/assembly.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/pipeline/comparison.hpp"

namespace arb {

const VenueConfig* config_of(const EngineConfig& config, const std::string& label)
{
    for (const VenueConfig& venue : config.venues) {
        if (venue.label == label) return &venue;
    }
    return nullptr;
}

const ConnectorType* connector_of(const Plugins& plugins, const VenueKey& key)
{
    for (const ConnectorType* type : plugins.connectors) {
        if (type->exchange != key.exchange) continue;
        if (std::find(type->markets.begin(), type->markets.end(), key.market) != type->markets.end())
            return type;
    }
    return nullptr;
}

VenueKey key_of_label(const std::string& label)
{
    const std::size_t cut = label.find('_');
    return {label.substr(0, cut), cut == std::string::npos ? "spot" : label.substr(cut + 1)};
}

VenuePlace find_venue(const Plugins& plugins, const std::string& label)
{
    VenuePlace place;
    place.key = key_of_label(label);
    place.type = connector_of(plugins, place.key);
    // A venue that serves all its markets in one has none to its name.
    if (place.type == nullptr && place.key.market == "spot") {
        place.key.market.clear();
        place.type = connector_of(plugins, place.key);
    }
    return place;
}

std::vector<ListingFees> fees_of(const EngineConfig& config, const InstrumentTable& table)
{
    std::vector<ListingFees> result;
    for (const Listing& listing : table.listings()) {
        const VenueConfig* venue = config_of(config, table.label(listing.venue));
        ListingFees fees{listing.fee_maker, listing.fee_taker, listing.fees_known};
        if (venue != nullptr && venue->fee_maker) fees.maker = *venue->fee_maker;
        if (venue != nullptr && venue->fee_taker) {
            fees.taker = *venue->fee_taker;
            fees.known = true;
        }
        result.push_back(fees);
    }
    return result;
}

const Credentials* ReplayKeys::find(std::string_view venue, std::string_view label)
{
    const std::optional<VenueId> id = table_->find_venue(venue);
    const ConnectorType* type = id ? connector_of(plugins_, table_->venue(*id)) : nullptr;
    if (type == nullptr) return nullptr;
    Credentials& credentials = credentials_[{std::string(venue), std::string(label)}];
    if (credentials.signer != nullptr) return &credentials;
    credentials.label = label;
    credentials.key_id = "replay";
    credentials.signer = std::make_unique<ReplaySigner>(type->replay_algorithm);
    return &credentials;
}

EngineParts assemble(const AssemblyRequest& request)
{
    const InstrumentTable& table = *request.table;
    EngineParts parts;
    parts.config = request.config;
    parts.keys = request.keys;
    parts.table = &table;
    const auto pools = std::make_shared<RequestPools>();
    for (std::size_t v = 0; v < table.venue_count(); ++v) {
        const auto id = static_cast<VenueId>(v);
        const ConnectorType* type = connector_of(request.plugins, table.venue(id));
        VenueSetup setup;
        setup.id = id;
        setup.table = &table;
        setup.pools = pools;
        const VenueConfig* venue = config_of(*request.config, table.label(id));
        const bool trades =
            request.keys != nullptr && type != nullptr && venue != nullptr && venue->has_key();
        parts.has_credentials.push_back(trades);
        parts.keyed.push_back(nullptr);
        if (trades) {
            auto keyed = std::make_unique<KeyedVenue>(type->make, setup);
            parts.keyed.back() = keyed.get();
            parts.venues.push_back(std::move(keyed));
        } else {
            parts.venues.push_back(type != nullptr ? type->make(setup) : nullptr);
        }
    }
    for (const ListingFees& fees : fees_of(*request.config, table)) {
        parts.fees_taker.push_back(fees.taker);
        parts.fees_maker.push_back(fees.maker);
        parts.fees_known.push_back(fees.known);
    }
    if (!request.trading) return parts;
    parts.markets = Markets::markets_of(table);
    for (const ComparisonConfig& comparison : request.config->comparisons)
        parts.markets.push_back(comparison_market(table, comparison).take());
    drop_covered_markets(parts.markets);
    std::vector<std::string> names;
    for (const StrategyType* type : request.plugins.strategies) names.emplace_back(type->name);
    for (const Settings& settings : request.config->strategies) {
        const std::string name = settings.name().substr(settings.name().find('.') + 1);
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) {
            throw StartError(ExitCode::usage, fmt::format("{}: there is no strategy '{}'{}", settings.place(),
                                                          name, did_you_mean(name, names)));
        }
        parts.strategies.push_back(
            request.plugins.strategies[static_cast<std::size_t>(found - names.begin())]);
    }
    return parts;
}

}  // namespace arb
