#pragma once
// What orders that are out may still take, summed as they come and go: an order is judged by sums alone, and
// how many are out, or how many instruments there are, costs it nothing. One entry an order, until the venue
// said how it ended. Fixed room; core thread; no allocation after the constructor.
#include <array>
#include <cstdint>
#include <vector>

#include "engine/base/money.hpp"
#include "engine/base/order.hpp"

namespace arb {

class Reservations {
  public:
    static constexpr std::size_t kMost = 256;

    /// What an order holds back of its accounts (places in the portfolio).
    struct Held {
        std::size_t base = 0, quote = 0;
        Amount quantity;  ///< of base, still to be filled
        Amount money;     ///< of quote
    };
    struct Entry {
        OrderId id{};
        OrderIntent intent;
        Quantity left;
        Held held;
    };

    explicit Reservations(std::size_t accounts) : buys_(accounts), sells_(accounts), money_(accounts) {}

    bool full() const { return count_ == kMost; }
    std::size_t count() const { return count_; }
    void add(OrderId id, const OrderIntent& intent, const Held& held);
    /// Null: none of that id.
    Entry* find(OrderId id);
    const Entry* find(OrderId id) const;
    /// A part of it was filled: it holds this much from here on.
    void change(Entry& entry, Quantity left, const Held& held);
    void remove(OrderId id);

    /// Base that open orders to buy (sell) may still add to (take from) that account.
    Amount buys(std::size_t account) const { return account < buys_.size() ? buys_[account] : Amount{}; }
    Amount sells(std::size_t account) const { return account < sells_.size() ? sells_[account] : Amount{}; }
    /// Quote currency that open orders hold back in that account.
    Amount money(std::size_t account) const { return account < money_.size() ? money_[account] : Amount{}; }

  private:
    // Twice the room, so that a search ends soon: the place of an id, then the next ones until one is free.
    static constexpr std::size_t kPlaces = 2 * kMost;

    static std::size_t home(OrderId id) { return static_cast<std::size_t>(id) % kPlaces; }
    std::size_t place_of(OrderId id) const;
    void sum(const Entry& entry, bool adds);

    std::array<Entry, kPlaces> entries_{};
    std::array<bool, kPlaces> used_{};
    std::size_t count_ = 0;
    std::vector<Amount> buys_, sells_, money_;  // by account
};

}  // namespace arb
