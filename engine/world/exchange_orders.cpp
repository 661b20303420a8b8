#include "engine/world/exchange_orders.hpp"

namespace arb {

EmulatedOrder& ExchangeOrders::add(const PlaceOrder& order, Timestamp now)
{
    EmulatedOrder& entry = orders_.emplace_back();
    entry.id = kFirstOrder + orders_.size() - 1;
    entry.account = order.account;
    entry.listing = order.listing;
    entry.client_id = order.client_id;
    entry.side = order.side;
    entry.time_in_force = order.time_in_force;
    entry.price = order.price;
    entry.quantity = order.quantity;
    entry.reduce_only = order.reduce_only;
    entry.created = entry.updated = now;
    if (!order.client_id.empty()) by_client_[{order.account, order.client_id}] = &entry;
    ++open_[order.account];
    return entry;
}

void ExchangeOrders::end(EmulatedOrder& order, EmulatedState state, PlaceError reason, Timestamp now)
{
    --open_[order.account];
    order.state = state;
    order.end_reason = reason;
    order.updated = now;
}

const EmulatedTrade& ExchangeOrders::fill(EmulatedOrder& order, EmulatedTrade trade)
{
    trade.id = kFirstTrade + trades_.size();
    order.filled = order.filled + trade.quantity;
    order.filled_notional += trade.notional;
    order.fees += trade.fee;
    order.fee_asset = trade.fee_asset;
    order.updated = trade.time;
    ++order.trades;
    if (order.filled == order.quantity) {
        order.state = EmulatedState::filled;
        --open_[order.account];
    }
    return trades_.emplace_back(std::move(trade));
}

const EmulatedOrder* ExchangeOrders::find(AccountId account, std::uint64_t id) const
{
    if (id < kFirstOrder || id - kFirstOrder >= orders_.size()) return nullptr;
    const EmulatedOrder& order = orders_[static_cast<std::size_t>(id - kFirstOrder)];
    return order.account == account ? &order : nullptr;
}

EmulatedOrder* ExchangeOrders::find_open(AccountId account, std::uint64_t id)
{
    const EmulatedOrder* const order = find(account, id);
    if (order == nullptr || order->state != EmulatedState::open) return nullptr;
    return &orders_[static_cast<std::size_t>(id - kFirstOrder)];
}

const EmulatedOrder* ExchangeOrders::find_client(AccountId account, std::string_view client_id) const
{
    const auto found = by_client_.find({account, std::string(client_id)});
    return found == by_client_.end() ? nullptr : found->second;
}

std::vector<const EmulatedOrder*> ExchangeOrders::orders(AccountId account, ListingId listing,
                                                         bool open) const
{
    std::vector<const EmulatedOrder*> result;
    for (const EmulatedOrder& order : orders_) {
        if (order.account != account || (listing != kNoListing && order.listing != listing)) continue;
        if (!open || order.state == EmulatedState::open) result.push_back(&order);
    }
    return result;
}

std::vector<const EmulatedTrade*> ExchangeOrders::trades(AccountId account, ListingId listing,
                                                         Timestamp since) const
{
    std::vector<const EmulatedTrade*> result;
    for (const EmulatedTrade& trade : trades_) {
        if (trade.account != account || trade.time < since) continue;
        if (listing == kNoListing || trade.listing == listing) result.push_back(&trade);
    }
    return result;
}

std::size_t ExchangeOrders::open_count(AccountId account) const
{
    const auto found = open_.find(account);
    return found == open_.end() ? 0 : found->second;
}

}  // namespace arb
