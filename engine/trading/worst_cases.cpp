#include "engine/trading/worst_cases.hpp"

#include <algorithm>

namespace arb {

WorstCases::WorstCases(const Markets& markets, const Portfolio& portfolio, const FreeMoney& money,
                       const Rates& rates, const ChangedAccounts& changed, const RiskLimits& limits)
    : markets_(&markets),
      table_(&markets.table()),
      portfolio_(&portfolio),
      money_(&money),
      rates_(&rates),
      changed_(&changed),
      limits_(&limits),
      marks_(markets.table().listings().size()),
      holders_(markets.market_count())
{
    for (std::size_t m = 0; m < holders_.size(); ++m) {
        const std::string& base = markets.consolidated(static_cast<MarketId>(m)).definition().base;
        std::vector<ListingId>& holders = holders_[m];
        for (const Listing& listing : table_->listings()) {
            const Instrument& instrument = table_->instrument(listing.instrument);
            const bool known = std::any_of(holders.begin(), holders.end(), [&](ListingId id) {
                return portfolio.base_slot(id) == portfolio.base_slot(listing.id);
            });
            if (instrument.base == base && !instrument.inverse && !known) holders.push_back(listing.id);
        }
    }
}

RiskReason WorstCases::check(MarketId market, const OrderIntent& intent, Amount rate, Timestamp now) const
{
    const RiskReason reason = check_exposure(market, intent, rate);
    return reason == RiskReason::none ? check_totals(market, intent, rate, now) : reason;
}

Amount WorstCases::position(ListingId listing, Side side) const
{
    const std::size_t slot = portfolio_->base_slot(listing);
    const Amount change = portfolio_->accounts()[slot].change();
    return side == Side::buy ? change + money_->orders().buys(slot) : change - money_->orders().sells(slot);
}

RiskReason WorstCases::check_exposure(MarketId market, const OrderIntent& intent, Amount rate) const
{
    const Instrument& instrument = table_->instrument_of(intent.listing);
    const Amount quantity = instrument.amount(intent.quantity);
    const Amount after = intent.side == Side::buy ? position(intent.listing, Side::buy) + quantity
                                                  : position(intent.listing, Side::sell) - quantity;
    if (absolute(after) > limits_->position_max &&
        absolute(after) > absolute(portfolio_->base(intent.listing).change())) {
        return RiskReason::position;
    }
    // Worst case of the asset, in all accounts that hold it: this order fills and its sister does not.
    Amount net;
    for (const ListingId holder : holders_[index(market)]) net += position(holder, intent.side);
    net = intent.side == Side::buy ? net + quantity : net - quantity;
    const Quantity net_quantity{static_cast<std::int64_t>(
        absolute(net).units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
    const std::optional<Amount> value = instrument.notional(intent.price, net_quantity);
    return !value || at_rate(*value, rate) > limits_->net_exposure_max ? RiskReason::net_exposure
                                                                       : RiskReason::none;
}

// The account's change of base in the worse direction, valued at the last price that one of its listings
// showed; without any, or without any rate, it is more than any limit allows.
Amount WorstCases::notional(std::size_t account, Timestamp now) const
{
    const Amount change = portfolio_->accounts()[account].change();
    const Amount worst = std::max(absolute(change + money_->orders().buys(account)),
                                  absolute(change - money_->orders().sells(account)));
    if (worst.zero()) return {};
    for (const ListingId listing : changed_->listings_of(account)) {
        const Price price = mark_of(listing);
        if (price.units <= 0) continue;
        const Instrument& instrument = table_->instrument_of(listing);
        const Quantity quantity{static_cast<std::int64_t>(
            worst.units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
        const std::optional<Amount> rate = rates_->last_of(listing, now);
        if (!rate) continue;
        return at_rate(instrument.notional(price, quantity).value_or(kNotionalMost), *rate);
    }
    return kNotionalMost;
}

Price WorstCases::mark_of(ListingId listing) const
{
    const OrderBook& book = markets_->builder(listing).book();
    Price& mark = marks_[index(listing)];
    if (book.two_sided()) mark = book.asks().best().price;
    return mark.units > 0 ? mark : mark_elsewhere(table_->listing(listing));
}

bool WorstCases::in_market(MarketId market, std::size_t account) const
{
    const auto& members = markets_->consolidated(market).definition().members;
    return std::any_of(members.begin(), members.end(), [&](const MarketMember& member) {
        return portfolio_->base_slot(member.listing) == account;
    });
}

// The highest ask of the same instrument at other venues; zero: nobody shows any.
Price WorstCases::mark_elsewhere(const Listing& listing) const
{
    Price mark;
    for (const ListingId id : table_->listings_of(listing.instrument)) {
        const OrderBook& book = markets_->builder(id).book();
        if (book.two_sided()) mark = std::max(mark, book.asks().best().price);
    }
    return mark;
}

RiskReason WorstCases::check_totals(MarketId market, const OrderIntent& intent, Amount rate,
                                    Timestamp now) const
{
    if (!limits_->instrument_max && !limits_->venue_max && !limits_->gross_max) return RiskReason::none;
    const Amount order = at_rate(money_->worst_cost(intent, intent.quantity), rate);
    Amount instrument = order;
    Amount venue = order;
    Amount gross = order;
    const VenueId at = table_->listing(intent.listing).venue;
    changed_->for_each([&](std::size_t account) {
        const Amount worst = notional(account, now);
        if (worst.zero()) return;
        gross += worst;
        if (portfolio_->accounts()[account].venue == at) venue += worst;
        if (in_market(market, account)) instrument += worst;
    });
    if (limits_->instrument_max && instrument > *limits_->instrument_max) return RiskReason::instrument_limit;
    if (limits_->venue_max && venue > *limits_->venue_max) return RiskReason::venue_limit;
    if (limits_->gross_max && gross > *limits_->gross_max) return RiskReason::gross_limit;
    return RiskReason::none;
}

Amount WorstCases::gross(Timestamp now) const
{
    Amount sum;
    changed_->for_each([&](std::size_t account) { sum += notional(account, now); });
    return sum;
}

Amount WorstCases::at(VenueId venue, Timestamp now) const
{
    Amount sum;
    changed_->for_each([&](std::size_t account) {
        if (portfolio_->accounts()[account].venue == venue) sum += notional(account, now);
    });
    return sum;
}

Amount WorstCases::in(MarketId market, Timestamp now) const
{
    Amount sum;
    changed_->for_each([&](std::size_t account) {
        if (in_market(market, account)) sum += notional(account, now);
    });
    return sum;
}

}  // namespace arb
