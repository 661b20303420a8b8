#include "engine/market/order_book.hpp"

#include <algorithm>

#include "engine/base/hash.hpp"

namespace arb {
namespace {

// Levels looked at one by one before a binary search: most updates fall among the best dozen.
constexpr std::size_t kNear = 12;
// Truncated levels are really removed once this many have gathered, so the cost of moving is shared.
constexpr std::size_t kCompactAt = 4096;

}  // namespace

template <bool Bids>
void BookSide<Bids>::clear()
{
    levels_.clear();
    first_ = 0;
}

template <bool Bids>
std::size_t BookSide<Bids>::find(Price price) const
{
    std::size_t at = levels_.size();
    const std::size_t near_end = size() > kNear ? at - kNear : first_;
    while (at > near_end && !better(price, levels_[at - 1].price)) --at;
    if (at > near_end || at == first_) return at;
    const auto begin = levels_.begin() + static_cast<std::ptrdiff_t>(first_);
    const auto end = levels_.begin() + static_cast<std::ptrdiff_t>(at);
    const auto place =
        std::lower_bound(begin, end, price, [](const Level& level, Price p) { return better(p, level.price); });
    return static_cast<std::size_t>(place - levels_.begin());
}

template <bool Bids>
std::size_t BookSide<Bids>::set(Level level, bool& ok)
{
    const std::size_t at = find(level.price);
    const bool present = at < levels_.size() && levels_[at].price == level.price;
    if (level.quantity.zero()) {
        if (!present) return size();
        const std::size_t rank = levels_.size() - 1 - at;
        levels_.erase(levels_.begin() + static_cast<std::ptrdiff_t>(at));
        return rank;
    }
    if (present) {
        levels_[at].quantity = level.quantity;
        return levels_.size() - 1 - at;
    }
    if (size() >= kBookLevelsMax) {
        ok = false;
        return 0;
    }
    levels_.insert(levels_.begin() + static_cast<std::ptrdiff_t>(at), level);
    return levels_.size() - 1 - at;
}

template <bool Bids>
bool BookSide<Bids>::assign(std::span<const Level> levels)
{
    clear();
    if (levels.size() > kBookLevelsMax) return false;
    levels_.assign(levels.begin(), levels.end());
    const auto worse = [](const Level& a, const Level& b) { return better(b.price, a.price); };
    // Venues send the best first, so a reversal usually sorts; anything else is sorted, later duplicates winning.
    std::reverse(levels_.begin(), levels_.end());
    if (!std::is_sorted(levels_.begin(), levels_.end(), worse)) {
        std::reverse(levels_.begin(), levels_.end());
        std::stable_sort(levels_.begin(), levels_.end(), worse);
    } else {
        // Reversed runs of one price would put the first sent last: restore the order within equal prices.
        for (auto run = levels_.begin(); run != levels_.end();) {
            auto next = run + 1;
            while (next != levels_.end() && next->price == run->price) ++next;
            std::reverse(run, next);
            run = next;
        }
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < levels_.size(); ++i) {
        if (i + 1 < levels_.size() && levels_[i + 1].price == levels_[i].price) continue;
        if (!levels_[i].quantity.zero()) levels_[kept++] = levels_[i];
    }
    levels_.resize(kept);
    return true;
}

template <bool Bids>
void BookSide<Bids>::drop_worst(std::size_t count)
{
    first_ += count;
    if (first_ < kCompactAt) return;
    levels_.erase(levels_.begin(), levels_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
}

template <bool Bids>
Quantity BookSide<Bids>::quantity_at(Price price) const
{
    const std::size_t at = find(price);
    return at < levels_.size() && levels_[at].price == price ? levels_[at].quantity : Quantity{};
}

template class BookSide<true>;
template class BookSide<false>;

void OrderBook::clear()
{
    bids_.clear();
    asks_.clear();
}

bool OrderBook::assign(std::span<const Level> bids, std::span<const Level> asks)
{
    return bids_.assign(bids) && asks_.assign(asks);
}

bool OrderBook::apply(std::span<const Level> bids, std::span<const Level> asks, std::size_t& touched_rank)
{
    bool ok = true;
    std::size_t touched = SIZE_MAX;
    for (const Level& level : bids) touched = std::min(touched, bids_.set(level, ok));
    for (const Level& level : asks) touched = std::min(touched, asks_.set(level, ok));
    touched_rank = touched;
    return ok;
}

void OrderBook::truncate(std::size_t depth)
{
    bids_.truncate(depth);
    asks_.truncate(depth);
}

std::uint64_t OrderBook::hash() const
{
    Hash hash;
    hash.add(bids_.size());
    for (const Level& level : bids_.levels()) {
        hash.add_signed(level.price.units);
        hash.add_signed(level.quantity.units);
    }
    hash.add(asks_.size());
    for (const Level& level : asks_.levels()) {
        hash.add_signed(level.price.units);
        hash.add_signed(level.quantity.units);
    }
    return hash.value();
}

}  // namespace arb
