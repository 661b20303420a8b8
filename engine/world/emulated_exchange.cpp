#include "engine/world/emulated_exchange.hpp"

#include <algorithm>

namespace arb {

EmulatedExchange::EmulatedExchange(const InstrumentTable& table, VenueId venue, const ExchangeRules& rules)
    : table_(&table), rules_(rules), markets_(table.listings().size()), accounts_(table, rules)
{
    for (const Listing& listing : table.listings()) markets_[index(listing.id)].ours = listing.venue == venue;
}

void EmulatedExchange::set_street(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                                  Timestamp now)
{
    if (halted(listing)) return;
    ListingBook& book = markets_[index(listing)].book;
    book.set_street(bids, asks);
    for (const Side side : {Side::buy, Side::sell}) {
        while (const std::optional<BookOffer> met = book.crossed(side)) {
            book.take_street(opposite(side), met->quantity);
            fill(*met->order, met->price, met->quantity, true, now);
            news_.trade({listing, met->price, met->quantity, opposite(side), now, {}});
        }
    }
    publish(listing);
}

PlaceError EmulatedExchange::judge_price(const PlaceOrder& order, const Listing& listing) const
{
    if (order.price.units <= 0 || order.price.units % listing.tick.units != 0) return PlaceError::bad_price;
    const EmulatedBook book = markets_[index(order.listing)].book.published();
    const std::span<const Level> other = order.side == Side::buy ? book.asks : book.bids;
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
        const EmulatedOrder* const known = find_client(order.account, order.client_id);
        if (known != nullptr && known->state == EmulatedState::open) return PlaceError::duplicate_id;
    }
    if (orders_.open_count(order.account) >= rules_.open_orders_max) return PlaceError::too_many_orders;
    return accounts_.funded(order) ? PlaceError::none : PlaceError::balance;
}

PlaceResult EmulatedExchange::place(const PlaceOrder& wish, Timestamp now)
{
    PlaceOrder terms = wish;
    if (terms.reduce_only && !accounts_.closes(terms)) return {PlaceError::reduce_only, 0};
    PlaceResult result{judge(terms), 0};
    if (result.error != PlaceError::none) return result;
    ListingBook& book = markets_[index(terms.listing)].book;
    const Quantity available = book.available(terms);
    EmulatedOrder& order = orders_.add(terms, now);
    result.id = order.id;
    accounts_.bind(order);
    if (terms.time_in_force == TimeInForce::post_only && available > Quantity{}) {
        result.error = PlaceError::would_take;
        finish(order, EmulatedState::rejected, result.error, now);
        return result;
    }
    tell(order);
    if (terms.time_in_force == TimeInForce::fok && book.offered(terms) < terms.quantity) {
        result.error = available >= terms.quantity ? PlaceError::self_trade : PlaceError::unfilled;
        finish(order, EmulatedState::expired, result.error, now);
        return result;
    }
    result.error = take(order, terms.self_trade, now);
    if (order.state == EmulatedState::open) {
        if (terms.time_in_force == TimeInForce::ioc || terms.time_in_force == TimeInForce::fok)
            finish(order, EmulatedState::expired, PlaceError::none, now);
        else
            book.rest(order);
    }
    publish(terms.listing);
    return result;
}

// Self-trade prevention acts where the order would meet one of its own account, not before.
PlaceError EmulatedExchange::take(EmulatedOrder& order, SelfTrade mode, Timestamp now)
{
    ListingBook& book = markets_[index(order.listing)].book;
    while (order.state == EmulatedState::open) {
        const std::optional<BookOffer> offer = book.next(order.side, order.price);
        if (!offer) break;
        EmulatedOrder* const resting = offer->order;
        if (resting != nullptr && mode != SelfTrade::none && resting->account == order.account) {
            if (mode != SelfTrade::cancel_taker)
                finish(*resting, EmulatedState::expired, PlaceError::self_trade, now);
            if (mode == SelfTrade::cancel_maker) continue;
            finish(order, EmulatedState::expired, PlaceError::self_trade, now);
            return PlaceError::self_trade;
        }
        const Quantity quantity = std::min(order.quantity - order.filled, offer->quantity);
        if (resting != nullptr)
            fill(*resting, offer->price, quantity, true, now);
        else
            book.take_street(opposite(order.side), quantity);
        fill(order, offer->price, quantity, false, now);
        news_.trade({order.listing, offer->price, quantity, order.side, now, {}});
    }
    return PlaceError::none;
}

void EmulatedExchange::fill(EmulatedOrder& order, Price price, Quantity quantity, bool maker, Timestamp now)
{
    accounts_.release(order);
    const EmulatedTrade& trade = orders_.fill(order, accounts_.settle(order, price, quantity, maker, now));
    accounts_.bind(order);
    if (order.state == EmulatedState::filled) markets_[index(order.listing)].book.remove(order);
    news_.fill(order, trade);
    accounts_.tell_moved(order, news_);
    if (table_->instrument_of(order.listing).kind != InstrumentKind::spot)
        end_reducing(order.account, order.listing, now);
}

// Once the position is gone there is nothing left to reduce.
void EmulatedExchange::end_reducing(AccountId account, ListingId listing, Timestamp now)
{
    if (!accounts_.position(account, listing).zero()) return;
    const std::vector<EmulatedOrder*> resting = markets_[index(listing)].book.resting();
    for (EmulatedOrder* const order : resting) {
        if (order->account == account && order->reduce_only && order->state == EmulatedState::open)
            finish(*order, EmulatedState::expired, PlaceError::reduce_only, now);
    }
}

void EmulatedExchange::finish(EmulatedOrder& order, EmulatedState state, PlaceError reason, Timestamp now)
{
    accounts_.release(order);
    orders_.end(order, state, reason, now);
    markets_[index(order.listing)].book.remove(order);
    tell(order);
}

void EmulatedExchange::tell(const EmulatedOrder& order)
{
    news_.order(order);
    accounts_.tell_bound(order, news_);
}

// As if the order were placed anew with what is left of it, its own money being free.
PlaceError EmulatedExchange::judge_amend(const EmulatedOrder& order, Price price, Quantity quantity)
{
    PlaceOrder wish;
    wish.account = order.account;
    wish.listing = order.listing;
    wish.side = order.side;
    wish.price = price;
    wish.quantity = quantity;
    if (quantity <= order.filled) return PlaceError::bad_quantity;
    if (const PlaceError error = judge_terms(wish); error != PlaceError::none) return error;
    if (order.time_in_force == TimeInForce::post_only &&
        markets_[index(order.listing)].book.available(wish) > Quantity{})
        return PlaceError::would_take;
    wish.quantity = quantity - order.filled;
    accounts_.release(order);
    const bool enough = accounts_.funded(wish);
    accounts_.bind(order);
    return enough ? PlaceError::none : PlaceError::balance;
}

PlaceError EmulatedExchange::amend(AccountId account, std::uint64_t id, Price price, Quantity quantity,
                                   Timestamp now)
{
    EmulatedOrder* const order = orders_.find_open(account, id);
    if (order == nullptr) return PlaceError::unknown_listing;
    if (const PlaceError error = judge_amend(*order, price, quantity); error != PlaceError::none)
        return error;
    const bool keeps_place = price == order->price && quantity <= order->quantity;
    accounts_.release(*order);
    order->price = price;
    order->quantity = quantity;
    order->updated = now;
    ++order->amends;
    accounts_.bind(*order);
    tell(*order);
    if (!keeps_place) {
        ListingBook& book = markets_[index(order->listing)].book;
        book.remove(*order);
        (void)take(*order, SelfTrade::cancel_taker, now);
        if (order->state == EmulatedState::open) book.rest(*order);
    }
    publish(order->listing);
    return PlaceError::none;
}

const EmulatedOrder* EmulatedExchange::cancel(AccountId account, std::uint64_t id, Timestamp now)
{
    EmulatedOrder* const order = orders_.find_open(account, id);
    if (order == nullptr) return nullptr;
    finish(*order, EmulatedState::cancelled, PlaceError::none, now);
    publish(order->listing);
    return order;
}

void EmulatedExchange::set_dead_man(AccountId account, ListingId listing, Timestamp when)
{
    std::erase_if(dead_men_, [&](const DeadMan& d) { return d.account == account && d.listing == listing; });
    if (when.known()) dead_men_.push_back({account, listing, when});
}

void EmulatedExchange::on_time(Timestamp now)
{
    const auto fires = [now](const DeadMan& d) { return d.when <= now; };
    for (const DeadMan& d : dead_men_) {
        if (!fires(d)) continue;
        for (const EmulatedOrder* order : orders(d.account, d.listing, true))
            (void)cancel(d.account, order->id, now);
    }
    std::erase_if(dead_men_, fires);
}

}  // namespace arb
