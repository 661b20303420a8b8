#include "engine/pipeline/held_release.hpp"

#include <fmt/format.h>

namespace arb {
namespace {

// False: `why` says what is in the way.
bool add_leg(Package& package, const ListingChanges::Entry& entry, const Markets& markets, Rate band,
             std::string& why)
{
    const ConsolidatedBook& book = markets.consolidated(package.market);
    const std::vector<MarketMember>& members = book.definition().members;
    const Listing& listing = markets.table().listing(entry.listing);
    const Instrument& instrument = markets.table().instrument_of(entry.listing);
    std::size_t member = 0;
    while (member < members.size() && members[member].listing != entry.listing) ++member;
    if (member == members.size()) {
        why = fmt::format("{} is no part of the market any more", listing.symbol);
        return false;
    }
    if (!book.quotes()[member].usable) {
        why = fmt::format("there is no usable book of {} at {}", listing.symbol,
                          markets.table().label(listing.venue));
        return false;
    }
    const bool sells = entry.quantity > 0;
    const OrderBook& depth = markets.builder(entry.listing).book();
    const std::int64_t top = sells ? depth.bids().best().price.units : depth.asks().best().price.units;
    const auto reach = static_cast<std::int64_t>(Int128{top} * band.units / kRateOne);
    const std::int64_t size =
        (sells ? entry.quantity : -entry.quantity) / members[member].quantity_factor / listing.lot.units;
    Leg& leg = package.add(sells ? Side::sell : Side::buy);
    leg.member = static_cast<std::uint32_t>(member);
    leg.intent.listing = entry.listing;
    leg.intent.quantity = {size * listing.lot.units};
    leg.intent.price = {(sells ? top - reach : top + reach) / listing.tick.units * listing.tick.units};
    leg.best = sells ? book.quotes()[member].bid : book.quotes()[member].ask;
    const std::optional<Amount> expected = instrument.notional({top}, leg.intent.quantity);
    if (size == 0 || !expected) {
        why = fmt::format("what is held of {} at {} is less than its lot", listing.symbol,
                          markets.table().label(listing.venue));
        return false;
    }
    leg.expected = *expected;
    return true;
}

}  // namespace

std::optional<Package> release_of(const HeldPosition& held, const Markets& markets, Rate band, Timestamp now,
                                  std::string& why)
{
    Package package;
    package.market = held.market;
    package.aim = Aim::release;
    package.of = held.package;
    package.strategy = held.strategy;
    package.decided = now;
    package.quantity = {held.changes.size()};
    for (const ListingChanges::Entry& entry : held.changes) {
        if (entry.quantity == 0) continue;
        if (package.count == Package::kLegsMost) {
            why = fmt::format("it is held at more than {} places", Package::kLegsMost);
            return std::nullopt;
        }
        if (!add_leg(package, entry, markets, band, why)) return std::nullopt;
    }
    return package;
}

}  // namespace arb
