// The emulated Bybit: other terms for orders that rest.
#include <array>

#include <fmt/format.h>

#include "connectors/bybit/emulated_core.hpp"

namespace arb::bybit {
namespace {

// Of options, of triggers, and of the orders that take profit or stop a loss: none of them is here.
constexpr std::array<std::string_view, 10> kTermsNotHere{
    "orderIv",     "triggerPrice", "triggerBy",   "tpslMode",     "takeProfit",
    "tpTriggerBy", "stopLoss",     "slTriggerBy", "tpLimitPrice", "slLimitPrice"};

}  // namespace

// "Amend Order": what is left out stays as it is; the quantity is that of the whole order.
Answer EmulatedBybit::read_amend(const Call& call, const EmulatedOrder& order, Price& price,
                                 Quantity& quantity) const
{
    for (const std::string_view name : kTermsNotHere) {
        if (!call.get(name).empty()) return refuse(10001, fmt::format("params error: {} invalid", name));
    }
    const Listing& listing = setup_.table->listing(order.listing);
    price = order.price;
    quantity = order.quantity;
    Answer answer;
    if (!call.get("price").empty()) answer = read_price(call, listing, price);
    if (answer.code == 0 && !call.get("qty").empty()) {
        Decimal size;
        answer = read_size(call, size);
        if (answer.code == 0) answer = fit_quantity(size, listing, quantity);
    }
    if (answer.code != 0) return answer;
    if (price == order.price && quantity == order.quantity) {
        return refuse(10001,
                      "The order remains unchanged as the parameters entered match the existing ones.");
    }
    if (quantity <= order.filled) {
        return refuse(code(110064, 170313),
                      "The number of contracts modified cannot be less than or equal to the filled quantity");
    }
    return answer;
}

Answer EmulatedBybit::amend(const Call& call)
{
    const EmulatedOrder* order = nullptr;
    Answer answer = find_open(call, order);
    if (answer.code != 0) return answer;
    Price price;
    Quantity quantity;
    answer = read_amend(call, *order, price, quantity);
    if (answer.code != 0) return answer;
    const std::uint64_t id = order->id;
    const Side side = order->side;
    answer = good(order_names(*order));
    const PlaceError error = setup_.exchange->amend(call.account(), id, price, quantity, call.now);
    if (error == PlaceError::none) return answer;
    if (error != PlaceError::would_take) return place_error(error, side);
    // The reply is an acknowledgement: that a post-only order may not take is found out behind it, and ends
    // the order.
    asked_[id].would_take = true;
    (void)setup_.exchange->cancel(call.account(), id, call.now);
    return answer;
}

}  // namespace arb::bybit
