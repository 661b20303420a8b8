#include "engine/pipeline/announced_transfers.hpp"

#include <algorithm>
#include <bit>

namespace arb {

const AnnouncedTransfers::Transfer* AnnouncedTransfers::find(std::uint64_t number) const
{
    const auto found =
        std::find_if(open_.begin(), open_.end(), [&](const Transfer& t) { return t.number == number; });
    return found == open_.end() ? nullptr : &*found;
}

std::uint64_t AnnouncedTransfers::announce(Transfer transfer)
{
    transfer.number = ++last_;
    open_.push_back(std::move(transfer));
    return last_;
}

void AnnouncedTransfers::restore(const Transfer& transfer)
{
    last_ = std::max(last_, transfer.number);
    if (!transfer.left || !transfer.arrived) open_.push_back(transfer);
}

bool AnnouncedTransfers::see(std::uint64_t number, bool left)
{
    for (Transfer& transfer : open_) {
        if (transfer.number != number) continue;
        (left ? transfer.left : transfer.arrived) = true;
        if (transfer.left && transfer.arrived) drop(number);
        return true;
    }
    return false;
}

void AnnouncedTransfers::drop(std::uint64_t number)
{
    std::erase_if(open_, [&](const Transfer& transfer) { return transfer.number == number; });
}

std::vector<AnnouncedTransfers::Transfer> AnnouncedTransfers::lapsed(Timestamp now) const
{
    std::vector<Transfer> result;
    for (const Transfer& transfer : open_) {
        if (now - transfer.said >= kLife) result.push_back(transfer);
    }
    return result;
}

AnnouncedTransfers::Explanation AnnouncedTransfers::explain(VenueId venue, std::string_view asset,
                                                            Amount moved,
                                                            const std::function<bool(Amount)>& same) const
{
    const bool out = moved.units < 0;
    std::vector<const Transfer*> ends;
    for (const Transfer& transfer : open_) {
        const bool seen = out ? transfer.left : transfer.arrived;
        if (!seen && transfer.asset == asset && (out ? transfer.from : transfer.to) == venue)
            ends.push_back(&transfer);
    }
    // Several may have moved between two looks. Exact sums first, then the least cost, then few before many.
    std::uint32_t best = 0;
    Amount best_sum;
    bool best_same = false;
    for (std::uint32_t set = 1; set < 1U << std::min(ends.size(), kMost); ++set) {
        Amount sum;
        for (std::size_t i = 0; i < ends.size(); ++i) {
            if ((set >> i & 1U) != 0) sum += ends[i]->amount;
        }
        const bool exact = same(out ? -sum : sum);
        // A day's interest is no arrival, and what a theft left is none: at least half of it comes.
        if (!exact && (out || sum < moved || moved + moved < sum)) continue;
        const bool fewer = std::popcount(set) < std::popcount(best);
        if (best != 0 && best_same && !exact) continue;
        if (best == 0 || exact != best_same || sum < best_sum || (sum == best_sum && fewer)) {
            best = set;
            best_sum = sum;
            best_same = exact;
        }
    }
    Explanation result;
    for (std::size_t i = 0; i < ends.size(); ++i) {
        if ((best >> i & 1U) != 0)
            result.ends.push_back({ends[i]->number, out ? -ends[i]->amount : ends[i]->amount});
    }
    // The last one bears the cost: it is less than each of them, or that one would not be needed.
    if (best != 0 && !best_same) {
        result.cost = best_sum - moved;
        result.ends.back().amount -= result.cost;
    }
    return result;
}

}  // namespace arb
