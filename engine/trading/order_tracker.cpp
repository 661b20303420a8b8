#include "engine/trading/order_tracker.hpp"

#include <algorithm>

namespace arb {

bool OrderTracker::apply(const OrderEvent& event)
{
    if (event.order != id_) return false;
    switch (event.kind) {
        case OrderEventKind::accepted:
        case OrderEventKind::amended:
        case OrderEventKind::amend_failed:
            return false;
        case OrderEventKind::done:
            terminal_ = true;
            return false;
        case OrderEventKind::rejected:
            terminal_ = true;
            rejected_ = true;
            // A repeated rejection may carry another reason: the largest makes the order of arrival
            // irrelevant.
            reason_ = std::max(reason_, event.reason);
            return false;
        case OrderEventKind::fill:
            break;
    }
    const auto end = trades_.begin() + static_cast<std::ptrdiff_t>(std::min(trade_count_, kFillsKept));
    if (std::find(trades_.begin(), end, event.fill.trade_id) != end) return false;
    trades_[trade_count_++ % kFillsKept] = event.fill.trade_id;
    filled_ = filled_ + event.fill.quantity;
    notional_ += event.fill.notional;
    fees_ += event.fill.fee;
    return true;
}

}  // namespace arb
