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
        case RejectReason::count_:
            break;
    }
    return "?";
}

}  // namespace arb
