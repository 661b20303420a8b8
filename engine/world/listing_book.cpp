#include "engine/world/listing_book.hpp"

#include <algorithm>
#include <utility>

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

Quantity rest_of(const EmulatedOrder& order)
{
    return order.quantity - order.filled;
}

}  // namespace

void ListingBook::set_street(std::span<const Level> bids, std::span<const Level> asks)
{
    bids_street_.assign(bids.begin(), bids.end());
    asks_street_.assign(asks.begin(), asks.end());
}

// The order of that side that is next to trade: best price, then oldest.
EmulatedOrder* ListingBook::best_resting(Side side) const
{
    EmulatedOrder* best = nullptr;
    for (EmulatedOrder* const order : resting_) {
        if (order->side != side) continue;
        // Strictly better: a sell beats another where a buyer would rather reach it.
        if (best == nullptr ||
            (order->price != best->price && reaches(opposite(side), best->price, order->price)))
            best = order;
    }
    return best;
}

std::optional<BookOffer> ListingBook::crossed(Side side) const
{
    const std::vector<Level>& street_met = street(opposite(side));
    EmulatedOrder* const order = best_resting(side);
    if (order == nullptr || street_met.empty() || !reaches(side, order->price, street_met.front().price))
        return std::nullopt;
    return BookOffer{order, order->price, std::min(rest_of(*order), street_met.front().quantity)};
}

std::optional<BookOffer> ListingBook::next(Side side, Price limit) const
{
    const std::vector<Level>& street_met = street(opposite(side));
    std::optional<BookOffer> offer;
    if (!street_met.empty()) offer = {nullptr, street_met.front().price, street_met.front().quantity};
    EmulatedOrder* const order = best_resting(opposite(side));
    if (order != nullptr && (!offer || reaches(side, offer->price, order->price)))
        offer = {order, order->price, rest_of(*order)};
    return offer && reaches(side, limit, offer->price) ? offer : std::nullopt;
}

void ListingBook::take_street(Side side, Quantity quantity)
{
    std::vector<Level>& levels = side == Side::buy ? bids_street_ : asks_street_;
    levels.front().quantity = levels.front().quantity - quantity;
    if (levels.front().quantity.zero()) levels.erase(levels.begin());
}

void ListingBook::remove(const EmulatedOrder& order)
{
    resting_.erase(std::remove(resting_.begin(), resting_.end(), &order), resting_.end());
}

Quantity ListingBook::available(const PlaceOrder& order) const
{
    Quantity sum;
    for (const Level& level : met_by(order.side)) {
        if (!reaches(order.side, order.price, level.price)) break;
        sum = sum + level.quantity;
    }
    return sum;
}

Quantity ListingBook::offered(const PlaceOrder& order) const
{
    Quantity sum;
    for (const Level& level : met_by(order.side)) {
        if (!reaches(order.side, order.price, level.price)) break;
        Quantity here = level.quantity;
        Quantity older;
        for (const EmulatedOrder* const other : resting_) {
            if (other->side == order.side || other->price != level.price) continue;
            if (other->account != order.account || order.self_trade == SelfTrade::none)
                older = older + rest_of(*other);
            else if (order.self_trade == SelfTrade::cancel_maker)
                here = here - rest_of(*other);
            else
                return sum + older;
        }
        sum = sum + here;
    }
    return sum;
}

BookChange ListingBook::publish()
{
    std::vector<Level> bids = bids_street_;
    std::vector<Level> asks = asks_street_;
    for (const EmulatedOrder* const order : resting_)
        add_level(order->side == Side::buy ? bids : asks, order->side, order->price, rest_of(*order));
    BookChange change{changes(bids_, bids), changes(asks_, asks), bids, asks};
    bids_ = std::move(bids);
    asks_ = std::move(asks);
    return change;
}

}  // namespace arb
