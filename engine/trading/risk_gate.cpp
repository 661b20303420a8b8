#include "engine/trading/risk_gate.hpp"

#include <algorithm>

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
      marks_(table.listings().size()),
      refusals_(table.listings().size(), limits.refusals),
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
    // Each package in flight, and this one, may need an order more that closes what a leg left.
    const auto closing = static_cast<std::uint32_t>((open_count_ + 1) / 2 + 1);
    reason = rate_exhausted(now, 2 + closing) ? RiskReason::rate : RiskReason::none;
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

std::optional<ApprovedOrder> RiskGate::approve_single(MarketId market, const OrderIntent& intent,
                                                      Timestamp now, RiskReason& reason)
{
    reason = rate_exhausted(now, 1) ? RiskReason::rate : check(market, intent, true, now);
    if (reason != RiskReason::none) return std::nullopt;
    return reserve(PackageId{}, intent, now);
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
    return loss_day_reached(now);
}

bool RiskGate::loss_day_reached(Timestamp now) const
{
    const bool today = day_ == now.ns / seconds(86'400).ns;
    return limits_.loss_day_max && today && day_realised_ <= -*limits_.loss_day_max;
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
