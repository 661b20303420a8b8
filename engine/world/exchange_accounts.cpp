#include "engine/world/exchange_accounts.hpp"

#include <algorithm>

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

std::string ExchangeAccounts::base_asset(ListingId listing) const
{
    const Instrument& instrument = table_->instrument_of(listing);
    return instrument.kind == InstrumentKind::spot ? instrument.base : instrument.name;
}

// What an order binds.
std::string ExchangeAccounts::bound_asset(ListingId listing, Side side) const
{
    return side == Side::buy || !spot(listing) ? table_->instrument_of(listing).quote : base_asset(listing);
}

Rate ExchangeAccounts::maker_fee(ListingId listing) const
{
    const Listing& l = table_->listing(listing);
    return l.fees_known ? l.fee_maker : rules_.maker_fee;
}

Rate ExchangeAccounts::taker_fee(ListingId listing) const
{
    const Listing& l = table_->listing(listing);
    return l.fees_known ? l.fee_taker : rules_.taker_fee;
}

EmulatedBalance& ExchangeAccounts::balance(AccountId account, const std::string& asset, bool position)
{
    EmulatedBalance& entry = balances_[{account, asset}];
    if (entry.asset.empty()) {
        entry.asset = asset;
        entry.position = position;
    }
    return entry;
}

void ExchangeAccounts::tell_bound(const EmulatedOrder& order, ExchangeNews& news) const
{
    news.balance(order.account, balance(order.account, bound_asset(order.listing, order.side)));
}

void ExchangeAccounts::tell_moved(const EmulatedOrder& order, ExchangeNews& news) const
{
    for (const std::string& asset : {base_asset(order.listing), table_->instrument_of(order.listing).quote})
        news.balance(order.account, balance(order.account, asset));
}

void ExchangeAccounts::deposit(AccountId account, const std::string& asset, Amount amount, ExchangeNews& news)
{
    EmulatedBalance& entry = balance(account, asset, false);
    entry.total += amount;
    news.balance(account, entry);
}

std::vector<EmulatedBalance> ExchangeAccounts::balances(AccountId account) const
{
    std::vector<EmulatedBalance> result;
    for (const auto& [key, entry] : balances_) {
        if (key.first == account) result.push_back(entry);
    }
    return result;
}

EmulatedBalance ExchangeAccounts::balance(AccountId account, const std::string& asset) const
{
    const auto found = balances_.find({account, asset});
    return found == balances_.end() ? EmulatedBalance{} : found->second;
}

bool ExchangeAccounts::closes(PlaceOrder& order) const
{
    // An unknown listing is judged as what it is.
    if (index(order.listing) >= table_->listings().size() || spot(order.listing)) return true;
    const Instrument& instrument = table_->instrument_of(order.listing);
    const Amount held = position(order.account, order.listing);
    const Int128 closable = order.side == Side::buy ? -held.units : held.units;
    const Quantity lot = table_->listing(order.listing).lot;
    const Int128 lots = closable / instrument.amount(lot).units;
    if (lots <= 0) return false;
    if (lots < Int128{order.quantity.units / lot.units})
        order.quantity = {static_cast<std::int64_t>(lots) * lot.units};
    return true;
}

bool ExchangeAccounts::funded(const PlaceOrder& order) const
{
    const bool is_spot = spot(order.listing);
    // What makes a position smaller binds nothing.
    const Amount wanted = table_->instrument_of(order.listing).amount(order.quantity);
    const Amount held = is_spot ? Amount{} : position(order.account, order.listing);
    if (!is_spot && (order.side == Side::buy ? held <= -wanted : held >= wanted)) return true;
    const EmulatedBalance own = balance(order.account, bound_asset(order.listing, order.side));
    const Amount free = is_spot ? own.total - own.held : own.wallet() - own.margin - own.order_margin;
    return free >= bound(order.listing, order.side, order.price, order.quantity);
}

// A derivative binds margin. Of spot a seller binds the base; a buyer the cost at its limit, with the fee
// where that is paid on top of it. Taken of the whole rest of an order, so that rounding cannot leave
// anything bound.
Amount ExchangeAccounts::bound(ListingId listing, Side side, Price price, Quantity quantity) const
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

void ExchangeAccounts::bind(const EmulatedOrder& order, Amount change)
{
    EmulatedBalance& entry = balance(order.account, bound_asset(order.listing, order.side), false);
    (spot(order.listing) ? entry.held : entry.order_margin) += change;
}

EmulatedTrade ExchangeAccounts::settle(const EmulatedOrder& order, Price price, Quantity quantity, bool maker,
                                       Timestamp now)
{
    const Instrument& instrument = table_->instrument_of(order.listing);
    EmulatedTrade trade;
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
    const bool of_base =
        rules_.fee_taking == FeeTaking::received && order.side == Side::buy && spot(order.listing);
    trade.fee = apply_rate(of_base ? instrument.amount(quantity) : trade.notional, rate);
    trade.fee_asset = of_base ? instrument.base : instrument.quote;
    move(trade);
    return trade;
}

void ExchangeAccounts::move(const EmulatedTrade& trade)
{
    const Instrument& instrument = table_->instrument_of(trade.listing);
    const bool position = !spot(trade.listing);
    EmulatedBalance& base = balance(trade.account, base_asset(trade.listing), position);
    EmulatedBalance& quote = balance(trade.account, instrument.quote, false);
    const bool buys = trade.side == Side::buy;
    const Amount paid = buys ? trade.notional : -trade.notional;
    const Quantity change{buys ? trade.quantity.units : -trade.quantity.units};
    if (position) {
        const Int128 one = instrument.amount(Quantity{1}).units;
        const Amount cost =
            cost_after(base.cost, static_cast<std::int64_t>(base.total.units / one), paid, change.units);
        const auto margin_of = [this](Amount spent) { return apply_rate(absolute(spent), rules_.margin); };
        quote.cost += cost - base.cost;
        quote.margin += margin_of(cost) - margin_of(base.cost);
        base.cost = cost;
    }
    base.total += instrument.amount(change);
    quote.total -= paid;
    balance(trade.account, trade.fee_asset, false).total -= trade.fee;
}

}  // namespace arb
