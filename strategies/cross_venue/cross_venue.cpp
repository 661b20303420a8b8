#include "strategies/cross_venue/cross_venue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/result.hpp"
#include "strategies/cross_venue/sizing.hpp"

namespace arb::cross_venue {
namespace {

SideOfPair side_of(const MarketView& view, MarketId market, std::size_t member)
{
    const MarketMember& place = view.markets.consolidated(market).definition().members[member];
    const Listing& listing = view.markets.table().listing(place.listing);
    SideOfPair side;
    side.book = &view.markets.builder(place.listing).book();
    side.listing = place.listing;
    side.member = place;
    side.fee = view.risk.fees().taker(place.listing);
    side.lot = listing.lot.units * place.quantity_factor;
    side.quantity_min = listing.quantity_min.units * place.quantity_factor;
    side.notional_min = listing.notional_min;
    return side;
}

// An amount of base as market quantity, rounded down.
Int128 quantity_of(const MarketDefinition& market, Amount base)
{
    return base.units / power_of_ten(kAmountDecimals - market.quantity_decimals);
}

// How much the two venues' money allows, in market units.
Int128 funded(const MarketDefinition& market, const MarketView& view, const SideOfPair& buy,
              const SideOfPair& sell, Price ask)
{
    const Amount unit = market_notional(market, ask, {1});
    const Amount unit_cost = unit + apply_rate(unit, buy.fee);
    Int128 most = unit_cost.units > 0 ? view.risk.money().free_quote(buy.listing).units / unit_cost.units : 0;
    if (!view.portfolio.base(sell.listing).position) {
        most = std::min(most, quantity_of(market, view.risk.money().free_base(sell.listing)));
    }
    return std::max<Int128>(most, 0);
}

// How much the inventory limit of both venues allows.
Int128 inventory_room(const MarketDefinition& market, const MarketView& view, const SideOfPair& buy,
                      const SideOfPair& sell, Amount limit)
{
    const Amount buy_room = limit - view.risk.worst().position(buy.listing, Side::buy);
    const Amount sell_room = limit + view.risk.worst().position(sell.listing, Side::sell);
    return std::max<Int128>(0, quantity_of(market, std::min(buy_room, sell_room)));
}

}  // namespace

CrossVenue::CrossVenue(const Limits& limits, const Markets& markets, std::vector<bool> enabled)
    : limits_(limits), enabled_(std::move(enabled))
{
    for (std::size_t i = 0; i < markets.market_count(); ++i) {
        const std::size_t members =
            markets.consolidated(static_cast<MarketId>(i)).definition().members.size();
        members_.push_back(members);
        pairs_.emplace_back(members * members);
    }
}

CrossVenue::Pair& CrossVenue::pair(MarketId market, std::size_t a, std::size_t b)
{
    return pairs_[index(market)][std::min(a, b) * members_[index(market)] + std::max(a, b)];
}

void CrossVenue::on_market(MarketId market, Timestamp now, const MarketView& view, PackageControl& packages)
{
    const ConsolidatedBook& book = view.markets.consolidated(market);
    if (!enabled_[index(market)] || !book.crossing()) return;
    const auto quotes = book.quotes();
    // The pair with the widest gap first: it competes with the others for the same quantity.
    std::size_t buy = book.best_ask();
    std::size_t sell = book.best_bid();
    if (buy != sell && try_pair(market, buy, sell, now, view, packages)) return;
    for (std::size_t b = 0; b < quotes.size(); ++b) {
        for (std::size_t s = 0; s < quotes.size(); ++s) {
            if (b == s || (b == buy && s == sell) || !quotes[b].usable || !quotes[s].usable) continue;
            if (quotes[s].bid > quotes[b].ask && try_pair(market, b, s, now, view, packages)) return;
        }
    }
}

MissedReason CrossVenue::judge(MarketId market, std::size_t buy, std::size_t sell, Timestamp now,
                               const MarketView& view, const PackageControl& packages)
{
    const ConsolidatedBook& book = view.markets.consolidated(market);
    const VenueQuote& asks = book.quotes()[buy];
    const VenueQuote& bids = book.quotes()[sell];
    const ListingId buy_listing = book.definition().members[buy].listing;
    const ListingId sell_listing = book.definition().members[sell].listing;
    const Rate edge = edge_after_fees(asks.ask, bids.bid, view.risk.fees().taker(buy_listing),
                                      view.risk.fees().taker(sell_listing));
    if (edge.units <= 0 && edge < limits_.edge_min) return MissedReason::fees;
    if (edge < limits_.edge_min) return MissedReason::edge_minimum;
    if (!asks.usable || !bids.usable) return MissedReason::book_invalid;
    if (now - std::min(asks.updated, bids.updated) > limits_.stale) return MissedReason::book_stale;
    // A gap younger than the delay between the two venues' data may be one price seen at two moments.
    const Duration delay =
        std::max(view.markets.excess_delay(buy_listing), view.markets.excess_delay(sell_listing));
    if ((now - view.crossings.since(market, buy, sell)).ns < delay.ns + limits_.skew_margin.ns) {
        return MissedReason::clock_skew;
    }
    if (packages.in_flight(market, buy, sell)) return MissedReason::in_flight;
    const Timestamp last = pair(market, buy, sell).last;
    if (last.known() && now - last < limits_.cooldown) return MissedReason::cooldown;
    return MissedReason::count_;
}

bool CrossVenue::try_pair(MarketId market, std::size_t buy, std::size_t sell, Timestamp now,
                          const MarketView& view, PackageControl& packages)
{
    MissedReason reason = judge(market, buy, sell, now, view, packages);
    if (reason != MissedReason::count_) {
        packages.missed(market, buy, sell, reason);
        return false;
    }
    const ConsolidatedBook& book = view.markets.consolidated(market);
    const MarketDefinition& definition = book.definition();
    const SideOfPair buyer = side_of(view, market, buy);
    const SideOfPair seller = side_of(view, market, sell);
    const Int128 room = inventory_room(definition, view, buyer, seller, limits_.inventory_max);
    SizingLimits limits;
    limits.edge_min = limits_.edge_min;
    // The limit is said in the currency of limits, whatever this market is priced in.
    const std::optional<Amount> most = view.risk.rates().in_quote(buyer.listing, limits_.order_max, now);
    limits.notional_max = most.value_or(Amount{});
    limits.quantity_max = std::min(room, funded(definition, view, buyer, seller, book.quotes()[buy].ask));
    const Sizing sizing = size_pair(definition, buyer, seller, view.markets.taken(), limits);
    if (sizing.quantity.zero()) {
        reason = sizing.reason == MissedReason::balance && limits.quantity_max == room
                     ? MissedReason::inventory
                     : sizing.reason;
        packages.missed(market, buy, sell, reason);
        return false;
    }
    Package package;
    package.market = market;
    package.quantity = sizing.quantity;
    package.decided = now;
    package.edge = edge_after_fees(sizing.buy_best, sizing.sell_best, buyer.fee, seller.fee);
    const auto take = [&](Side way, const SideOfPair& side, std::size_t member, Price best, Price worst,
                          Amount expected) {
        Leg& leg = package.add(way);
        leg.intent.listing = side.listing;
        leg.intent.time_in_force = TimeInForce::ioc;
        leg.intent.price = {worst.units / side.member.price_factor};
        leg.intent.quantity = {sizing.quantity.units / side.member.quantity_factor};
        leg.member = static_cast<std::uint32_t>(member);
        leg.best = best;
        leg.expected = expected;
    };
    take(Side::buy, buyer, buy, sizing.buy_best, sizing.buy_limit, sizing.buy_notional);
    take(Side::sell, seller, sell, sizing.sell_best, sizing.sell_limit, sizing.sell_notional);
    if (!packages.propose(package, now)) {
        packages.missed(market, buy, sell, MissedReason::risk);
        return false;
    }
    pair(market, buy, sell).last = now;
    return true;
}

namespace {

std::unique_ptr<Strategy> make(Settings& settings, const Markets& markets)
{
    Limits limits;
    limits.edge_min = settings.basis_points("min_edge_bps", "1");
    limits.order_max = settings.amount("order_max_quote", "1000");
    limits.inventory_max = settings.amount("inventory_max_base", "1000000000");
    limits.cooldown = settings.milliseconds("cooldown_ms", 0);
    limits.stale = settings.milliseconds("stale_ms", 2000);
    limits.skew_margin = settings.milliseconds("skew_margin_ms", 0);
    const std::vector<std::string> wanted = settings.texts("markets");
    std::vector<std::string> names;
    std::vector<bool> enabled;
    for (std::size_t i = 0; i < markets.market_count(); ++i) {
        names.push_back(markets.consolidated(static_cast<MarketId>(i)).definition().name);
        enabled.push_back(wanted.empty() ||
                          std::find(wanted.begin(), wanted.end(), names.back()) != wanted.end());
    }
    for (const std::string& name : wanted) {
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        const std::string near = nearest(name, names);
        settings.fail("markets", fmt::format("names '{}', which no two venues of the inputs share{}", name,
                                             near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    return std::make_unique<CrossVenue>(limits, markets, std::move(enabled));
}

}  // namespace

const StrategyType& type()
{
    static const StrategyType value{"cross_venue", &make};
    return value;
}

}  // namespace arb::cross_venue
