// The emulated Bybit: orders.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/bybit/emulated_core.hpp"

namespace arb::bybit {
namespace {

struct PreventionRow {
    std::string_view word;
    SelfTrade mode;
};
constexpr std::array kPreventions{
    PreventionRow{"None", SelfTrade::none},
    PreventionRow{"CancelTaker", SelfTrade::cancel_taker},
    PreventionRow{"CancelMaker", SelfTrade::cancel_maker},
    PreventionRow{"CancelBoth", SelfTrade::cancel_both},
};

/// nullptr: no such word.
const PreventionRow* find_prevention(std::string_view word)
{
    for (const PreventionRow& row : kPreventions) {
        if (row.word == word) return &row;
    }
    return nullptr;
}

SelfTrade prevention_of(std::string_view word)
{
    const PreventionRow* row = find_prevention(word);
    return row == nullptr ? SelfTrade::none : row->mode;
}

bool good_client_id(std::string_view id)
{
    return id.size() <= 36 && std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '-' || c == '_';
           });
}

}  // namespace

Answer EmulatedBybit::check_category(const Call& call) const
{
    return call.get("category") == setup_.market ? Answer{} : refuse(10001, "params error: Illegal category");
}

// The whole order is judged; the numbers' sizes and the money are the matching's.
Answer EmulatedBybit::read_order(const Call& call, PlaceOrder& order) const
{
    const Listing* listing = find_listing(call.get("symbol"));
    if (listing == nullptr)
        return spot() ? refuse(170121, "Invalid symbol.") : refuse(10001, "params error: symbol invalid");
    order.account = call.account();
    order.listing = listing->id;
    order.client_id = call.get("orderLinkId");
    if (!good_client_id(order.client_id)) return refuse(10001, "params error: OrderLinkId is invalid");
    const std::string_view side = call.get("side");
    if (side != "Buy" && side != "Sell") return refuse(10001, "params error: Side invalid");
    order.side = side == "Buy" ? Side::buy : Side::sell;
    const Answer unknown = check_terms(call);
    if (unknown.code != 0) return unknown;
    const std::string_view tif = call.get("timeInForce");
    if (tif.empty() || tif == "GTC")
        order.time_in_force = TimeInForce::gtc;
    else if (tif == "IOC")
        order.time_in_force = TimeInForce::ioc;
    else if (tif == "FOK")
        order.time_in_force = TimeInForce::fok;
    else if (tif == "PostOnly")
        order.time_in_force = TimeInForce::post_only;
    else
        return refuse(10001, "params error: TimeInForce invalid");
    return read_numbers(call, *listing, order);
}

Answer EmulatedBybit::read_numbers(const Call& call, const Listing& listing, PlaceOrder& order) const
{
    Decimal size;
    Answer answer = read_size(call, size);
    if (answer.code != 0) return answer;
    const std::string_view type = call.get("orderType");
    if (type == "Market") return read_market_order(call, listing, size, order);
    if (type != "Limit") return refuse(10001, "params error: OrderType invalid");
    answer = read_price(call, listing, order.price);
    return answer.code == 0 ? fit_quantity(size, listing, order.quantity) : answer;
}

Answer EmulatedBybit::read_price(const Call& call, const Listing& listing, Price& price) const
{
    const auto value = Decimal::parse(call.get("price"));
    if (!value || value->mantissa() <= 0) return refuse(10001, "params error: Price invalid");
    const auto units = value->scaled(listing.wire.price_decimals);
    if (!units || *units % listing.tick.units != 0)
        return refuse(code(10001, 170134), "Order price has too many decimals.");
    price = {*units};
    return {};
}

Answer EmulatedBybit::read_size(const Call& call, Decimal& size) const
{
    const auto value = Decimal::parse(call.get("qty"));
    if (!value || value->mantissa() <= 0) return refuse(code(10001, 170136), "Qty invalid");
    size = *value;
    return {};
}

Answer EmulatedBybit::fit_quantity(Decimal size, const Listing& listing, Quantity& quantity) const
{
    const auto units = size.scaled(listing.wire.quantity_decimals);
    if (!units || *units % listing.lot.units != 0)
        return refuse(code(10001, 170137), "Order quantity has too many decimals.");
    quantity = {*units * listing.wire.quantity_factor};
    return {};
}

Answer EmulatedBybit::place_error(PlaceError error, Side side) const
{
    switch (error) {
        case PlaceError::unknown_listing:
        case PlaceError::halted:
        case PlaceError::cancel_only:
            return spot() ? refuse(170151, "The trading pair is not open yet.")
                          : refuse(110074, "This contract is not live");
        case PlaceError::bad_price:
            return refuse(code(10001, 170134), "Order price is off the tick size.");
        case PlaceError::price_limit:
            return refuse(code(110121, side == Side::buy ? 170193 : 170194),
                          "The order price exceeds the allowable range.");
        case PlaceError::bad_quantity:
            return refuse(code(10001, 170137), "Order quantity is off the quantity step.");
        case PlaceError::quantity_min:
            return spot() ? refuse(170136, "Order quantity exceeded lower limit.")
                          : refuse(10001, "The number of contracts exceeds minimum limit allowed");
        case PlaceError::notional_min:
            return refuse(code(110094, 170140), "Order does not meet minimum order value.");
        case PlaceError::balance:
            return refuse(code(110007, 170131), "Balance insufficient.");
        case PlaceError::duplicate_id:
            return refuse(code(110072, 170141), "OrderLinkedID is duplicate");
        case PlaceError::too_many_orders:
            return refuse(code(110020, 170810), "You can't have more than 500 active orders.");
        case PlaceError::reduce_only:
            return refuse(110017, "Reduce-only rule not satisfied");
        case PlaceError::none:
        case PlaceError::would_take:
        case PlaceError::unfilled:
        case PlaceError::self_trade:
            break;
    }
    return {};
}

Answer EmulatedBybit::create(const Call& call)
{
    Answer answer = check_category(call);
    if (answer.code != 0) return answer;
    PlaceOrder order;
    answer = read_order(call, order);
    Asked asked;
    if (answer.code == 0) answer = read_asked(call, asked);
    if (answer.code != 0) return answer;
    order.self_trade = prevention_of(asked.prevention);
    order.reduce_only = asked.reduce_only;
    // Client ids are never used again, whatever became of the order.
    if (!order.client_id.empty() && setup_.exchange->find_client(order.account, order.client_id) != nullptr)
        return place_error(PlaceError::duplicate_id, order.side);
    const PlaceResult result = setup_.exchange->place(order, call.now);
    // What the matching ends at once (post-only, fill-or-kill, own orders) was taken all the same: the reply
    // is an acknowledgement, the order stream tells the end.
    if (result.id == 0) return place_error(result.error, order.side);
    asked_[result.id] = std::move(asked);
    return good(fmt::format(R"({{"orderId":"{}","orderLinkId":{}}})", order_id(result.id),
                            json_text(order.client_id)));
}

Answer EmulatedBybit::read_asked(const Call& call, Asked& asked) const
{
    const std::string_view index = call.get("positionIdx");
    const std::string_view type = call.get("smpType");
    if (!spot()) {
        const bool side = index == "1" || index == "2";
        if (hedged(call.account()) ? !side : !index.empty() && index != "0")
            return refuse(10001, "position idx not match position mode");
        asked.position = side ? index.front() - '0' : 0;
    }
    if (!type.empty()) {
        if (find_prevention(type) == nullptr) return refuse(10001, "params error: smpType invalid");
        asked.prevention = type;
    }
    asked.market = call.get("orderType") == "Market";
    asked.quote_units = asked.market && quote_units(call);
    asked.quantity = call.get("qty");
    asked.reduce_only = !spot() && call.get("reduceOnly") == "true";
    return {};
}

// `orderStatus`, of the closed ones.
bool EmulatedBybit::state_wanted(const Call& call, const EmulatedOrder& order) const
{
    const std::string_view wish = call.get("orderStatus");
    return wish.empty() ||
           order_json(order).find(fmt::format(R"("orderStatus":"{}")", wish)) != std::string::npos;
}

const EmulatedOrder* EmulatedBybit::find_order(const Call& call) const
{
    const std::string_view id = call.get("orderId");
    const EmulatedOrder* order = id.empty()
                                     ? setup_.exchange->find_client(call.account(), call.get("orderLinkId"))
                                     : setup_.exchange->find(call.account(), order_number(id));
    const std::string_view symbol = call.get("symbol");
    if (order == nullptr || (!symbol.empty() && setup_.table->listing(order->listing).symbol != symbol))
        return nullptr;
    return order;
}

Answer EmulatedBybit::find_open(const Call& call, const EmulatedOrder*& order) const
{
    const Answer wrong = check_category(call);
    if (wrong.code != 0) return wrong;
    if (find_listing(call.get("symbol")) == nullptr)
        return refuse(code(10001, 170121), "params error: symbol invalid");
    if (call.get("orderId").empty() && call.get("orderLinkId").empty())
        return refuse(10001, "params error: OrderId or orderLinkId is required");
    order = find_order(call);
    if (order == nullptr) return refuse(code(110001, 170213), "Order does not exist.");
    if (order->state == EmulatedState::open) return {};
    const bool filled = order->state == EmulatedState::filled;
    return refuse(code(110001, filled ? 170139 : 170142),
                  "order not exists or too late to replace or cancel");
}

std::string EmulatedBybit::order_names(const EmulatedOrder& order) const
{
    return fmt::format(R"({{"orderId":"{}","orderLinkId":{}}})", order_id(order.id),
                       json_text(order.client_id));
}

Answer EmulatedBybit::cancel(const Call& call)
{
    const EmulatedOrder* order = nullptr;
    const Answer wrong = find_open(call, order);
    if (wrong.code != 0) return wrong;
    const std::string reply = order_names(*order);
    (void)setup_.exchange->cancel(call.account(), order->id, call.now);
    return good(reply);
}

// Contracts need to be told which.
bool EmulatedBybit::bad_scope(const Call& call) const
{
    return !spot() && call.get("symbol").empty() && call.get("baseCoin").empty() &&
           call.get("settleCoin").empty();
}

bool EmulatedBybit::wanted(const Call& call, ListingId listing) const
{
    const Instrument& instrument = setup_.table->instrument_of(listing);
    const auto fits = [](std::string_view wish, std::string_view value) {
        return wish.empty() || wish == value;
    };
    return fits(call.get("symbol"), setup_.table->listing(listing).symbol) &&
           fits(call.get("baseCoin"), instrument.base) && fits(call.get("settleCoin"), instrument.quote);
}

Answer EmulatedBybit::cancel_all(const Call& call)
{
    const Answer wrong = check_category(call);
    if (wrong.code != 0) return wrong;
    if (bad_scope(call)) return refuse(10001, "params error: symbol, baseCoin or settleCoin is required");
    const std::string_view symbol = call.get("symbol");
    if (!symbol.empty() && find_listing(symbol) == nullptr)
        return refuse(code(10001, 170121), "params error: symbol invalid");
    std::string list;
    for (const EmulatedOrder* order : setup_.exchange->orders(call.account(), kNoListing, true)) {
        if (!wanted(call, order->listing)) continue;
        fmt::format_to(std::back_inserter(list), "{}{}", list.empty() ? "" : ",", order_names(*order));
        (void)setup_.exchange->cancel(call.account(), order->id, call.now);
    }
    return good(fmt::format(R"({{"list":[{}]{}}})", list, spot() ? R"(,"success":"1")" : ""));
}

Answer EmulatedBybit::order_list(const Call& call, bool open) const
{
    const std::size_t most = count_of(call.get("limit"), 20, 50);
    const std::uint64_t below = cursor_id(call.get("cursor"));
    const bool single = !call.get("orderId").empty() || !call.get("orderLinkId").empty();
    const EmulatedOrder* only = single ? find_order(call) : nullptr;
    // An order that is named is found whatever became of it, unless one sort is asked for.
    const bool any_state = single && open && call.get("openOnly").empty();
    const auto orders = setup_.exchange->orders(call.account(), kNoListing, open && !any_state);
    const auto page = newest_page(orders, most, [&](const EmulatedOrder& o) {
        const bool is_open = o.state == EmulatedState::open;
        return (is_open == open || any_state) && o.id < below && wanted(call, o.listing) &&
               (!single || &o == only) && state_wanted(call, o);
    });
    const std::string list = json_list(page, [&](const EmulatedOrder& o) { return order_json(o); });
    // A cursor may be given although nothing more comes.
    const bool more = page.more || (setup_.manners && !page.entries.empty());
    return good(fmt::format(R"({{"category":"{}","list":[{}],"nextPageCursor":"{}"}})", setup_.market, list,
                            more ? fmt::format("{}%3A{}", page.last(), ms_of(call.now)) : std::string()));
}

Answer EmulatedBybit::realtime(const Call& call)
{
    const Answer wrong = check_category(call);
    if (wrong.code != 0) return wrong;
    if (bad_scope(call)) return refuse(10001, "params error: symbol, baseCoin or settleCoin is required");
    return order_list(call, call.get("openOnly") != "1");
}

Answer EmulatedBybit::history(const Call& call)
{
    const Answer wrong = check_category(call);
    return wrong.code != 0 ? wrong : order_list(call, false);
}

}  // namespace arb::bybit
