#pragma once
// Every order and every trade that an emulated exchange ever took, by id and by the client's id, and how many
// orders of an account are open. Orders stay where they are for good: others may point at them. One thread,
// no errors.
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"

namespace arb {

class ExchangeOrders {
  public:
    ExchangeOrders() = default;
    ExchangeOrders(ExchangeOrders&&) = default;  // a copy's pointers would lead into the original

    EmulatedOrder& add(const PlaceOrder& order, Timestamp now);
    void end(EmulatedOrder& order, EmulatedState state, PlaceError reason, Timestamp now);
    /// Gives the trade its id and takes it; whole when it is all that was left of the order.
    const EmulatedTrade& fill(EmulatedOrder& order, EmulatedTrade trade);

    /// An order of that account that is open; nullptr: none.
    EmulatedOrder* find_open(AccountId account, std::uint64_t id);
    // As EmulatedMarket tells them.
    const EmulatedOrder* find(AccountId account, std::uint64_t id) const;
    const EmulatedOrder* find_client(AccountId account, std::string_view client_id) const;
    std::vector<const EmulatedOrder*> orders(AccountId account, ListingId listing, bool open) const;
    std::vector<const EmulatedTrade*> trades(AccountId account, ListingId listing, Timestamp since) const;
    std::size_t open_count(AccountId account) const;
    std::size_t order_count() const { return orders_.size(); }
    std::size_t trade_count() const { return trades_.size(); }

  private:
    static constexpr std::uint64_t kFirstOrder = 1'000'001;  // ids follow each other: place = id - first
    static constexpr std::uint64_t kFirstTrade = 500'001;

    std::deque<EmulatedOrder> orders_;
    std::deque<EmulatedTrade> trades_;
    std::map<std::pair<AccountId, std::string>, const EmulatedOrder*> by_client_;  // the latest
    std::map<AccountId, std::size_t> open_;                                        // how many orders
};

}  // namespace arb
