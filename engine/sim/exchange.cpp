#include "engine/sim/exchange.hpp"

#include <algorithm>

namespace arb {

SimExchange::SimExchange(const InstrumentTable& table, TakenLiquidity& taken, std::vector<VenueModel> venues,
                         std::vector<ListingFees> fees, Rate margin, QueueModel queue)
    : table_(&table),
      taken_(&taken),
      venues_(std::move(venues)),
      fees_(std::move(fees)),
      margin_(margin),
      queue_(queue),
      balances_(table)
{
    pending_.reserve(256);
    resting_.reserve(256);
}

std::unique_ptr<SimExchange> make_exchange(const EngineConfig& config, const InstrumentTable& table,
                                           TakenLiquidity& taken)
{
    std::vector<VenueModel> models;
    const VenueConfig defaults;
    for (std::size_t v = 0; v < table.venue_count(); ++v) {
        const VenueConfig* told = config_of(config, table.label(static_cast<VenueId>(v)));
        const VenueConfig& venue = told != nullptr ? *told : defaults;
        models.push_back({venue.feed_latency, venue.order_latency});
    }
    return std::make_unique<SimExchange>(
        table, taken, std::move(models), fees_of(config, table), config.risk.margin,
        config.queue_proportional ? QueueModel::proportional : QueueModel::pessimistic);
}

void SimExchange::send(const ApprovedOrder& order, Timestamp now)
{
    add_pending({{}, 0, order.id(), order.intent(), false}, now);
    ++orders_;
}

// Of an order that rests, or that is on its way still: it gets there behind it.
void SimExchange::cancel(OrderId order, Timestamp now)
{
    const auto same = [order](const auto& out) { return out.id == order; };
    const auto resting = std::find_if(resting_.begin(), resting_.end(), same);
    const auto pending = std::find_if(pending_.begin(), pending_.end(), same);
    if (resting != resting_.end())
        add_pending({{}, 0, order, resting->intent, true}, now);
    else if (pending != pending_.end())
        add_pending({{}, 0, order, pending->intent, true}, now);
}

void SimExchange::add_pending(Pending pending, Timestamp now)
{
    const VenueModel& venue = venues_[index(table_->listing(pending.intent.listing).venue)];
    pending.due = now + venue.order_latency + venue.feed_latency;
    pending.sequence = ++sequence_;
    const auto later = [](const Pending& a, const Pending& b) {
        return a.due != b.due ? a.due > b.due : a.sequence > b.sequence;
    };
    pending_.insert(std::upper_bound(pending_.begin(), pending_.end(), pending, later), pending);
}

void SimExchange::on_trade(const Trade& trade)
{
    for (Resting& order : resting_) {
        const bool buys = order.intent.side == Side::buy;
        if (order.intent.listing != trade.listing || buys == (trade.aggressor == Side::buy)) continue;
        // A trade beyond our price would have met us first.
        const bool beyond = buys ? trade.price < order.intent.price : trade.price > order.intent.price;
        if (beyond)
            order.served = order.served + trade.quantity;
        else if (trade.price == order.intent.price)
            order.served = order.served + order.place.on_trade(trade.quantity);
    }
}

void SimExchange::set_fees(ListingId listing, Rate maker, Rate taker)
{
    fees_[index(listing)] = {maker, taker, true};
}

Timestamp SimExchange::next_due() const
{
    return pending_.empty() ? Timestamp{} : pending_.back().due;
}

void SimExchange::run(Timestamp now, std::vector<OrderEvent>& out)
{
    while (!pending_.empty() && pending_.back().due <= now) {
        const Pending order = pending_.back();
        pending_.pop_back();
        if (order.cancel)
            end_cancelled(order.id, now, out);
        else
            match(order, now, out);
    }
    if (!resting_.empty()) check_resting(now, out);
}

RejectReason SimExchange::judge(const OrderIntent& intent) const
{
    const Listing& listing = table_->listing(intent.listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    const BookBuilder& builder = markets_->builder(intent.listing);
    if (listing.status == ListingStatus::halted || !builder.valid() || builder.book().crossed()) {
        return RejectReason::no_market;
    }
    if (intent.price.units <= 0 || intent.price.units % listing.tick.units != 0) return RejectReason::tick;
    if (intent.quantity.units <= 0 || intent.quantity.units % listing.lot.units != 0 ||
        intent.quantity < listing.quantity_min) {
        return RejectReason::lot;
    }
    const std::optional<Amount> notional = instrument.notional(intent.price, intent.quantity);
    if (!notional || *notional < listing.notional_min) return RejectReason::notional_minimum;
    if (!funded(intent)) return RejectReason::balance;
    const OrderBook& book = builder.book();
    const bool takes = intent.side == Side::buy
                           ? !book.asks().empty() && book.asks().best().price <= intent.price
                           : !book.bids().empty() && book.bids().best().price >= intent.price;
    return intent.time_in_force == TimeInForce::post_only && takes ? RejectReason::would_take
                                                                   : RejectReason::none;
}

bool SimExchange::funded(const OrderIntent& intent) const
{
    const Instrument& instrument = table_->instrument_of(intent.listing);
    const Amount notional = *instrument.notional(intent.price, intent.quantity);
    const Amount cost = notional + apply_rate(notional, fees_[index(intent.listing)].taker);
    const Account& base = balances_.base(intent.listing);
    const Account& quote = balances_.quote(intent.listing);
    if (!base.position) {
        return intent.side == Side::buy ? quote.end() >= cost
                                        : base.end() >= instrument.amount(intent.quantity);
    }
    // A derivative needs margin only: the position's value at the order's price counts for the account.
    const Amount position = base.end();
    const Quantity held{static_cast<std::int64_t>(
        position.units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
    const std::optional<Amount> value = instrument.notional(intent.price, held);
    return value && quote.end() + *value >= apply_rate(cost, margin_);
}

Quantity SimExchange::available(const OrderIntent& intent) const
{
    Quantity sum;
    Level level;
    DepthWalk walk(markets_->builder(intent.listing).book(), intent.listing, intent.side, taken_);
    while (sum < intent.quantity && walk.next(level)) {
        if (intent.side == Side::buy ? level.price > intent.price : level.price < intent.price) break;
        sum = sum + std::min(intent.quantity - sum, level.quantity);
    }
    return sum;
}

void SimExchange::match(const Pending& order, Timestamp now, std::vector<OrderEvent>& out)
{
    const OrderIntent& intent = order.intent;
    const RejectReason reason = judge(intent);
    if (reason != RejectReason::none) {
        ++rejects_;
        out.push_back({order.id, OrderEventKind::rejected, reason, {}, now});
        return;
    }
    out.push_back({order.id, OrderEventKind::accepted, RejectReason::none, {}, now});
    Quantity left = intent.quantity;
    const bool all_or_nothing = intent.time_in_force == TimeInForce::fok;
    if (!all_or_nothing || available(intent) >= intent.quantity) {
        Level level;
        while (!left.zero()) {
            // A fresh walk each time: what the fill took is then already left out.
            DepthWalk walk(markets_->builder(intent.listing).book(), intent.listing, intent.side, taken_);
            if (!walk.next(level)) break;
            if (intent.side == Side::buy ? level.price > intent.price : level.price < intent.price) break;
            const Quantity part = std::min(left, level.quantity);
            // A hostile recording may show prices that are no money: nobody trades there.
            const auto notional = table_->instrument_of(intent.listing).notional(level.price, part);
            if (!notional || *notional > kNotionalMost) break;
            taken_->take(intent.listing, intent.side, level.price, part);
            fill(order.id, intent, level.price, part, false, now, out);
            left = left - part;
        }
    }
    const bool rests =
        intent.time_in_force == TimeInForce::gtc || intent.time_in_force == TimeInForce::post_only;
    if (rests && !left.zero()) {
        resting_.push_back({order.id, intent, left, QueuePlace(shown(intent)), {}});
        return;
    }
    out.push_back({order.id, OrderEventKind::done, RejectReason::none, {}, now});
}

void SimExchange::fill(OrderId id, const OrderIntent& intent, Price price, Quantity quantity, bool maker,
                       Timestamp now, std::vector<OrderEvent>& out)
{
    OrderEvent event;
    event.order = id;
    event.kind = OrderEventKind::fill;
    event.time = now;
    event.fill.trade_id = ++trade_;
    event.fill.price = price;
    event.fill.quantity = quantity;
    event.fill.notional = *table_->instrument_of(intent.listing).notional(price, quantity);
    const ListingFees& fees = fees_[index(intent.listing)];
    event.fill.fee = apply_rate(event.fill.notional, maker ? fees.maker : fees.taker);
    event.fill.maker = maker;
    balances_.apply(intent.listing, intent.side, event.fill);
    out.push_back(event);
}

// What stands at the order's own price, on its side of the book.
Quantity SimExchange::shown(const OrderIntent& intent) const
{
    const OrderBook& book = markets_->builder(intent.listing).book();
    return intent.side == Side::buy ? book.bids().quantity_at(intent.price)
                                    : book.asks().quantity_at(intent.price);
}

void SimExchange::end_cancelled(OrderId id, Timestamp now, std::vector<OrderEvent>& out)
{
    const auto found =
        std::find_if(resting_.begin(), resting_.end(), [id](const Resting& order) { return order.id == id; });
    // Too late: it was filled, and that has been told.
    if (found == resting_.end()) return;
    resting_.erase(found);
    out.push_back({id, OrderEventKind::done, RejectReason::none, {}, now});
}

// How much of an order was executed since the last look.
Quantity SimExchange::served(Resting& order)
{
    const BookBuilder& builder = markets_->builder(order.intent.listing);
    Quantity quantity = std::min(order.served, order.left);
    order.served = {};
    if (!builder.tradable()) return quantity;
    order.place.on_level(shown(order.intent), queue_);
    // What stands through our price proves that everyone at our price, us too, was served.
    Level level;
    DepthWalk walk(builder.book(), order.intent.listing, order.intent.side, taken_);
    while (quantity < order.left && walk.next(level)) {
        if (order.intent.side == Side::buy ? level.price >= order.intent.price
                                           : level.price <= order.intent.price) {
            break;
        }
        const Quantity part = std::min(order.left - quantity, level.quantity);
        taken_->take(order.intent.listing, order.intent.side, level.price, part);
        quantity = quantity + part;
    }
    return quantity;
}

void SimExchange::check_resting(Timestamp now, std::vector<OrderEvent>& out)
{
    for (std::size_t i = 0; i < resting_.size();) {
        Resting& order = resting_[i];
        const Quantity executed = served(order);
        if (!executed.zero()) {
            fill(order.id, order.intent, order.intent.price, executed, true, now, out);
            order.left = order.left - executed;
        }
        if (!order.left.zero()) {
            ++i;
            continue;
        }
        out.push_back({order.id, OrderEventKind::done, RejectReason::none, {}, now});
        resting_.erase(resting_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace arb
