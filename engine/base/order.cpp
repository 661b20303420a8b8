#include "engine/base/order.hpp"

namespace arb {

const char* name(RejectReason reason)
{
    switch (reason) {
        case RejectReason::none:
            return "none";
        case RejectReason::tick:
            return "tick";
        case RejectReason::lot:
            return "lot";
        case RejectReason::notional_minimum:
            return "notional_minimum";
        case RejectReason::balance:
            return "balance";
        case RejectReason::would_take:
            return "would_take";
        case RejectReason::no_market:
            return "no_market";
        case RejectReason::unfilled:
            return "unfilled";
        case RejectReason::price_limit:
            return "price_limit";
        case RejectReason::rate_limited:
            return "rate_limited";
        case RejectReason::permission:
            return "permission";
        case RejectReason::clock:
            return "clock";
        case RejectReason::duplicate:
            return "duplicate";
        case RejectReason::self_trade:
            return "self_trade";
        case RejectReason::too_many:
            return "too_many";
        case RejectReason::other:
            return "other";
        case RejectReason::count_:
            break;
    }
    return "?";
}

}  // namespace arb
