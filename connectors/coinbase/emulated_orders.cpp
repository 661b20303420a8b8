#include "connectors/coinbase/emulated_orders.hpp"

#include <fmt/format.h>

#include "connectors/coinbase/emulated_order_terms.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kBatchCancelsMax = 100;
constexpr std::size_t kClientIdMax = 128;
constexpr std::string_view kNoEditReason = "UNKNOWN_EDIT_ORDER_FAILURE_REASON";
constexpr std::string_view kNoPreviewReason = "UNKNOWN_PREVIEW_FAILURE_REASON";

std::string reasons_json(std::string_view edit, std::string_view preview)
{
    return fmt::format(R"({{"edit_failure_reason":"{}","preview_failure_reason":"{}"}})", edit, preview);
}

CoinbaseAnswer not_amended(std::string_view edit, std::string_view preview = kNoPreviewReason)
{
    return {200, R"({"success":false,"errors":[)" + reasons_json(edit, preview) + "]}"};
}

// What is left out is none.
ScaledNumber amend_number(dom::object object, std::string_view key, unsigned decimals)
{
    const std::string_view text = body_text(object, key);
    return parse_scaled(text.empty() ? std::string_view("0") : text, decimals);
}

}  // namespace

CoinbaseAnswer EmulatedOrders::placed(const EmulatedOrder& order) const
{
    return {200, fmt::format(R"({{"success":true,"success_response":{{"order_id":"{}","product_id":"{}",)"
                             R"("side":"{}","client_order_id":{}}},"order_configuration":{}}})",
                             order_id_text(order.id), setup_.table->listing(order.listing).symbol,
                             order.side == Side::buy ? "BUY" : "SELL", json_text(order.client_id),
                             notes_.configuration_json(order))};
}

CoinbaseAnswer EmulatedOrders::place(const EmulatedCall& call)
{
    dom::parser parser;
    JsonBody body;
    if (!call.read_body(parser, body)) return unreadable_body();
    PlaceOrder order;
    MarketTerms said;
    order.account = call.key->account;
    order.client_id = body_text(body, "client_order_id");
    if (order.client_id.empty() || order.client_id.size() > kClientIdMax)
        return failure(400, "INVALID_ARGUMENT", "client_order_id is required");
    if (CoinbaseAnswer answer = read_order(setup_, words_, body, order, said); !answer.body.empty())
        return answer;
    // A client id that was used before creates nothing and gives the order it belongs to.
    const EmulatedOrder* const before = setup_.exchange->find_client(order.account, order.client_id);
    if (before != nullptr && !notes_.is_hidden(before->id)) return placed(*before);
    const PlaceResult result = setup_.exchange->place(order, call.now);
    const EmulatedOrder* const taken =
        result.id == 0 ? nullptr : setup_.exchange->find(order.account, result.id);
    if (taken != nullptr && taken->state != EmulatedState::rejected) {
        if (said.market) notes_.keep_terms(result.id, std::move(said));
        return placed(*taken);
    }
    if (result.id != 0) notes_.hide(result.id);
    const RefusalWords words = words_of(result.error);
    return refused_order(words.error, words.preview, "The order was refused");
}

CoinbaseAnswer EmulatedOrders::cancel(const EmulatedCall& call)
{
    dom::parser parser;
    dom::array ids;
    if (parser.parse(call.request->body).at_key("order_ids").get_array().get(ids))
        return failure(400, "INVALID_ARGUMENT", "order_ids is required");
    if (ids.size() == 0 || ids.size() > kBatchCancelsMax)
        return failure(400, "INVALID_ARGUMENT", "between 1 and 100 order_ids");
    std::string results;
    std::set<std::string_view> seen;
    for (const auto element : ids) {
        std::string_view id;
        if (element.get_string().get(id)) return failure(400, "INVALID_ARGUMENT", "order_ids are strings");
        std::string_view why = "UNKNOWN_CANCEL_FAILURE_REASON";
        bool success = false;
        if (!seen.insert(id).second)
            why = "DUPLICATE_CANCEL_REQUEST";
        else if (setup_.exchange->cancel(call.key->account, order_number(id), call.now) == nullptr)
            why = "UNKNOWN_CANCEL_ORDER";
        else
            success = true;
        results += fmt::format(R"({}{{"success":{},"failure_reason":"{}","order_id":{}}})",
                               results.empty() ? "" : ",", success, why, json_text(id));
    }
    return {200, "{\"results\":[" + results + "]}"};
}

CoinbaseAnswer EmulatedOrders::amend(const EmulatedCall& call)
{
    dom::parser parser;
    JsonBody body;
    if (!call.read_body(parser, body)) return unreadable_body();
    const std::string_view id = body_text(body, "order_id");
    if (id.empty()) return failure(400, "INVALID_ARGUMENT", "order_id is required");
    // Orders with others attached, and stops, are not emulated.
    if (!body.at_key("stop_price").error()) return not_amended("FIELD_STOPPRICE_NOT_SUPPORTED");
    if (!body.at_key("attached_order_configuration").error() || !body.at_key("cancel_attached_order").error())
        return not_amended("ORDER_EDIT_INVALID_ATTACHED_ORDER_REQUEST");
    const EmulatedOrder* const order = notes_.find(call.key->account, id);
    if (order == nullptr) return not_amended("ORDER_NOT_FOUND");
    if (notes_.is_market(order->id)) return not_amended("ONLY_LIMIT_ORDER_EDITS_SUPPORTED");
    const std::string_view word = notes_.status_word(*order);
    if (word == "EDIT_QUEUED") return not_amended("ORDER_IS_ALREADY_BEING_REPLACED");
    if (word != "OPEN") return not_amended("ONLY_OPEN_ORDERS_CAN_BE_EDITED");
    return amend_terms(body, *order, call.now);
}

CoinbaseAnswer EmulatedOrders::amend_terms(JsonBody body, const EmulatedOrder& order, Timestamp now)
{
    const WireScale& wire = setup_.table->listing(order.listing).wire;
    const ScaledNumber price = amend_number(body, "price", wire.price_decimals);
    const ScaledNumber size = amend_number(body, "size", wire.quantity_decimals);
    if (price.error == DecimalError::malformed)
        return failure(400, "INVALID_ARGUMENT", "price is not a number");
    if (size.error == DecimalError::malformed)
        return failure(400, "INVALID_ARGUMENT", "size is not a number");
    if (price.error != DecimalError::none)
        return not_amended(kNoEditReason, words_of(PlaceError::bad_price).preview);
    Quantity quantity;
    if (size.error != DecimalError::none ||
        __builtin_mul_overflow(size.value, wire.quantity_factor, &quantity.units))
        return not_amended(kNoEditReason, words_of(PlaceError::bad_quantity).preview);
    if (price.value <= 0) return not_amended("INVALID_EDITED_PRICE");
    // The size is the whole order's: what is filled is a part of it.
    if (!order.filled.zero() && quantity <= order.filled)
        return not_amended("CANNOT_EDIT_TO_BELOW_FILLED_SIZE");
    if (quantity.units <= 0) return not_amended("INVALID_EDITED_SIZE");
    const EmulatedOrderNotes::Terms before{order.price, order.quantity, {}};
    if (before.price.units == price.value && before.quantity == quantity)
        return not_amended("EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST");
    const PlaceError error = setup_.exchange->amend(order.account, order.id, {price.value}, quantity, now);
    if (error == PlaceError::unknown_listing) return not_amended("COMMANDER_REJECTED_EDIT_ORDER");
    if (error != PlaceError::none) return not_amended(kNoEditReason, words_of(error).preview);
    notes_.edit(order.id, before);
    // The documentation has a list, what is seen is one object: reasons that are none, either way.
    const std::string none = reasons_json(kNoEditReason, kNoPreviewReason);
    return {200, R"({"success":true,"errors":)" + (setup_.manners ? "[" + none + "]" : none) + "}"};
}

}  // namespace arb::coinbase
