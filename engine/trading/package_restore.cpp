#include "engine/trading/package_restore.hpp"

#include "engine/trading/other_markets.hpp"
#include "engine/trading/resting_legs.hpp"

namespace arb {

void PackageRestore::package(const Package& package, std::span<const OrderId> orders)
{
    OpenPackage& open = packages_->take(package, package.decided);
    for (std::size_t i = 0; i < package.count; ++i) open.legs[i].begin(orders[i], package.decided);
}

void PackageRestore::next_order(PackageId package, OrderId order, const OrderIntent& intent, Timestamp sent)
{
    OpenPackage* open = packages_->find(package);
    if (open == nullptr) return;
    for (std::size_t i = 0; i < open->package.count; ++i) {
        Leg& leg = open->package.legs[i];
        const bool same =
            leg.part == Part::rest && leg.intent.listing == intent.listing && leg.intent.side == intent.side;
        if (!same) continue;
        leg.intent = intent;
        open->legs[i].next(order, sent);
        return;
    }
}

void PackageRestore::amend(PackageId package, OrderId order, Price price)
{
    OpenPackage* open = packages_->find(package);
    for (std::size_t i = 0; open != nullptr && i < open->package.count; ++i) {
        if (open->legs[i].id() == order) RestingLegs::set_price(*open, i, price);
    }
}

void PackageRestore::unwind(PackageId package, OrderId order, const OrderIntent& intent, Timestamp sent,
                            std::optional<Amount> rate)
{
    OpenPackage* open = packages_->find(package);
    if (open == nullptr) return;
    const auto begin = [&](std::size_t asset, std::size_t member, std::int64_t factor) {
        ClosingState& closing = open->closing.take(order, intent, sent);
        closing.asset = static_cast<std::uint8_t>(asset);
        closing.hedge = open->hedges(asset, intent.side);
        closing.factor = factor;
        closing.member = member;
        closing.rate = rate.value_or(open->assets[asset].rate);
        closing.elsewhere = rate.has_value();
    };
    const Instrument& instrument = markets_->table().instrument_of(intent.listing);
    for (std::size_t a = 0; a < open->asset_count; ++a) {
        const MarketDefinition& market = *open->assets[a].definition;
        if (rate && market.base == instrument.base)
            return begin(a, SIZE_MAX, quantity_factor(instrument, market));
        for (std::size_t i = 0; i < market.members.size() && !rate; ++i) {
            if (market.members[i].listing == intent.listing)
                return begin(a, i, market.members[i].quantity_factor);
        }
    }
}

}  // namespace arb
