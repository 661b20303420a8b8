#include "engine/base/market_data.hpp"

namespace arb {

const char* name(UndecodedReason reason)
{
    switch (reason) {
        case UndecodedReason::malformed:
            return "malformed";
        case UndecodedReason::missing_field:
            return "missing_field";
        case UndecodedReason::wrong_type:
            return "wrong_type";
        case UndecodedReason::bad_number:
            return "bad_number";
        case UndecodedReason::too_precise:
            return "too_precise";
        case UndecodedReason::bad_price:
            return "bad_price";
        case UndecodedReason::bad_quantity:
            return "bad_quantity";
        case UndecodedReason::unknown_instrument:
            return "unknown_instrument";
        case UndecodedReason::unknown_message:
            return "unknown_message";
        case UndecodedReason::too_many_levels:
            return "too_many_levels";
        case UndecodedReason::venue_error:
            return "venue_error";
        case UndecodedReason::count_:
            break;
    }
    return "?";
}

}  // namespace arb
