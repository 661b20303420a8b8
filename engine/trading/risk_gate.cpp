#include "engine/trading/risk_gate.hpp"

#include <algorithm>

namespace arb {
namespace {

Amount absolute(Amount amount)
{
    return amount.units < 0 ? -amount : amount;
}

}  // namespace

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
        case RiskReason::count_:
            break;
    }
    return "?";
}

RiskGate::RiskGate(const InstrumentTable& table, const Markets& markets, const Portfolio& portfolio,
                   const RiskLimits& limits, std::vector<Rate> taker_fees)
    : table_(&table),
      markets_(&markets),
      portfolio_(&portfolio),
      limits_(limits),
      taker_fees_(std::move(taker_fees)),
      venues_(table.venue_count()),
      stopped_markets_(markets.market_count())
{
    ENSURE(limits_.orders_per_second < kRateWindow, "the rate window holds a second of orders");
}

std::optional<std::array<ApprovedOrder, 2>> RiskGate::approve(const Package& package, Timestamp now,
                                                              RiskReason& reason)
{
    const OrderIntent& buy = package.buy.intent;
    const OrderIntent& sell = package.sell.intent;
    reason = rate_exhausted(now, 2) ? RiskReason::rate : RiskReason::none;
    if (open_count_ + 2 > kOpenMax) reason = RiskReason::not_trading;
    if (reason == RiskReason::none) reason = check(package.market, buy, true, now);
    if (reason != RiskReason::none) return std::nullopt;
    // Two legs of one venue may pay from one account: the second is judged with the first already reserved.
    const ApprovedOrder first = reserve(package.id, buy, now);
    reason = check(package.market, sell, true, now);
    if (reason == RiskReason::none)
        return std::array<ApprovedOrder, 2>{first, reserve(package.id, sell, now)};
    on_done(first.id());
    --sent_count_;
    --venues_[index(table_->listing(buy.listing).venue)].sent_count;
    --next_order_;
    return std::nullopt;
}

std::optional<ApprovedOrder> RiskGate::approve_unwind(PackageId package, MarketId market,
                                                      const OrderIntent& intent, Timestamp now,
                                                      RiskReason& reason)
{
    reason = rate_exhausted(now, 1) ? RiskReason::rate : check(market, intent, false, now);
    if (reason != RiskReason::none) return std::nullopt;
    return reserve(package, intent, now);
}

RiskReason RiskGate::check(MarketId market, const OrderIntent& intent, bool opening, Timestamp now) const
{
    const Listing& listing = table_->listing(intent.listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    if (listing.status == ListingStatus::halted || open_count_ + 1 > kOpenMax) return RiskReason::not_trading;
    if (budget_exhausted(listing.venue, opening, now)) return RiskReason::budget;
    if (opening) {
        const RiskReason reason = check_gates(market, listing.venue, now);
        if (reason != RiskReason::none) return reason;
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
    const bool today = day_ == now.ns / seconds(86'400).ns;
    if (limits_.loss_day_max && today && day_realised_ <= -*limits_.loss_day_max)
        return RiskReason::loss_limit;
    return RiskReason::none;
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

Amount RiskGate::worst_cost(const OrderIntent& intent, Quantity quantity) const
{
    const std::optional<Amount> notional =
        table_->instrument_of(intent.listing).notional(intent.price, quantity);
    ENSURE(notional.has_value(), "an order's notional was checked before it was reserved");
    return *notional + apply_rate(*notional, taker_fees_[index(intent.listing)]);
}

Amount RiskGate::free_quote(ListingId listing) const
{
    const std::size_t slot = portfolio_->quote_slot(listing);
    const Account& account = portfolio_->accounts()[slot];
    Amount free = account.end();
    // A derivative's position gives back what it took from the quote account, at its last mark; what counts
    // here is the margin it binds, so add the position's value back at the current middle through its own
    // book.
    for (const BookBuilder& builder : markets_->builders()) {
        const ListingId id = builder.listing();
        if (portfolio_->quote_slot(id) != slot || !portfolio_->base(id).position) continue;
        const Amount position = portfolio_->base(id).end();
        if (position.zero() || !builder.book().two_sided()) continue;
        const Instrument& instrument = table_->instrument_of(id);
        const Quantity quantity{static_cast<std::int64_t>(
            position.units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
        const std::optional<Amount> value = instrument.notional(builder.book().bids().best().price, quantity);
        if (!value) continue;
        free += *value;
        free -= apply_rate(absolute(*value), limits_.margin);
    }
    for (const Reservation& open : open_) {
        if (!open.used || portfolio_->quote_slot(open.intent.listing) != slot) continue;
        const bool position = portfolio_->base(open.intent.listing).position;
        if (position)
            free -= apply_rate(worst_cost(open.intent, open.left), limits_.margin);
        else if (open.intent.side == Side::buy)
            free -= worst_cost(open.intent, open.left);
    }
    return free;
}

Amount RiskGate::free_base(ListingId listing) const
{
    const std::size_t slot = portfolio_->base_slot(listing);
    Amount free = portfolio_->accounts()[slot].end();
    for (const Reservation& open : open_) {
        if (!open.used || open.intent.side != Side::sell ||
            portfolio_->base_slot(open.intent.listing) != slot)
            continue;
        free -= table_->instrument_of(open.intent.listing).amount(open.left);
    }
    return free;
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

Amount RiskGate::worst_position(ListingId listing, Side side) const
{
    Amount change = portfolio_->base(listing).fills;
    for (const Reservation& open : open_) {
        if (!open.used || open.intent.side != side ||
            portfolio_->base_slot(open.intent.listing) != portfolio_->base_slot(listing)) {
            continue;
        }
        const Amount quantity = table_->instrument_of(open.intent.listing).amount(open.left);
        change = side == Side::buy ? change + quantity : change - quantity;
    }
    return change;
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

// The listing's change of base in the worse direction, valued at this price.
Amount RiskGate::worst_notional(ListingId listing, Price price) const
{
    const Amount worst =
        std::max(absolute(worst_position(listing, Side::buy)), absolute(worst_position(listing, Side::sell)));
    const Instrument& instrument = table_->instrument_of(listing);
    const Quantity quantity{static_cast<std::int64_t>(
        worst.units / power_of_ten(kAmountDecimals - instrument.quantity_decimals))};
    return instrument.notional(price, quantity).value_or(kNotionalMost);
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
        if (!builder.book().two_sided()) continue;
        const Amount worst = worst_notional(listing.id, builder.book().asks().best().price);
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

void RiskGate::set_budget(VenueId venue, std::uint32_t orders_per_second, std::uint32_t reserved)
{
    VenueGate& gate = venues_[index(venue)];
    gate.per_second =
        std::min<std::uint32_t>(orders_per_second, static_cast<std::uint32_t>(gate.sent.size()) - 1);
    gate.reserved = std::min(reserved, gate.per_second);
}

void RiskGate::on_request(VenueId venue, Timestamp now)
{
    VenueGate& gate = venues_[index(venue)];
    gate.sent[gate.sent_count++ % gate.sent.size()] = now;
}

bool RiskGate::budget_exhausted(VenueId venue, bool opening, Timestamp now) const
{
    const VenueGate& gate = venues_[index(venue)];
    if (gate.per_second == 0) return false;
    const std::uint32_t allowed = opening ? gate.per_second - gate.reserved : gate.per_second;
    if (allowed == 0) return true;
    if (gate.sent_count < allowed) return false;
    return now - gate.sent[(gate.sent_count - allowed) % gate.sent.size()] < seconds(1);
}

bool RiskGate::on_realised(Amount realised, Timestamp now)
{
    const std::int64_t day = now.ns / seconds(86'400).ns;
    if (day != day_) day_realised_ = {};
    day_ = day;
    day_realised_ += realised;
    return limits_.loss_day_max && day_realised_ <= -*limits_.loss_day_max;
}

void RiskGate::restore(OrderId id, const OrderIntent& intent)
{
    for (Reservation& open : open_) {
        if (open.used) continue;
        open = {id, intent, intent.quantity, true};
        ++open_count_;
        return;
    }
    ENSURE(false, "an earlier run had no more open orders than the gate allows");
}

bool RiskGate::rate_exhausted(Timestamp now, std::uint32_t wanted) const
{
    if (wanted > limits_.orders_per_second) return true;
    // The order `orders_per_second - wanted` places back must be at least a second old.
    const std::uint64_t back = limits_.orders_per_second - wanted + 1;
    if (sent_count_ < back) return false;
    const Timestamp then = sent_[(sent_count_ - back) % kRateWindow];
    return now - then < seconds(1);
}

ApprovedOrder RiskGate::reserve(PackageId package, const OrderIntent& intent, Timestamp now)
{
    Reservation* slot = nullptr;
    for (Reservation& open : open_) {
        if (!open.used) {
            slot = &open;
            break;
        }
    }
    ENSURE(slot != nullptr, "the gate refuses before its table of open orders is full");
    slot->id = static_cast<OrderId>(next_order_++);
    slot->intent = intent;
    slot->left = intent.quantity;
    slot->used = true;
    ++open_count_;
    sent_[sent_count_++ % kRateWindow] = now;
    on_request(table_->listing(intent.listing).venue, now);
    return ApprovedOrder(slot->id, package, intent);
}

void RiskGate::on_fill(OrderId order, Quantity quantity)
{
    for (Reservation& open : open_) {
        if (open.used && open.id == order)
            open.left = {std::max<std::int64_t>(0, open.left.units - quantity.units)};
    }
}

void RiskGate::on_done(OrderId order)
{
    for (Reservation& open : open_) {
        if (!open.used || open.id != order) continue;
        open.used = false;
        --open_count_;
    }
}

}  // namespace arb
