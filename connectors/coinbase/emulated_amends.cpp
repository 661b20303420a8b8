// Amending, which the venue calls editing: another price or size for a limit order that rests. What it
// refuses, in its words, and what an order tells of the edits it has had.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/emulated_core.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kAmendsShown = 5;
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

CoinbaseAnswer EmulatedCoinbase::amend(const EmulatedCall& call)
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
    const std::uint64_t number = order_number(id);
    const EmulatedOrder* const order =
        number == 0 ? nullptr : setup_.exchange->find(call.key->account, number);
    if (order == nullptr || hidden_.count(number) != 0) return not_amended("ORDER_NOT_FOUND");
    if (market_orders_.count(number) != 0) return not_amended("ONLY_LIMIT_ORDER_EDITS_SUPPORTED");
    const std::string_view word = status_word(*order);
    if (word == "EDIT_QUEUED") return not_amended("ORDER_IS_ALREADY_BEING_REPLACED");
    if (word != "OPEN") return not_amended("ONLY_OPEN_ORDERS_CAN_BE_EDITED");
    return amend_terms(body, *order, call.now);
}

CoinbaseAnswer EmulatedCoinbase::amend_terms(JsonBody body, const EmulatedOrder& order, Timestamp now)
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
    const Terms before{order.price, order.quantity, {}};
    if (before.price.units == price.value && before.quantity == quantity)
        return not_amended("EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST");
    const PlaceError error = setup_.exchange->amend(order.account, order.id, {price.value}, quantity, now);
    if (error == PlaceError::unknown_listing) return not_amended("COMMANDER_REJECTED_EDIT_ORDER");
    if (error != PlaceError::none) return not_amended(kNoEditReason, words_of(error).preview);
    amends_[order.id].before = before;
    // The documentation has a list, what is seen is one object: reasons that are none, either way.
    const std::string none = reasons_json(kNoEditReason, kNoPreviewReason);
    return {200, R"({"success":true,"errors":)" + (setup_.manners ? "[" + none + "]" : none) + "}"};
}

// True: it is the word that its terms changed.
bool EmulatedCoinbase::note_amend(const EmulatedOrder& order, Timestamp now)
{
    if (order.amends == 0) return false;
    Amends& amends = amends_[order.id];
    if (amends.count == order.amends) return false;
    amends.count = order.amends;
    amends.latest.push_back({order.price, order.quantity, now});
    if (amends.latest.size() > kAmendsShown) amends.latest.erase(amends.latest.begin());
    return true;
}

// What the history calls the order's configuration: as it was, while an edit is under way.
EmulatedOrder EmulatedCoinbase::standing(const EmulatedOrder& order) const
{
    EmulatedOrder shown = order;
    const auto found = amends_.find(order.id);
    if (found == amends_.end() || status_word(order) != "EDIT_QUEUED") return shown;
    shown.price = found->second.before.price;
    shown.quantity = found->second.before.quantity;
    return shown;
}

std::string EmulatedCoinbase::amends_json(const EmulatedOrder& order) const
{
    std::string list;
    std::string under_way = "null";
    const auto found = amends_.find(order.id);
    const bool queued = found != amends_.end() && status_word(order) == "EDIT_QUEUED";
    if (found != amends_.end()) {
        for (const Terms& terms : found->second.latest) {
            const std::string edit =
                fmt::format(R"({{"price":"{}","size":"{}","replace_accept_timestamp":"{}"}})",
                            words_.price_text(order.listing, terms.price),
                            words_.quantity_text(order.listing, terms.quantity), format_utc(terms.accepted));
            if (queued && &terms == &found->second.latest.back())
                under_way = edit;
            else
                list += (list.empty() ? "" : ",") + edit;
        }
    }
    return fmt::format(R"("edit_history":[{}],"current_pending_replace":{})", list, under_way);
}

}  // namespace arb::coinbase
