// The emulated OKX: orders from wherever they come, and what it says of them.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kOrdersPage = 100;
// New orders of an account in 2 s, whatever the instrument.
constexpr std::uint32_t kAccountMax = 1000;

std::size_t page_size(const ServerRequest& request)
{
    const ScaledNumber limit = parse_scaled(query_text(request.query(), "limit"), 0);
    const bool good = limit.error == DecimalError::none && limit.value > 0;
    return good ? std::min(static_cast<std::size_t>(limit.value), kOrdersPage) : kOrdersPage;
}

std::string_view order_type(TimeInForce tif)
{
    constexpr std::string_view kOrderTypes[] = {"ioc", "fok", "limit", "post_only"};
    return kOrderTypes[static_cast<std::size_t>(tif)];
}

std::optional<TimeInForce> tif_of(std::string_view type)
{
    if (type == "ioc") return TimeInForce::ioc;
    if (type == "fok") return TimeInForce::fok;
    if (type == "limit") return TimeInForce::gtc;
    if (type == "post_only") return TimeInForce::post_only;
    return std::nullopt;
}

std::string_view state_of(const EmulatedOrder& order)
{
    switch (order.state) {
        case EmulatedState::open:
            return order.filled.zero() ? "live" : "partially_filled";
        case EmulatedState::filled:
            return "filled";
        case EmulatedState::cancelled:
        case EmulatedState::expired:
        case EmulatedState::rejected:
            break;
    }
    return "canceled";
}

std::string_view cancel_source(const EmulatedOrder& order)
{
    switch (order.end_reason) {
        case PlaceError::would_take:
            return "31";
        case PlaceError::unfilled:
            return "14";
        case PlaceError::self_trade:
            return "32";
        default:
            break;
    }
    if (order.state == EmulatedState::expired) return "13";
    return order.state == EmulatedState::cancelled ? "1" : "";
}

std::pair<std::string_view, std::string_view> words(PlaceError error)
{
    switch (error) {
        case PlaceError::unknown_listing:
            return {"51001", "Instrument ID doesn't exist."};
        case PlaceError::halted:
        case PlaceError::cancel_only:
            return {"51028", "Contract or pair under suspension."};
        case PlaceError::bad_price:
            return {"51000", "Parameter px error."};
        case PlaceError::price_limit:
            return {"51006", "Order price is not within the price limit."};
        case PlaceError::bad_quantity:
            return {"51121", "Order count should be the integer multiples of the lot size."};
        case PlaceError::quantity_min:
        case PlaceError::notional_min:
            return {"51020", "Your order should meet or exceed the minimum order amount."};
        case PlaceError::balance:
            return {"51008", "Order failed. Insufficient balance in account."};
        case PlaceError::duplicate_id:
            return {"51016", "Duplicated client order ID"};
        case PlaceError::too_many_orders:
            return {"51004", "You have reached the limit of open orders."};
        case PlaceError::reduce_only:
            return {"51169", "Order failed because you have no positions in this direction to reduce."};
        // OKX takes these orders and ends them on the orders channel.
        case PlaceError::none:
        case PlaceError::would_take:
        case PlaceError::unfilled:
        case PlaceError::self_trade:
            break;
    }
    return {"0", ""};
}

std::string item(std::uint64_t order, std::string_view client, std::string_view code, std::string_view text,
                 Timestamp now)
{
    return fmt::format(R"({{"ordId":"{}","clOrdId":{},"tag":"","ts":"{}","sCode":"{}","sMsg":{}}})",
                       order == 0 ? std::string() : fmt::format("{}", order), json_text(client),
                       milliseconds_of(now), code, json_text(text));
}

// Bought and sold for how much, a unit; eight decimals are shown at most, cut off.
std::string average_price(const EmulatedOrder& order, const Instrument& instrument)
{
    const Amount quantity = instrument.amount(order.filled);
    if (quantity.zero()) return {};
    // Both are counts of 10^-18: ten decimals less below give eight in the quotient.
    const Amount paid = order.filled_notional;
    if (instrument.inverse || quantity.units < power_of_ten(8)) return instrument.text(order.price);
    return format_scaled128(paid.units / (quantity.units / power_of_ten(8)), 8);
}

}  // namespace

Answer EmulatedOkx::place(const EmulatedKey& key, const Json& argument, bool by_code, Timestamp now)
{
    const std::string_view client = member(argument, "clOrdId");
    const auto refuse = [&](std::string_view code, std::string_view why) {
        return Answer{item(0, client, code, why, now), "1", "Operation failed."};
    };
    std::int64_t number = 0;
    if (by_code && argument["instIdCode"].get(number) != simdjson::SUCCESS)
        return refuse("50014", "Parameter instIdCode can not be empty");
    const Listing* l = by_code ? listing_of_code(number) : listing(member(argument, "instId"));
    if (l == nullptr) return refuse("51001", "Instrument ID doesn't exist.");
    const bool legal = client.size() <= 32 && std::all_of(client.begin(), client.end(), [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                       });
    if (!legal) return refuse("51000", "Parameter clOrdId error");
    const std::string_view mode = member(argument, "tdMode");
    const bool spot = l->market == "spot";
    if (spot ? mode != "cash" : mode != "cross" && mode != "isolated")
        return refuse("51000", "Parameter tdMode error");
    const std::string_view side = member(argument, "side");
    const std::optional<TimeInForce> tif = tif_of(member(argument, "ordType"));
    if ((side != "buy" && side != "sell") || !tif) return refuse("51000", "Parameter error");
    const Instrument& instrument = setup_.table->instrument(l->instrument);
    const ScaledNumber px = parse_scaled(member(argument, "px"), instrument.price_decimals);
    const ScaledNumber sz = parse_scaled(member(argument, "sz"), l->wire.quantity_decimals);
    if (px.error != DecimalError::none) return refuse("51000", "Parameter px error.");
    PlaceOrder order;
    order.account = key.account;
    order.listing = l->id;
    order.client_id = std::string(client);
    order.side = side == "buy" ? Side::buy : Side::sell;
    order.time_in_force = *tif;
    order.price = {px.value};
    if (sz.error != DecimalError::none ||
        __builtin_mul_overflow(sz.value, l->wire.quantity_factor, &order.quantity.units))
        return refuse("51121", "Order count should be the integer multiples of the lot size.");
    if (too_fast(key.account, "new orders", kAccountMax, now))
        return refuse("50061", "You've reached the maximum order rate limit for this account.");
    const PlaceResult result = setup_.exchange->place(order, now);
    const auto [code, why] = words(result.error);
    if (code != "0") return refuse(code, why);
    return {item(result.id, client, "0", "", now), "0", ""};
}

Answer EmulatedOkx::cancel(const EmulatedKey& key, const Json& argument, bool by_code, Timestamp now)
{
    const std::string_view client = member(argument, "clOrdId");
    const std::string_view id_text = member(argument, "ordId");
    const auto refuse = [&](std::string_view code, std::string_view why) {
        return Answer{item(0, client, code, why, now), "1", "Operation failed."};
    };
    std::int64_t number = 0;
    const bool named = by_code ? argument["instIdCode"].get(number) == simdjson::SUCCESS &&
                                     listing_of_code(number) != nullptr
                               : listing(member(argument, "instId")) != nullptr;
    if (!named) return refuse("51001", "Instrument ID doesn't exist.");
    const ScaledNumber id = parse_scaled(id_text, 0);
    const EmulatedOrder* order =
        !id_text.empty() && id.error == DecimalError::none && id.value > 0
            ? setup_.exchange->find(key.account, static_cast<std::uint64_t>(id.value))
            : setup_.exchange->find_client(key.account, client);
    if (order == nullptr) return refuse("51603", "Order does not exist.");
    if (order->state == EmulatedState::filled)
        return refuse("51400", "Cancellation failed as the order has been filled.");
    if (order->state != EmulatedState::open)
        return refuse("51401", "Cancellation failed as the order has been canceled.");
    (void)setup_.exchange->cancel(key.account, order->id, now);
    return {item(order->id, client, "0", "", now), "0", ""};
}

std::string EmulatedOkx::order_json(const EmulatedOrder& order, const EmulatedTrade* trade) const
{
    const Listing& l = setup_.table->listing(order.listing);
    const std::string average = average_price(order, setup_.table->instrument(l.instrument));
    return fmt::format(
        R"({{"instType":"{}","instId":"{}","ccy":"","ordId":"{}","clOrdId":{},"tag":"","px":"{}","sz":"{}","ordType":"{}",)"
        R"("side":"{}","posSide":"net","tdMode":"{}","accFillSz":"{}","fillPx":"{}","tradeId":"{}","fillSz":"{}",)"
        R"("fillTime":"{}","fillFee":"{}","fillFeeCcy":"{}","execType":"{}","state":"{}","avgPx":"{}","feeCcy":"{}",)"
        R"("fee":"{}","rebateCcy":"","rebate":"0","reduceOnly":"false","stpMode":"cancel_maker","cancelSource":"{}",)"
        R"("category":"normal","uTime":"{}","cTime":"{}","code":"0","msg":""}})",
        kind_of(l), l.symbol, order.id, json_text(order.client_id), price(order.price, l),
        size(order.quantity, l), order_type(order.time_in_force), name(order.side),
        l.market == "spot" ? "cash" : "cross", size(order.filled, l),
        trade != nullptr ? price(trade->price, l) : "", trade != nullptr ? fmt::format("{}", trade->id) : "",
        trade != nullptr ? size(trade->quantity, l) : "0",
        trade != nullptr ? fmt::format("{}", milliseconds_of(trade->time)) : "",
        trade != nullptr ? (-trade->fee).text() : "0", trade != nullptr ? trade->fee_asset : "",
        trade == nullptr ? ""
        : trade->maker   ? "M"
                         : "T",
        state_of(order), average, order.fee_asset, (-order.fees).text(), cancel_source(order),
        milliseconds_of(order.updated), milliseconds_of(order.created));
}

// Open orders, or those that ended; newest first, a page at a time.
Answer EmulatedOkx::orders_list(const EmulatedKey& key, const ServerRequest& request, bool open) const
{
    const std::string after = query_text(request.query(), "after");
    const std::string symbol = query_text(request.query(), "instId");
    const std::string kind = query_text(request.query(), "instType");
    const Listing* l = symbol.empty() ? nullptr : listing(symbol);
    if (!symbol.empty() && l == nullptr) return {{}, "51001", "Instrument ID doesn't exist."};
    const ScaledNumber bound = parse_scaled(after, 0);
    if (!after.empty() && (bound.error != DecimalError::none || bound.value < 0))
        return {{}, "51000", "Parameter after error"};
    std::vector<const EmulatedOrder*> orders =
        setup_.exchange->orders(key.account, l == nullptr ? kNoListing : l->id, open);
    std::reverse(orders.begin(), orders.end());
    Answer answer;
    std::size_t count = 0;
    for (const EmulatedOrder* order : orders) {
        if (!after.empty() && order->id >= static_cast<std::uint64_t>(bound.value)) continue;
        if (!open && order->state == EmulatedState::open) continue;
        if (!kind.empty() && kind_of(setup_.table->listing(order->listing)) != kind) continue;
        if (count++ == page_size(request)) break;
        answer.data += (answer.data.empty() ? "" : ",") + order_json(*order, nullptr);
    }
    return answer;
}

Answer EmulatedOkx::one_order(const EmulatedKey& key, const ServerRequest& request) const
{
    const std::string client = query_text(request.query(), "clOrdId");
    const ScaledNumber id = parse_scaled(query_text(request.query(), "ordId"), 0);
    if (listing(query_text(request.query(), "instId")) == nullptr)
        return {{}, "51001", "Instrument ID doesn't exist."};
    const EmulatedOrder* order =
        !client.empty() ? setup_.exchange->find_client(key.account, client)
        : id.error == DecimalError::none && id.value > 0
            ? setup_.exchange->find(key.account, static_cast<std::uint64_t>(id.value))
            : nullptr;
    if (order == nullptr) return {{}, "51603", "Order does not exist"};
    return {order_json(*order, nullptr), "0", ""};
}

}  // namespace arb::okx
