#include "engine/trading/reservations.hpp"

#include "engine/base/ensure.hpp"

namespace arb {

std::size_t Reservations::place_of(OrderId id) const
{
    std::size_t place = home(id);
    while (used_[place] && entries_[place].id != id) place = (place + 1) % kPlaces;
    return place;
}

void Reservations::sum(const Entry& entry, bool adds)
{
    const Held& held = entry.held;
    std::vector<Amount>& side = entry.intent.side == Side::buy ? buys_ : sells_;
    side[held.base] += adds ? held.quantity : -held.quantity;
    money_[held.quote] += adds ? held.money : -held.money;
}

void Reservations::add(OrderId id, const OrderIntent& intent, const Held& held)
{
    ENSURE(!full(), "an order is refused before there is no room to reserve for it");
    const std::size_t place = place_of(id);
    ENSURE(!used_[place], "an order is reserved once");
    entries_[place] = {id, intent, intent.quantity, held};
    used_[place] = true;
    ++count_;
    sum(entries_[place], true);
}

Reservations::Entry* Reservations::find(OrderId id)
{
    const std::size_t place = place_of(id);
    return used_[place] ? &entries_[place] : nullptr;
}

const Reservations::Entry* Reservations::find(OrderId id) const
{
    const std::size_t place = place_of(id);
    return used_[place] ? &entries_[place] : nullptr;
}

void Reservations::change(Entry& entry, Quantity left, const Held& held)
{
    sum(entry, false);
    entry.left = left;
    entry.held = held;
    sum(entry, true);
}

void Reservations::remove(OrderId id)
{
    std::size_t hole = place_of(id);
    if (!used_[hole]) return;
    sum(entries_[hole], false);
    used_[hole] = false;
    --count_;
    // Whoever stood behind because of it moves up, so that every search still meets no hole on its way.
    for (std::size_t next = (hole + 1) % kPlaces; used_[next]; next = (next + 1) % kPlaces) {
        const std::size_t away = (next + kPlaces - home(entries_[next].id)) % kPlaces;
        const std::size_t gap = (next + kPlaces - hole) % kPlaces;
        if (away < gap) continue;
        entries_[hole] = entries_[next];
        used_[hole] = true;
        used_[next] = false;
        hole = next;
    }
}

}  // namespace arb
