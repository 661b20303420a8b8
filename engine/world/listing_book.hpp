#pragma once
// The order book of one listing at an emulated exchange: the levels of the street (an invented or recorded
// book), the accounts' resting orders among them in price-time priority, and both together as they were last
// published. Who trades is the exchange's business. One thread, no errors.
#include <optional>
#include <span>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"

namespace arb {

/// The levels that differ, with their new quantity (zero: gone), and the book as it stood then.
struct BookChange {
    std::vector<Level> bids, asks;
    std::vector<Level> after_bids, after_asks;
};

/// What an order meets next.
struct BookOffer {
    EmulatedOrder* order = nullptr;  ///< null: the street
    Price price;
    Quantity quantity;
};

class ListingBook {
  public:
    /// Best first; replaces what it was.
    void set_street(std::span<const Level> bids, std::span<const Level> asks);
    /// The order of that side which the street reaches, at its own price, and how much of it the street
    /// trades.
    std::optional<BookOffer> crossed(Side side) const;
    /// What an order of that side meets within its limit: the best price first, there resting orders before
    /// the street.
    std::optional<BookOffer> next(Side side, Price limit) const;
    /// That much of the street's best level of that side is gone.
    void take_street(Side side, Quantity quantity);
    void rest(EmulatedOrder& order) { resting_.push_back(&order); }
    void remove(const EmulatedOrder& order);
    const std::vector<EmulatedOrder*>& resting() const { return resting_; }  ///< oldest first

    /// All that an order could have within its limit, as published.
    Quantity available(const PlaceOrder& order) const;
    /// What a fill-or-kill order can have: up to where it would meet an own order, or without those.
    Quantity offered(const PlaceOrder& order) const;
    EmulatedBook published() const { return {bids_, asks_}; }
    /// Publishes the book as it stands.
    BookChange publish();

  private:
    EmulatedOrder* best_resting(Side side) const;
    const std::vector<Level>& street(Side side) const
    {
        return side == Side::buy ? bids_street_ : asks_street_;
    }
    const std::vector<Level>& met_by(Side side) const { return side == Side::buy ? asks_ : bids_; }

    std::vector<Level> bids_street_, asks_street_;  // best first
    std::vector<EmulatedOrder*> resting_;           // oldest first
    std::vector<Level> bids_, asks_;                // as published
};

}  // namespace arb
