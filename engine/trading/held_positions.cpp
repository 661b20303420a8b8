#include "engine/trading/held_positions.hpp"

#include <algorithm>

#include "engine/base/ensure.hpp"

namespace arb {

bool ListingChanges::add(ListingId listing, std::int64_t quantity)
{
    if (quantity == 0) return true;
    for (std::size_t i = 0; i < count_; ++i) {
        if (entries_[i].listing != listing) continue;
        entries_[i].quantity += quantity;
        return true;
    }
    if (count_ == kMost) return false;
    entries_[count_++] = {listing, quantity};
    return true;
}

void ListingChanges::take_out(std::int64_t quantity)
{
    for (std::size_t i = 0; i < count_ && quantity != 0; ++i) {
        std::int64_t& here = entries_[i].quantity;
        if ((here > 0) != (quantity > 0)) continue;
        const std::int64_t part = quantity > 0 ? std::min(here, quantity) : std::max(here, quantity);
        here -= part;
        quantity -= part;
    }
}

bool ListingChanges::empty() const
{
    return std::all_of(begin(), end(), [](const Entry& entry) { return entry.quantity == 0; });
}

std::int64_t ListingChanges::size() const
{
    std::int64_t bought = 0, sold = 0;
    for (const Entry& entry : *this) (entry.quantity > 0 ? bought : sold) += entry.quantity;
    return std::max(bought, -sold);
}

void HeldPositions::add(const HeldPosition& position)
{
    ENSURE(!full(), "packages that hold are refused while there is no room");
    positions_.push_back(position);
}

const HeldPosition* HeldPositions::find(PackageId package) const
{
    const auto found = std::find_if(positions_.begin(), positions_.end(),
                                    [&](const HeldPosition& held) { return held.package == package; });
    return found == positions_.end() ? nullptr : &*found;
}

Amount HeldPositions::release(PackageId package, const ListingChanges& changes)
{
    const auto found = std::find_if(positions_.begin(), positions_.end(),
                                    [&](const HeldPosition& held) { return held.package == package; });
    if (found == positions_.end()) return {};
    const std::int64_t before = found->changes.size();
    for (const ListingChanges::Entry& entry : changes)
        ENSURE(found->changes.add(entry.listing, entry.quantity), "a release trades at few listings");
    const std::int64_t after = found->changes.size();
    Amount share = found->cost;
    if (!found->changes.empty() && before > 0) {
        const Int128 gone = std::clamp<std::int64_t>(before - after, 0, before);
        // In parts, so that the product stays inside 128 bits.
        share = {found->cost.units / before * gone + found->cost.units % before * gone / before};
    }
    found->cost -= share;
    if (found->changes.empty()) positions_.erase(found);
    return share;
}

}  // namespace arb
