// The emulated Gate: orders, from wherever they come. What both markets do with an order is written once;
// how an order says what it wants differs (spot here, contracts in emulated_usdt.cpp).
#include <algorithm>

#include <fmt/format.h>

#include "connectors/gate/emulated_core.hpp"

namespace arb::gate {
namespace {

constexpr std::size_t kTextMost = 28, kPageMost = 100, kCancelsMost = 20, kBatchMost = 10;
// An order is found by its text so long after its end, and cancelled by it so long after it was made.
constexpr Duration kFoundByText = seconds(3600), kCancelledByText = seconds(1800);
// A contract's order without a fill: its id, and its text.
constexpr Duration kEmptyById = seconds(600), kEmptyByText = seconds(60);

struct ErrorRow {
    PlaceError error;
    const char *spot, *usdt, *message;
};
constexpr ErrorRow kPlaceErrors[] = {
    {PlaceError::unknown_listing, "INVALID_CURRENCY_PAIR", "CONTRACT_NOT_FOUND", "Unknown market"},
    {PlaceError::halted, "INVALID_CURRENCY_PAIR", "CONTRACT_IN_DELISTING", "Trading is disabled"},
    {PlaceError::cancel_only, "INVALID_CURRENCY_PAIR", "CONTRACT_IN_DELISTING", "Trading is disabled"},
    {PlaceError::bad_price, "INVALID_PRECISION", "INVALID_PRECISION", "Invalid precision of the price"},
    {PlaceError::price_limit, "PRICE_TOO_DEVIATED", "PRICE_TOO_DEVIATED", "Price is too far from the market"},
    {PlaceError::bad_quantity, "INVALID_PRECISION", "INVALID_PRECISION", "Invalid precision of the amount"},
    {PlaceError::quantity_min, "AMOUNT_TOO_LITTLE", "SIZE_TOO_SMALL", "Your order size is too small"},
    {PlaceError::notional_min, "AMOUNT_TOO_LITTLE", "SIZE_TOO_SMALL", "Your order value is too small"},
    {PlaceError::balance, "BALANCE_NOT_ENOUGH", "INSUFFICIENT_AVAILABLE", "Not enough balance"},
    {PlaceError::duplicate_id, "REPEATED_CREATION", "ORDER_EXISTS", "The text was used before"},
    {PlaceError::would_take, "POC_FILL_IMMEDIATELY", "ORDER_POC_IMMEDIATE", "It would fill at once"},
    {PlaceError::unfilled, "FOK_NOT_FILL", "ORDER_FOK", "It cannot be filled completely"},
    {PlaceError::too_many_orders, "TOO_MANY_ORDERS", "TOO_MANY_ORDERS", "Too many open orders"},
    {PlaceError::reduce_only, "REDUCE_EXCEEDED", "REDUCE_EXCEEDED", "There is nothing to reduce"},
};

bool good_text(std::string_view text)
{
    if (!text.starts_with("t-")) return false;
    text.remove_prefix(2);
    return text.size() <= kTextMost && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '_' || c == '-' || c == '.';
           });
}

}  // namespace

VenueAnswer EmulatedGate::place_error(PlaceError error) const
{
    for (const ErrorRow& row : kPlaceErrors) {
        if (row.error == error) return say_refused(spot() ? row.spot : row.usdt, row.message);
    }
    return say_refused("INTERNAL", "The order was not taken");
}

const Listing* EmulatedGate::market_of(const Call& call, VenueAnswer& why) const
{
    const std::string_view name = call.get(spot() ? "currency_pair" : "contract");
    const Listing* const listing = name.empty() ? nullptr : find_listing(name);
    if (name.empty())
        why = say_refused("MISSING_REQUIRED_PARAM", "The market is missing");
    else if (listing == nullptr)
        why = place_error(PlaceError::unknown_listing);
    return listing;
}

VenueAnswer EmulatedGate::read_price(std::string_view text, const Listing& listing, Price& price) const
{
    const auto value = Decimal::parse(text);
    if (!value || value->mantissa() <= 0) return say_refused("INVALID_PARAM_VALUE", "Invalid price");
    const auto units = value->scaled(listing.wire.price_decimals);
    if (!units || *units % listing.tick.units != 0) return place_error(PlaceError::bad_price);
    price = {*units};
    return {};
}

VenueAnswer EmulatedGate::read_size(std::string_view text, const Listing& listing, Quantity& quantity) const
{
    const auto value = Decimal::parse(text);
    if (!value || value->mantissa() <= 0) return say_refused("INVALID_PARAM_VALUE", "Invalid amount");
    const auto units = value->scaled(listing.wire.quantity_decimals);
    if (!units || __builtin_mul_overflow(*units, listing.wire.quantity_factor, &quantity.units) ||
        quantity.units % listing.lot.units != 0)
        return place_error(PlaceError::bad_quantity);
    return {};
}

// Own orders that meet trade with each other, unless the account is in a group that forbids it.
VenueAnswer EmulatedGate::read_prevention(const Call& call, PlaceOrder& order, Asked& asked) const
{
    const std::string_view act = call.get("stp_act");
    order.self_trade = SelfTrade::none;
    if (group().empty())
        return act.empty() || act == "-"
                   ? VenueAnswer{}
                   : say_refused("INVALID_PARAM_VALUE", "stp_act needs a group of users");
    asked.act = act.empty() || act == "-" ? "cn" : std::string(act);
    if (asked.act == "cn")
        order.self_trade = SelfTrade::cancel_taker;
    else if (asked.act == "co")
        order.self_trade = SelfTrade::cancel_maker;
    else if (asked.act == "cb")
        order.self_trade = SelfTrade::cancel_both;
    else
        return say_refused("INVALID_PARAM_VALUE", "Invalid stp_act");
    return {};
}

VenueAnswer EmulatedGate::read_spot(const Call& call, const Listing& listing, PlaceOrder& order) const
{
    const std::string_view side = call.get("side");
    if (side != "buy" && side != "sell") return say_refused("INVALID_PARAM_VALUE", "Invalid side");
    order.side = side == "buy" ? Side::buy : Side::sell;
    const std::string_view account = call.get("account");
    if (!account.empty() && account != (unified() ? "unified" : "spot"))
        return say_refused("INVALID_PARAM_VALUE", "Invalid account");
    const std::string_view type = call.get("type");
    if (!type.empty() && type != "limit")
        return say_refused("INVALID_PARAM_VALUE", "Only limit orders are emulated");
    if (const std::string_view shown = call.get("iceberg"); !shown.empty() && shown != "0")
        return say_refused("INVALID_PARAM_VALUE", "Hidden amounts are not emulated");
    VenueAnswer answer = read_price(call.get("price"), listing, order.price);
    return answer.good() ? read_size(call.get("amount"), listing, order.quantity) : answer;
}

VenueAnswer EmulatedGate::read_order(const Call& call, PlaceOrder& order, Asked& asked) const
{
    VenueAnswer answer;
    const Listing* const listing = market_of(call, answer);
    if (listing == nullptr) return answer;
    order.account = call.account();
    order.listing = listing->id;
    order.client_id = call.get("text");
    if (!order.client_id.empty() && !good_text(order.client_id))
        return say_refused(spot() ? "INVALID_PARAM_VALUE" : "INVALID_CLIENT_ORDER_ID", "Invalid text");
    const std::string_view tif = call.get(spot() ? "time_in_force" : "tif");
    if (tif == "ioc")
        order.time_in_force = TimeInForce::ioc;
    else if (tif == "poc")
        order.time_in_force = TimeInForce::post_only;
    else if (tif == "fok")
        order.time_in_force = TimeInForce::fok;
    else if (!tif.empty() && tif != "gtc")
        return say_refused("INVALID_PARAM_VALUE", "Invalid time in force");
    answer = spot() ? read_spot(call, *listing, order) : read_contract(call, *listing, order);
    return answer.good() ? read_prevention(call, order, asked) : answer;
}

bool EmulatedGate::hidden(const EmulatedOrder& order) const
{
    const EmulatedOrder* const now = setup_.exchange->find(order.account, order.id);
    if (now == nullptr) return false;
    return now->end_reason == PlaceError::would_take || (!spot() && now->end_reason == PlaceError::unfilled);
}

VenueAnswer EmulatedGate::place(const Call& call)
{
    if (call.list) return place_many(call);
    PlaceOrder order;
    Asked asked;
    VenueAnswer answer = read_order(call, order, asked);
    if (!answer.good()) return answer;
    // A text is good for one order.
    if (!order.client_id.empty() && setup_.exchange->find_client(order.account, order.client_id) != nullptr)
        return place_error(PlaceError::duplicate_id);
    const PlaceResult result = setup_.exchange->place(order, call.now);
    if (result.id == 0) return place_error(result.error);
    asked_[result.id] = std::move(asked);
    const EmulatedOrder* const placed = setup_.exchange->find(call.account(), result.id);
    if (hidden(*placed)) return place_error(result.error);
    if (call.get("action_mode") == "ACK")
        return say_done(fmt::format(R"({{"id":"{}","text":{},"amend_text":"-"}})", order_id(result.id),
                                    json_text(order.client_id)),
                        201);
    return say_done(order_json(*placed, call.form), 201);
}

// Each has an answer of its own: the order, or why there is none.
VenueAnswer EmulatedGate::place_many(const Call& call)
{
    if (!spot() || call.items.empty() || call.items.size() > kBatchMost)
        return say_refused("INVALID_PARAM_VALUE", "A list of up to 10 orders is expected");
    std::vector<std::string> entries;
    for (const Params& item : call.items) {
        Call one = call;
        one.list = false;
        one.fields = item;
        const std::string_view text = one.get("text");
        const VenueAnswer answer =
            text.empty() ? say_refused("MISSING_REQUIRED_PARAM", "text is required") : place(one);
        entries.push_back(answer.good()
                              ? R"({"succeeded":true,)" + answer.body.substr(1)
                              : fmt::format(R"({{"text":{},"succeeded":false,"label":"{}","message":{}}})",
                                            json_text(text), answer.label, json_text(answer.message)));
    }
    return say_done(fmt::format("[{}]", fmt::join(entries, ",")));
}

bool EmulatedGate::forgotten(const EmulatedOrder& order, bool by_text, Timestamp now) const
{
    return !spot() && order.state != EmulatedState::open && order.filled.zero() &&
           now - order.updated > (by_text ? kEmptyByText : kEmptyById);
}

const EmulatedOrder* EmulatedGate::find_order(const Call& call, std::string_view id, const Listing& listing,
                                              bool cancelling) const
{
    const bool by_text = id.starts_with("t-");
    const EmulatedOrder* const order = by_text ? setup_.exchange->find_client(call.account(), id)
                                               : setup_.exchange->find(call.account(), order_number(id));
    if (order == nullptr || order->listing != listing.id || hidden(*order)) return nullptr;
    if (!spot()) return forgotten(*order, by_text, call.now) ? nullptr : order;
    if (by_text && cancelling && call.now - order->created > kCancelledByText) return nullptr;
    const bool ended = order->state != EmulatedState::open;
    return by_text && ended && call.now - order->updated > kFoundByText ? nullptr : order;
}

VenueAnswer EmulatedGate::gone(const EmulatedOrder* order) const
{
    if (order == nullptr) return say_refused("ORDER_NOT_FOUND", "Order not found");
    if (order->state == EmulatedState::open) return {};
    if (!spot()) return say_refused("ORDER_FINISHED", "Order is finished");
    return order->state == EmulatedState::filled ? say_refused("ORDER_CLOSED", "Order is closed")
                                                 : say_refused("ORDER_CANCELLED", "Order is cancelled");
}

VenueAnswer EmulatedGate::cancel(const Call& call)
{
    VenueAnswer answer;
    const Listing* listing = nullptr;
    // Contracts are found by the order alone.
    const EmulatedOrder* order = nullptr;
    if (spot()) {
        listing = market_of(call, answer);
        if (listing == nullptr) return answer;
        order = find_order(call, call.get("order_id"), *listing, true);
    } else {
        for (const Listing& one : setup_.table->listings()) {
            if (order == nullptr) order = find_order(call, call.get("order_id"), one, true);
        }
    }
    answer = gone(order);
    if (!answer.good()) return answer;
    order = setup_.exchange->cancel(call.account(), order->id, call.now);
    return say_done(order_json(*order, call.form));
}

std::string EmulatedGate::cancel_entry(const Call& call, const Params& item)
{
    const std::string_view name = value_of(item, "currency_pair"), id = value_of(item, "id");
    const Listing* const listing = find_listing(name);
    const EmulatedOrder* const order = listing == nullptr ? nullptr : find_order(call, id, *listing, true);
    VenueAnswer answer = gone(order);
    if (answer.good()) (void)setup_.exchange->cancel(call.account(), order->id, call.now);
    return fmt::format(R"({{"currency_pair":{},"id":{},"text":{},"succeeded":{},"label":"{}","message":{}}})",
                       json_text(name), json_text(order == nullptr ? std::string(id) : order_id(order->id)),
                       json_text(order == nullptr ? "" : order->client_id), answer.good(), answer.label,
                       json_text(answer.message));
}

VenueAnswer EmulatedGate::cancel_ids(const Call& call)
{
    if (!call.list || call.items.size() > kCancelsMost)
        return say_refused("INVALID_PARAM_VALUE", "A list of up to 20 orders is expected");
    std::vector<std::string> entries;
    for (const Params& item : call.items) entries.push_back(cancel_entry(call, item));
    return say_done(fmt::format("[{}]", fmt::join(entries, ",")));
}

VenueAnswer EmulatedGate::cancel_market(const Call& call)
{
    VenueAnswer answer;
    const Listing* const listing = market_of(call, answer);
    if (listing == nullptr) return answer;
    const std::string_view side = call.get("side");
    std::vector<std::string> entries;
    for (const EmulatedOrder* order : setup_.exchange->orders(call.account(), listing->id, true)) {
        if (!side.empty() && side != name(order->side)) continue;
        entries.push_back(
            order_json(*setup_.exchange->cancel(call.account(), order->id, call.now), call.form));
    }
    return say_done(fmt::format("[{}]", fmt::join(entries, ",")));
}

VenueAnswer EmulatedGate::one_order(const Call& call)
{
    const EmulatedOrder* order = nullptr;
    VenueAnswer answer;
    const Listing* const listing = market_of(call, answer);
    if (spot() && listing == nullptr) return answer;
    for (const Listing& one : setup_.table->listings()) {
        if (order == nullptr && (listing == nullptr || listing->id == one.id))
            order = find_order(call, call.get("order_id"), one, false);
    }
    return order == nullptr ? gone(order) : say_done(order_json(*order, call.form));
}

// Newest first; a page at a time (spot), or from an offset on (contracts).
std::size_t EmulatedGate::skipped_entries(const Call& call, std::size_t page) const
{
    if (spot()) return (count_of(call.get("page"), 1, 1000) - 1) * page;
    return count_of(call.get("offset"), 0, 100'000);
}

VenueAnswer EmulatedGate::order_list(const Call& call)
{
    VenueAnswer answer;
    const Listing* const listing = market_of(call, answer);
    if (listing == nullptr && (spot() || answer.label != "MISSING_REQUIRED_PARAM")) return answer;
    const std::string_view status = call.get("status");
    if (status != "open" && status != "finished") return say_refused("INVALID_PARAM_VALUE", "Invalid status");
    return list_orders(call, listing, status);
}

VenueAnswer EmulatedGate::list_orders(const Call& call, const Listing* listing, std::string_view status) const
{
    const std::string_view side = call.get("side");
    const std::size_t most = count_of(call.get("limit"), kPageMost, kPageMost);
    const std::size_t skipped = skipped_entries(call, most);
    const std::int64_t from = whole_of(call.get("from"), 0), to = whole_of(call.get("to"), INT64_MAX);
    const auto orders = setup_.exchange->orders(call.account(), listing == nullptr ? kNoListing : listing->id,
                                                status == "open");
    const auto is_wanted = [&](const EmulatedOrder& order) {
        const std::int64_t time = seconds_of(order.created);
        const bool open = order.state == EmulatedState::open;
        return (status.empty() || open == (status == "open")) && !hidden(order) &&
               !forgotten(order, false, call.now) && (side.empty() || side == name(order.side)) &&
               time >= from && time <= to;
    };
    return say_done(fmt::format(
        "[{}]", json_list(newest_page(orders, most, is_wanted, skipped),
                          [&](const EmulatedOrder& order) { return order_json(order, call.form); })));
}

VenueAnswer EmulatedGate::amend(const Call& call)
{
    VenueAnswer answer;
    const Listing* listing = market_of(call, answer);
    if (spot() && listing == nullptr) return answer;
    const EmulatedOrder* order = nullptr;
    for (const Listing& one : setup_.table->listings()) {
        if (order == nullptr && (listing == nullptr || listing->id == one.id))
            order = find_order(call, call.get("order_id"), one, false);
    }
    answer = gone(order);
    if (!answer.good()) return answer;
    listing = &setup_.table->listing(order->listing);
    Price price = order->price;
    Quantity quantity = order->quantity;
    std::string_view size = call.get(spot() ? "amount" : "size");
    if (!spot() && order->side == Side::sell && size.starts_with('-')) size.remove_prefix(1);
    if (!call.get("price").empty()) answer = read_price(call.get("price"), *listing, price);
    if (answer.good() && !size.empty()) answer = read_size(size, *listing, quantity);
    if (!answer.good()) return answer;
    if (price == order->price && quantity == order->quantity)
        return say_refused("NO_CHANGE", "Nothing is changed");
    // Less than what is filled already ends it.
    if (quantity <= order->filled) {
        order = setup_.exchange->cancel(call.account(), order->id, call.now);
    } else {
        const PlaceError error = setup_.exchange->amend(call.account(), order->id, price, quantity, call.now);
        if (error != PlaceError::none) return place_error(error);
        order = setup_.exchange->find(call.account(), order->id);
    }
    if (!call.get("amend_text").empty()) asked_[order->id].amend_text = call.get("amend_text");
    return say_done(order_json(*order, call.form));
}

}  // namespace arb::gate
