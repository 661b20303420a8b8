#pragma once
// One side of a book: every level the venue sent, sorted, in flat blocks of at most kBlockLevels with the
// best block, and in it the best level, at the back. Activity is near the best price, so a level is usually
// found by a short walk from the back; deep ones by two binary searches. An insert moves at most one block,
// so the cost of a level far from the best does not grow with the book (Coinbase keeps 27,000 levels a side).
// Core thread. Blocks are kept for reuse: no allocation once a side has had its depth; kBookLevelsMax bounds
// a hostile feed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/market_data.hpp"

namespace arb {

inline constexpr std::size_t kBookLevelsMax = 1'000'000;

/// `Bids` orders ascending (highest at the back), otherwise descending (lowest at the back).
template <bool Bids>
class BookSide {
  public:
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    Level best() const
    {
        const Block& block = *blocks_.back().block;
        return block.at(block.count - 1);
    }
    /// The level `rank` places behind the best; rank 0 is the best. Cheap for small ranks.
    Level at_rank(std::size_t rank) const
    {
        std::size_t entry = blocks_.size() - 1;
        while (rank >= blocks_[entry].block->count) rank -= blocks_[entry--].block->count;
        const Block& block = *blocks_[entry].block;
        return block.at(block.count - 1 - rank);
    }
    /// Calls visit(Level) from worst to best.
    template <class Visit>
    void for_each(Visit&& visit) const
    {
        for (const Entry& entry : blocks_) {
            for (std::size_t i = 0; i < entry.block->count; ++i) visit(entry.block->at(i));
        }
    }
    /// Worst to best, copied.
    std::vector<Level> levels() const;

    void clear();
    /// Sets or (zero quantity) removes one level. Returns the rank it has or had, exact below kRankKnown and
    /// at least kRankKnown otherwise; a removal that found nothing counts as kRankKnown. `ok` becomes false
    /// when the book is full.
    std::size_t set(Level level, bool& ok);
    static constexpr std::size_t kRankKnown = 32;
    /// Replaces everything. Zero quantities are left out; of one price given twice the last counts.
    bool assign(std::span<const Level> levels);
    /// Keeps the best `depth` levels.
    void truncate(std::size_t depth);
    /// The quantity at a price, zero when there is none.
    Quantity quantity_at(Price price) const;

  private:
    static constexpr std::size_t kBlockLevels = 64;
    // Fills unused places: worse than no price, so that it never counts as worse than one.
    static constexpr std::int64_t kUnused = Bids ? INT64_MAX : INT64_MIN;
    struct Block {
        alignas(64) std::int64_t prices[kBlockLevels];
        std::int64_t quantities[kBlockLevels];
        std::size_t count = 0;

        Block() { std::fill(std::begin(prices), std::end(prices), kUnused); }
        Level at(std::size_t place) const { return {{prices[place]}, {quantities[place]}}; }
        void put(std::size_t place, Level level)
        {
            prices[place] = level.price.units;
            quantities[place] = level.quantity.units;
        }
        /// Moves `n` levels within or between blocks.
        void move(std::size_t to, const Block& from, std::size_t at, std::size_t n)
        {
            std::memmove(prices + to, from.prices + at, n * sizeof(std::int64_t));
            std::memmove(quantities + to, from.quantities + at, n * sizeof(std::int64_t));
        }
        /// Cuts to `n` levels.
        void resize(std::size_t n)
        {
            std::fill(prices + n, prices + std::max(n, count), kUnused);
            count = n;
        }
    };
    struct Entry {
        Price best;  // of the block's last level, so that finding a block touches no block
        Block* block = nullptr;
    };

    static bool better(Price a, Price b) { return Bids ? a > b : a < b; }
    std::size_t find_block(Price price) const;
    static std::size_t find_in(const Block& block, std::int64_t price);
    std::size_t rank_of(std::size_t entry, std::size_t place) const;
    Block* take_block();
    void drop_block(std::size_t entry);
    void split(std::size_t entry);
    void insert(std::size_t entry, std::size_t place, Level level);
    void erase(std::size_t entry, std::size_t place);

    std::vector<Entry> blocks_;  // worst to best, none empty
    std::vector<std::unique_ptr<Block>> pool_;
    std::vector<Block*> free_;
    std::vector<Level> sorting_;  // scratch of assign
    std::size_t size_ = 0;
};

}  // namespace arb
