#pragma once
// One venue's book of one instrument: every level the venue sent, in two flat sorted arrays with the best level at the
// back. Activity is near the best price, so finding a level is a short walk from the back (then a binary search) and
// inserting moves few elements. Dropping levels at the worst end (depth truncation) only moves an offset. The worst
// case, an insert at the far end, moves the whole array once. Used by BookBuilder on the core thread. Not
// thread-safe. Allocates only while it grows to its depth; kBookLevelsMax bounds a hostile feed.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/market_data.hpp"

namespace arb {

inline constexpr std::size_t kBookLevelsMax = 1'000'000;

/// One side. `Bids` orders ascending (highest at the back), otherwise descending (lowest at the back).
template <bool Bids>
class BookSide {
  public:
    std::size_t size() const { return levels_.size() - first_; }
    bool empty() const { return size() == 0; }
    /// The level `rank` places behind the best; rank 0 is the best.
    const Level& at_rank(std::size_t rank) const { return levels_[levels_.size() - 1 - rank]; }
    const Level& best() const { return levels_.back(); }
    /// Worst to best.
    std::span<const Level> levels() const { return {levels_.data() + first_, size()}; }

    void clear();
    /// Sets or (zero quantity) removes one level. Returns the rank it has or had; size() when a removal found nothing.
    /// False in `ok` only when the book is full.
    std::size_t set(Level level, bool& ok);
    /// Replaces everything. Zero quantities are left out; of one price given twice the last counts.
    bool assign(std::span<const Level> levels);
    /// Keeps the best `depth` levels.
    void truncate(std::size_t depth)
    {
        if (size() > depth) drop_worst(size() - depth);
    }
    /// The quantity at a price, zero when there is none.
    Quantity quantity_at(Price price) const;

  private:
    static bool better(Price a, Price b) { return Bids ? a > b : a < b; }
    /// Index of the first level from the worst end that is not worse than `price`.
    std::size_t find(Price price) const;
    void drop_worst(std::size_t count);

    std::vector<Level> levels_;
    std::size_t first_ = 0;  // levels before it were truncated away
};

class OrderBook {
  public:
    const BookSide<true>& bids() const { return bids_; }
    const BookSide<false>& asks() const { return asks_; }

    void clear();
    bool assign(std::span<const Level> bids, std::span<const Level> asks);
    /// Applies levels in order. `touched_rank` is the best (lowest) rank of any level that changed.
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
