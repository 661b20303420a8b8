#include "engine/market/taken_liquidity.hpp"

#include <algorithm>

namespace arb {

void TakenLiquidity::take(ListingId listing, Side taker, Price price, Quantity quantity)
{
    for (Entry& entry : taken_[index(listing)]) {
        if (entry.taker == taker && entry.price == price) {
            entry.quantity = entry.quantity + quantity;
            return;
        }
    }
    taken_[index(listing)].push_back({taker, price, quantity});
}

void TakenLiquidity::shown(ListingId listing, const OrderBook& book)
{
    std::vector<Entry>& entries = taken_[index(listing)];
    for (Entry& entry : entries) {
        const Quantity now = entry.taker == Side::buy ? book.asks().quantity_at(entry.price)
                                                      : book.bids().quantity_at(entry.price);
        entry.quantity = std::min(entry.quantity, now);
    }
    std::erase_if(entries, [](const Entry& entry) { return entry.quantity.zero(); });
}

Quantity TakenLiquidity::at(ListingId listing, Side taker, Price price) const
{
    for (const Entry& entry : taken_[index(listing)]) {
        if (entry.taker == taker && entry.price == price) return entry.quantity;
    }
    return {};
}

bool DepthWalk::next(Level& level)
{
    const std::size_t size = taker_ == Side::buy ? book_.asks().size() : book_.bids().size();
    while (rank_ < size) {
        level = taker_ == Side::buy ? book_.asks().at_rank(rank_) : book_.bids().at_rank(rank_);
        ++rank_;
        if (taken_ == nullptr) return true;
        level.quantity = level.quantity - taken_->at(listing_, taker_, level.price);
        if (level.quantity.units > 0) return true;
    }
    return false;
}

}  // namespace arb
