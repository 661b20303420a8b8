#include "connectors/gate/emulated_orders.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/gate/emulated_parts.hpp"

namespace arb::gate {
namespace {

constexpr std::size_t kCancelsMost = 20, kBatchMost = 10;
constexpr std::int64_t kDeadManLeast = 5, kDeadManMost = 86'400;

}  // namespace

VenueAnswer EmulatedOrders::place(const EmulatedCall& call)
{
    if (call.list) return place_many(call);
    PlaceOrder order;
    OrderNote note;
    VenueAnswer answer = forms_.read_order(call, order, note);
    if (!answer.good()) return answer;
    // A text is good for one order.
    if (!order.client_id.empty() && exchange_.find_client(order.account, order.client_id) != nullptr)
        return dialect_.place_error(PlaceError::duplicate_id);
    const PlaceResult result = exchange_.place(order, call.now);
    if (result.id == 0) return dialect_.place_error(result.error);
    parts_.notes.keep(result.id, std::move(note));
    const EmulatedOrder* const placed = exchange_.find(call.account(), result.id);
    if (parts_.notes.is_hidden(*placed)) return dialect_.place_error(result.error);
    if (call.get("action_mode") == "ACK")
        return say_done(fmt::format(R"({{"id":"{}","text":{},"amend_text":"-"}})", order_id_text(result.id),
                                    json_text(order.client_id)),
                        201);
    return say_done(parts_.notes.order_json(*placed, call.form), 201);
}

// Each has an answer of its own: the order, or why there is none.
VenueAnswer EmulatedOrders::place_many(const EmulatedCall& call)
{
    if (!dialect_.spot() || call.items.empty() || call.items.size() > kBatchMost)
        return say_refused("INVALID_PARAM_VALUE", "A list of up to 10 orders is expected");
    return say_list(call.items, [&](const Params& item) {
        EmulatedCall one = call;
        one.list = false;
        one.fields = item;
        const std::string_view text = one.get("text");
        const VenueAnswer answer =
            text.empty() ? say_refused("MISSING_REQUIRED_PARAM", "text is required") : place(one);
        return answer.good() ? R"({"succeeded":true,)" + answer.body.substr(1)
                             : fmt::format(R"({{"text":{},"succeeded":false,"label":"{}","message":{}}})",
                                           json_text(text), answer.label, json_text(answer.message));
    });
}

VenueAnswer EmulatedOrders::amend(const EmulatedCall& call)
{
    VenueAnswer answer;
    const Listing* listing = dialect_.market_of(call, answer);
    if (dialect_.spot() && listing == nullptr) return answer;
    const EmulatedOrder* order = parts_.notes.find(call, call.get("order_id"), listing, false);
    answer = parts_.notes.gone(order);
    if (!answer.good()) return answer;
    listing = &table_.listing(order->listing);
    Price price = order->price;
    Quantity quantity = order->quantity;
    std::string_view size = call.get(dialect_.spot() ? "amount" : "size");
    if (!dialect_.spot() && order->side == Side::sell && size.starts_with('-')) size.remove_prefix(1);
    if (!call.get("price").empty()) answer = forms_.read_price(call.get("price"), *listing, price);
    if (answer.good() && !size.empty()) answer = forms_.read_size(size, *listing, quantity);
    if (!answer.good()) return answer;
    if (price == order->price && quantity == order->quantity)
        return say_refused("NO_CHANGE", "Nothing is changed");
    // Less than what is filled already ends it.
    if (quantity <= order->filled) {
        order = exchange_.cancel(call.account(), order->id, call.now);
    } else {
        const PlaceError error = exchange_.amend(call.account(), order->id, price, quantity, call.now);
        if (error != PlaceError::none) return dialect_.place_error(error);
        order = exchange_.find(call.account(), order->id);
    }
    if (!call.get("amend_text").empty()) parts_.notes.set_amend_text(order->id, call.get("amend_text"));
    return say_done(parts_.notes.order_json(*order, call.form));
}

VenueAnswer EmulatedOrders::cancel(const EmulatedCall& call)
{
    VenueAnswer answer;
    // Contracts are found by the order alone.
    const Listing* const listing = dialect_.spot() ? dialect_.market_of(call, answer) : nullptr;
    if (dialect_.spot() && listing == nullptr) return answer;
    const EmulatedOrder* order = parts_.notes.find(call, call.get("order_id"), listing, true);
    answer = parts_.notes.gone(order);
    if (!answer.good()) return answer;
    order = exchange_.cancel(call.account(), order->id, call.now);
    return say_done(parts_.notes.order_json(*order, call.form));
}

std::string EmulatedOrders::cancel_entry(const EmulatedCall& call, const Params& item)
{
    const std::string_view name = value_of(item, "currency_pair"), id = value_of(item, "id");
    const Listing* const listing = dialect_.find_listing(name);
    const EmulatedOrder* const order =
        listing == nullptr ? nullptr : parts_.notes.find(call, id, listing, true);
    VenueAnswer answer = parts_.notes.gone(order);
    if (answer.good()) (void)exchange_.cancel(call.account(), order->id, call.now);
    return fmt::format(R"({{"currency_pair":{},"id":{},"text":{},"succeeded":{},"label":"{}","message":{}}})",
                       json_text(name),
                       json_text(order == nullptr ? std::string(id) : order_id_text(order->id)),
                       json_text(order == nullptr ? "" : order->client_id), answer.good(), answer.label,
                       json_text(answer.message));
}

VenueAnswer EmulatedOrders::cancel_ids(const EmulatedCall& call)
{
    if (!call.list || call.items.size() > kCancelsMost)
        return say_refused("INVALID_PARAM_VALUE", "A list of up to 20 orders is expected");
    return say_list(call.items, [&](const Params& item) { return cancel_entry(call, item); });
}

VenueAnswer EmulatedOrders::cancel_market(const EmulatedCall& call)
{
    VenueAnswer answer;
    const Listing* const listing = dialect_.market_of(call, answer);
    if (listing == nullptr) return answer;
    const std::string_view side = call.get("side");
    const auto orders = exchange_.orders(call.account(), listing->id, true);
    return say_list(orders, [&](const EmulatedOrder& order) -> std::string {
        if (!side.empty() && side != name(order.side)) return {};
        return parts_.notes.order_json(*exchange_.cancel(call.account(), order.id, call.now), call.form);
    });
}

VenueAnswer EmulatedOrders::dead_man(const EmulatedCall& call)
{
    VenueAnswer answer;
    const Listing* const listing = dialect_.market_of(call, answer);
    if (listing == nullptr && answer.label != "MISSING_REQUIRED_PARAM") return answer;
    const std::int64_t time = whole_of(call.get("timeout"), -1);
    if (time != 0 && time < kDeadManLeast) return say_refused("INVALID_PARAM_VALUE", "Invalid timeout");
    const Timestamp when = time == 0 ? Timestamp{} : call.now + seconds(std::min(time, kDeadManMost));
    exchange_.set_dead_man(call.account(), listing == nullptr ? kNoListing : listing->id, when);
    return say_done(fmt::format(R"({{"triggerTime":"{}"}})", ms_of(when)));
}

}  // namespace arb::gate
