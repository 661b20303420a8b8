#include "engine/market/book_side.hpp"

namespace arb {
template <bool Bids>
std::vector<Level> BookSide<Bids>::levels() const
{
    std::vector<Level> result;
    result.reserve(size_);
    for_each([&result](const Level& level) { result.push_back(level); });
    return result;
}

template <bool Bids>
void BookSide<Bids>::clear()
{
    for (const Entry& entry : blocks_) free_.push_back(entry.block);
    blocks_.clear();
    size_ = 0;
}

template <bool Bids>
typename BookSide<Bids>::Block* BookSide<Bids>::take_block()
{
    if (free_.empty()) {
        pool_.push_back(std::make_unique<Block>());
        free_.reserve(pool_.capacity());
        return pool_.back().get();
    }
    Block* block = free_.back();
    free_.pop_back();
    block->resize(0);
    return block;
}

// The block that holds the price or would take it: the first from the worst end whose best is not worse.
template <bool Bids>
std::size_t BookSide<Bids>::find_block(Price price) const
{
    const std::size_t last = blocks_.size() - 1;
    if (last == 0 || better(price, blocks_[last - 1].best)) return last;
    // Without branches: which half comes next cannot be predicted anyway.
    std::size_t base = 0;
    std::size_t count = last;
    while (count > 1) {
        const std::size_t half = count / 2;
        base += static_cast<std::size_t>(better(price, blocks_[base + half - 1].best)) * half;
        count -= half;
    }
    return base + static_cast<std::size_t>(better(price, blocks_[base].best));
}

// The first place from the worst end that is not worse than the price: the number of prices that are worse.
// One pass over the whole block, which the compiler turns into vector compares; a search would wait for each
// of its steps.
template <bool Bids>
std::size_t BookSide<Bids>::find_in(const Block& block, std::int64_t price)
{
    // Eight at a time with sums of their own; places past the count are unused and count as not worse.
    std::int64_t worse[8] = {};
    const std::int64_t* at = block.prices;
    for (const std::int64_t* const end = at + block.count; at < end; at += 8) {
        for (std::size_t i = 0; i < 8; ++i) worse[i] += Bids ? price > at[i] : price < at[i];
    }
    return static_cast<std::size_t>(worse[0] + worse[1] + worse[2] + worse[3] + worse[4] + worse[5] +
                                    worse[6] + worse[7]);
}

template <bool Bids>
std::size_t BookSide<Bids>::rank_of(std::size_t entry, std::size_t place) const
{
    std::size_t rank = blocks_[entry].block->count - 1 - place;
    while (++entry < blocks_.size() && rank < kRankKnown) rank += blocks_[entry].block->count;
    return rank;
}

template <bool Bids>
std::size_t BookSide<Bids>::set(Level level, bool& ok)
{
    if (blocks_.empty()) {
        if (level.quantity.zero()) return kRankKnown;
        blocks_.push_back({level.price, take_block()});
        insert(0, 0, level);
        return 0;
    }
    std::size_t entry = find_block(level.price);
    std::size_t place = find_in(*blocks_[entry].block, level.price.units);
    Block& block = *blocks_[entry].block;
    const bool present = place < block.count && block.prices[place] == level.price.units;
    if (level.quantity.zero()) {
        if (!present) return kRankKnown;
        const std::size_t rank = rank_of(entry, place);
        erase(entry, place);
        return rank;
    }
    if (present) {
        block.quantities[place] = level.quantity.units;
        return rank_of(entry, place);
    }
    if (size_ >= kBookLevelsMax) {
        ok = false;
        return 0;
    }
    if (block.count == kBlockLevels) {
        split(entry);
        const std::size_t kept = blocks_[entry].block->count;
        if (place > kept) {
            ++entry;
            place -= kept;
        }
    }
    insert(entry, place, level);
    return rank_of(entry, place);
}

template <bool Bids>
void BookSide<Bids>::split(std::size_t entry)
{
    Block& from = *blocks_[entry].block;
    Block* to = take_block();
    const std::size_t kept = from.count / 2;
    to->count = from.count - kept;
    to->move(0, from, kept, to->count);
    from.resize(kept);
    const Entry upper{blocks_[entry].best, to};
    blocks_[entry].best = from.at(kept - 1).price;
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(entry) + 1, upper);
}

template <bool Bids>
void BookSide<Bids>::insert(std::size_t entry, std::size_t place, Level level)
{
    Block& block = *blocks_[entry].block;
    block.move(place + 1, block, place, block.count - place);
    block.put(place, level);
    ++block.count;
    ++size_;
    blocks_[entry].best = block.at(block.count - 1).price;
}

template <bool Bids>
void BookSide<Bids>::drop_block(std::size_t entry)
{
    free_.push_back(blocks_[entry].block);
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(entry));
}

template <bool Bids>
void BookSide<Bids>::erase(std::size_t entry, std::size_t place)
{
    Block& block = *blocks_[entry].block;
    block.move(place, block, place + 1, block.count - place - 1);
    block.resize(block.count - 1);
    --size_;
    if (block.count == 0) {
        drop_block(entry);
        return;
    }
    blocks_[entry].best = block.at(block.count - 1).price;
    // A block that has run low joins its worse neighbour, so that their number stays in proportion to the
    // levels.
    if (block.count >= kBlockLevels / 8 || entry == 0) return;
    Block& worse = *blocks_[entry - 1].block;
    if (worse.count + block.count > kBlockLevels * 3 / 4) return;
    worse.move(worse.count, block, 0, block.count);
    worse.count += block.count;
    blocks_[entry - 1].best = blocks_[entry].best;
    drop_block(entry);
}

template <bool Bids>
bool BookSide<Bids>::assign(std::span<const Level> levels)
{
    clear();
    if (levels.size() > kBookLevelsMax) return false;
    sorting_.assign(levels.rbegin(), levels.rend());
    const auto worse = [](const Level& a, const Level& b) { return better(b.price, a.price); };
    // Venues send the best first, so the reversal is usually sorted, strictly; anything else is sorted with
    // care for duplicates, of which the last sent counts.
    bool strictly = true;
    for (std::size_t i = 1; i < sorting_.size() && strictly; ++i)
        strictly = worse(sorting_[i - 1], sorting_[i]);
    if (!strictly) {
        sorting_.assign(levels.begin(), levels.end());
        std::stable_sort(sorting_.begin(), sorting_.end(), worse);
        std::size_t kept = 0;
        for (std::size_t i = 0; i < sorting_.size(); ++i) {
            if (i + 1 < sorting_.size() && sorting_[i + 1].price == sorting_[i].price) continue;
            sorting_[kept++] = sorting_[i];
        }
        sorting_.resize(kept);
    }
    Block* block = nullptr;
    for (const Level& level : sorting_) {
        if (level.quantity.zero()) continue;
        // Three quarters full: room for what will be inserted.
        if (block == nullptr || block->count == kBlockLevels * 3 / 4) {
            block = take_block();
            blocks_.push_back({level.price, block});
        }
        block->put(block->count++, level);
        blocks_.back().best = level.price;
        ++size_;
    }
    return true;
}

template <bool Bids>
void BookSide<Bids>::truncate(std::size_t depth)
{
    while (size_ > depth) {
        Block& worst = *blocks_.front().block;
        const std::size_t surplus = size_ - depth;
        if (worst.count <= surplus) {
            size_ -= worst.count;
            drop_block(0);
            continue;
        }
        worst.move(0, worst, surplus, worst.count - surplus);
        worst.resize(worst.count - surplus);
        size_ -= surplus;
    }
}

template <bool Bids>
Quantity BookSide<Bids>::quantity_at(Price price) const
{
    if (blocks_.empty()) return {};
    const Block& block = *blocks_[find_block(price)].block;
    const std::size_t place = find_in(block, price.units);
    return place < block.count && block.prices[place] == price.units ? block.at(place).quantity : Quantity{};
}

template class BookSide<true>;
template class BookSide<false>;

}  // namespace arb
