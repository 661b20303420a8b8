#include "connectors/binance/emulated_orders.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_parts.hpp"

namespace arb::binance {
namespace {

constexpr std::uint32_t kAmendsMost = 9'999;  // "less than 10000 times"

}  // namespace

std::string EmulatedOrders::order_commission(ListingId listing) const
{
    const std::string maker = dialect_.format_rate(exchange_.maker_fee(listing));
    const std::string taker = dialect_.format_rate(exchange_.taker_fee(listing));
    const std::string_view none = R"({"maker":"0.00000000","taker":"0.00000000"})";
    return fmt::format(R"({{"standardCommissionForOrder":{{"maker":"{}","taker":"{}"}},)"
                       R"("specialCommissionForOrder":{},"taxCommissionForOrder":{},"discount":)"
                       R"({{"enabledForAccount":false,"enabledForSymbol":false,"discountAsset":"BNB",)"
                       R"("discount":"0.75000000"}}}})",
                       maker, taker, none, none);
}

Answer EmulatedOrders::test_order(const Call& call) const
{
    OrderEntry entry;
    const Answer answer = parts_.reader.read_order(call, entry);
    if (answer.code != 0 || !dialect_.spot() || call.get("computeCommissionRates") != "true")
        return answer.code != 0 ? answer : good("{}");
    return good(order_commission(entry.order.listing));
}

Answer EmulatedOrders::place(const Call& call)
{
    OrderEntry entry;
    if (Answer answer = parts_.reader.read_order(call, entry); answer.code != 0) return answer;
    if (Answer answer = parts_.limits.count_order(call.key->account, call.now); answer.code != 0)
        return answer;
    return enter(call, entry);
}

// Hands a readable order that was counted to the matching.
Answer EmulatedOrders::enter(const Call& call, OrderEntry& entry)
{
    PlaceOrder& order = entry.order;
    if (entry.market) {
        if (Answer answer = parts_.reader.price_market(entry); answer.code != 0) return answer;
    }
    if (order.client_id.empty()) order.client_id = fmt::format("x-emulated-{}", parts_.invented.next());
    const PlaceResult result = exchange_.place(order, call.now);
    // On spot an order that expires or is stopped by self-trade prevention was taken all the same.
    const bool taken = result.error == PlaceError::none || result.error == PlaceError::self_trade ||
                       (result.error == PlaceError::unfilled && dialect_.spot());
    if (!taken) {
        if (result.id != 0) parts_.notes.hide(result.id);
        return dialect_.place_error(result.error, order.side);
    }
    if (entry.market) parts_.notes.set_market(result.id, entry.spend.value_or(Amount{}));
    if (order.self_trade == SelfTrade::none)
        parts_.notes.set_prevention(result.id, "NONE");
    else if (order.self_trade != SelfTrade::cancel_maker)
        parts_.notes.set_prevention(result.id, call.get("selfTradePreventionMode"));
    if (parts_.positions.hedged(order.account))
        parts_.notes.set_position_side(result.id, call.get("positionSide"));
    const EmulatedOrder* const placed = exchange_.find(order.account, result.id);
    if (placed == nullptr) return dialect_.place_error(PlaceError::none, order.side);
    return good(parts_.texts.order_reply(*placed, entry.response, call.now));
}

Answer EmulatedOrders::cancel(const Call& call)
{
    Answer refusal;
    const EmulatedOrder* const order = parts_.reader.find_order(call, refusal);
    return refusal.code != 0 ? refusal : cancel_found(call, order, call.get("newClientOrderId"));
}

// `order` may be none.
Answer EmulatedOrders::cancel_found(const Call& call, const EmulatedOrder* order, std::string_view cancel_id)
{
    const std::string_view only = call.get("cancelRestrictions");
    if (order != nullptr && ((only == "ONLY_NEW" && !order->filled.zero()) ||
                             (only == "ONLY_PARTIALLY_FILLED" && order->filled.zero())))
        return refuse(-2011, "Order was not canceled due to cancel restrictions.");
    if (order != nullptr) order = exchange_.cancel(call.key->account, order->id, call.now);
    if (order == nullptr) return refuse(-2011, "Unknown order sent.");
    const std::string id = cancel_id.empty() ? cancel_name() : std::string(cancel_id);
    return good(parts_.texts.cancel_reply(*order, id, call.now));
}

std::string EmulatedOrders::cancel_name()
{
    return fmt::format("emulatedCancel{}", parts_.invented.next());
}

Answer EmulatedOrders::cancel_all(const Call& call)
{
    ListingId listing = kNoListing;
    if (Answer answer = dialect_.find_listing(call, listing, true); answer.code != 0) return answer;
    std::string list = "[";
    for (const EmulatedOrder* open : exchange_.orders(call.key->account, listing, true)) {
        const EmulatedOrder* const order = exchange_.cancel(call.key->account, open->id, call.now);
        if (order == nullptr) continue;
        if (list.size() > 1) list += ',';
        list += parts_.texts.cancel_reply(*order, cancel_name(), call.now);
    }
    if (!dialect_.spot())
        return good(R"({"code":200,"msg":"The operation of cancel all open order is done."})");
    if (list.size() == 1) return refuse(-2011, "Unknown order sent.");
    return good(list + "]");
}

Answer EmulatedOrders::replace(const Call& call)
{
    const std::string_view mode = call.get("cancelReplaceMode");
    if (mode != "STOP_ON_FAILURE" && mode != "ALLOW_FAILURE") return missing("cancelReplaceMode");
    const std::string_view exceeded = call.get("orderRateLimitExceededMode");
    if (!exceeded.empty() && exceeded != "DO_NOTHING" && exceeded != "CANCEL_ONLY")
        return missing("orderRateLimitExceededMode");
    OrderEntry entry;
    if (Answer answer = parts_.reader.read_order(call, entry); answer.code != 0) return answer;
    if (Answer answer = parts_.reader.judge_filters(entry); answer.code != 0) return answer;
    const Answer counted = parts_.limits.count_order(call.key->account, call.now);
    if (counted.code != 0 && exceeded != "CANCEL_ONLY") return counted;

    Answer cancelled;
    const EmulatedOrder* const order =
        parts_.reader.find_order(call, cancelled, "cancelOrderId", "cancelOrigClientOrderId");
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

Answer EmulatedOrders::countdown(const Call& call)
{
    ListingId id = kNoListing;
    if (Answer answer = dialect_.find_listing(call, id, true); answer.code != 0) return answer;
    const std::int64_t length = whole_of(call.get("countdownTime"), -1);
    if (length < 0 || length > 1'000'000'000'000) return missing("countdownTime");
    exchange_.set_dead_man(call.key->account, id,
                           length == 0 ? Timestamp{} : call.now + milliseconds(length));
    return good(fmt::format(R"({{"symbol":{},"countdownTime":"{}"}})", dialect_.symbol_text(id), length));
}

Answer EmulatedOrders::amend_error(PlaceError error, Side side) const
{
    if (error == PlaceError::unknown_listing) return refuse(-2013, "Order does not exist.");
    if (error == PlaceError::halted || error == PlaceError::cancel_only)
        return refuse(-5024, "Symbol is not in trading status. Order amendment is not permitted.");
    if (error == PlaceError::notional_min) return refuse(-5029, "Order's notional must be no smaller than 5");
    return dialect_.place_error(error, side);
}

bool EmulatedOrders::meets_own(const EmulatedOrder& order, Price price) const
{
    const auto open = exchange_.orders(order.account, order.listing, true);
    return std::any_of(open.begin(), open.end(), [&](const EmulatedOrder* other) {
        return other->side != order.side &&
               (order.side == Side::buy ? other->price <= price : other->price >= price);
    });
}

Answer EmulatedOrders::amend(const Call& call)
{
    Answer answer;
    PlaceOrder wish;
    (void)parts_.reader.find_order(call, answer);
    if (answer.code == 0) answer = parts_.reader.read_amend(call, wish);
    if (answer.code == 0) answer = parts_.limits.count_order(call.key->account, call.now);
    return answer.code != 0 ? answer : amend_counted(call);
}

Answer EmulatedOrders::amend_counted(const Call& call)
{
    Answer answer;
    const EmulatedOrder* order = parts_.reader.find_order(call, answer);
    if (answer.code != 0) return answer;
    PlaceOrder wish;
    if (answer = parts_.reader.read_amend(call, wish); answer.code != 0) return answer;
    const AccountId account = call.key->account;
    if (order == nullptr || order->state != EmulatedState::open)
        return amend_error(PlaceError::unknown_listing, wish.side);
    if (wish.side != order->side) return refuse(-1117, "Invalid side.");
    if (order->amends >= kAmendsMost) return refuse(-5026, "Exceed maximum modify order limit.");
    if (wish.price == order->price && wish.quantity == order->quantity)
        return refuse(-5027, "No need to modify the order.");
    const std::uint64_t id = order->id;
    if (wish.quantity <= order->filled) {
        order = exchange_.cancel(account, id, call.now);
        return order == nullptr ? amend_error(PlaceError::unknown_listing, wish.side)
                                : good(parts_.texts.order_reply(*order, "RESULT", call.now));
    }
    const bool posted = order->time_in_force == TimeInForce::post_only;
    const bool own = meets_own(*order, wish.price);
    // An amended order has no self-trade prevention any more: the two would trade, which is not emulated.
    if (own && !posted) return refuse(-1020, "This operation is not supported.");
    const PlaceError error =
        own ? PlaceError::would_take : exchange_.amend(account, id, wish.price, wish.quantity, call.now);
    if (error == PlaceError::would_take) (void)exchange_.cancel(account, id, call.now);
    if (error != PlaceError::none) return amend_error(error, wish.side);
    parts_.notes.set_prevention(id, "NONE");
    parts_.notes.set_mark(id, call.get("modifyId"));
    order = exchange_.find(account, id);
    if (order == nullptr) return amend_error(PlaceError::none, wish.side);
    std::string body = parts_.texts.order_reply(*order, "RESULT", call.now);
    const std::string_view mark = parts_.notes.mark(id);
    if (!mark.empty()) body.insert(body.size() - 1, fmt::format(R"(,"modifyId":{})", mark));
    return good(std::move(body));
}

}  // namespace arb::binance
