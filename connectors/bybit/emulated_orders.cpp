#include "connectors/bybit/emulated_orders.hpp"

#include <fmt/format.h>

#include "connectors/bybit/emulated_parts.hpp"

namespace arb::bybit {
namespace {

// "Batch Place Order": so many in one request. "Rate Limit": so many in a second, counted apart.
constexpr std::size_t kSpotMost = 10;
constexpr int kSpotRate = 20, kContractsRate = 10;

struct RefusalRow {
    PlaceError error;
    int linear, spot;
    const char *text, *spot_text = nullptr;  ///< one of its own
};
// A sale whose price is too far away has the number after the purchase's.
constexpr RefusalRow kRefusals[] = {
    {PlaceError::unknown_listing, 110074, 170151, "This contract is not live",
     "The trading pair is not open yet."},
    {PlaceError::halted, 110074, 170151, "This contract is not live", "The trading pair is not open yet."},
    {PlaceError::cancel_only, 110074, 170151, "This contract is not live",
     "The trading pair is not open yet."},
    {PlaceError::bad_price, 10001, 170134, "Order price is off the tick size."},
    {PlaceError::price_limit, 110121, 170193, "The order price exceeds the allowable range."},
    {PlaceError::bad_quantity, 10001, 170137, "Order quantity is off the quantity step."},
    {PlaceError::quantity_min, 10001, 170136, "The number of contracts exceeds minimum limit allowed",
     "Order quantity exceeded lower limit."},
    {PlaceError::notional_min, 110094, 170140, "Order does not meet minimum order value."},
    {PlaceError::balance, 110007, 170131, "Balance insufficient."},
    {PlaceError::duplicate_id, 110072, 170141, "OrderLinkedID is duplicate"},
    {PlaceError::too_many_orders, 110020, 170810, "You can't have more than 500 active orders."},
    {PlaceError::reduce_only, 110017, 110017, "Reduce-only rule not satisfied"},
};

}  // namespace

EmulatedOrders::EmulatedOrders(EmulatedParts& parts) : EmulatedPart(parts), forms_(parts) {}

Answer EmulatedOrders::place_error(PlaceError error, Side side) const
{
    const RefusalRow* const row = find_row(kRefusals, &RefusalRow::error, error);
    if (row == nullptr) return {};
    if (!dialect_.spot()) return refuse(row->linear, row->text);
    const bool too_low = error == PlaceError::price_limit && side == Side::sell;
    return refuse(row->spot + (too_low ? 1 : 0), row->spot_text != nullptr ? row->spot_text : row->text);
}

Answer EmulatedOrders::create(const EmulatedCall& call)
{
    Answer answer = dialect_.check_category(call);
    if (answer.code != 0) return answer;
    PlaceOrder order;
    AskedTerms asked;
    answer = forms_.read_order(call, parts_.positions.hedged(call.account()), order, asked);
    if (answer.code != 0) return answer;
    // Client ids are never used again, whatever became of the order.
    if (!order.client_id.empty() && exchange_.find_client(order.account, order.client_id) != nullptr)
        return place_error(PlaceError::duplicate_id, order.side);
    const PlaceResult result = exchange_.place(order, call.now);
    // What the matching ends at once (post-only, fill-or-kill, own orders) was taken all the same: the reply
    // is an acknowledgement, the order stream tells the end.
    if (result.id == 0) return place_error(result.error, order.side);
    parts_.notes.keep(result.id, std::move(asked));
    return good(fmt::format(R"({{"orderId":"{}","orderLinkId":{}}})", dialect_.order_id(result.id),
                            json_text(order.client_id)));
}

Answer EmulatedOrders::find_open(const EmulatedCall& call, const EmulatedOrder*& order) const
{
    const Answer wrong = dialect_.check_category(call);
    if (wrong.code != 0) return wrong;
    if (dialect_.find_listing(call.get("symbol")) == nullptr)
        return refuse(dialect_.code(10001, 170121), "params error: symbol invalid");
    if (!call.names_order()) return refuse(10001, "params error: OrderId or orderLinkId is required");
    order = parts_.notes.find(call);
    if (order == nullptr) return refuse(dialect_.code(110001, 170213), "Order does not exist.");
    if (order->state == EmulatedState::open) return {};
    const bool filled = order->state == EmulatedState::filled;
    return refuse(dialect_.code(110001, filled ? 170139 : 170142),
                  "order not exists or too late to replace or cancel");
}

Answer EmulatedOrders::amend(const EmulatedCall& call)
{
    const EmulatedOrder* order = nullptr;
    Answer answer = find_open(call, order);
    if (answer.code != 0) return answer;
    Price price;
    Quantity quantity;
    answer = forms_.read_amend(call, *order, price, quantity);
    if (answer.code != 0) return answer;
    const std::uint64_t id = order->id;
    const Side side = order->side;
    answer = good(dialect_.order_names(*order));
    const PlaceError error = exchange_.amend(call.account(), id, price, quantity, call.now);
    if (error == PlaceError::none) return answer;
    if (error != PlaceError::would_take) return place_error(error, side);
    // The reply is an acknowledgement: that a post-only order may not take is found out behind it, and ends
    // the order.
    parts_.notes.end_taker(id);
    (void)exchange_.cancel(call.account(), id, call.now);
    return answer;
}

Answer EmulatedOrders::cancel(const EmulatedCall& call)
{
    const EmulatedOrder* order = nullptr;
    const Answer wrong = find_open(call, order);
    if (wrong.code != 0) return wrong;
    const std::string reply = dialect_.order_names(*order);
    (void)exchange_.cancel(call.account(), order->id, call.now);
    return good(reply);
}

Answer EmulatedOrders::cancel_all(const EmulatedCall& call)
{
    const Answer wrong = dialect_.check_scope(call);
    if (wrong.code != 0) return wrong;
    const std::string_view symbol = call.get("symbol");
    if (!symbol.empty() && dialect_.find_listing(symbol) == nullptr)
        return refuse(dialect_.code(10001, 170121), "params error: symbol invalid");
    const auto cancel_one = [&](const EmulatedOrder& order) -> std::string {
        if (!dialect_.wanted(call, order.listing)) return {};
        std::string names = dialect_.order_names(order);
        (void)exchange_.cancel(call.account(), order.id, call.now);
        return names;
    };
    return good(fmt::format(R"({{"list":[{}]{}}})",
                            json_list(exchange_.orders(call.account(), kNoListing, true), cancel_one),
                            dialect_.spot() ? R"(,"success":"1")" : ""));
}

Answer EmulatedOrders::batch(const EmulatedCall& call, Handler each, std::string_view verb)
{
    const Answer wrong = dialect_.check_category(call);
    if (wrong.code != 0) return wrong;
    if (call.batch.empty()) return refuse(10001, "params error: request is invalid");
    if (call.batch.size() > (dialect_.spot() ? kSpotMost : kBatchMost))
        return refuse(10001, "params error: The number of orders in a batch exceeds the limit");
    std::string list, codes;
    for (const Params& entry : call.batch) {
        EmulatedCall one;
        one.params = {{"category", setup_.market}};
        one.params.insert(one.params.end(), entry.begin(), entry.end());
        one.key = call.key;
        one.now = call.now;
        one.limit = call.limit;
        Answer answer = parts_.identity.count(one, fmt::format("{}-batch", verb),
                                              dialect_.spot() ? kSpotRate : kContractsRate);
        if (answer.code == 0) answer = (this->*each)(one);
        const bool taken = answer.code == 0;
        // A taken one is named as the answer to a single one names it.
        const std::string names =
            taken ? answer.result.substr(1, answer.result.size() - 2)
                  : fmt::format(R"("orderId":"","orderLinkId":{})", json_text(one.get("orderLinkId")));
        const std::string made =
            verb != "create" ? ""
                             : fmt::format(R"(,"createAt":"{}")",
                                           taken ? fmt::format("{}", ms_of(call.now)) : std::string());
        list += fmt::format(R"({}{{"category":"{}","symbol":{},{}{}}})", list.empty() ? "" : ",",
                            setup_.market, json_text(one.get("symbol")), names, made);
        codes += fmt::format(R"({}{{"code":{},"msg":{}}})", codes.empty() ? "" : ",", answer.code,
                             json_text(answer.text));
    }
    Answer all = good(fmt::format(R"({{"list":[{}]}})", list));
    all.extra = fmt::format(R"({{"list":[{}]}})", codes);
    return all;
}

Answer EmulatedOrders::create_batch(const EmulatedCall& call)
{
    return batch(call, &EmulatedOrders::create, "create");
}

Answer EmulatedOrders::amend_batch(const EmulatedCall& call)
{
    return batch(call, &EmulatedOrders::amend, "amend");
}

Answer EmulatedOrders::cancel_batch(const EmulatedCall& call)
{
    return batch(call, &EmulatedOrders::cancel, "cancel");
}

}  // namespace arb::bybit
