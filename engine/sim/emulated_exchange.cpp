#include "engine/sim/emulated_exchange.hpp"

#include <algorithm>

namespace arb {
namespace {

Amount worth(const Instrument& instrument, Price price, Quantity quantity)
{
    const std::optional<Amount> notional = instrument.notional(price, quantity);
    ENSURE(notional.has_value(), "an order's notional was checked when it was placed");
    return *notional;
}

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

std::string EmulatedExchange::base_asset(ListingId listing) const
{
    const Instrument& instrument = table_->instrument_of(listing);
    return instrument.kind == InstrumentKind::spot ? instrument.base : instrument.name;
}

const std::string& EmulatedExchange::quote_asset(ListingId listing) const
{
    return table_->instrument_of(listing).quote;
}

Rate EmulatedExchange::maker_fee(ListingId listing) const
{
    const Listing& l = table_->listing(listing);
    return l.fees_known ? l.fee_maker : rules_.maker_fee;
}

Rate EmulatedExchange::taker_fee(ListingId listing) const
{
    const Listing& l = table_->listing(listing);
    return l.fees_known ? l.fee_taker : rules_.taker_fee;
}

EmulatedBalance& EmulatedExchange::balance(AccountId account, const std::string& asset, bool position)
{
    EmulatedBalance& entry = balances_[{account, asset}];
    if (entry.asset.empty()) {
        entry.asset = asset;
        entry.position = position;
    }
    return entry;
}

void EmulatedExchange::tell_balance(AccountId account, const std::string& asset)
{
    events_.push_back(BalanceEvent{account, balances_[{account, asset}]});
}

void EmulatedExchange::deposit(AccountId account, std::string_view asset, Amount amount)
{
    balance(account, std::string(asset), false).total += amount;
    tell_balance(account, std::string(asset));
}

void EmulatedExchange::set_street(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                                  Timestamp now)
{
    Market& market = markets_[index(listing)];
    market.street_bids.assign(bids.begin(), bids.end());
    market.street_asks.assign(asks.begin(), asks.end());
    // A street that crosses a resting order trades with it at the order's price, oldest first.
    const std::vector<std::size_t> resting = market.resting;
    for (const std::size_t place : resting) {
        if (market.halted || orders_[place].state != EmulatedState::open) continue;
        std::vector<Level>& street =
            orders_[place].side == Side::buy ? market.street_asks : market.street_bids;
        while (orders_[place].state == EmulatedState::open && !street.empty() &&
               reaches(orders_[place].side, orders_[place].price, street.front().price)) {
            const Quantity quantity =
                std::min(orders_[place].quantity - orders_[place].filled, street.front().quantity);
            street.front().quantity = street.front().quantity - quantity;
            if (street.front().quantity.zero()) street.erase(street.begin());
            fill(place, orders_[place].price, quantity, true, now);
        }
    }
    publish(listing);
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
    BookEvent event{listing, changes(market.bids, bids), changes(market.asks, asks)};
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

PlaceError EmulatedExchange::judge(const PlaceOrder& order) const
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
    if (!notional) return PlaceError::bad_quantity;
    if (*notional < listing.notional_min) return PlaceError::notional_min;
    if (!order.client_id.empty()) {
        const auto known = by_client_.find({order.account, order.client_id});
        if (known != by_client_.end() && orders_[known->second].state == EmulatedState::open)
            return PlaceError::duplicate_id;
    }
    const auto open = std::count_if(orders_.begin(), orders_.end(), [&](const EmulatedOrder& o) {
        return o.account == order.account && o.state == EmulatedState::open;
    });
    if (static_cast<std::size_t>(open) >= rules_.open_orders_max) return PlaceError::too_many_orders;
    return funded(order) ? PlaceError::none : PlaceError::balance;
}

bool EmulatedExchange::funded(const PlaceOrder& order) const
{
    const Instrument& instrument = table_->instrument_of(order.listing);
    const auto free = [&](const std::string& asset) {
        const auto found = balances_.find({order.account, asset});
        return found == balances_.end() ? Amount{} : found->second.total - found->second.held;
    };
    const Amount notional = worth(instrument, order.price, order.quantity);
    // The fee is paid from what is received or on top; the hold of a buyer leaves room for it.
    const Amount cost = notional + apply_rate(notional, taker_fee(order.listing));
    // A derivative binds margin; the position itself is booked as an asset paid in full, so its quote balance
    // may be negative.
    if (instrument.kind != InstrumentKind::spot) return true;
    if (order.side == Side::buy) return free(instrument.quote) >= cost;
    return free(instrument.base) >= instrument.amount(order.quantity);
}

// Any order of the same account on the other side that this one would meet.
bool EmulatedExchange::crosses_own(const PlaceOrder& order) const
{
    for (const std::size_t place : markets_[index(order.listing)].resting) {
        const EmulatedOrder& other = orders_[place];
        if (other.account == order.account && other.side != order.side &&
            reaches(order.side, order.price, other.price)) {
            return true;
        }
    }
    return false;
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

PlaceResult EmulatedExchange::place(const PlaceOrder& order, Timestamp now)
{
    PlaceResult result;
    result.error = judge(order);
    if (result.error != PlaceError::none) return result;
    const bool takes = available(order) > Quantity{};
    EmulatedOrder entry;
    entry.id = next_order_++;
    entry.account = order.account;
    entry.listing = order.listing;
    entry.client_id = order.client_id;
    entry.side = order.side;
    entry.time_in_force = order.time_in_force;
    entry.price = order.price;
    entry.quantity = order.quantity;
    entry.created = entry.updated = now;
    result.id = entry.id;
    const std::size_t place = orders_.size();
    orders_.push_back(entry);
    if (!order.client_id.empty()) by_client_[{order.account, order.client_id}] = place;
    hold(entry, entry.quantity, true);
    if (order.time_in_force == TimeInForce::post_only && takes) {
        finish(place, EmulatedState::rejected, PlaceError::would_take, now);
        result.error = PlaceError::would_take;
        return result;
    }
    if (crosses_own(order)) {
        finish(place, EmulatedState::expired, PlaceError::self_trade, now);
        result.error = PlaceError::self_trade;
        return result;
    }
    events_.push_back(OrderEvent{orders_[place], false, {}});
    tell_balance(order.account,
                 order.side == Side::buy ? quote_asset(order.listing) : base_asset(order.listing));
    if (order.time_in_force == TimeInForce::fok && available(order) < order.quantity) {
        finish(place, EmulatedState::expired, PlaceError::unfilled, now);
        result.error = PlaceError::unfilled;
        return result;
    }
    take(place, now);
    if (orders_[place].state == EmulatedState::open) {
        if (order.time_in_force == TimeInForce::ioc || order.time_in_force == TimeInForce::fok)
            finish(place, EmulatedState::expired, PlaceError::none, now);
        else
            markets_[index(order.listing)].resting.push_back(place);
    }
    publish(order.listing);
    return result;
}

// Meets the street and other accounts' resting orders, best price first, resting orders before the street at
// one price.
void EmulatedExchange::take(std::size_t place, Timestamp now)
{
    const ListingId listing = orders_[place].listing;
    const Side side = orders_[place].side;
    Market& market = markets_[index(listing)];
    std::vector<Level>& street = side == Side::buy ? market.street_asks : market.street_bids;
    while (orders_[place].state == EmulatedState::open) {
        std::size_t best = orders_.size();
        for (const std::size_t other : market.resting) {
            if (orders_[other].side == side) continue;
            if (best == orders_.size() || (orders_[other].price != orders_[best].price &&
                                           reaches(side, orders_[best].price, orders_[other].price)))
                best = other;
        }
        const bool rests = best != orders_.size() &&
                           (street.empty() || reaches(side, street.front().price, orders_[best].price));
        if (!rests && street.empty()) return;
        const Price price = rests ? orders_[best].price : street.front().price;
        if (!reaches(side, orders_[place].price, price)) return;
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
        Trade trade;
        trade.listing = listing;
        trade.aggressor = side;
        trade.price = price;
        trade.quantity = quantity;
        trade.venue_time = now;
        events_.push_back(trade);
    }
}

void EmulatedExchange::fill(std::size_t place, Price price, Quantity quantity, bool maker, Timestamp now)
{
    EmulatedOrder& order = orders_[place];
    const Instrument& instrument = table_->instrument_of(order.listing);
    EmulatedTrade trade;
    trade.id = next_trade_++;
    trade.order = order.id;
    trade.account = order.account;
    trade.listing = order.listing;
    trade.side = order.side;
    trade.maker = maker;
    trade.price = price;
    trade.quantity = quantity;
    trade.notional = worth(instrument, price, quantity);
    trade.time = now;
    const Rate rate = maker ? maker_fee(order.listing) : taker_fee(order.listing);
    const bool of_base = rules_.fee_taking == FeeTaking::received && order.side == Side::buy &&
                         instrument.kind == InstrumentKind::spot;
    trade.fee = apply_rate(of_base ? instrument.amount(quantity) : trade.notional, rate);
    trade.fee_asset = of_base ? instrument.base : instrument.quote;
    hold(order, quantity, false);
    order.filled = order.filled + quantity;
    order.filled_notional += trade.notional;
    order.fees += trade.fee;
    order.fee_asset = trade.fee_asset;
    order.updated = now;
    ++order.trades;
    if (order.filled == order.quantity) {
        order.state = EmulatedState::filled;
        std::vector<std::size_t>& resting = markets_[index(order.listing)].resting;
        resting.erase(std::remove(resting.begin(), resting.end(), place), resting.end());
    }
    trades_.push_back(trade);
    move_balances(order, trade);
    events_.push_back(OrderEvent{order, true, trade});
    tell_balance(order.account, base_asset(order.listing));
    tell_balance(order.account, quote_asset(order.listing));
}

void EmulatedExchange::move_balances(const EmulatedOrder& order, const EmulatedTrade& trade)
{
    const Instrument& instrument = table_->instrument_of(order.listing);
    const bool position = instrument.kind != InstrumentKind::spot;
    EmulatedBalance& base = balance(order.account, base_asset(order.listing), position);
    EmulatedBalance& quote = balance(order.account, instrument.quote, false);
    const Amount quantity = instrument.amount(trade.quantity);
    if (order.side == Side::buy) {
        base.total += quantity;
        quote.total -= trade.notional;
    } else {
        base.total -= quantity;
        quote.total += trade.notional;
    }
    balance(order.account, trade.fee_asset, false).total -= trade.fee;
}

// Spot alone binds balances: a buyer its limit's cost, a seller the base.
void EmulatedExchange::hold(const EmulatedOrder& order, Quantity quantity, bool bind)
{
    const Instrument& instrument = table_->instrument_of(order.listing);
    if (instrument.kind != InstrumentKind::spot) return;
    const bool buy = order.side == Side::buy;
    const Amount amount = buy ? worth(instrument, order.price, quantity) : instrument.amount(quantity);
    EmulatedBalance& entry = balance(order.account, buy ? instrument.quote : instrument.base, false);
    if (bind)
        entry.held += amount;
    else
        entry.held -= amount;
}

void EmulatedExchange::finish(std::size_t place, EmulatedState state, PlaceError reason, Timestamp now)
{
    EmulatedOrder& order = orders_[place];
    hold(order, order.quantity - order.filled, false);
    order.state = state;
    order.end_reason = reason;
    order.updated = now;
    std::vector<std::size_t>& resting = markets_[index(order.listing)].resting;
    resting.erase(std::remove(resting.begin(), resting.end(), place), resting.end());
    events_.push_back(OrderEvent{order, false, {}});
    tell_balance(order.account,
                 order.side == Side::buy ? quote_asset(order.listing) : base_asset(order.listing));
}

const EmulatedOrder* EmulatedExchange::cancel(AccountId account, std::uint64_t id, Timestamp now)
{
    for (std::size_t place = 0; place < orders_.size(); ++place) {
        EmulatedOrder& order = orders_[place];
        if (order.id != id || order.account != account || order.state != EmulatedState::open) continue;
        finish(place, EmulatedState::cancelled, PlaceError::none, now);
        publish(order.listing);
        return &order;
    }
    return nullptr;
}

}  // namespace arb
