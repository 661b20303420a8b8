// The money of an emulated exchange: balances, what orders bind, what a fill moves, fees.
#include <algorithm>

#include "engine/world/emulated_exchange.hpp"

namespace arb {
namespace {

Amount worth(const Instrument& instrument, Price price, Quantity quantity)
{
    const std::optional<Amount> notional = instrument.notional(price, quantity);
    ENSURE(notional.has_value(), "an order's notional was checked when it was placed");
    return *notional;
}

/// `part` of `whole`, without a product that could overflow.
Amount share(Amount amount, std::int64_t part, std::int64_t whole)
{
    return {amount.units / whole * part + amount.units % whole * part / whole};
}

/// What a position of `held` units that cost so much has cost after a trade of `change` units for `paid`, all
/// with their signs: what adds to it is added, what closes it takes its share away, and what is left over
/// begins anew.
Amount cost_after(Amount cost, std::int64_t held, Amount paid, std::int64_t change)
{
    const std::int64_t size = held < 0 ? -held : held;
    const std::int64_t moved = change < 0 ? -change : change;
    if (held == 0 || (held > 0) == (change > 0)) return cost + paid;
    return moved <= size ? cost - share(cost, moved, size) : share(paid, moved - size, moved);
}

}  // namespace

std::string EmulatedExchange::base_asset(ListingId listing) const
{
    const Instrument& instrument = table_->instrument_of(listing);
    return instrument.kind == InstrumentKind::spot ? instrument.base : instrument.name;
}

// What an order binds.
std::string EmulatedExchange::bound_asset(ListingId listing, Side side) const
{
    const bool spot = table_->instrument_of(listing).kind == InstrumentKind::spot;
    return side == Side::buy || !spot ? quote_asset(listing) : base_asset(listing);
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

Amount EmulatedExchange::position(AccountId account, ListingId listing) const
{
    const auto found = balances_.find({account, base_asset(listing)});
    return found == balances_.end() ? Amount{} : found->second.total;
}

// False: it would close nothing. A larger one becomes as large as what it closes.
bool EmulatedExchange::closes(PlaceOrder& order) const
{
    if (index(order.listing) >= markets_.size()) return true;  // judged as the unknown listing that it is
    const Instrument& instrument = table_->instrument_of(order.listing);
    if (instrument.kind == InstrumentKind::spot) return true;
    const Amount held = position(order.account, order.listing);
    const Int128 closable = order.side == Side::buy ? -held.units : held.units;
    const Quantity lot = table_->listing(order.listing).lot;
    const Int128 lots = closable / instrument.amount(lot).units;
    if (lots <= 0) return false;
    if (lots < Int128{order.quantity.units / lot.units})
        order.quantity = {static_cast<std::int64_t>(lots) * lot.units};
    return true;
}

// Once the position is gone there is nothing left to reduce.
void EmulatedExchange::end_reducing(AccountId account, ListingId listing, Timestamp now)
{
    if (!position(account, listing).zero()) return;
    const std::vector<std::size_t> resting = markets_[index(listing)].resting;
    for (const std::size_t place : resting) {
        const EmulatedOrder& order = orders_[place];
        if (order.account == account && order.reduce_only && order.state == EmulatedState::open)
            finish(place, EmulatedState::expired, PlaceError::reduce_only, now);
    }
}

bool EmulatedExchange::funded(const PlaceOrder& order) const
{
    const Instrument& instrument = table_->instrument_of(order.listing);
    const auto free = [&](const std::string& asset) {
        const auto found = balances_.find({order.account, asset});
        return found == balances_.end() ? Amount{} : found->second.total - found->second.held;
    };
    if (instrument.kind != InstrumentKind::spot) {
        // What makes a position smaller binds nothing.
        const Amount held = position(order.account, order.listing);
        const Amount wanted = instrument.amount(order.quantity);
        if (order.side == Side::buy ? held <= -wanted : held >= wanted) return true;
        const auto found = balances_.find({order.account, instrument.quote});
        if (found == balances_.end()) return false;
        const EmulatedBalance& quote = found->second;
        return quote.wallet() - quote.margin - quote.order_margin >=
               bound(order.listing, order.side, order.price, order.quantity);
    }
    return free(order.side == Side::buy ? instrument.quote : instrument.base) >=
           bound(order.listing, order.side, order.price, order.quantity);
}

// A derivative binds margin. Of spot a seller binds the base; a buyer the cost at its limit, with the fee
// where that is paid on top of it. Taken of the whole rest of an order, so that rounding cannot leave
// anything bound.
Amount EmulatedExchange::bound(ListingId listing, Side side, Price price, Quantity quantity) const
{
    const Instrument& instrument = table_->instrument_of(listing);
    if (instrument.kind != InstrumentKind::spot)
        return apply_rate(worth(instrument, price, quantity), rules_.margin);
    if (side == Side::sell) return instrument.amount(quantity);
    const Amount notional = worth(instrument, price, quantity);
    if (rules_.fee_taking == FeeTaking::received) return notional;
    const Rate rate = std::max({maker_fee(listing), taker_fee(listing), Rate{}});
    return notional + apply_rate(notional, {rate.units * rules_.fee_times});
}

void EmulatedExchange::bind(const EmulatedOrder& order, Amount change)
{
    const bool spot = table_->instrument_of(order.listing).kind == InstrumentKind::spot;
    EmulatedBalance& entry = balance(order.account, bound_asset(order.listing, order.side), false);
    (spot ? entry.held : entry.order_margin) += change;
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
    const Rate told = maker ? maker_fee(order.listing) : taker_fee(order.listing);
    const Rate rate{told.units * rules_.fee_times};
    const bool of_base = rules_.fee_taking == FeeTaking::received && order.side == Side::buy &&
                         instrument.kind == InstrumentKind::spot;
    trade.fee = apply_rate(of_base ? instrument.amount(quantity) : trade.notional, rate);
    trade.fee_asset = of_base ? instrument.base : instrument.quote;
    const Amount before = bound(order.listing, order.side, order.price, order.quantity - order.filled);
    order.filled = order.filled + quantity;
    bind(order, bound(order.listing, order.side, order.price, order.quantity - order.filled) - before);
    order.filled_notional += trade.notional;
    order.fees += trade.fee;
    order.fee_asset = trade.fee_asset;
    order.updated = now;
    ++order.trades;
    if (order.filled == order.quantity) {
        order.state = EmulatedState::filled;
        --open_[order.account];
        std::vector<std::size_t>& resting = markets_[index(order.listing)].resting;
        resting.erase(std::remove(resting.begin(), resting.end(), place), resting.end());
    }
    trades_.push_back(trade);
    move_balances(order, trade);
    events_.push_back(OrderEvent{order, true, trade});
    tell_balance(order.account, base_asset(order.listing));
    tell_balance(order.account, quote_asset(order.listing));
    if (instrument.kind != InstrumentKind::spot) end_reducing(order.account, order.listing, now);
}

void EmulatedExchange::move_balances(const EmulatedOrder& order, const EmulatedTrade& trade)
{
    const Instrument& instrument = table_->instrument_of(order.listing);
    const bool position = instrument.kind != InstrumentKind::spot;
    EmulatedBalance& base = balance(order.account, base_asset(order.listing), position);
    EmulatedBalance& quote = balance(order.account, instrument.quote, false);
    const Amount quantity = instrument.amount(trade.quantity);
    if (position) {
        const Int128 one = instrument.amount(Quantity{1}).units;
        const bool buys = order.side == Side::buy;
        const Amount cost = cost_after(base.cost, static_cast<std::int64_t>(base.total.units / one),
                                       buys ? trade.notional : -trade.notional,
                                       buys ? trade.quantity.units : -trade.quantity.units);
        const auto margin_of = [this](Amount paid) {
            return apply_rate(paid.units < 0 ? -paid : paid, rules_.margin);
        };
        quote.cost += cost - base.cost;
        quote.margin += margin_of(cost) - margin_of(base.cost);
        base.cost = cost;
    }
    if (order.side == Side::buy) {
        base.total += quantity;
        quote.total -= trade.notional;
    } else {
        base.total -= quantity;
        quote.total += trade.notional;
    }
    balance(order.account, trade.fee_asset, false).total -= trade.fee;
}

}  // namespace arb
