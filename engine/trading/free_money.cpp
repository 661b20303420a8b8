#include "engine/trading/free_money.hpp"

#include <algorithm>

namespace arb {

FreeMoney::FreeMoney(const Markets& markets, const Portfolio& portfolio, const FeeTable& fees,
                     const ChangedAccounts& changed, Rate margin)
    : markets_(&markets),
      table_(&markets.table()),
      portfolio_(&portfolio),
      fees_(&fees),
      changed_(&changed),
      margin_(margin),
      orders_(portfolio.accounts().size()),
      hedges_(portfolio.accounts().size())
{
}

void FreeMoney::reserve(OrderId order, const OrderIntent& intent)
{
    orders_.add(order, intent, held_by(intent, intent.quantity));
}

void FreeMoney::on_fill(OrderId order, Quantity quantity)
{
    Reservations::Entry* entry = orders_.find(order);
    if (entry == nullptr) return;
    const Quantity left{std::max<std::int64_t>(0, entry->left.units - quantity.units)};
    orders_.change(*entry, left, held_by(entry->intent, left));
}

void FreeMoney::set_price(Reservations::Entry& entry, Price price, Quantity left)
{
    entry.intent.price = price;
    orders_.change(entry, left, held_by(entry.intent, left));
}

Amount FreeMoney::worst_cost(const OrderIntent& intent, Quantity quantity) const
{
    const std::optional<Amount> notional =
        table_->instrument_of(intent.listing).notional(intent.price, quantity);
    ENSURE(notional.has_value(), "an order's notional was checked before it was reserved");
    return *notional + apply_rate(*notional, fees_->taker(intent.listing));
}

Reservations::Held FreeMoney::held_by(const OrderIntent& intent, Quantity left) const
{
    Reservations::Held held;
    held.base = portfolio_->base_slot(intent.listing);
    held.quote = portfolio_->quote_slot(intent.listing);
    held.quantity = table_->instrument_of(intent.listing).amount(left);
    if (portfolio_->base(intent.listing).position)
        held.money = apply_rate(worst_cost(intent, left), margin_);
    else if (intent.side == Side::buy)
        held.money = worst_cost(intent, left);
    return held;
}

void FreeMoney::set_hedge(PackageId package, std::size_t leg, const OrderIntent& intent, Quantity quantity)
{
    const OrderId id = hedge_id(package, leg);
    Reservations::Entry* entry = hedges_.find(id);
    if (quantity.units <= 0) return hedges_.remove(id);
    // Whoever finds no room hedges with what is free then, as without a reservation.
    if (entry == nullptr && !hedges_.full()) hedges_.add(id, intent, held_by(intent, quantity));
    if (entry != nullptr) hedges_.change(*entry, quantity, held_by(intent, quantity));
}

// What the package's own hedges hold back of this listing's two accounts.
Reservations::Held FreeMoney::hedged_by(PackageId package, ListingId listing) const
{
    Reservations::Held own;
    own.base = portfolio_->base_slot(listing);
    own.quote = portfolio_->quote_slot(listing);
    for (std::size_t leg = 0; leg < Package::kLegsMost && package != PackageId{}; ++leg) {
        const Reservations::Entry* entry = hedges_.find(hedge_id(package, leg));
        if (entry == nullptr) continue;
        if (entry->held.quote == own.quote) own.money += entry->held.money;
        if (entry->held.base == own.base && entry->intent.side == Side::sell)
            own.quantity += entry->held.quantity;
    }
    return own;
}

Amount FreeMoney::free_quote(ListingId listing, PackageId own) const
{
    return unreserved_quote(listing) - hedges_.money(portfolio_->quote_slot(listing)) +
           hedged_by(own, listing).money;
}

Amount FreeMoney::free_base(ListingId listing, PackageId own) const
{
    return unreserved_base(listing) - hedges_.sells(portfolio_->base_slot(listing)) +
           hedged_by(own, listing).quantity;
}

Amount FreeMoney::unreserved_quote(ListingId listing) const
{
    const std::size_t slot = portfolio_->quote_slot(listing);
    Amount free = portfolio_->accounts()[slot].end() - orders_.money(slot);
    // A derivative's position gives back what it took from the quote account, at its last mark; what counts
    // here is the margin it binds, so add the position's value back at the current middle through its own
    // book.
    changed_->for_each([&](std::size_t account) {
        const ListingId id = changed_->listings_of(account).front();
        const Amount position = portfolio_->accounts()[account].end();
        if (!portfolio_->accounts()[account].position || portfolio_->quote_slot(id) != slot ||
            position.zero())
            return;
        const OrderBook& book = markets_->builder(id).book();
        if (!book.two_sided()) return;
        const Instrument& instrument = table_->instrument_of(id);
        const Quantity quantity{static_cast<std::int64_t>(
            position.units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
        const std::optional<Amount> value = instrument.notional(book.bids().best().price, quantity);
        if (!value) return;
        free += *value;
        free -= apply_rate(absolute(*value), margin_);
    });
    return free;
}

Amount FreeMoney::unreserved_base(ListingId listing) const
{
    const std::size_t slot = portfolio_->base_slot(listing);
    return portfolio_->accounts()[slot].end() - orders_.sells(slot);
}

bool FreeMoney::pays(const OrderIntent& intent, Amount notional, bool opening) const
{
    const Amount cost = notional + apply_rate(notional, fees_->taker(intent.listing));
    const bool position = portfolio_->base(intent.listing).position;
    if (position || intent.side == Side::buy) {
        const Amount free = opening ? free_quote(intent.listing) : unreserved_quote(intent.listing);
        return free >= (position ? apply_rate(cost, margin_) : cost);
    }
    const Amount free = opening ? free_base(intent.listing) : unreserved_base(intent.listing);
    const Amount quantity = table_->instrument_of(intent.listing).amount(intent.quantity);
    return free >= quantity;
}

Quantity FreeMoney::covered(const OrderIntent& intent) const
{
    if (portfolio_->base(intent.listing).position) return intent.quantity;
    const Instrument& instrument = table_->instrument_of(intent.listing);
    if (intent.side == Side::sell) {
        const Int128 free = unreserved_base(intent.listing).units;
        const Int128 units = free / power_of_ten(kAmountDecimals - instrument.quantity_decimals);
        return {static_cast<std::int64_t>(std::clamp(units, Int128{0}, Int128{intent.quantity.units}))};
    }
    const Amount free = unreserved_quote(intent.listing);
    const auto pays = [&](std::int64_t units) {
        return instrument.notional(intent.price, {units}).has_value() && worst_cost(intent, {units}) <= free;
    };
    if (pays(intent.quantity.units)) return intent.quantity;
    std::int64_t most = 0, above = intent.quantity.units;
    while (above - most > 1) {
        const std::int64_t half = most + (above - most) / 2;
        (pays(half) ? most : above) = half;
    }
    return {most};
}

}  // namespace arb
