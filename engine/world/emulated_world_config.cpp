#include "engine/world/emulated_world_config.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/emulate/emulator.hpp"
#include "engine/trading/settings.hpp"
#include "engine/venue/pair_symbol.hpp"

namespace arb {
namespace {

// A smallest notional is a rule of the venues whose lists tell one: of the others none knows it.
Decimal notional_told(const EmulatedConnector& connector, const ListingDefinition& definition)
{
    if (connector.type->make_emulator == nullptr) return definition.notional_min;
    const VenueMessage list = connector.type->make_emulator(connector.market)->instruments({definition});
    const auto told = connector.type->read_instruments(connector.market, list.url, list.text);
    return told && told.value().size() == 1 ? told.value().front().notional_min : definition.notional_min;
}

// The pair's smallest quantity is one contract.
void count_contracts(ListingDefinition& d)
{
    const unsigned decimals = std::max(d.lot.decimals(), d.quantity_min.decimals());
    const std::int64_t contract = d.lot.scaled(decimals).value_or(1);
    const std::int64_t least = d.quantity_min.scaled(decimals).value_or(0);
    d.quantity_min = Decimal((least + contract - 1) / contract, 0);
    d.multiplier = std::exchange(d.lot, Decimal(1, 0));
}

std::optional<ListingDefinition> listing_of(const EmulatedConnector& connector,
                                            const EmulatedPairConfig& pair)
{
    auto d = listing_of_pair(
        *connector.type, connector.market, pair.base, pair.quote,
        [](const ListingDefinition& one) { return !one.inverse && one.kind != InstrumentKind::future; });
    if (!d) return d;
    d->tick = pair.tick;
    d->lot = pair.lot;
    d->quantity_min = pair.quantity_min;
    d->notional_min = pair.notional_min;
    const auto& counted = connector.type->contract_markets;
    if (std::find(counted.begin(), counted.end(), connector.market) != counted.end()) count_contracts(*d);
    d->notional_min = notional_told(connector, *d);
    return d;
}

}  // namespace

EmulatedConnector connector_of(const Plugins& plugins, const EmulatedVenueConfig& venue)
{
    std::vector<std::string> labels;
    for (const ConnectorType* type : plugins.connectors) {
        for (const std::string_view market : type->markets) {
            const VenueKey key{std::string(type->exchange), std::string(market)};
            if (key.label() == venue.label && type->make_emulated_venue != nullptr &&
                type->make_emulated_keys != nullptr)
                return {type, key.market};
            if (type->make_emulated_venue != nullptr) labels.push_back(key.label());
        }
    }
    const std::string near = nearest(venue.label, labels);
    throw StartError(ExitCode::usage,
                     fmt::format("{}: there is no emulated venue '{}'{}", venue.place, venue.label,
                                 near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

std::vector<InstrumentTable::VenueListings> listings_of(const EmulatedWorldConfig& config,
                                                        const Plugins& plugins)
{
    if (config.venues.empty()) throw StartError(ExitCode::usage, "no venue is to be served");
    std::vector<InstrumentTable::VenueListings> listings;
    for (const EmulatedVenueConfig& venue : config.venues) {
        const EmulatedConnector connector = connector_of(plugins, venue);
        InstrumentTable::VenueListings entry{{std::string(connector.type->exchange), connector.market}, {}};
        std::vector<std::string> missing = venue.instruments;
        for (const EmulatedPairConfig& pair : config.pairs) {
            const std::string pair_name = pair.base + "/" + pair.quote;
            const auto wanted = std::find(missing.begin(), missing.end(), pair_name);
            if (!venue.instruments.empty() && wanted == missing.end()) continue;
            if (wanted != missing.end()) missing.erase(wanted);
            std::optional<ListingDefinition> d = listing_of(connector, pair);
            if (!d) continue;
            d->fee_maker = Decimal(venue.maker_fee.units, 8);
            d->fee_taker = Decimal(venue.taker_fee.units, 8);
            // Some venues want a number of theirs in orders instead of the symbol.
            if (d->code.empty()) d->code = fmt::format("{}", 10'001 + entry.definitions.size());
            entry.definitions.push_back(std::move(*d));
        }
        if (!missing.empty()) {
            throw StartError(ExitCode::usage,
                             fmt::format("{}: venue '{}' lists {}, which no [[pair]] describes", venue.place,
                                         venue.label, missing.front()));
        }
        if (entry.definitions.empty()) {
            throw StartError(ExitCode::usage, fmt::format("{}: venue '{}' has no name for any of the pairs",
                                                          venue.place, venue.label));
        }
        listings.push_back(std::move(entry));
    }
    return listings;
}

void check_faults(const EmulatedWorldConfig& config, const InstrumentTable& table)
{
    std::vector<std::string> labels, names;
    for (const EmulatedVenueConfig& venue : config.venues) labels.push_back(venue.label);
    for (const Instrument& instrument : table.instruments()) names.push_back(instrument.name);
    const auto check = [](const FaultRule& rule, const char* what, const std::string& value,
                          const std::vector<std::string>& known) {
        if (value.empty() || std::find(known.begin(), known.end(), value) != known.end()) return;
        const std::string near = nearest(value, known);
        throw StartError(ExitCode::usage,
                         fmt::format("{}: {} '{}' is not served here{}", rule.place, what, value,
                                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    };
    for (const FaultRule& rule : config.faults.rules) {
        check(rule, "venue", rule.venue, labels);
        check(rule, "instrument", rule.instrument, names);
    }
}

}  // namespace arb
