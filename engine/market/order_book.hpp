#pragma once
// One venue's book of one instrument: both sides with every level the venue sent (book_side.hpp). Used by
// BookBuilder on the core thread. Not thread-safe. Allocates only while it grows to its depth.
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/market/book_side.hpp"

namespace arb {

class OrderBook {
  public:
    const BookSide<true>& bids() const { return bids_; }
    const BookSide<false>& asks() const { return asks_; }

    void clear();
    bool assign(std::span<const Level> bids, std::span<const Level> asks);
    /// Applies levels in order. `touched_rank` is the best (lowest) rank of any level that changed, exact
    /// below BookSide::kRankKnown. False when a side is full.
    bool apply(std::span<const Level> bids, std::span<const Level> asks, std::size_t& touched_rank);
    void truncate(std::size_t depth);

    bool two_sided() const { return !bids_.empty() && !asks_.empty(); }
    bool crossed() const { return two_sided() && bids_.best().price > asks_.best().price; }
    bool locked() const { return two_sided() && bids_.best().price == asks_.best().price; }

    /// Of the levels alone: two books with equal levels have equal hashes, however they came about.
    std::uint64_t hash() const;

  private:
    BookSide<true> bids_;
    BookSide<false> asks_;
};

}  // namespace arb
