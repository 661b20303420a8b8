#include "engine/pipeline/comparison.hpp"

#include <algorithm>

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
            return refuse(
                fmt::format("names '{}', which the inputs do not have{}", name, did_you_mean(name, names)));
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

}  // namespace arb
