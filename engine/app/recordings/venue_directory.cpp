#include "engine/app/recordings/venue_directory.hpp"

#include <algorithm>

#include "engine/app/recordings/learner.hpp"

namespace arb {

const ConnectorType* ConnectorDirectory::find(const VenueKey& key) const
{
    for (const ConnectorType* type : types_) {
        if (type->exchange == key.exchange &&
            std::find(type->markets.begin(), type->markets.end(), key.market) != type->markets.end()) {
            return type;
        }
    }
    return nullptr;
}

std::optional<VenueKey> ConnectorDirectory::venue_of_url(std::string_view url) const
{
    for (const ConnectorType* type : types_) {
        if (const std::optional<std::string> market = type->market_of_url(url)) {
            return VenueKey{std::string(type->exchange), *market};
        }
    }
    return std::nullopt;
}

std::optional<VenueKey> ConnectorDirectory::venue_of_tardis(std::string_view name) const
{
    for (const ConnectorType* type : types_) {
        for (const TardisName& known : type->tardis_names) {
            if (known.name == name) return VenueKey{std::string(type->exchange), std::string(known.market)};
        }
    }
    return std::nullopt;
}

std::string ConnectorDirectory::stream_url(const VenueKey& key) const
{
    return find(key)->stream_url(key.market);
}

std::string ConnectorDirectory::snapshot_url(const VenueKey& key, std::string_view symbol) const
{
    return find(key)->snapshot_url(key.market, symbol);
}

Result<std::vector<ListingDefinition>> ConnectorDirectory::read_instruments(const VenueKey& key,
                                                                            std::string_view url,
                                                                            std::string_view body) const
{
    return find(key)->read_instruments(key.market, url, body);
}

std::optional<ListingDefinition> ConnectorDirectory::guess_listing(const VenueKey& key,
                                                                   std::string_view symbol) const
{
    const ConnectorType* type = find(key);
    return type != nullptr ? type->guess_listing(key.market, symbol) : std::nullopt;
}

std::unique_ptr<VenueDirectory::Learner> ConnectorDirectory::learn(
    const VenueKey& key, const std::vector<ListingDefinition>& known) const
{
    return std::make_unique<ConnectorLearner>(*find(key), key, known);
}

}  // namespace arb
