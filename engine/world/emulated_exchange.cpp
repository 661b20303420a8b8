#include "engine/world/emulated_exchange.hpp"

#include <algorithm>

namespace arb {
namespace {

// The levels that differ, with their new quantity; zero: gone.
std::vector<Level> changes(const std::vector<Level>& before, const std::vector<Level>& after)
{
    std::vector<Level> result;
    const auto find = [](const std::vector<Level>& levels, Price price) {
        return std::find_if(levels.begin(), levels.end(), [&](const Level& l) { return l.price == price; });
    };
    for (const Level& level : before) {
        if (find(after, level.price) == after.end()) result.push_back({level.price, {}});
    }
    for (const Level& level : after) {
        const auto old = find(before, level.price);
        if (old == before.end() || old->quantity != level.quantity) result.push_back(level);
    }
    return result;
}

void add_level(std::vector<Level>& levels, Side side, Price price, Quantity quantity)
{
    const auto worse = [&](const Level& level) {
        return side == Side::buy ? level.price <= price : level.price >= price;
    };
    const auto at = std::find_if(levels.begin(), levels.end(), worse);
    if (at != levels.end() && at->price == price)
        at->quantity = at->quantity + quantity;
    else
        levels.insert(at, {price, quantity});
}

bool reaches(Side side, Price limit, Price offer)
{
    return side == Side::buy ? offer <= limit : offer >= limit;
}

}  // namespace

EmulatedExchange::EmulatedExchange(const InstrumentTable& table, VenueId venue, const ExchangeRules& rules)
    : table_(&table), venue_(venue), rules_(rules), markets_(table.listings().size())
{
    for (const Listing& listing : table.listings()) markets_[index(listing.id)].ours = listing.venue == venue;
}

void EmulatedExchange::set_street(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                                  Timestamp now)
{
    Market& market = markets_[index(listing)];
    if (market.halted) return;
    market.street_bids.assign(bids.begin(), bids.end());
    market.street_asks.assign(asks.begin(), asks.end());
    for (const Side side : {Side::buy, Side::sell}) {
        std::vector<Level>& street = side == Side::buy ? market.street_asks : market.street_bids;
        while (!street.empty()) {
            const std::size_t place = best_resting(listing, side);
            if (place == orders_.size() || !reaches(side, orders_[place].price, street.front().price)) break;
            const EmulatedOrder& order = orders_[place];
            const Quantity quantity = std::min(order.quantity - order.filled, street.front().quantity);
            street.front().quantity = street.front().quantity - quantity;
            if (street.front().quantity.zero()) street.erase(street.begin());
            fill(place, order.price, quantity, true, now);
            tell_trade(listing, side == Side::buy ? Side::sell : Side::buy, order.price, quantity, now);
        }
    }
    publish(listing);
}

// The account order of that side that is next to trade: best price, then oldest. orders_.size(): none.
std::size_t EmulatedExchange::best_resting(ListingId listing, Side side) const
{
    std::size_t best = orders_.size();
    for (const std::size_t place : markets_[index(listing)].resting) {
        const EmulatedOrder& order = orders_[place];
        if (order.side != side) continue;
        // Strictly better: a sell beats another where a buyer would rather reach it.
        if (best == orders_.size() ||
            (order.price != orders_[best].price &&
             reaches(side == Side::buy ? Side::sell : Side::buy, orders_[best].price, order.price)))
            best = place;
    }
    return best;
}

void EmulatedExchange::tell_trade(ListingId listing, Side aggressor, Price price, Quantity quantity,
                                  Timestamp now)
{
    Trade trade;
    trade.listing = listing;
    trade.aggressor = aggressor;
    trade.price = price;
    trade.quantity = quantity;
    trade.venue_time = now;
    events_.push_back(trade);
}

void EmulatedExchange::publish(ListingId listing)
{
    Market& market = markets_[index(listing)];
    std::vector<Level> bids = market.street_bids;
    std::vector<Level> asks = market.street_asks;
    for (const std::size_t place : market.resting) {
        const EmulatedOrder& order = orders_[place];
        add_level(order.side == Side::buy ? bids : asks, order.side, order.price,
                  order.quantity - order.filled);
    }
    BookEvent event{listing, changes(market.bids, bids), changes(market.asks, asks), bids, asks};
    if (event.bids.empty() && event.asks.empty()) return;
    market.bids = std::move(bids);
    market.asks = std::move(asks);
    events_.push_back(std::move(event));
}

PlaceError EmulatedExchange::judge_price(const PlaceOrder& order, const Listing& listing) const
{
    if (order.price.units <= 0 || order.price.units % listing.tick.units != 0) return PlaceError::bad_price;
    const Market& market = markets_[index(order.listing)];
    const std::vector<Level>& other = order.side == Side::buy ? market.asks : market.bids;
    if (other.empty()) return PlaceError::none;
    const std::int64_t best = other.front().price.units;
    const Int128 off =
        order.side == Side::buy ? Int128{order.price.units} - best : Int128{best} - order.price.units;
    return off * kRateOne > Int128{best} * rules_.price_band.units ? PlaceError::price_limit
                                                                   : PlaceError::none;
}

PlaceError EmulatedExchange::judge_terms(const PlaceOrder& order) const
{
    if (index(order.listing) >= markets_.size() || !markets_[index(order.listing)].ours)
        return PlaceError::unknown_listing;
    const Market& market = markets_[index(order.listing)];
    const Listing& listing = table_->listing(order.listing);
    if (market.halted || listing.status == ListingStatus::halted) return PlaceError::halted;
    if (market.cancel_only) return PlaceError::cancel_only;
    if (const PlaceError error = judge_price(order, listing); error != PlaceError::none) return error;
    if (order.quantity.units <= 0 || order.quantity.units % listing.lot.units != 0)
        return PlaceError::bad_quantity;
    if (order.quantity < listing.quantity_min) return PlaceError::quantity_min;
    const std::optional<Amount> notional =
        table_->instrument_of(order.listing).notional(order.price, order.quantity);
    // Beyond any market: refused before sums of such numbers could overflow.
    if (!notional || *notional > rules_.notional_max || order.quantity.units > rules_.quantity_units_max)
        return PlaceError::bad_quantity;
    return *notional < listing.notional_min ? PlaceError::notional_min : PlaceError::none;
}

PlaceError EmulatedExchange::judge(const PlaceOrder& order) const
{
    if (const PlaceError error = judge_terms(order); error != PlaceError::none) return error;
    if (!order.client_id.empty()) {
        const auto known = by_client_.find({order.account, order.client_id});
        if (known != by_client_.end() && orders_[known->second].state == EmulatedState::open)
            return PlaceError::duplicate_id;
    }
    const auto open = open_.find(order.account);
    if (open != open_.end() && open->second >= rules_.open_orders_max) return PlaceError::too_many_orders;
    return funded(order) ? PlaceError::none : PlaceError::balance;
}

Quantity EmulatedExchange::available(const PlaceOrder& order) const
{
    const Market& market = markets_[index(order.listing)];
    Quantity sum;
    for (const Level& level : order.side == Side::buy ? market.asks : market.bids) {
        if (!reaches(order.side, order.price, level.price)) break;
        sum = sum + level.quantity;
    }
    return sum;
}

// What a fill-or-kill order can have: up to where it would meet an own order, or without those.
Quantity EmulatedExchange::offered(const PlaceOrder& order) const
{
    const Market& market = markets_[index(order.listing)];
    Quantity sum;
    for (const Level& level : order.side == Side::buy ? market.asks : market.bids) {
        if (!reaches(order.side, order.price, level.price)) break;
        Quantity here = level.quantity;
        Quantity older;
        for (const std::size_t place : market.resting) {
            const EmulatedOrder& other = orders_[place];
            if (other.side == order.side || other.price != level.price) continue;
            const Quantity rest = other.quantity - other.filled;
            if (other.account != order.account || order.self_trade == SelfTrade::none)
                older = older + rest;
            else if (order.self_trade == SelfTrade::cancel_maker)
                here = here - rest;
            else
                return sum + older;
        }
        sum = sum + here;
    }
    return sum;
}

PlaceResult EmulatedExchange::place(const PlaceOrder& wish, Timestamp now)
{
    PlaceResult result;
    PlaceOrder order = wish;
    if (order.reduce_only && !closes(order)) {
        result.error = PlaceError::reduce_only;
        return result;
    }
    result.error = judge(order);
    if (result.error != PlaceError::none) return result;
    const bool takes = available(order) > Quantity{};
    EmulatedOrder entry;
    entry.id = kFirstOrder + orders_.size();
    entry.account = order.account;
    entry.listing = order.listing;
    entry.client_id = order.client_id;
    entry.side = order.side;
    entry.time_in_force = order.time_in_force;
    entry.price = order.price;
    entry.quantity = order.quantity;
    entry.reduce_only = order.reduce_only;
    entry.created = entry.updated = now;
    result.id = entry.id;
    const std::size_t place = orders_.size();
    orders_.push_back(entry);
    if (!order.client_id.empty()) by_client_[{order.account, order.client_id}] = place;
    ++open_[order.account];
    bind(entry, bound(entry.listing, entry.side, entry.price, entry.quantity));
    if (order.time_in_force == TimeInForce::post_only && takes) {
        finish(place, EmulatedState::rejected, PlaceError::would_take, now);
        result.error = PlaceError::would_take;
        return result;
    }
    events_.push_back(OrderEvent{orders_[place], false, {}});
    tell_balance(order.account, bound_asset(order.listing, order.side));
    if (order.time_in_force == TimeInForce::fok && offered(order) < order.quantity) {
        const bool own = available(order) >= order.quantity;
        result.error = own ? PlaceError::self_trade : PlaceError::unfilled;
        finish(place, EmulatedState::expired, result.error, now);
        return result;
    }
    result.error = take(place, order.self_trade, now);
    if (orders_[place].state == EmulatedState::open) {
        if (order.time_in_force == TimeInForce::ioc || order.time_in_force == TimeInForce::fok)
            finish(place, EmulatedState::expired, PlaceError::none, now);
        else
            markets_[index(order.listing)].resting.push_back(place);
    }
    publish(order.listing);
    return result;
}

// Meets the street and resting orders, best price first, resting orders before the street at one price.
// Self-trade prevention acts where the order would meet one of its own account, not before.
PlaceError EmulatedExchange::take(std::size_t place, SelfTrade mode, Timestamp now)
{
    const ListingId listing = orders_[place].listing;
    const Side side = orders_[place].side;
    Market& market = markets_[index(listing)];
    std::vector<Level>& street = side == Side::buy ? market.street_asks : market.street_bids;
    while (orders_[place].state == EmulatedState::open) {
        const std::size_t best = best_resting(listing, side == Side::buy ? Side::sell : Side::buy);
        const bool rests = best != orders_.size() &&
                           (street.empty() || reaches(side, street.front().price, orders_[best].price));
        if (!rests && street.empty()) break;
        const Price price = rests ? orders_[best].price : street.front().price;
        if (!reaches(side, orders_[place].price, price)) break;
        if (rests && mode != SelfTrade::none && orders_[best].account == orders_[place].account) {
            if (mode != SelfTrade::cancel_taker)
                finish(best, EmulatedState::expired, PlaceError::self_trade, now);
            if (mode == SelfTrade::cancel_maker) continue;
            finish(place, EmulatedState::expired, PlaceError::self_trade, now);
            return PlaceError::self_trade;
        }
        Quantity quantity = orders_[place].quantity - orders_[place].filled;
        quantity = std::min(quantity,
                            rests ? orders_[best].quantity - orders_[best].filled : street.front().quantity);
        if (rests) {
            fill(best, price, quantity, true, now);
        } else {
            street.front().quantity = street.front().quantity - quantity;
            if (street.front().quantity.zero()) street.erase(street.begin());
        }
        fill(place, price, quantity, false, now);
        tell_trade(listing, side, price, quantity, now);
    }
    return PlaceError::none;
}

void EmulatedExchange::finish(std::size_t place, EmulatedState state, PlaceError reason, Timestamp now)
{
    EmulatedOrder& order = orders_[place];
    bind(order, -bound(order.listing, order.side, order.price, order.quantity - order.filled));
    --open_[order.account];
    order.state = state;
    order.end_reason = reason;
    order.updated = now;
    std::vector<std::size_t>& resting = markets_[index(order.listing)].resting;
    resting.erase(std::remove(resting.begin(), resting.end(), place), resting.end());
    events_.push_back(OrderEvent{order, false, {}});
    tell_balance(order.account, bound_asset(order.listing, order.side));
}

// As if the order were placed anew with what is left of it, its own money being free.
PlaceError EmulatedExchange::judge_amend(EmulatedOrder& order, Price price, Quantity quantity)
{
    PlaceOrder wish;
    wish.account = order.account;
    wish.listing = order.listing;
    wish.side = order.side;
    wish.price = price;
    wish.quantity = quantity;
    if (quantity <= order.filled) return PlaceError::bad_quantity;
    if (const PlaceError error = judge_terms(wish); error != PlaceError::none) return error;
    if (order.time_in_force == TimeInForce::post_only && available(wish) > Quantity{})
        return PlaceError::would_take;
    const Amount held = bound(order.listing, order.side, order.price, order.quantity - order.filled);
    wish.quantity = quantity - order.filled;
    bind(order, -held);
    const bool enough = funded(wish);
    bind(order, held);
    return enough ? PlaceError::none : PlaceError::balance;
}

PlaceError EmulatedExchange::amend(AccountId account, std::uint64_t id, Price price, Quantity quantity,
                                   Timestamp now)
{
    const EmulatedOrder* found = at_place(account, id);
    if (found == nullptr || found->state != EmulatedState::open) return PlaceError::unknown_listing;
    const auto place = static_cast<std::size_t>(id - kFirstOrder);
    EmulatedOrder& order = orders_[place];
    if (const PlaceError error = judge_amend(order, price, quantity); error != PlaceError::none) return error;
    const bool keeps_place = price == order.price && quantity <= order.quantity;
    bind(order, -bound(order.listing, order.side, order.price, order.quantity - order.filled));
    order.price = price;
    order.quantity = quantity;
    order.updated = now;
    ++order.amends;
    bind(order, bound(order.listing, order.side, order.price, order.quantity - order.filled));
    events_.push_back(OrderEvent{order, false, {}});
    tell_balance(account, bound_asset(order.listing, order.side));
    std::vector<std::size_t>& resting = markets_[index(order.listing)].resting;
    if (!keeps_place) {
        resting.erase(std::remove(resting.begin(), resting.end(), place), resting.end());
        (void)take(place, SelfTrade::cancel_taker, now);
        if (order.state == EmulatedState::open) resting.push_back(place);
    }
    publish(order.listing);
    return PlaceError::none;
}

const EmulatedOrder* EmulatedExchange::cancel(AccountId account, std::uint64_t id, Timestamp now)
{
    const EmulatedOrder* order = at_place(account, id);
    if (order == nullptr || order->state != EmulatedState::open) return nullptr;
    finish(static_cast<std::size_t>(id - kFirstOrder), EmulatedState::cancelled, PlaceError::none, now);
    publish(order->listing);
    return order;
}

}  // namespace arb
