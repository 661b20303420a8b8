#include "engine/trading/trade_memory.hpp"

#include "engine/base/hash.hpp"

namespace arb {

std::uint64_t TradeMemory::key(const VenueKey& venue, std::string_view symbol, const FillReport& fill)
{
    Hash hash;
    hash.add(key_without_side(venue, symbol, fill));
    hash.add(static_cast<std::uint64_t>(fill.order));
    hash.add(fill.side == Side::buy ? 0 : 1);
    return hash.value() == 0 ? 1 : hash.value();
}

std::uint64_t TradeMemory::key_without_side(const VenueKey& venue, std::string_view symbol,
                                            const FillReport& fill)
{
    Hash hash;
    hash.add_text(venue.exchange);
    hash.add_text(venue.market);
    hash.add_text(symbol);
    hash.add_text(fill.trade_id);
    return hash.value() == 0 ? 1 : hash.value();
}

std::size_t TradeMemory::place_of(std::uint64_t key) const
{
    std::size_t i = key % table_.size();
    while (table_[i].key != 0 && table_[i].key != key) i = (i + 1) % table_.size();
    return i;
}

bool TradeMemory::contradicts(std::uint64_t key, Quantity quantity) const
{
    const Slot& slot = table_[place_of(key)];
    return slot.key != 0 && !slot.quantity.zero() && slot.quantity != quantity;
}

bool TradeMemory::remember(std::uint64_t key, Quantity quantity)
{
    if (knows(key)) return false;
    std::uint64_t& oldest = ring_[at_++ % ring_.size()];
    if (oldest != 0) forget(oldest);
    oldest = key;
    table_[place_of(key)] = {key, quantity};
    return true;
}

// What follows is shifted back into the hole: no tombstones, so searches stay short.
void TradeMemory::forget(std::uint64_t key)
{
    const std::size_t size = table_.size();
    std::size_t hole = place_of(key);
    for (std::size_t i = (hole + 1) % size; table_[i].key != 0; i = (i + 1) % size) {
        const std::size_t home = table_[i].key % size;
        const bool movable = hole <= i ? home <= hole || home > i : home <= hole && home > i;
        if (!movable) continue;
        table_[hole] = table_[i];
        hole = i;
    }
    table_[hole] = {};
}

}  // namespace arb
