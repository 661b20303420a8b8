#pragma once
// What the importers may ask about venues, answered from the connectors' registry; and the learner, which
// decodes a first pass with the real connector to find out which symbols a recording speaks of and how many
// decimals they need. Cold path, one thread.
#include <memory>

#include "engine/journal/import.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

class ConnectorDirectory final : public VenueDirectory {
  public:
    explicit ConnectorDirectory(std::span<const ConnectorType* const> types) : types_(types) {}

    std::optional<VenueKey> venue_of_url(std::string_view url) const override;
    std::optional<VenueKey> venue_of_tardis(std::string_view name) const override;
    bool known(const VenueKey& key) const override { return find(key) != nullptr; }
    std::string stream_url(const VenueKey& key) const override;
    std::string snapshot_url(const VenueKey& key, std::string_view symbol) const override;
    Result<std::vector<ListingDefinition>> read_instruments(const VenueKey& key, std::string_view url,
                                                            std::string_view body) const override;
    std::optional<ListingDefinition> guess_listing(const VenueKey& key,
                                                   std::string_view symbol) const override;
    std::unique_ptr<Learner> learn(const VenueKey& key,
                                   const std::vector<ListingDefinition>& known) const override;

  private:
    const ConnectorType* find(const VenueKey& key) const;
    std::span<const ConnectorType* const> types_;
};

}  // namespace arb
