// The venue's unusual ways, which a client must bear: good tokens refused at random, orders that wait before
// they are open, lists that want a proof token, the digits of doubles, products that only look tradable.
// Drawn from the seed, so that a test sees them again. Without `manners` none of this happens.
#include <fmt/format.h>

#include "connectors/coinbase/emulated_core.hpp"

namespace arb::coinbase {
namespace {

constexpr Duration kPendingFor = milliseconds(150);
constexpr Duration kQueuedFor = milliseconds(600);
constexpr Duration kEditedFor = milliseconds(150);

}  // namespace

// European accounts are asked for a second factor now and then; until then nothing is told.
std::string_view EmulatedCoinbase::proof_wanted()
{
    return manners_.strikes(25) ? "true" : "false";
}

// What lists say of an order: an edit by a person may be under way.
std::string_view EmulatedCoinbase::listed_word(const EmulatedOrder& order)
{
    const std::string_view word = status_word(order);
    return word == "OPEN" && manners_.strikes(12) ? "EDIT_QUEUED" : word;
}

// A resting order is PENDING first, some are QUEUED for longer, and one that was amended EDIT_QUEUED; an
// order that takes is over by then.
void EmulatedCoinbase::settle_in(const EmulatedOrder& order, Timestamp now)
{
    const bool open = order.state == EmulatedState::open;
    const bool amended = note_amend(order, now) && open;
    const bool fresh = open && order.filled.zero() && order.created == order.updated && order.amends == 0;
    if (!fresh) settling_.erase(order.id);
    if (!setup_.manners || settling_.count(order.id) != 0) return;
    const bool queued = order.id % 3 == 0;
    if (amended)
        settling_[order.id] = {order.account, "EDIT_QUEUED", now + kEditedFor};
    else if (fresh)
        settling_[order.id] = {order.account, queued ? "QUEUED" : "PENDING",
                               now + (queued ? kQueuedFor : kPendingFor)};
}

void EmulatedCoinbase::settle_due(Timestamp now, SessionOutbox& out)
{
    for (auto at = settling_.begin(); at != settling_.end();) {
        const auto [id, settling] = *at;
        const EmulatedOrder* const order = setup_.exchange->find(settling.account, id);
        const bool over = order == nullptr || order->state != EmulatedState::open;
        if (!over && now < settling.until) {
            ++at;
            continue;
        }
        at = settling_.erase(at);
        if (!over) tell_order(*order, now, out);
    }
}

// Listed beside what is traded here: a product so new that orders may only rest.
std::string EmulatedCoinbase::shop_window() const
{
    ListingDefinition d;
    d.symbol = "DAWN-USD";
    d.base = "DAWN";
    d.quote = "USD";
    d.tick = Decimal(1, 4);
    d.lot = Decimal(1, 0);
    // A minimum need not be a whole number of steps.
    d.quantity_min = *Decimal::parse("26.7187147229469674");
    d.notional_min = Decimal(1, 0);
    return product_json(d, false, true);
}

}  // namespace arb::coinbase
