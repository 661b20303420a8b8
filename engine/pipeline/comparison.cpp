#include "engine/pipeline/comparison.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace arb {

Result<MarketDefinition> comparison_market(const InstrumentTable& table, const ComparisonConfig& comparison)
{
    const auto refuse = [&](const std::string& why) {
        return Error{ExitCode::usage,
                     fmt::format("{}: market '{}' {}", comparison.place, comparison.name, why)};
    };
    std::vector<std::string> names;
    for (const Instrument& instrument : table.instruments()) names.push_back(instrument.name);
    MarketDefinition market;
    market.name = comparison.name;
    std::vector<const Instrument*> instruments;
    for (const std::string& name : comparison.instruments) {
        const std::optional<InstrumentId> id = table.find_instrument(name);
        if (!id) {
            const std::string near = nearest(name, names);
            return refuse(fmt::format("names '{}', which the inputs do not have{}", name,
                                      near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
        }
        if (std::find(instruments.begin(), instruments.end(), &table.instrument(*id)) != instruments.end()) {
            return refuse(fmt::format("names {} twice", name));
        }
        instruments.push_back(&table.instrument(*id));
        const Instrument& instrument = *instruments.back();
        if (instrument.inverse)
            return refuse(fmt::format("names the inverse contract {}: its quantity is money, not {}", name,
                                      instrument.base));
        if (instrument.base != instruments.front()->base || instrument.quote != instruments.front()->quote) {
            return refuse("mixes different base or quote assets; they compare only through a rate");
        }
        market.price_decimals = std::max(market.price_decimals, instrument.price_decimals);
        market.quantity_decimals = std::max(market.quantity_decimals, instrument.quantity_decimals);
    }
    if (market.price_decimals + market.quantity_decimals > kAmountDecimals)
        return refuse("has units too fine for exact money");
    for (const Instrument* instrument : instruments) {
        market.base = instrument->base;
        market.quote = instrument->quote;
        for (const ListingId listing : table.listings_of(instrument->id)) {
            market.members.push_back(
                {listing, power_of_ten(market.price_decimals - instrument->price_decimals),
                 power_of_ten(market.quantity_decimals - instrument->quantity_decimals)});
        }
    }
    if (market.members.size() < 2) return refuse("has fewer than two listings in these inputs");
    return market;
}

void drop_covered_markets(std::vector<MarketDefinition>& markets)
{
    const auto covers = [](const MarketDefinition& whole, const MarketDefinition& part) {
        return whole.members.size() > part.members.size() &&
               std::all_of(part.members.begin(), part.members.end(), [&](const MarketMember& member) {
                   return std::any_of(whole.members.begin(), whole.members.end(),
                                      [&](const MarketMember& m) { return m.listing == member.listing; });
               });
    };
    std::vector<MarketDefinition> kept;
    for (const MarketDefinition& part : markets) {
        if (std::none_of(markets.begin(), markets.end(),
                         [&](const MarketDefinition& whole) { return covers(whole, part); }))
            kept.push_back(part);
    }
    markets = std::move(kept);
}

std::optional<std::string> shared_account(const InstrumentTable& table,
                                          const std::vector<MarketDefinition>& markets,
                                          const std::vector<bool>& trades)
{
    std::map<std::pair<VenueId, std::string>, const MarketDefinition*> owners;
    const auto told = [&](const MarketDefinition& one, const MarketDefinition& other, VenueId venue,
                          const std::string& asset) {
        return fmt::format(
            "the markets {} and {} both change {} at {}: closing what one of them left open would trade on "
            "the other's. Run one of them (instruments = [...]), or give the other venues or an account of "
            "its own",
            one.name, other.name, asset, table.label(venue));
    };
    for (const MarketDefinition& market : markets) {
        for (const MarketMember& member : market.members) {
            const VenueId venue = table.listing(member.listing).venue;
            const Instrument& instrument = table.instrument_of(member.listing);
            const std::string& asset =
                instrument.kind == InstrumentKind::spot ? instrument.base : instrument.name;
            if (!trades[index(venue)]) continue;
            const auto [owner, first] = owners.emplace(std::pair(venue, asset), &market);
            if (!first && owner->second != &market) return told(*owner->second, market, venue, asset);
        }
    }
    for (const MarketDefinition& market : markets) {
        for (const MarketMember& member : market.members) {
            const VenueId venue = table.listing(member.listing).venue;
            const std::string& asset = table.instrument_of(member.listing).quote;
            const auto owner = owners.find({venue, asset});
            if (owner != owners.end() && owner->second != &market)
                return told(*owner->second, market, venue, asset);
        }
    }
    return std::nullopt;
}

}  // namespace arb
