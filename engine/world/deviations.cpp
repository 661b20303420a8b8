#include "engine/world/deviations.hpp"

#include <algorithm>
#include <array>

namespace arb {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Deviation::count_)> kDeviationNames{
    "order_not_shown", "end_not_shown",   "query_absent",     "amend_ignored", "cancel_ignored",
    "ioc_rests",       "post_only_takes", "quantity_differs", "fee_differs",   "fill_not_in_list",
    "balance_unmoved", "stream_silent",   "book_gap",         "book_crossed",  "clock_off",
    "key_withdraws",   "tick_differs",
};

constexpr std::uint64_t kGapEvery = 40;    // changes of a book
constexpr std::uint64_t kCrossEvery = 50;  // changes of a book that is not crossed
constexpr Duration kCrossFor = seconds(2);
constexpr std::int64_t kCrossPart = 100;  // above the best ask by this part of it
constexpr std::int64_t kTickTimes = 10;

/// Where a venue's words go that nobody is to hear.
class Nowhere final : public SessionOutbox {
  public:
    void send(SessionId, std::string) override {}
    void close(SessionId, int, std::string_view) override {}
};

/// Bids, best first, with one level more where there is none at its price.
std::vector<Level> with_bid(std::span<const Level> bids, const Level& level)
{
    std::vector<Level> all(bids.begin(), bids.end());
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const Level& l) { return l.price <= level.price; });
    if (at == all.end() || at->price != level.price) all.insert(at, level);
    return all;
}

Quantity quantity_at(std::span<const Level> levels, Price price)
{
    const auto found =
        std::find_if(levels.begin(), levels.end(), [&](const Level& l) { return l.price == price; });
    return found == levels.end() ? Quantity{} : found->quantity;
}

}  // namespace

std::string_view name(Deviation deviation)
{
    return kDeviationNames.at(static_cast<std::size_t>(deviation));
}

std::optional<Deviation> deviation_named(std::string_view text)
{
    const auto found = std::find(kDeviationNames.begin(), kDeviationNames.end(), text);
    if (found == kDeviationNames.end()) return std::nullopt;
    return static_cast<Deviation>(found - kDeviationNames.begin());
}

ExchangeRules deviant(const Deviations& deviations, ExchangeRules rules)
{
    if (deviations.has(Deviation::fee_differs)) rules.fee_times = 2;
    return rules;
}

std::vector<ListingDefinition> deviant(const Deviations& deviations, std::vector<ListingDefinition> told)
{
    if (!deviations.has(Deviation::tick_differs)) return told;
    for (ListingDefinition& d : told) d.tick = Decimal(d.tick.mantissa() * kTickTimes, d.tick.decimals());
    return told;
}

void deviate(const Deviations& deviations, std::vector<EmulatedKey>& keys)
{
    if (!deviations.has(Deviation::key_withdraws)) return;
    for (EmulatedKey& key : keys) key.can_withdraw = key.can_withdraw || key.can_trade;
}

bool DeviantMarket::meets(const PlaceOrder& order) const
{
    if (index(order.listing) >= exchange_->table().listings().size()) return false;
    const EmulatedBook book = exchange_->book(order.listing);
    if (order.side == Side::buy) return !book.asks.empty() && book.asks.front().price <= order.price;
    return !book.bids.empty() && book.bids.front().price >= order.price;
}

PlaceResult DeviantMarket::place(const PlaceOrder& wish, Timestamp now)
{
    PlaceOrder order = wish;
    if (wish.time_in_force == TimeInForce::ioc && deviations_.has(Deviation::ioc_rests) && !meets(wish))
        order.time_in_force = TimeInForce::gtc;
    if (wish.time_in_force == TimeInForce::post_only && deviations_.has(Deviation::post_only_takes))
        order.time_in_force = TimeInForce::gtc;
    PlaceResult result;
    if (deviations_.has(Deviation::quantity_differs) &&
        index(wish.listing) < exchange_->table().listings().size()) {
        order.quantity = order.quantity + exchange_->table().listing(wish.listing).lot;
        result = exchange_->place(order, now);
        // What only the lot too much made impossible is taken as it was wished.
        if (result.id == 0) {
            order.quantity = wish.quantity;
            result = exchange_->place(order, now);
        }
    } else {
        result = exchange_->place(order, now);
    }
    if (result.id != 0 && order.time_in_force != wish.time_in_force) wished_[result.id] = wish.time_in_force;
    return result;
}

PlaceError DeviantMarket::amend(AccountId account, std::uint64_t id, Price price, Quantity quantity,
                                Timestamp now)
{
    if (deviations_.has(Deviation::amend_ignored)) return PlaceError::none;
    // Taken with a lot more than was wished, it keeps it.
    if (deviations_.has(Deviation::quantity_differs)) {
        const EmulatedOrder* const order = exchange_->find(account, id);
        if (order != nullptr) quantity = std::max(quantity, order->quantity);
    }
    return exchange_->amend(account, id, price, quantity, now);
}

const EmulatedOrder* DeviantMarket::cancel(AccountId account, std::uint64_t id, Timestamp now)
{
    const EmulatedOrder* const order = exchange_->find(account, id);
    const bool open = order != nullptr && order->state == EmulatedState::open;
    if (!open || !deviations_.has(Deviation::cancel_ignored))
        return as_wished(exchange_->cancel(account, id, now));
    EmulatedOrder& pretended = pretended_[id];
    pretended = *as_wished(order);
    pretended.state = EmulatedState::cancelled;
    pretended.updated = now;
    return &pretended;
}

// An order that was taken as another is told as it was wished.
const EmulatedOrder* DeviantMarket::as_wished(const EmulatedOrder* order) const
{
    if (order == nullptr) return nullptr;
    const auto wish = wished_.find(order->id);
    if (wish == wished_.end()) return order;
    EmulatedOrder& copy = copies_[order->id];
    copy = *order;
    copy.time_in_force = wish->second;
    return &copy;
}

const EmulatedOrder* DeviantMarket::find(AccountId account, std::uint64_t id) const
{
    return as_wished(exchange_->find(account, id));
}

const EmulatedOrder* DeviantMarket::find_client(AccountId account, std::string_view client_id) const
{
    const EmulatedOrder* const order = exchange_->find_client(account, client_id);
    const bool absent =
        order != nullptr && order->state == EmulatedState::open && deviations_.has(Deviation::query_absent);
    return absent ? nullptr : as_wished(order);
}

std::vector<const EmulatedOrder*> DeviantMarket::orders(AccountId account, ListingId listing, bool open) const
{
    std::vector<const EmulatedOrder*> all = exchange_->orders(account, listing, open);
    if (deviations_.has(Deviation::query_absent)) {
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [](const EmulatedOrder* o) { return o->state == EmulatedState::open; }),
                  all.end());
    }
    for (const EmulatedOrder*& order : all) order = as_wished(order);
    return all;
}

std::vector<const EmulatedTrade*> DeviantMarket::trades(AccountId account, ListingId listing,
                                                        Timestamp since) const
{
    std::vector<const EmulatedTrade*> all = exchange_->trades(account, listing, since);
    // The answer to an order may hold its fills; lists that are asked for later lack them.
    if (deviations_.has(Deviation::fill_not_in_list)) {
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [this](const EmulatedTrade* t) { return t->id <= told_trade_; }),
                  all.end());
    }
    return all;
}

std::vector<EmulatedBalance> DeviantMarket::balances(AccountId account) const
{
    std::vector<EmulatedBalance> all = exchange_->balances(account);
    for (EmulatedBalance& balance : all) balance = told(account, balance);
    return all;
}

EmulatedBook DeviantMarket::book(ListingId listing) const
{
    const auto shown = shown_.find(listing);
    const EmulatedBook book = exchange_->book(listing);
    if (shown == shown_.end() || shown->second.crossing.units == 0) return book;
    return {shown->second.bids, book.asks};
}

std::optional<EmulatedOrder> DeviantMarket::told(const EmulatedOrder& order, const EmulatedTrade* trade)
{
    if (trade != nullptr) {
        traded_.insert(order.account);
        told_trade_ = trade->id;
    }
    const bool ended = order.state != EmulatedState::open;
    const bool taken = !ended && trade == nullptr;
    if (deviations_.has(Deviation::stream_silent) || (ended && deviations_.has(Deviation::end_not_shown)) ||
        (taken && deviations_.has(Deviation::order_not_shown)))
        return std::nullopt;
    EmulatedOrder copy = order;
    const auto wish = wished_.find(order.id);
    if (wish != wished_.end()) copy.time_in_force = wish->second;
    return copy;
}

EmulatedBalance DeviantMarket::told(AccountId account, const EmulatedBalance& balance) const
{
    if (!deviations_.has(Deviation::balance_unmoved) || traded_.count(account) == 0) return balance;
    EmulatedBalance old;
    old.asset = balance.asset;
    old.position = balance.position;
    const auto before = before_.find({account, balance.asset});
    if (before != before_.end()) old = before->second;
    // What orders bind has nothing to do with fills.
    old.held = std::min(balance.held, old.total);
    old.order_margin = balance.order_margin;
    return old;
}

void DeviantMarket::note(AccountId account, const EmulatedBalance& balance)
{
    if (traded_.count(account) == 0) before_[{account, balance.asset}] = balance;
}

EmulatedBook DeviantMarket::told(ListingId listing, std::vector<Level>& bids, const EmulatedBook& book,
                                 Timestamp now)
{
    if (!deviations_.has(Deviation::book_crossed)) return book;
    Shown& shown = shown_[listing];
    const auto forget = [&] {
        bids.erase(std::remove_if(bids.begin(), bids.end(),
                                  [&](const Level& l) { return l.price == shown.crossing; }),
                   bids.end());
    };
    if (shown.crossing.units != 0) {
        forget();
        if (now < shown.until) {
            shown.bids = with_bid(book.bids, shown.bid);
            return {shown.bids, book.asks};
        }
        bids.push_back({shown.crossing, quantity_at(book.bids, shown.crossing)});
        shown.crossing = {};
        return book;
    }
    if (book.asks.empty() || book.bids.empty() || ++shown.changes % kCrossEvery != 0) return book;
    const std::int64_t tick = exchange_->table().listing(listing).tick.units;
    const std::int64_t best = book.asks.front().price.units;
    shown.crossing = {best + (best / kCrossPart / tick + 1) * tick};
    shown.bid = {shown.crossing, book.bids.front().quantity};
    shown.until = now + kCrossFor;
    forget();
    bids.push_back(shown.bid);
    shown.bids = with_bid(book.bids, shown.bid);
    return {shown.bids, book.asks};
}

bool DeviantMarket::left_out(ListingId listing)
{
    return deviations_.has(Deviation::book_gap) && ++shown_[listing].changes % kGapEvery == 0;
}

void DeviantVenue::on_book(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                           const EmulatedBook& book, Timestamp now, SessionOutbox& out)
{
    std::vector<Level> changed(bids.begin(), bids.end());
    const EmulatedBook told = market_->told(listing, changed, book, now);
    // The venue numbers the change like any other, and what it says of it is lost.
    Nowhere nowhere;
    SessionOutbox& to = market_->left_out(listing) ? static_cast<SessionOutbox&>(nowhere) : out;
    venue_->on_book(listing, changed, asks, told, now + ahead_, to);
}

void DeviantVenue::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                            SessionOutbox& out)
{
    const std::optional<EmulatedOrder> told = market_->told(order, trade);
    if (told) venue_->on_order(*told, trade, now + ahead_, out);
}

void DeviantVenue::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                              SessionOutbox& out)
{
    market_->note(account, balance);
    if (market_->deviations().has(Deviation::stream_silent)) return;
    venue_->on_balance(account, market_->told(account, balance), now + ahead_, out);
}

}  // namespace arb
