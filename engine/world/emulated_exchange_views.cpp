// What an emulated exchange shows: orders, trades, balances, books, and the news it hands to the venue's
// protocol side.
#include <algorithm>
#include <utility>

#include "engine/world/emulated_exchange.hpp"

namespace arb {

const EmulatedOrder* EmulatedExchange::find(AccountId account, std::uint64_t id) const
{
    return at_place(account, id);
}

const EmulatedOrder* EmulatedExchange::at_place(AccountId account, std::uint64_t id) const
{
    if (id < kFirstOrder || id - kFirstOrder >= orders_.size()) return nullptr;
    const EmulatedOrder& order = orders_[static_cast<std::size_t>(id - kFirstOrder)];
    return order.account == account ? &order : nullptr;
}

const EmulatedOrder* EmulatedExchange::find_client(AccountId account, std::string_view client_id) const
{
    const auto found = by_client_.find({account, std::string(client_id)});
    return found == by_client_.end() ? nullptr : &orders_[found->second];
}

std::vector<const EmulatedOrder*> EmulatedExchange::orders(AccountId account, ListingId listing,
                                                           bool open) const
{
    std::vector<const EmulatedOrder*> result;
    for (const EmulatedOrder& order : orders_) {
        if (order.account != account || (listing != kNoListing && order.listing != listing)) continue;
        if (!open || order.state == EmulatedState::open) result.push_back(&order);
    }
    return result;
}

std::vector<const EmulatedTrade*> EmulatedExchange::trades(AccountId account, ListingId listing,
                                                           Timestamp since) const
{
    std::vector<const EmulatedTrade*> result;
    for (const EmulatedTrade& trade : trades_) {
        if (trade.account != account || trade.time < since) continue;
        if (listing == kNoListing || trade.listing == listing) result.push_back(&trade);
    }
    return result;
}

std::vector<EmulatedBalance> EmulatedExchange::balances(AccountId account) const
{
    std::vector<EmulatedBalance> result;
    for (const auto& [key, entry] : balances_) {
        if (key.first == account) result.push_back(entry);
    }
    return result;
}

EmulatedBook EmulatedExchange::book(ListingId listing) const
{
    const Market& market = markets_[index(listing)];
    return {market.bids, market.asks};
}

void EmulatedExchange::set_dead_man(AccountId account, ListingId listing, Timestamp when)
{
    dead_men_.erase(
        std::remove_if(dead_men_.begin(), dead_men_.end(),
                       [&](const DeadMan& d) { return d.account == account && d.listing == listing; }),
        dead_men_.end());
    if (when.known()) dead_men_.push_back({account, listing, when});
}

void EmulatedExchange::on_time(Timestamp now)
{
    for (std::size_t i = 0; i < dead_men_.size();) {
        if (now < dead_men_[i].when) {
            ++i;
            continue;
        }
        const DeadMan fired = dead_men_[i];
        dead_men_.erase(dead_men_.begin() + static_cast<std::ptrdiff_t>(i));
        for (const EmulatedOrder* order : orders(fired.account, fired.listing, true))
            (void)cancel(fired.account, order->id, now);
    }
}

void EmulatedExchange::deliver(EmulatedVenue& venue, Timestamp now, SessionOutbox& out)
{
    // Handling an event may not cause others: the venue's side only speaks.
    const std::vector<Event> events = std::exchange(events_, {});
    for (const Event& event : events) {
        if (const auto* order = std::get_if<OrderEvent>(&event))
            venue.on_order(order->order, order->has_trade ? &order->trade : nullptr, now, out);
        else if (const auto* balance = std::get_if<BalanceEvent>(&event))
            venue.on_balance(balance->account, balance->balance, now, out);
        else if (const auto* book = std::get_if<BookEvent>(&event))
            venue.on_book(book->listing, book->bids, book->asks, {book->after_bids, book->after_asks}, now,
                          out);
        else
            venue.on_public_trade(std::get<Trade>(event), now, out);
    }
}

}  // namespace arb
