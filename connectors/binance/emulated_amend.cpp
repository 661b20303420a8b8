// Amending at the emulated USD-M ("Modify Order"): another price and quantity for an order that rests, under
// the ids that it has.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"

namespace arb::binance {
namespace {

constexpr std::uint32_t kAmendsMost = 9'999;  // "less than 10000 times"

}  // namespace

Answer EmulatedBinance::read_amend(const Call& call, PlaceOrder& wish) const
{
    if (Answer answer = find_listing(call, wish.listing, true); answer.code != 0) return answer;
    const std::string_view side = call.get("side");
    if (side.empty()) return missing("side");
    if (side != "BUY" && side != "SELL") return refuse(-1117, "Invalid side.");
    wish.side = side == "BUY" ? Side::buy : Side::sell;
    const std::string_view match = call.get("priceMatch");
    const bool matched = !match.empty() && match != "NONE";
    // A price is needed since 2026-06-30, and forbidden beside a price match.
    if (matched && !call.get("price").empty())
        return refuse(-1106, "Parameter 'price' sent when not required.");
    const std::string_view mark = call.get("modifyId");
    if (!std::all_of(mark.begin(), mark.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return missing("modifyId");
    return read_numbers(call, setup_.table->listing(wish.listing), wish);
}

Answer EmulatedBinance::amend_error(PlaceError error, Side side) const
{
    if (error == PlaceError::unknown_listing) return refuse(-2013, "Order does not exist.");
    if (error == PlaceError::halted || error == PlaceError::cancel_only)
        return refuse(-5024, "Symbol is not in trading status. Order amendment is not permitted.");
    if (error == PlaceError::notional_min) return refuse(-5029, "Order's notional must be no smaller than 5");
    return place_error(error, side);
}

bool EmulatedBinance::meets_own(const EmulatedOrder& order, Price price) const
{
    const auto open = setup_.exchange->orders(order.account, order.listing, true);
    return std::any_of(open.begin(), open.end(), [&](const EmulatedOrder* other) {
        return other->side != order.side &&
               (order.side == Side::buy ? other->price <= price : other->price >= price);
    });
}

Answer EmulatedBinance::amend(const Call& call)
{
    Answer answer;
    PlaceOrder wish;
    (void)find_order(call, answer);
    if (answer.code == 0) answer = read_amend(call, wish);
    if (answer.code == 0) answer = count_order(call.key->account, call.now);
    return answer.code != 0 ? answer : amend_counted(call);
}

Answer EmulatedBinance::amend_counted(const Call& call)
{
    Answer answer;
    const EmulatedOrder* order = find_order(call, answer);
    if (answer.code != 0) return answer;
    PlaceOrder wish;
    if (answer = read_amend(call, wish); answer.code != 0) return answer;
    const AccountId account = call.key->account;
    if (order == nullptr || order->state != EmulatedState::open)
        return amend_error(PlaceError::unknown_listing, wish.side);
    if (wish.side != order->side) return refuse(-1117, "Invalid side.");
    if (order->amends >= kAmendsMost) return refuse(-5026, "Exceed maximum modify order limit.");
    if (wish.price == order->price && wish.quantity == order->quantity)
        return refuse(-5027, "No need to modify the order.");
    const std::uint64_t id = order->id;
    if (wish.quantity <= order->filled) {
        order = setup_.exchange->cancel(account, id, call.now);
        return order == nullptr ? amend_error(PlaceError::unknown_listing, wish.side)
                                : good(order_reply(*order, "RESULT", call.now));
    }
    const bool posted = order->time_in_force == TimeInForce::post_only;
    const bool own = meets_own(*order, wish.price);
    // An amended order has no self-trade prevention any more: the two would trade, which is not emulated.
    if (own && !posted) return refuse(-1020, "This operation is not supported.");
    const PlaceError error = own ? PlaceError::would_take
                                 : setup_.exchange->amend(account, id, wish.price, wish.quantity, call.now);
    if (error == PlaceError::would_take) (void)setup_.exchange->cancel(account, id, call.now);
    if (error != PlaceError::none) return amend_error(error, wish.side);
    preventions_[id] = "NONE";
    amends_[id].mark = call.get("modifyId");
    order = setup_.exchange->find(account, id);
    if (order == nullptr) return amend_error(PlaceError::none, wish.side);
    std::string body = order_reply(*order, "RESULT", call.now);
    if (!amends_[id].mark.empty())
        body.insert(body.size() - 1, fmt::format(R"(,"modifyId":{})", amends_[id].mark));
    return good(std::move(body));
}

// The first word of an open order after its terms were changed tells that.
bool EmulatedBinance::tells_amend(const EmulatedOrder& order, const EmulatedTrade* trade)
{
    if (trade != nullptr || order.state != EmulatedState::open || order.amends == 0) return false;
    return std::exchange(amends_[order.id].told, order.amends) != order.amends;
}

}  // namespace arb::binance
