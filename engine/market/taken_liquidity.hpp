#pragma once
// What we have taken from books that do not know it. A recorded book keeps showing the quantity that our
// simulated order hit; this remembers, a level at a time, how much of the shown quantity is already ours,
// until the venue shows new quantity at that price: shown less than taken forgets the difference, a level
// that vanishes forgets all, so only what is added later can be traded again. Core thread. Cheap when empty.
#include <cstdint>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/market/order_book.hpp"

namespace arb {

class TakenLiquidity {
  public:
    explicit TakenLiquidity(std::size_t listings) : taken_(listings)
    {
        for (std::vector<Entry>& entries : taken_) entries.reserve(64);
    }

    /// We took `quantity` from the side that `taker` hits (a buyer hits asks) at this price.
    void take(ListingId listing, Side taker, Price price, Quantity quantity);
    /// The venue's book changed: forget what it no longer shows.
    void shown(ListingId listing, const OrderBook& book);

    bool none(ListingId listing) const { return taken_[index(listing)].empty(); }
    Quantity at(ListingId listing, Side taker, Price price) const;

  private:
    struct Entry {
        Side taker;
        Price price;
        Quantity quantity;
    };
    std::vector<std::vector<Entry>> taken_;
};

/// Walks one side of a book from its best level, net of what was taken. A buyer walks the asks.
class DepthWalk {
  public:
    DepthWalk(const OrderBook& book, ListingId listing, Side taker, const TakenLiquidity* taken)
        : book_(book),
          taken_(taken != nullptr && !taken->none(listing) ? taken : nullptr),
          listing_(listing),
          taker_(taker)
    {
    }
    /// The next level with something left; false at the end of the book.
    bool next(Level& level);

  private:
    const OrderBook& book_;
    const TakenLiquidity* taken_;
    ListingId listing_;
    Side taker_;
    std::size_t rank_ = 0;
};

}  // namespace arb
