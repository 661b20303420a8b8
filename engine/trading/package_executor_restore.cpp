// How PackageExecutor takes up the packages of an earlier run, as its state log tells them.
#include <algorithm>

#include "engine/trading/package_executor.hpp"

namespace arb {

bool PackageExecutor::restore_end(PackageId package, bool flagged, Timestamp finished)
{
    Open* open = find(package);
    if (open == nullptr) return true;
    // It was given up with an order's outcome unknown: what the venue says of it today still counts.
    if (open->order_out()) return false;
    (void)keep_or_release(*open, open->ended(flagged, "", finished), finished);
    leave_residual(*open, flagged, finished);
    release(*open);
    return true;
}

void PackageExecutor::restore(const Package& package, std::span<const OrderId> orders)
{
    Open& open = take_slot(package, package.decided);
    for (std::size_t i = 0; i < package.count; ++i) open.legs[i].begin(orders[i], package.decided);
}

void PackageExecutor::restore_next_order(PackageId package, OrderId order, const OrderIntent& intent,
                                         Timestamp sent)
{
    Open* open = find(package);
    if (open == nullptr) return;
    for (std::size_t i = 0; i < open->package.count; ++i) {
        Leg& leg = open->package.legs[i];
        const bool same =
            leg.part == Part::rest && leg.intent.listing == intent.listing && leg.intent.side == intent.side;
        if (!same) continue;
        leg.intent = intent;
        open->legs[i].next(order, sent);
        return;
    }
}

void PackageExecutor::restore_unwind(PackageId package, OrderId order, const OrderIntent& intent,
                                     Timestamp sent)
{
    Open* open = find(package);
    if (open == nullptr) return;
    const auto free = std::find_if(open->closing.begin(), open->closing.end(),
                                   [](const ClosingState& closing) { return !closing.used; });
    ENSURE(free != open->closing.end(), "a package has a few unwinding orders out at most");
    for (std::size_t a = 0; a < open->asset_count; ++a) {
        const auto& members = open->assets[a].definition->members;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (members[i].listing != intent.listing) continue;
            free->used = true;
            free->tracker.begin(order);
            free->intent = intent;
            free->sent = sent;
            free->asset = static_cast<std::uint8_t>(a);
            free->hedge = open->hedges(a, intent.side);
            free->factor = members[i].quantity_factor;
            free->member = i;
            return;
        }
    }
}

}  // namespace arb
