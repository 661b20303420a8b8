// RiskGate's judgements: what an order is checked against, in the order in which it is refused.
#include <algorithm>

#include "engine/trading/risk_gate.hpp"

namespace arb {

const char* name(RiskReason reason)
{
    switch (reason) {
        case RiskReason::none:
            return "none";
        case RiskReason::not_trading:
            return "not_trading";
        case RiskReason::lot:
            return "lot";
        case RiskReason::notional_minimum:
            return "notional_minimum";
        case RiskReason::order_notional:
            return "order_notional";
        case RiskReason::price_band:
            return "price_band";
        case RiskReason::no_price:
            return "no_price";
        case RiskReason::rate:
            return "rate";
        case RiskReason::balance:
            return "balance";
        case RiskReason::position:
            return "position";
        case RiskReason::net_exposure:
            return "net_exposure";
        case RiskReason::book_age:
            return "book_age";
        case RiskReason::paused:
            return "paused";
        case RiskReason::venue_stopped:
            return "venue_stopped";
        case RiskReason::market_stopped:
            return "market_stopped";
        case RiskReason::budget:
            return "budget";
        case RiskReason::open_orders:
            return "open_orders";
        case RiskReason::instrument_limit:
            return "instrument_limit";
        case RiskReason::venue_limit:
            return "venue_limit";
        case RiskReason::gross_limit:
            return "gross_limit";
        case RiskReason::loss_limit:
            return "loss_limit";
        case RiskReason::refused_often:
            return "refused_often";
        case RiskReason::no_rate:
            return "no_rate";
        case RiskReason::legs:
            return "legs";
        case RiskReason::count_:
            break;
    }
    return "?";
}

RiskReason RiskGate::check(MarketId market, const OrderIntent& intent, const ClosingOrder* closing,
                           Timestamp now) const
{
    const bool opening = closing == nullptr;
    const Listing& listing = table_->listing(intent.listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    if (listing.status == ListingStatus::halted || !room_for(1)) return RiskReason::not_trading;
    if (budget_exhausted(listing.venue, opening, now)) return RiskReason::budget;
    if (opening) {
        const RiskReason reason = check_gates(market, listing.venue, now);
        if (reason != RiskReason::none) return reason;
        if (refusals_.open(intent.listing, now)) return RiskReason::refused_often;
    }
    if (book_too_old(intent.listing, now)) return RiskReason::book_age;
    const bool on_lot = intent.quantity.units > 0 && intent.quantity.units % listing.lot.units == 0 &&
                        intent.quantity >= listing.quantity_min;
    if (!on_lot || intent.price.units <= 0 || intent.price.units % listing.tick.units != 0)
        return RiskReason::lot;
    const std::optional<Amount> notional = instrument.notional(intent.price, intent.quantity);
    if (!notional) return RiskReason::order_notional;
    if (*notional < listing.notional_min) return RiskReason::notional_minimum;
    const std::optional<Amount> rate =
        opening ? rates_.of(intent.listing, now) : std::optional<Amount>(kRateSame);
    if (!rate) return RiskReason::no_rate;
    if (opening && at_rate(*notional, *rate) > limits_.order_notional_max) return RiskReason::order_notional;
    RiskReason reason = check_price(market, intent, closing, now);
    if (reason == RiskReason::none) reason = check_funds(intent, *notional, opening);
    if (reason == RiskReason::none && opening) reason = check_exposure(market, intent, *rate);
    if (reason == RiskReason::none && opening) reason = check_totals(market, intent, *rate, now);
    return reason;
}

RiskReason RiskGate::check_gates(MarketId market, VenueId venue, Timestamp now) const
{
    if (paused_) return RiskReason::paused;
    if (venues_[index(venue)].stopped) return RiskReason::venue_stopped;
    if (stopped_markets_[index(market)]) return RiskReason::market_stopped;
    if (reserved_.count() >= limits_.open_orders_max) return RiskReason::open_orders;
    return loss_day_reached(now) ? RiskReason::loss_limit : RiskReason::none;
}

// Twice the middle that prices are compared with, in the market's unit: of three usable venues or more the
// median of their own middles (one venue gone mad moves it little), else between the best bid and the best
// ask of all.
std::optional<Int128> RiskGate::middle_twice(MarketId market, Timestamp now) const
{
    const ConsolidatedBook& book = markets_->consolidated(market);
    std::array<Int128, 32> middles{};
    std::size_t count = 0;
    std::int64_t bid = 0, ask = 0;
    for (std::size_t i = 0; i < book.quotes().size() && count < middles.size(); ++i) {
        const VenueQuote& quote = book.quotes()[i];
        if (!quote.usable || book_too_old(book.definition().members[i].listing, now)) continue;
        middles[count++] = Int128{quote.bid.units} + quote.ask.units;
        bid = std::max(bid, quote.bid.units);
        ask = ask == 0 ? quote.ask.units : std::min(ask, quote.ask.units);
    }
    if (count == 0) return std::nullopt;
    if (count < 3) return Int128{bid} + ask;
    std::sort(middles.begin(), middles.begin() + static_cast<std::ptrdiff_t>(count));
    return count % 2 == 1 ? middles[count / 2] : (middles[count / 2 - 1] + middles[count / 2]) / 2;
}

std::size_t RiskGate::fresh_books(MarketId market, Timestamp now) const
{
    const ConsolidatedBook& book = markets_->consolidated(market);
    std::size_t fresh = 0;
    for (std::size_t i = 0; i < book.quotes().size(); ++i) {
        fresh += book.quotes()[i].usable && !book_too_old(book.definition().members[i].listing, now) ? 1 : 0;
    }
    return fresh;
}

std::optional<Rate> RiskGate::cost_against_middle(MarketId market, Side side, Int128 net, Timestamp now) const
{
    const std::optional<Int128> middle = middle_twice(market, now);
    if (!middle || *middle <= 0) return std::nullopt;
    const Int128 paid_more = net * 2 - *middle * kRateOne;
    return rate_within(std::max<Int128>(0, side == Side::buy ? paid_more : -paid_more) / *middle);
}

// The only book that is left does not judge itself: what two venues last agreed on stands beside it, and what
// the leftover cost.
std::optional<Int128> RiskGate::fair_twice(MarketId market, Price reference, Timestamp now) const
{
    const std::optional<Int128> middle = middle_twice(market, now);
    const Int128 remembered = fair_twice_[index(market)];
    if (!middle || fresh_books(market, now) > 1 || remembered == 0) return middle;
    if (reference.units <= 0) return remembered;
    const Int128 low = std::min(*middle, remembered), high = std::max(*middle, remembered);
    return std::clamp(Int128{reference.units} * 2, low, high);
}

RiskReason RiskGate::check_price(MarketId market, const OrderIntent& intent, const ClosingOrder* closing,
                                 Timestamp now) const
{
    const std::optional<Int128> middle =
        fair_twice(market, closing != nullptr ? closing->reference : Price{}, now);
    if (!middle) return RiskReason::no_price;
    std::int64_t factor = 0;
    for (const MarketMember& member : markets_->consolidated(market).definition().members) {
        if (member.listing == intent.listing) factor = member.price_factor;
    }
    if (factor == 0) return RiskReason::no_price;
    const Int128 twice = Int128{intent.price.units} * factor * 2;
    const Int128 off = twice > *middle ? twice - *middle : *middle - twice;
    // What stays open costs more than a bad price: orders that close may go farther, up to five times as far.
    const unsigned wider = closing != nullptr ? 1 + std::min(closing->round, 4U) : 1;
    return off * kRateOne > *middle * limits_.price_band.units * wider ? RiskReason::price_band
                                                                       : RiskReason::none;
}

RiskReason RiskGate::check_funds(const OrderIntent& intent, Amount notional, bool opening) const
{
    const Amount cost = notional + apply_rate(notional, taker_fees_[index(intent.listing)]);
    const bool position = portfolio_->base(intent.listing).position;
    if (position || intent.side == Side::buy) {
        const Amount free = opening ? free_quote(intent.listing) : unreserved_quote(intent.listing);
        return free < (position ? apply_rate(cost, limits_.margin) : cost) ? RiskReason::balance
                                                                           : RiskReason::none;
    }
    const Amount free = opening ? free_base(intent.listing) : unreserved_base(intent.listing);
    const Amount quantity = table_->instrument_of(intent.listing).amount(intent.quantity);
    return free < quantity ? RiskReason::balance : RiskReason::none;
}

RiskReason RiskGate::check_exposure(MarketId market, const OrderIntent& intent, Amount rate) const
{
    const Instrument& instrument = table_->instrument_of(intent.listing);
    const Amount quantity = instrument.amount(intent.quantity);
    const Amount after = intent.side == Side::buy ? worst_position(intent.listing, Side::buy) + quantity
                                                  : worst_position(intent.listing, Side::sell) - quantity;
    if (absolute(after) > limits_.position_max &&
        absolute(after) > absolute(portfolio_->base(intent.listing).change())) {
        return RiskReason::position;
    }
    // Worst case of the asset, in all accounts that hold it: this order fills and its sister does not.
    Amount net;
    for (const ListingId holder : holders_[index(market)]) net += worst_position(holder, intent.side);
    net = intent.side == Side::buy ? net + quantity : net - quantity;
    const Quantity net_quantity{static_cast<std::int64_t>(
        absolute(net).units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
    const std::optional<Amount> value = instrument.notional(intent.price, net_quantity);
    return !value || at_rate(*value, rate) > limits_.net_exposure_max ? RiskReason::net_exposure
                                                                      : RiskReason::none;
}

// The account's change of base in the worse direction, valued at the last price that one of its listings
// showed; without any, or without any rate, it is more than any limit allows.
Amount RiskGate::worst_notional(std::size_t account, Timestamp now) const
{
    const Amount change = portfolio_->accounts()[account].change();
    const Amount worst =
        std::max(absolute(change + reserved_.buys(account)), absolute(change - reserved_.sells(account)));
    if (worst.zero()) return {};
    for (const ListingId listing : listings_of_[account]) {
        const Price price = mark_of(listing);
        if (price.units <= 0) continue;
        const Instrument& instrument = table_->instrument_of(listing);
        const Quantity quantity{static_cast<std::int64_t>(
            worst.units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
        const std::optional<Amount> rate = rates_.last_of(listing, now);
        if (!rate) continue;
        return at_rate(instrument.notional(price, quantity).value_or(kNotionalMost), *rate);
    }
    return kNotionalMost;
}

Price RiskGate::mark_of(ListingId listing) const
{
    const OrderBook& book = markets_->builder(listing).book();
    Price& mark = marks_[index(listing)];
    if (book.two_sided()) mark = book.asks().best().price;
    return mark.units > 0 ? mark : mark_elsewhere(table_->listing(listing));
}

bool RiskGate::in_market(MarketId market, std::size_t account) const
{
    const auto& members = markets_->consolidated(market).definition().members;
    return std::any_of(members.begin(), members.end(), [&](const MarketMember& member) {
        return portfolio_->base_slot(member.listing) == account;
    });
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

RiskReason RiskGate::check_totals(MarketId market, const OrderIntent& intent, Amount rate,
                                  Timestamp now) const
{
    if (!limits_.instrument_max && !limits_.venue_max && !limits_.gross_max) return RiskReason::none;
    const Amount order = at_rate(worst_cost(intent, intent.quantity), rate);
    Amount instrument = order;
    Amount venue = order;
    Amount gross = order;
    const VenueId at = table_->listing(intent.listing).venue;
    for_each_changed([&](std::size_t account) {
        const Amount worst = worst_notional(account, now);
        if (worst.zero()) return;
        gross += worst;
        if (portfolio_->accounts()[account].venue == at) venue += worst;
        if (in_market(market, account)) instrument += worst;
    });
    if (limits_.instrument_max && instrument > *limits_.instrument_max) return RiskReason::instrument_limit;
    if (limits_.venue_max && venue > *limits_.venue_max) return RiskReason::venue_limit;
    if (limits_.gross_max && gross > *limits_.gross_max) return RiskReason::gross_limit;
    return RiskReason::none;
}

}  // namespace arb
