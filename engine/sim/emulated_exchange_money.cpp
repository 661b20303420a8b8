// The money of an emulated exchange: balances, what orders bind, what a fill moves, fees.
#include <algorithm>

#include "engine/sim/emulated_exchange.hpp"

namespace arb {
namespace {

Amount worth(const Instrument& instrument, Price price, Quantity quantity)
{
    const std::optional<Amount> notional = instrument.notional(price, quantity);
    ENSURE(notional.has_value(), "an order's notional was checked when it was placed");
    return *notional;
}

}  // namespace

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

bool EmulatedExchange::funded(const PlaceOrder& order) const
{
    const Instrument& instrument = table_->instrument_of(order.listing);
    const auto free = [&](const std::string& asset) {
        const auto found = balances_.find({order.account, asset});
        return found == balances_.end() ? Amount{} : found->second.total - found->second.held;
    };
    // A derivative binds margin; the position itself is booked as an asset paid in full, so its quote balance
    // may be negative.
    if (instrument.kind != InstrumentKind::spot) return true;
    return free(order.side == Side::buy ? instrument.quote : instrument.base) >=
           bound(order.listing, order.side, order.price, order.quantity);
}

// Spot alone binds balances: a seller the base; a buyer the cost at its limit, with the fee where that is
// paid on top of it. Taken of the whole rest of an order, so that rounding cannot leave anything bound.
Amount EmulatedExchange::bound(ListingId listing, Side side, Price price, Quantity quantity) const
{
    const Instrument& instrument = table_->instrument_of(listing);
    if (instrument.kind != InstrumentKind::spot) return {};
    if (side == Side::sell) return instrument.amount(quantity);
    const Amount notional = worth(instrument, price, quantity);
    if (rules_.fee_taking == FeeTaking::received) return notional;
    const Rate rate = std::max({maker_fee(listing), taker_fee(listing), Rate{}});
    return notional + apply_rate(notional, rate);
}

void EmulatedExchange::bind(const EmulatedOrder& order, Amount change)
{
    const Instrument& instrument = table_->instrument_of(order.listing);
    if (instrument.kind != InstrumentKind::spot) return;
    balance(order.account, order.side == Side::buy ? instrument.quote : instrument.base, false).held +=
        change;
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

}  // namespace arb
