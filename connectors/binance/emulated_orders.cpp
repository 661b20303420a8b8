// Orders at the emulated Binance: reading and judging requests, cancelling, asking.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"

namespace arb::binance {
namespace {

bool legal_id(std::string_view id, bool spot)
{
    if (id.empty() || id.size() > 36) return false;
    return std::all_of(id.begin(), id.end(), [spot](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return letter || c == '-' || c == '_' || (!spot && (c == '.' || c == ':' || c == '/'));
    });
}

unsigned decimals_of(std::int64_t step, unsigned decimals)
{
    while (decimals > 0 && step % 10 == 0) {
        step /= 10;
        --decimals;
    }
    return decimals;
}

bool read_id(std::string_view text, std::uint64_t& out)
{
    const ScaledNumber number = parse_scaled(text, 0);
    out = static_cast<std::uint64_t>(number.value);
    return number.error == DecimalError::none && number.value > 0;
}

}  // namespace

Answer EmulatedBinance::find_listing(const Call& call, ListingId& listing, bool required) const
{
    const std::string_view symbol = call.get("symbol");
    listing = kNoListing;
    if (symbol.empty()) return required ? missing("symbol") : good({});
    const Listing* const found = setup_.table->find_symbol(setup_.id, symbol);
    if (found == nullptr) return refuse(-1121, "Invalid symbol.");
    listing = found->id;
    return good({});
}

// A number that is not negative and has no more decimals than the venue takes.
Answer EmulatedBinance::read_number(const Call& call, const char* name, unsigned digits, Decimal& out) const
{
    const auto number = Decimal::parse(call.get(name));
    if (!number) return missing(name);
    if (number->mantissa() < 0)
        return refuse(-1100, fmt::format("Illegal characters found in parameter '{}'; legal range is "
                                         "'^([0-9]{{1,20}})(\\.[0-9]{{1,20}})?$'.",
                                         name));
    if (number->decimals() > digits)
        return refuse(-1111, fmt::format("Parameter '{}' has too much precision.", name));
    out = *number;
    return good({});
}

// Spot takes eight decimals, the futures those of pricePrecision and quantityPrecision.
Answer EmulatedBinance::read_quantity(const Call& call, const Listing& listing, PlaceOrder& order) const
{
    const unsigned decimals = setup_.table->instrument(listing.instrument).quantity_decimals;
    Decimal quantity;
    const unsigned digits = spot() ? 8 : decimals_of(listing.lot.units, decimals);
    if (Answer answer = read_number(call, "quantity", digits, quantity); answer.code != 0) return answer;
    const auto units = quantity.scaled(decimals);
    if (quantity.mantissa() <= 0)
        return spot() ? refuse(-1013, "Invalid quantity.")
                      : refuse(-4003, "Quantity less than or equal to zero.");
    if (!units) return place_error(PlaceError::bad_quantity, order.side);
    order.quantity = {*units};
    return good({});
}

// Number of decimals first (-1111), then the filters, which the matching applies too.
Answer EmulatedBinance::read_numbers(const Call& call, const Listing& listing, PlaceOrder& order) const
{
    const unsigned decimals = setup_.table->instrument(listing.instrument).price_decimals;
    const unsigned digits = spot() ? 8 : decimals_of(listing.tick.units, decimals) + 1;
    Decimal price;
    if (Answer answer = read_number(call, "price", digits, price); answer.code != 0) return answer;
    if (Answer answer = read_quantity(call, listing, order); answer.code != 0) return answer;
    const auto units = price.scaled(decimals);
    if (!units) return place_error(PlaceError::bad_price, order.side);
    order.price = {*units};
    return good({});
}

Answer EmulatedBinance::read_order(const Call& call, Entry& entry) const
{
    PlaceOrder& order = entry.order;
    if (Answer answer = find_listing(call, order.listing, true); answer.code != 0) return answer;
    const std::string_view side = call.get("side");
    const std::string_view type = call.get("type");
    if (side != "BUY" && side != "SELL") return refuse(-1117, "Invalid side.");
    const bool maker = spot() && type == "LIMIT_MAKER";
    entry.market = type == "MARKET";
    if (type != "LIMIT" && !maker && !entry.market) return refuse(-1116, "Invalid orderType.");
    order.account = call.key->account;
    order.side = side == "BUY" ? Side::buy : Side::sell;
    if (Answer answer = read_time_in_force(call, maker, entry); answer.code != 0) return answer;
    entry.response = call.get("newOrderRespType");
    if (entry.response.empty()) entry.response = spot() && !maker ? "FULL" : "ACK";
    if (entry.response != "ACK" && entry.response != "RESULT" && (entry.response != "FULL" || !spot()))
        return refuse(-1102, "Invalid newOrderRespType.");
    order.client_id = call.get("newClientOrderId");
    if (!order.client_id.empty() && !legal_id(order.client_id, spot()))
        return refuse(-1100,
                      "Illegal characters found in parameter 'newClientOrderId'; legal range is "
                      "'^[a-zA-Z0-9-_]{1,36}$'.");
    if (Answer answer = read_prevention(call, order); answer.code != 0) return answer;
    if (Answer answer = spot() ? good({}) : check_position_side(call); answer.code != 0) return answer;
    if (entry.market) return read_market(call, entry);
    return read_numbers(call, setup_.table->listing(order.listing), order);
}

Answer EmulatedBinance::read_time_in_force(const Call& call, bool maker, Entry& entry) const
{
    const std::string_view tif = call.get("timeInForce");
    const bool none = maker || entry.market;
    if (!none && tif.empty()) return missing("timeInForce");
    if (none && !tif.empty()) return refuse(-1106, "Parameter 'timeInForce' sent when not required.");
    TimeInForce& force = entry.order.time_in_force;
    force = TimeInForce::gtc;
    if (tif == "IOC")
        force = TimeInForce::ioc;
    else if (tif == "FOK")
        force = TimeInForce::fok;
    else if (maker || (!spot() && tif == "GTX"))
        force = TimeInForce::post_only;
    else if (tif != "GTC" && !none)
        return refuse(-1115, "Invalid timeInForce.");
    return good({});
}

Answer EmulatedBinance::place_error(PlaceError error, Side side) const
{
    const bool s = spot();
    switch (error) {
        case PlaceError::none:
            break;
        case PlaceError::unknown_listing:
            return refuse(-1121, "Invalid symbol.");
        case PlaceError::halted:
            return s ? refuse(-2010, "Market is closed.") : refuse(-4141, "Symbol is closed.");
        case PlaceError::cancel_only:
            return s ? refuse(-2010, "Market is closed.")
                     : refuse(-4140, "Invalid symbol status for opening position.");
        case PlaceError::bad_price:
            return s ? refuse(-1013, "Filter failure: PRICE_FILTER")
                     : refuse(-4014, "Price not increased by tick size.");
        case PlaceError::price_limit:
            return s                   ? refuse(-1013, "Filter failure: PERCENT_PRICE_BY_SIDE")
                   : side == Side::buy ? refuse(-4016, "Limit price can't be higher than the cap.")
                                       : refuse(-4024, "Limit price can't be lower than the floor.");
        case PlaceError::bad_quantity:
            return s ? refuse(-1013, "Filter failure: LOT_SIZE")
                     : refuse(-4023, "Qty not increased by step size.");
        case PlaceError::quantity_min:
            return s ? refuse(-1013, "Filter failure: LOT_SIZE")
                     : refuse(-4004, "Quantity less than min quantity.");
        case PlaceError::notional_min:
            return s ? refuse(-1013, "Filter failure: NOTIONAL")
                     : refuse(-4164,
                              "Order's notional must be no smaller than 5 (unless you choose reduce only)");
        case PlaceError::balance:
            return s ? refuse(-2010, "Account has insufficient balance for requested action.")
                     : refuse(-2019, "Margin is insufficient.");
        case PlaceError::duplicate_id:
            return s ? refuse(-2010, "Duplicate order sent.") : refuse(-4116, "ClientOrderId is duplicated.");
        case PlaceError::would_take:
            return s ? refuse(-2010, "Order would immediately match and take.")
                     : refuse(-5022,
                              "Due to the order could not be executed as maker, the Post Only order will "
                              "be rejected. The order will not be recorded in the order history");
        case PlaceError::unfilled:
            return refuse(-5021,
                          "Due to the order could not be filled immediately, the FOK order has been "
                          "rejected. The order will not be recorded in the order history");
        case PlaceError::self_trade:
            break;
        case PlaceError::too_many_orders:
            return s ? refuse(-1013, "Filter failure: MAX_NUM_ORDERS")
                     : refuse(-2025, "Reach max open order limit.");
        case PlaceError::reduce_only:
            return refuse(-2022, "ReduceOnly Order is rejected.");
    }
    return refuse(-1000, "An unknown error occurred while processing the request.");
}

Answer EmulatedBinance::test_order(const Call& call)
{
    Entry entry;
    const Answer answer = read_order(call, entry);
    if (answer.code != 0 || !spot() || call.get("computeCommissionRates") != "true")
        return answer.code != 0 ? answer : good("{}");
    return good(order_commission(entry.order.listing));
}

Answer EmulatedBinance::place(const Call& call)
{
    Entry entry;
    if (Answer answer = read_order(call, entry); answer.code != 0) return answer;
    if (Answer answer = count_order(call.key->account, call.now); answer.code != 0) return answer;
    return enter(call, entry);
}

// Hands a readable order that was counted to the matching.
Answer EmulatedBinance::enter(const Call& call, Entry& entry)
{
    PlaceOrder& order = entry.order;
    if (entry.market) {
        if (Answer answer = price_market(entry); answer.code != 0) return answer;
    }
    if (order.client_id.empty()) order.client_id = fmt::format("x-emulated-{}", ++invented_);
    const PlaceResult result = setup_.exchange->place(order, call.now);
    // On spot an order that expires or is stopped by self-trade prevention was taken all the same.
    const bool taken = result.error == PlaceError::none || result.error == PlaceError::self_trade ||
                       (result.error == PlaceError::unfilled && spot());
    if (!taken) {
        if (result.id != 0) hidden_.insert(result.id);
        return place_error(result.error, order.side);
    }
    if (entry.market) market_orders_[result.id] = entry.spend.value_or(Amount{});
    if (order.self_trade == SelfTrade::none)
        preventions_[result.id] = "NONE";
    else if (order.self_trade != SelfTrade::cancel_maker)
        preventions_[result.id] = call.get("selfTradePreventionMode");
    if (hedged(order.account)) position_sides_[result.id] = call.get("positionSide");
    const EmulatedOrder* const placed = setup_.exchange->find(order.account, result.id);
    if (placed == nullptr) return place_error(PlaceError::none, order.side);
    return good(order_reply(*placed, entry.response, call.now));
}

const EmulatedOrder* EmulatedBinance::find_order(const Call& call, Answer& refusal, const char* by_id,
                                                 const char* by_client) const
{
    ListingId listing = kNoListing;
    refusal = find_listing(call, listing, true);
    if (refusal.code != 0) return nullptr;
    const std::string_view client = call.get(by_client);
    const std::string_view number = call.get(by_id);
    std::uint64_t id = 0;
    const EmulatedOrder* order = nullptr;
    if (!number.empty() && read_id(number, id))
        order = setup_.exchange->find(call.key->account, id);
    else if (number.empty() && !client.empty())
        order = setup_.exchange->find_client(call.key->account, client);
    else if (number.empty())
        refusal = refuse(-1102, fmt::format("Param '{}' or '{}' must be sent, but both were empty/null!",
                                            by_client, by_id));
    else
        refusal = missing(by_id);
    return order != nullptr && order->listing == listing && !hidden(*order) ? order : nullptr;
}

Answer EmulatedBinance::cancel(const Call& call)
{
    Answer refusal;
    const EmulatedOrder* const order = find_order(call, refusal);
    return refusal.code != 0 ? refusal : cancel_found(call, order, call.get("newClientOrderId"));
}

// `order` may be none.
Answer EmulatedBinance::cancel_found(const Call& call, const EmulatedOrder* order, std::string_view cancel_id)
{
    const std::string_view only = call.get("cancelRestrictions");
    if (order != nullptr && ((only == "ONLY_NEW" && !order->filled.zero()) ||
                             (only == "ONLY_PARTIALLY_FILLED" && order->filled.zero())))
        return refuse(-2011, "Order was not canceled due to cancel restrictions.");
    if (order != nullptr) order = setup_.exchange->cancel(call.key->account, order->id, call.now);
    if (order == nullptr) return refuse(-2011, "Unknown order sent.");
    std::string id(cancel_id);
    if (id.empty()) id = fmt::format("emulatedCancel{}", ++invented_);
    return good(cancel_reply(*order, id, call.now));
}

Answer EmulatedBinance::cancel_all(const Call& call)
{
    ListingId listing = kNoListing;
    if (Answer answer = find_listing(call, listing, true); answer.code != 0) return answer;
    std::string list = "[";
    for (const EmulatedOrder* open : setup_.exchange->orders(call.key->account, listing, true)) {
        const EmulatedOrder* const order = setup_.exchange->cancel(call.key->account, open->id, call.now);
        if (order == nullptr) continue;
        if (list.size() > 1) list += ',';
        list += cancel_reply(*order, fmt::format("emulatedCancel{}", ++invented_), call.now);
    }
    if (!spot()) return good(R"({"code":200,"msg":"The operation of cancel all open order is done."})");
    if (list.size() == 1) return refuse(-2011, "Unknown order sent.");
    return good(list + "]");
}

Answer EmulatedBinance::query(const Call& call)
{
    Answer refusal;
    const EmulatedOrder* const order = find_order(call, refusal);
    if (refusal.code != 0) return refusal;
    return order == nullptr ? refuse(-2013, "Order does not exist.") : good(order_json(*order));
}

Answer EmulatedBinance::open_order(const Call& call)
{
    Answer refusal;
    const EmulatedOrder* const order = find_order(call, refusal);
    if (refusal.code != 0) return refusal;
    const bool open = order != nullptr && order->state == EmulatedState::open;
    return open ? good(order_json(*order)) : refuse(-2013, "Order does not exist.");
}

std::string EmulatedBinance::order_list(const Call& call, ListingId listing, bool open) const
{
    std::string list = "[";
    for (const EmulatedOrder* order : setup_.exchange->orders(call.key->account, listing, open)) {
        if (hidden(*order)) continue;
        if (list.size() > 1) list += ',';
        list += order_json(*order);
    }
    return list + "]";
}

Answer EmulatedBinance::open_orders(const Call& call)
{
    ListingId listing = kNoListing;
    const Answer answer = find_listing(call, listing, false);
    return answer.code != 0 ? answer : good(order_list(call, listing, true));
}

}  // namespace arb::binance
