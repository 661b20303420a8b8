#include "engine/trading/risk_gate.hpp"

#include <algorithm>

#include "engine/trading/package_legs.hpp"

namespace arb {

RiskGate::RiskGate(const Markets& markets, const Portfolio& portfolio, const RiskLimits& limits,
                   std::vector<Rate> taker_fees)
    : table_(&markets.table()),
      markets_(&markets),
      limits_(limits),
      rates_(markets, limits.rates),
      fees_(std::move(taker_fees)),
      changed_(markets.table(), portfolio),
      money_(markets, portfolio, fees_, changed_, limits.margin),
      worst_(markets, portfolio, money_, rates_, changed_, limits_),
      prices_(markets, limits.book_age_max),
      pace_(limits.orders_per_second, markets.table().venue_count()),
      refusals_(markets.table().listings().size(), limits.refusals),
      day_(limits.loss_day_max),
      stopped_venues_(markets.table().venue_count()),
      stopped_markets_(markets.market_count())
{
}

std::optional<LegOrders> RiskGate::approve(const Package& package, Timestamp now, RiskReason& reason)
{
    // Each package in flight, and this one, may need an order more that closes what a leg left.
    const auto closing = static_cast<std::uint32_t>((open_orders() + 1) / 2 + 1);
    if (!belongs_together(package, *markets_)) {
        reason = RiskReason::legs;
        return std::nullopt;
    }
    reason = pace_.exhausted(now, package.count + closing) ? RiskReason::rate : RiskReason::none;
    if (!room_for(package.count)) reason = RiskReason::not_trading;
    LegOrders orders;
    std::size_t judged = 0;
    // Legs of one venue may pay from one account: each is judged with those before it already reserved.
    for (; judged < package.count && reason == RiskReason::none; ++judged) {
        const Leg& leg = package.legs[judged];
        reason = check(leg.market, leg.intent, nullptr, now);
        if (reason != RiskReason::none) break;
        prices_.remember_first(leg.market, now);
        orders.set(judged, reserve(package.id, leg.intent, now));
    }
    if (reason == RiskReason::none && !package.has(Part::hedge)) return orders;
    take_back(orders, package, judged);
    if (reason != RiskReason::none) return std::nullopt;
    LegOrders sent;
    for (std::size_t i = 0; i < package.count; ++i) {
        if (package.legs[i].part != Part::hedge)
            sent.set(i, reserve(package.id, package.legs[i].intent, now));
    }
    return sent;
}

// As if they had never been: neither their ids nor their place in what may be sent in a second are used.
void RiskGate::take_back(const LegOrders& orders, const Package& package, std::size_t count)
{
    for (std::size_t i = count; i-- > 0;) {
        on_done(orders.id(i));
        pace_.take_back(table_->listing(package.legs[i].intent.listing).venue);
        --next_order_;
    }
}

std::optional<ApprovedOrder> RiskGate::approve_next(PackageId package, MarketId market,
                                                    const OrderIntent& intent, Timestamp now,
                                                    RiskReason& reason)
{
    reason = pace_.exhausted(now, 2) ? RiskReason::rate : check(market, intent, nullptr, now);
    if (reason != RiskReason::none) return std::nullopt;
    return reserve(package, intent, now);
}

std::optional<ApprovedAmend> RiskGate::approve_amend(PackageId package, OrderId order, MarketId market,
                                                     Price price, Timestamp now, RiskReason& reason)
{
    Reservations::Entry* entry = money_.find(order);
    reason = entry == nullptr ? RiskReason::not_trading : RiskReason::none;
    if (reason == RiskReason::none && pace_.exhausted(now, 1)) reason = RiskReason::rate;
    if (reason != RiskReason::none) return std::nullopt;
    OrderIntent amended = entry->intent;
    amended.price = price;
    const Price before = entry->intent.price;
    const Quantity left = entry->left;
    // Judged like an order in its place.
    money_.set_price(*entry, before, {});
    OrderIntent rest = amended;
    rest.quantity = left;
    reason = check(market, rest, nullptr, now);
    money_.set_price(*entry, reason == RiskReason::none ? std::max(before, price) : before, left);
    if (reason != RiskReason::none) return std::nullopt;
    pace_.on_order(table_->listing(amended.listing).venue, now);
    return ApprovedAmend(order, package, amended);
}

void RiskGate::on_amended(OrderId order, Price price)
{
    if (Reservations::Entry* entry = money_.find(order)) money_.set_price(*entry, price, entry->left);
}

void RiskGate::restore_amend(OrderId order, Price price)
{
    Reservations::Entry* entry = money_.find(order);
    if (entry != nullptr) money_.set_price(*entry, std::max(entry->intent.price, price), entry->left);
}

std::optional<ApprovedOrder> RiskGate::approve_unwind(const ClosingOrder& closing, const OrderIntent& intent,
                                                      Timestamp now, RiskReason& reason)
{
    reason = pace_.exhausted(now, 1) ? RiskReason::rate : check(closing.market, intent, &closing, now);
    if (reason != RiskReason::none) return std::nullopt;
    return reserve(closing.package, intent, now);
}

std::optional<ApprovedOrder> RiskGate::approve_single(MarketId market, const OrderIntent& intent,
                                                      Timestamp now, RiskReason& reason)
{
    reason = pace_.exhausted(now, 1) ? RiskReason::rate : check(market, intent, nullptr, now);
    if (reason != RiskReason::none) return std::nullopt;
    return reserve(PackageId{}, intent, now);
}

RiskReason RiskGate::check(MarketId market, const OrderIntent& intent, const ClosingOrder* closing,
                           Timestamp now) const
{
    const bool opening = closing == nullptr;
    const Listing& listing = table_->listing(intent.listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    if (listing.status == ListingStatus::halted || !room_for(1)) return RiskReason::not_trading;
    if (pace_.exhausted_at(listing.venue, opening, now)) return RiskReason::budget;
    if (opening) {
        const RiskReason reason = check_gates(market, listing.venue, now);
        if (reason != RiskReason::none) return reason;
        if (refusals_.open(intent.listing, now)) return RiskReason::refused_often;
    }
    if (prices_.too_old(intent.listing, now)) return RiskReason::book_age;
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
    if (reason == RiskReason::none && !money_.pays(intent, *notional, opening)) reason = RiskReason::balance;
    if (reason == RiskReason::none && opening) reason = worst_.check(market, intent, *rate, now);
    return reason;
}

RiskReason RiskGate::check_gates(MarketId market, VenueId venue, Timestamp now) const
{
    if (paused_) return RiskReason::paused;
    if (stopped_venues_[index(venue)]) return RiskReason::venue_stopped;
    if (stopped_markets_[index(market)]) return RiskReason::market_stopped;
    if (open_orders() >= limits_.open_orders_max) return RiskReason::open_orders;
    return day_.loss_reached(now) ? RiskReason::loss_limit : RiskReason::none;
}

RiskReason RiskGate::check_price(MarketId market, const OrderIntent& intent, const ClosingOrder* closing,
                                 Timestamp now) const
{
    const std::optional<Int128> middle =
        prices_.twice(market, closing != nullptr ? closing->reference : Price{}, now);
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

void RiskGate::restore(OrderId id, const OrderIntent& intent)
{
    ENSURE(!full(), "an earlier run had no more open orders than the gate allows");
    changed_.note(intent.listing);
    money_.reserve(id, intent);
}

ApprovedOrder RiskGate::reserve(PackageId package, const OrderIntent& intent, Timestamp now)
{
    const auto id = static_cast<OrderId>(next_order_++);
    changed_.note(intent.listing);
    money_.reserve(id, intent);
    pace_.on_order(table_->listing(intent.listing).venue, now);
    return ApprovedOrder(id, package, intent);
}

}  // namespace arb
