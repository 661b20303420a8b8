// RiskGate's judgements: what an order is checked against, in the order in which it is refused.
#include <algorithm>

#include "engine/trading/risk_gate.hpp"

namespace arb {
RiskReason RiskGate::check(MarketId market, const OrderIntent& intent, bool opening, Timestamp now) const
{
    const Listing& listing = table_->listing(intent.listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    if (listing.status == ListingStatus::halted || open_count_ + 1 > kOpenMax) return RiskReason::not_trading;
    if (budget_exhausted(listing.venue, opening, now)) return RiskReason::budget;
    if (opening) {
        const RiskReason reason = check_gates(market, listing.venue, now);
        if (reason != RiskReason::none) return reason;
        if (refusals_.open(intent.listing, now)) return RiskReason::refused_often;
        const BookBuilder& builder = markets_->builder(intent.listing);
        if (builder.updated().known() && now - builder.updated() > limits_.book_age_max)
            return RiskReason::book_age;
    }
    const bool on_lot = intent.quantity.units > 0 && intent.quantity.units % listing.lot.units == 0 &&
                        intent.quantity >= listing.quantity_min;
    if (!on_lot || intent.price.units <= 0 || intent.price.units % listing.tick.units != 0)
        return RiskReason::lot;
    const std::optional<Amount> notional = instrument.notional(intent.price, intent.quantity);
    if (!notional) return RiskReason::order_notional;
    if (*notional < listing.notional_min) return RiskReason::notional_minimum;
    if (opening && *notional > limits_.order_notional_max) return RiskReason::order_notional;
    RiskReason reason = check_price(market, intent);
    if (reason == RiskReason::none) reason = check_funds(intent, *notional);
    if (reason == RiskReason::none && opening) reason = check_exposure(market, intent);
    if (reason == RiskReason::none && opening) reason = check_totals(market, intent);
    return reason;
}

RiskReason RiskGate::check_gates(MarketId market, VenueId venue, Timestamp now) const
{
    if (paused_) return RiskReason::paused;
    if (venues_[index(venue)].stopped) return RiskReason::venue_stopped;
    if (stopped_markets_[index(market)]) return RiskReason::market_stopped;
    if (open_count_ >= limits_.open_orders_max) return RiskReason::open_orders;
    return loss_day_reached(now) ? RiskReason::loss_limit : RiskReason::none;
}

// Twice the middle that prices are compared with, in the market's unit: of three usable venues or more the
// median of their own middles (one venue gone mad moves it little), else between the best bid and the best
// ask of all.
std::optional<Int128> RiskGate::middle_twice(MarketId market) const
{
    const ConsolidatedBook& book = markets_->consolidated(market);
    if (book.best_bid() == ConsolidatedBook::kNone) return std::nullopt;
    std::array<Int128, 32> middles{};
    std::size_t count = 0;
    for (const VenueQuote& quote : book.quotes()) {
        if (quote.usable && count < middles.size())
            middles[count++] = Int128{quote.bid.units} + quote.ask.units;
    }
    if (count < 3)
        return Int128{book.quotes()[book.best_bid()].bid.units} + book.quotes()[book.best_ask()].ask.units;
    std::sort(middles.begin(), middles.begin() + static_cast<std::ptrdiff_t>(count));
    return count % 2 == 1 ? middles[count / 2] : (middles[count / 2 - 1] + middles[count / 2]) / 2;
}

RiskReason RiskGate::check_price(MarketId market, const OrderIntent& intent) const
{
    const std::optional<Int128> middle = middle_twice(market);
    if (!middle) return RiskReason::no_price;
    std::int64_t factor = 0;
    for (const MarketMember& member : markets_->consolidated(market).definition().members) {
        if (member.listing == intent.listing) factor = member.price_factor;
    }
    if (factor == 0) return RiskReason::no_price;
    const Int128 twice = Int128{intent.price.units} * factor * 2;
    const Int128 off = twice > *middle ? twice - *middle : *middle - twice;
    return off * kRateOne > *middle * limits_.price_band.units ? RiskReason::price_band : RiskReason::none;
}

RiskReason RiskGate::check_funds(const OrderIntent& intent, Amount notional) const
{
    const Amount cost = notional + apply_rate(notional, taker_fees_[index(intent.listing)]);
    if (portfolio_->base(intent.listing).position) {
        return free_quote(intent.listing) < apply_rate(cost, limits_.margin) ? RiskReason::balance
                                                                             : RiskReason::none;
    }
    if (intent.side == Side::buy)
        return free_quote(intent.listing) < cost ? RiskReason::balance : RiskReason::none;
    const Amount quantity = table_->instrument_of(intent.listing).amount(intent.quantity);
    return free_base(intent.listing) < quantity ? RiskReason::balance : RiskReason::none;
}

RiskReason RiskGate::check_exposure(MarketId market, const OrderIntent& intent) const
{
    const Instrument& instrument = table_->instrument_of(intent.listing);
    const Amount quantity = instrument.amount(intent.quantity);
    const Amount after = intent.side == Side::buy ? worst_position(intent.listing, Side::buy) + quantity
                                                  : worst_position(intent.listing, Side::sell) - quantity;
    if (absolute(after) > limits_.position_max &&
        absolute(after) > absolute(portfolio_->base(intent.listing).fills)) {
        return RiskReason::position;
    }
    // Worst case of the market: this order fills and its sister does not.
    Amount net;
    for (const MarketMember& member : markets_->consolidated(market).definition().members) {
        net += worst_position(member.listing, intent.side);
    }
    net = intent.side == Side::buy ? net + quantity : net - quantity;
    const Quantity net_quantity{static_cast<std::int64_t>(
        absolute(net).units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
    const std::optional<Amount> value = instrument.notional(intent.price, net_quantity);
    return !value || *value > limits_.net_exposure_max ? RiskReason::net_exposure : RiskReason::none;
}

// The listing's change of base in the worse direction, valued at this price; without one (zero) it is more
// than any limit allows.
Amount RiskGate::worst_notional(ListingId listing, Price price) const
{
    const Amount worst =
        std::max(absolute(worst_position(listing, Side::buy)), absolute(worst_position(listing, Side::sell)));
    if (worst.zero()) return {};
    const Instrument& instrument = table_->instrument_of(listing);
    const Quantity quantity{static_cast<std::int64_t>(
        worst.units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
    return price.units <= 0 ? kNotionalMost : instrument.notional(price, quantity).value_or(kNotionalMost);
}

// The highest ask of the same instrument at other venues; zero: nobody shows any.
Price RiskGate::mark_elsewhere(const Listing& listing) const
{
    Price mark;
    for (const ListingId id : table_->listings_of(listing.instrument)) {
        const OrderBook& book = markets_->builder(id).book();
        if (book.two_sided()) mark = std::max(mark, book.asks().best().price);
    }
    return mark;
}

RiskReason RiskGate::check_totals(MarketId market, const OrderIntent& intent) const
{
    if (!limits_.instrument_max && !limits_.venue_max && !limits_.gross_max) return RiskReason::none;
    const Amount order = worst_cost(intent, intent.quantity);
    Amount instrument = order;
    Amount venue = order;
    Amount gross = order;
    for (const Listing& listing : table_->listings()) {
        const BookBuilder& builder = markets_->builder(listing.id);
        Price& mark = marks_[index(listing.id)];
        if (builder.book().two_sided()) mark = builder.book().asks().best().price;
        const Amount worst = worst_notional(listing.id, mark.units > 0 ? mark : mark_elsewhere(listing));
        gross += worst;
        if (listing.venue == table_->listing(intent.listing).venue) venue += worst;
        for (const MarketMember& member : markets_->consolidated(market).definition().members) {
            if (member.listing == listing.id) instrument += worst;
        }
    }
    if (limits_.instrument_max && instrument > *limits_.instrument_max) return RiskReason::instrument_limit;
    if (limits_.venue_max && venue > *limits_.venue_max) return RiskReason::venue_limit;
    if (limits_.gross_max && gross > *limits_.gross_max) return RiskReason::gross_limit;
    return RiskReason::none;
}

}  // namespace arb
