// Cancel-replace at the emulated spot market: one order goes, another comes, and both outcomes are told.
#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"

namespace arb::binance {

// What the venue judges before it cancels anything; the matching judges it again, and the rest of it.
Answer EmulatedBinance::judge_filters(const Entry& entry) const
{
    const PlaceOrder& order = entry.order;
    const Listing& listing = setup_.table->listing(order.listing);
    PlaceError error = PlaceError::none;
    if (!entry.spend && order.quantity.units % listing.lot.units != 0) error = PlaceError::bad_quantity;
    if (!entry.spend && order.quantity < listing.quantity_min) error = PlaceError::quantity_min;
    if (!entry.market && (order.price.units <= 0 || order.price.units % listing.tick.units != 0))
        error = PlaceError::bad_price;
    if (error == PlaceError::none && !entry.market) {
        const auto worth = setup_.table->instrument_of(order.listing).notional(order.price, order.quantity);
        if (!worth || *worth < listing.notional_min) error = PlaceError::notional_min;
    }
    return error == PlaceError::none ? good({}) : place_error(error, order.side);
}

Answer EmulatedBinance::replace(const Call& call)
{
    const std::string_view mode = call.get("cancelReplaceMode");
    if (mode != "STOP_ON_FAILURE" && mode != "ALLOW_FAILURE") return missing("cancelReplaceMode");
    const std::string_view exceeded = call.get("orderRateLimitExceededMode");
    if (!exceeded.empty() && exceeded != "DO_NOTHING" && exceeded != "CANCEL_ONLY")
        return missing("orderRateLimitExceededMode");
    Entry entry;
    if (Answer answer = read_order(call, entry); answer.code != 0) return answer;
    if (Answer answer = judge_filters(entry); answer.code != 0) return answer;
    const Answer counted = count_order(call.key->account, call.now);
    if (counted.code != 0 && exceeded != "CANCEL_ONLY") return counted;

    Answer cancelled;
    const EmulatedOrder* const order =
        find_order(call, cancelled, "cancelOrderId", "cancelOrigClientOrderId");
    if (cancelled.code != 0) return cancelled;
    cancelled = cancel_found(call, order, call.get("cancelNewClientOrderId"));
    Answer placed;
    const bool attempted = cancelled.code == 0 || mode == "ALLOW_FAILURE";
    if (attempted) placed = counted.code == 0 ? enter(call, entry) : counted;

    const auto word = [](const Answer& answer) { return answer.code == 0 ? "SUCCESS" : "FAILURE"; };
    const std::string data = fmt::format(
        R"({{"cancelResult":"{}","newOrderResult":"{}","cancelResponse":{},"newOrderResponse":{}}})",
        word(cancelled), attempted ? word(placed) : "NOT_ATTEMPTED", cancelled.body,
        attempted ? placed.body : "null");
    const bool came = attempted && placed.code == 0;
    if (cancelled.code == 0 && came) return good(data);
    Answer answer = cancelled.code == 0 || came ? refuse(-2021, "Order cancel-replace partially failed.", 409)
                                                : refuse(-2022, "Order cancel-replace failed.");
    answer.body.insert(answer.body.size() - 1, R"(,"data":)" + data);
    return answer;
}

}  // namespace arb::binance
