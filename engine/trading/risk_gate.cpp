#include "engine/trading/risk_gate.hpp"

#include <algorithm>

#include "engine/trading/package_legs.hpp"

namespace arb {

RiskGate::RiskGate(const InstrumentTable& table, const Markets& markets, const Portfolio& portfolio,
                   const RiskLimits& limits, std::vector<Rate> taker_fees)
    : table_(&table),
      markets_(&markets),
      portfolio_(&portfolio),
      limits_(limits),
      rates_(markets, limits.rates),
      taker_fees_(std::move(taker_fees)),
      maker_fees_(taker_fees_),
      marks_(table.listings().size()),
      fair_twice_(markets.market_count()),
      price_moves_(markets.market_count()),
      holders_(markets.market_count()),
      refusals_(table.listings().size(), limits.refusals),
      reserved_(portfolio.accounts().size()),
      hedges_(portfolio.accounts().size()),
      listings_of_(portfolio.accounts().size()),
      is_ordered_(portfolio.accounts().size()),
      venues_(table.venue_count()),
      stopped_markets_(markets.market_count())
{
    ENSURE(limits_.orders_per_second < kRateWindow, "the rate window holds a second of orders");
    ordered_.reserve(portfolio.accounts().size());
    for (const Listing& listing : table.listings())
        listings_of_[portfolio.base_slot(listing.id)].push_back(listing.id);
    for (std::size_t m = 0; m < holders_.size(); ++m) {
        const std::string& base = markets.consolidated(static_cast<MarketId>(m)).definition().base;
        std::vector<ListingId>& holders = holders_[m];
        for (const Listing& listing : table.listings()) {
            const Instrument& instrument = table.instrument(listing.instrument);
            const bool known = std::any_of(holders.begin(), holders.end(), [&](ListingId id) {
                return portfolio.base_slot(id) == portfolio.base_slot(listing.id);
            });
            if (instrument.base == base && !instrument.inverse && !known) holders.push_back(listing.id);
        }
    }
}

std::optional<LegOrders> RiskGate::approve(const Package& package, Timestamp now, RiskReason& reason)
{
    // Each package in flight, and this one, may need an order more that closes what a leg left.
    const auto closing = static_cast<std::uint32_t>((reserved_.count() + 1) / 2 + 1);
    if (!belongs_together(package, *markets_)) {
        reason = RiskReason::legs;
        return std::nullopt;
    }
    reason = rate_exhausted(now, package.count + closing) ? RiskReason::rate : RiskReason::none;
    if (!room_for(package.count)) reason = RiskReason::not_trading;
    LegOrders orders;
    std::size_t judged = 0;
    // Legs of one venue may pay from one account: each is judged with those before it already reserved.
    for (; judged < package.count && reason == RiskReason::none; ++judged) {
        const Leg& leg = package.legs[judged];
        reason = check(leg.market, leg.intent, nullptr, now);
        if (reason != RiskReason::none) break;
        remember_first(leg.market, now);
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
        --sent_count_;
        --venues_[index(table_->listing(package.legs[i].intent.listing).venue)].sent_count;
        --next_order_;
    }
}

std::optional<ApprovedOrder> RiskGate::approve_next(PackageId package, MarketId market,
                                                    const OrderIntent& intent, Timestamp now,
                                                    RiskReason& reason)
{
    reason = rate_exhausted(now, 2) ? RiskReason::rate : check(market, intent, nullptr, now);
    if (reason != RiskReason::none) return std::nullopt;
    return reserve(package, intent, now);
}

std::optional<ApprovedOrder> RiskGate::approve_unwind(const ClosingOrder& closing, const OrderIntent& intent,
                                                      Timestamp now, RiskReason& reason)
{
    reason = rate_exhausted(now, 1) ? RiskReason::rate : check(closing.market, intent, &closing, now);
    if (reason != RiskReason::none) return std::nullopt;
    return reserve(closing.package, intent, now);
}

std::optional<ApprovedOrder> RiskGate::approve_single(MarketId market, const OrderIntent& intent,
                                                      Timestamp now, RiskReason& reason)
{
    reason = rate_exhausted(now, 1) ? RiskReason::rate : check(market, intent, nullptr, now);
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

void RiskGate::set_hedge(PackageId package, std::size_t leg, const OrderIntent& intent, Quantity quantity)
{
    const OrderId id = hedge_id(package, leg);
    Reservations::Entry* entry = hedges_.find(id);
    if (quantity.units <= 0) return hedges_.remove(id);
    // Whoever finds no room hedges with what is free then, as without a reservation.
    if (entry == nullptr && !hedges_.full()) hedges_.add(id, intent, held_by(intent, quantity));
    if (entry != nullptr) hedges_.change(*entry, quantity, held_by(intent, quantity));
}

// What the package's own hedges hold back of this listing's two accounts.
Reservations::Held RiskGate::hedged_by(PackageId package, ListingId listing) const
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

Amount RiskGate::free_quote(ListingId listing, PackageId own) const
{
    return unreserved_quote(listing) - hedges_.money(portfolio_->quote_slot(listing)) +
           hedged_by(own, listing).money;
}

Amount RiskGate::free_base(ListingId listing, PackageId own) const
{
    return unreserved_base(listing) - hedges_.sells(portfolio_->base_slot(listing)) +
           hedged_by(own, listing).quantity;
}

Amount RiskGate::unreserved_quote(ListingId listing) const
{
    const std::size_t slot = portfolio_->quote_slot(listing);
    Amount free = portfolio_->accounts()[slot].end() - reserved_.money(slot);
    // A derivative's position gives back what it took from the quote account, at its last mark; what counts
    // here is the margin it binds, so add the position's value back at the current middle through its own
    // book.
    for_each_changed([&](std::size_t account) {
        const ListingId id = listings_of_[account].front();
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
        free -= apply_rate(absolute(*value), limits_.margin);
    });
    return free;
}

Amount RiskGate::unreserved_base(ListingId listing) const
{
    const std::size_t slot = portfolio_->base_slot(listing);
    return portfolio_->accounts()[slot].end() - reserved_.sells(slot);
}

Quantity RiskGate::covered(const OrderIntent& intent) const
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

bool RiskGate::book_too_old(ListingId listing, Timestamp now) const
{
    const Timestamp updated = markets_->builder(listing).updated();
    return updated.known() && now - updated > limits_.book_age_max;
}

void RiskGate::remember_prices(Timestamp now)
{
    if (now - remembered_ < seconds(1)) return;
    remembered_ = now;
    for (std::size_t m = 0; m < fair_twice_.size(); ++m) {
        const auto market = static_cast<MarketId>(m);
        if (fresh_books(market, now) < 2) continue;
        const auto middle = middle_twice(market, now);
        if (!middle) continue;
        fair_twice_[m] = *middle;
        price_moves_.see(market, *middle, now);
    }
}

// What a package is opened by is remembered from that moment on, not from the next second.
void RiskGate::remember_first(MarketId market, Timestamp now)
{
    if (fair_twice_[index(market)] != 0 || fresh_books(market, now) < 2) return;
    if (const auto middle = middle_twice(market, now)) fair_twice_[index(market)] = *middle;
}

Amount RiskGate::worst_position(ListingId listing, Side side) const
{
    const std::size_t slot = portfolio_->base_slot(listing);
    const Amount change = portfolio_->accounts()[slot].change();
    return side == Side::buy ? change + reserved_.buys(slot) : change - reserved_.sells(slot);
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

Amount RiskGate::realised_today(Timestamp now) const
{
    return day_ == now.ns / seconds(86'400).ns ? day_realised_ : Amount{};
}

bool RiskGate::on_open_result(Amount result, Timestamp now)
{
    if (!limits_.loss_day_max || result.units >= 0 || loss_day_reached(now)) return false;
    if (realised_today(now) + result > -*limits_.loss_day_max) return false;
    closed_day_ = now.ns / seconds(86'400).ns;
    return true;
}

bool RiskGate::loss_day_reached(Timestamp now) const
{
    if (!limits_.loss_day_max) return false;
    return closed_day_ == now.ns / seconds(86'400).ns || realised_today(now) <= -*limits_.loss_day_max;
}

Amount RiskGate::counted(ListingId listing, Amount result, Timestamp now) const
{
    const std::optional<Amount> rate = rates_.last_of(listing, now);
    if (rate) return at_rate(result, *rate);
    return result.units < 0 ? -kNotionalMost : Amount{};
}

std::optional<Amount> RiskGate::worth_now(MarketId market, std::int64_t quantity, Timestamp now) const
{
    const ConsolidatedBook& book = markets_->consolidated(market);
    Price price;
    for (std::size_t i = 0; i < book.quotes().size(); ++i) {
        const VenueQuote& quote = book.quotes()[i];
        if (!quote.usable || book_too_old(book.definition().members[i].listing, now)) continue;
        if (quantity > 0)
            price = std::max(price, quote.bid);
        else
            price = price.units == 0 ? quote.ask : std::min(price, quote.ask);
    }
    if (price.units == 0) price.units = static_cast<std::int64_t>(fair_twice_[index(market)] / 2);
    if (price.units == 0) return std::nullopt;
    return market_notional(book.definition(), price, {quantity});
}

Reservations::Held RiskGate::held_by(const OrderIntent& intent, Quantity left) const
{
    Reservations::Held held;
    held.base = portfolio_->base_slot(intent.listing);
    held.quote = portfolio_->quote_slot(intent.listing);
    held.quantity = table_->instrument_of(intent.listing).amount(left);
    if (portfolio_->base(intent.listing).position)
        held.money = apply_rate(worst_cost(intent, left), limits_.margin);
    else if (intent.side == Side::buy)
        held.money = worst_cost(intent, left);
    return held;
}

void RiskGate::note_account(std::size_t account)
{
    if (is_ordered_[account]) return;
    is_ordered_[account] = true;
    ordered_.push_back(account);
}

void RiskGate::restore(OrderId id, const OrderIntent& intent)
{
    ENSURE(!full(), "an earlier run had no more open orders than the gate allows");
    note_account(portfolio_->base_slot(intent.listing));
    reserved_.add(id, intent, held_by(intent, intent.quantity));
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
    const auto id = static_cast<OrderId>(next_order_++);
    note_account(portfolio_->base_slot(intent.listing));
    reserved_.add(id, intent, held_by(intent, intent.quantity));
    sent_[sent_count_++ % kRateWindow] = now;
    on_request(table_->listing(intent.listing).venue, now);
    return ApprovedOrder(id, package, intent);
}

void RiskGate::on_fill(OrderId order, Quantity quantity)
{
    Reservations::Entry* entry = reserved_.find(order);
    if (entry == nullptr) return;
    const Quantity left{std::max<std::int64_t>(0, entry->left.units - quantity.units)};
    reserved_.change(*entry, left, held_by(entry->intent, left));
}

void RiskGate::on_done(OrderId order)
{
    reserved_.remove(order);
}

}  // namespace arb
