#include "connectors/okx/emulated_orders.hpp"

#include <fmt/format.h>

#include "connectors/okx/emulated_parts.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kRequestMax = 32;
/// What OKX knows beside price and quantity, and this venue does not.
constexpr const char* kStrangeTerms[] = {"newPxUsd", "newPxVol", "attachAlgoOrds", "speedBump"};

std::string amend_item(const EmulatedOrder* order, const JsonBody& argument, std::string_view code,
                       std::string_view text, Timestamp now)
{
    return fmt::format(
        R"({{"ordId":{},"clOrdId":{},"ts":"{}","reqId":{},"sCode":"{}","sMsg":{},"subCode":""}})",
        json_text(order != nullptr ? fmt::format("{}", order->id) : member(argument, "ordId")),
        json_text(order != nullptr ? order->client_id : member(argument, "clOrdId")),
        ms_of(order != nullptr ? order->created : now), json_text(member(argument, "reqId")), code,
        json_text(text));
}

/// A member that asks for what is not emulated; nullptr: none.
const char* strange_term(const JsonBody& argument)
{
    for (const char* term : kStrangeTerms) {
        if (argument[term].error() == simdjson::SUCCESS) return term;
    }
    bool ends = false;
    (void)(argument["cxlOnFail"].get(ends) == simdjson::SUCCESS);
    if (ends || member(argument, "cxlOnFail") == "true") return "cxlOnFail";
    return member(argument, "pxAmendType") == "1" ? "pxAmendType" : nullptr;
}

}  // namespace

Answer EmulatedAmends::amend(const OrderWish& wish)
{
    const auto& [key, argument, by_code, now, batched] = wish;
    const EmulatedOrder* order = nullptr;
    const auto refuse = [&](std::string_view code, std::string_view why) {
        return Answer{amend_item(order, wish.argument, code, why, wish.now), "1", "Operation failed."};
    };
    std::int64_t number = 0;
    if (by_code && argument["instIdCode"].get(number) != simdjson::SUCCESS)
        return refuse("50014", "Parameter instIdCode can not be empty");
    const Listing* l =
        by_code ? dialect_.listing_of_code(number) : dialect_.listing(member(argument, "instId"));
    if (l == nullptr) return refuse("51001", kNoInstrument);
    if (parts_.limits.orders_too_fast(key, *l, OrderVerb::amend, batched, now))
        return {{}, "50011", "Requests too frequent."};
    if (!is_made_of(member(argument, "reqId"), kRequestMax)) return refuse("51000", "Parameter reqId error");
    if (const char* term = strange_term(argument); term != nullptr)
        return refuse("51000", fmt::format("Parameter {} error", term));
    if (member(argument, "ordId").empty() && member(argument, "clOrdId").empty())
        return refuse("51407", "Either order ID or client order ID is required.");
    order = parts_.notes.named(key, argument);
    if (order == nullptr || order->listing != l->id || order->state != EmulatedState::open)
        return refuse("51503", "Your order has already been filled or canceled.");
    const std::string px = member(argument, "newPx"), sz = member(argument, "newSz");
    if (px.empty() && sz.empty()) return refuse("51500", "You must enter a price, quantity, or TP/SL");
    Price limit = order->price;
    Quantity quantity = order->quantity;
    if (!px.empty()) {
        const ScaledNumber said = parse_scaled(px, dialect_.instrument(*l).price_decimals);
        if (said.error != DecimalError::none) return refuse("51000", "Parameter newPx error.");
        limit = {said.value};
    }
    if (!sz.empty()) {
        const ScaledNumber said = parse_scaled(sz, l->wire.quantity_decimals);
        if (said.error != DecimalError::none ||
            __builtin_mul_overflow(said.value, l->wire.quantity_factor, &quantity.units))
            return refuse("51121", "Order count should be the integer multiples of the lot size.");
        // OKX counts such an order as filled.
        if (quantity <= order->filled) return refuse("51000", "Parameter newSz error");
    }
    if (parts_.limits.account_too_fast(key, *l, now))
        return refuse("50061", "You've reached the maximum order rate limit for this account.");
    return amend_to(*order, limit, quantity, wish);
}

// Whether a post-only order would take is known to the matching alone. With manners the reply does not wait
// for that, and the orders channel tells how it went.
Answer EmulatedAmends::amend_to(const EmulatedOrder& order, Price limit, Quantity quantity,
                                const OrderWish& wish)
{
    constexpr std::string_view kTakes =
        "Modification failed as the order price did not meet the requirement for Post Only.";
    const PlaceError error = exchange_.amend(order.account, order.id, limit, quantity, wish.now);
    auto [code, why] =
        error == PlaceError::would_take ? std::pair{std::string_view("51511"), kTakes} : refusal_words(error);
    const std::string request = member(wish.argument, "reqId");
    if (error == PlaceError::would_take && setup_.manners) {
        parts_.notes.amend_failed({order.account, order.id, {"-1", request, code, why}});
        code = "0";
        why = "";
    } else if (error == PlaceError::none) {
        parts_.notes.amend_granted(order, request);
    }
    const bool taken = code == "0";
    return {amend_item(&order, wish.argument, code, why, wish.now), taken ? "0" : "1",
            taken ? "" : "Operation failed."};
}

}  // namespace arb::okx
