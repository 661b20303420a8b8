#include "engine/market/order_book.hpp"

#include "engine/base/hash.hpp"

namespace arb {

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
    const auto add = [&hash](const Level& level) {
        hash.add_signed(level.price.units);
        hash.add_signed(level.quantity.units);
    };
    hash.add(bids_.size());
    bids_.for_each(add);
    hash.add(asks_.size());
    asks_.for_each(add);
    return hash.value();
}

}  // namespace arb
