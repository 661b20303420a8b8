#include "connectors/kraken/emulated_terms.hpp"

#include <algorithm>

namespace arb::kraken {

void EmulatedTerms::keep(std::uint64_t id, const OrderTerms& terms)
{
    if (terms.is_market || terms.userref) terms_[id] = terms;
}

const OrderTerms& EmulatedTerms::of(std::uint64_t id) const
{
    static const OrderTerms plain;
    const auto found = terms_.find(id);
    return found == terms_.end() ? plain : found->second;
}

std::vector<const EmulatedOrder*> EmulatedTerms::with_reference(AccountId account,
                                                                std::string_view userref) const
{
    std::vector<const EmulatedOrder*> found;
    const ScaledNumber number = parse_scaled(userref, 0);
    if (number.error != DecimalError::none) return found;
    for (const EmulatedOrder* order : exchange_.orders(account, kNoListing, true)) {
        if (of(order->id).userref == number.value) found.push_back(order);
    }
    return found;
}

bool EmulatedTerms::note(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now)
{
    if (order.state != EmulatedState::open) amended_.erase(order.id);
    if (order.state != EmulatedState::open || trade != nullptr || order.amends == 0) return false;
    Amended& amended = amended_[order.id];
    if (order.amends <= amended.times) return false;
    amended = {order.amends, now};
    return true;
}

Timestamp EmulatedTerms::begin_of(const EmulatedOrder& order) const
{
    const auto found = amended_.find(order.id);
    return found == amended_.end() ? order.created : std::max(order.created, found->second.last);
}

}  // namespace arb::kraken
