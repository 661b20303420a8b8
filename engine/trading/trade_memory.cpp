#include "engine/trading/trade_memory.hpp"

#include <algorithm>

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

const TradeMemory::Trade* TradeMemory::find(std::uint64_t key) const
{
    for (std::size_t i = key % table_.size(); table_[i] != 0; i = (i + 1) % table_.size()) {
        const Trade& trade = ring_[table_[i] - 1];
        if (trade.key == key) return &trade;
    }
    return nullptr;
}

bool TradeMemory::contradicts(std::uint64_t key, Quantity quantity) const
{
    const Trade* const trade = find(key);
    return trade != nullptr && !trade->quantity.zero() && trade->quantity != quantity;
}

void TradeMemory::raise_floor(VenueId venue, Timestamp floor)
{
    Timestamp& known = floors_[index(venue)];
    known = std::max(known, floor);
}

// Others of that very instant may still be known: the one that is not must not count again either.
void TradeMemory::raise(const Trade& forgotten)
{
    const Timestamp floor{forgotten.time.ns + 1};
    if (forgotten.venue != kNoVenue) {
        raise_floor(forgotten.venue, floor);
        return;
    }
    for (Timestamp& known : floors_) known = std::max(known, floor);
}

void TradeMemory::put(const Trade& trade)
{
    const std::size_t place = at_++ % ring_.size();
    ring_[place] = trade;
    std::size_t i = trade.key % table_.size();
    while (table_[i] != 0) i = (i + 1) % table_.size();
    table_[i] = static_cast<std::uint32_t>(place + 1);
}

// What follows is shifted back into the hole: no tombstones, so searches stay short.
void TradeMemory::forget(std::uint64_t key)
{
    const std::size_t size = table_.size();
    std::size_t hole = key % size;
    while (ring_[table_[hole] - 1].key != key) hole = (hole + 1) % size;
    ring_[table_[hole] - 1].key = 0;
    for (std::size_t i = (hole + 1) % size; table_[i] != 0; i = (i + 1) % size) {
        const std::size_t at = home(table_[i]);
        const bool movable = hole <= i ? at <= hole || at > i : at <= hole && at > i;
        if (!movable) continue;
        table_[hole] = table_[i];
        hole = i;
    }
    table_[hole] = {};
}

}  // namespace arb
