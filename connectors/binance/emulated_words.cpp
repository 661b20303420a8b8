// Orders and numbers in Binance's words.
#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"

namespace arb::binance {

Answer good(std::string body)
{
    return {200, std::move(body), 0, {}};
}

Answer refuse(int code, std::string text, int status)
{
    Answer answer;
    answer.status = status;
    answer.code = code;
    answer.text = std::move(text);
    answer.body = fmt::format(R"({{"code":{},"msg":{}}})", code, json_text(answer.text));
    return answer;
}

Answer missing(std::string_view parameter)
{
    return refuse(-1102, fmt::format("Mandatory parameter '{}' was not sent, was empty/null, or malformed.",
                                     parameter));
}

// Spot prints eight decimals whatever the steps are; the futures as many as the step has.
std::string EmulatedBinance::number(std::int64_t units, std::int64_t step, unsigned decimals) const
{
    while (!spot() && decimals > 0 && units % 10 == 0 && step % 10 == 0) {
        units /= 10;
        step /= 10;
        --decimals;
    }
    char text[kDecimalTextMax];
    std::string result(text, print_scaled(units, decimals, text));
    if (!spot()) return result;
    if (decimals == 0) result += '.';
    for (unsigned i = decimals; i < 8; ++i) result += '0';
    return result;
}

std::string EmulatedBinance::price_text(ListingId listing, Price price) const
{
    return number(price.units, setup_.table->listing(listing).tick.units,
                  setup_.table->instrument_of(listing).price_decimals);
}

std::string EmulatedBinance::quantity_text(ListingId listing, Quantity quantity) const
{
    return number(quantity.units, setup_.table->listing(listing).lot.units,
                  setup_.table->instrument_of(listing).quantity_decimals);
}

std::string EmulatedBinance::amount_text(Amount amount)
{
    std::string text = amount.text();
    std::size_t point = text.find('.');
    if (point == std::string::npos) {
        point = text.size();
        text += '.';
    }
    while (text.size() - point - 1 < 8) text += '0';
    return text;
}

std::string EmulatedBinance::status_word(const EmulatedOrder& order)
{
    switch (order.state) {
        case EmulatedState::open:
            return order.filled.zero() ? "NEW" : "PARTIALLY_FILLED";
        case EmulatedState::filled:
            return "FILLED";
        case EmulatedState::cancelled:
            return "CANCELED";
        case EmulatedState::expired:
            return order.end_reason == PlaceError::self_trade ? "EXPIRED_IN_MATCH" : "EXPIRED";
        case EmulatedState::rejected:
            return "REJECTED";
    }
    return "NEW";
}

std::string_view EmulatedBinance::type_word(const EmulatedOrder& order) const
{
    if (is_market(order)) return "MARKET";
    return spot() && order.time_in_force == TimeInForce::post_only ? "LIMIT_MAKER" : "LIMIT";
}

std::string_view EmulatedBinance::tif_word(const EmulatedOrder& order) const
{
    if (is_market(order)) return "GTC";
    switch (order.time_in_force) {
        case TimeInForce::ioc:
            return "IOC";
        case TimeInForce::fok:
            return "FOK";
        case TimeInForce::gtc:
            return "GTC";
        case TimeInForce::post_only:
            return spot() ? "GTC" : "GTX";
    }
    return "GTC";
}

std::string_view EmulatedBinance::expiry_word(const EmulatedOrder& order) const
{
    if (order.state != EmulatedState::expired || order.end_reason == PlaceError::self_trade) return {};
    if (is_market(order)) return "INSUFFICIENT_LIQUIDITY";
    return order.time_in_force == TimeInForce::fok ? "UNFILLED_FOK_ORDER_EXPIRED"
                                                   : "UNFILLED_IOC_QUANTITY_EXPIRED";
}

// The futures tell a digit in `er`: 1 self-trade prevention, 2 the rest of an IOC, 4 nothing to reduce, 9 the
// rest of a market order.
char EmulatedBinance::expiry_digit(const EmulatedOrder& order) const
{
    if (order.end_reason == PlaceError::reduce_only) return '4';
    if (order.state != EmulatedState::expired) return '0';
    if (order.end_reason == PlaceError::self_trade) return '1';
    return is_market(order) ? '9' : '2';
}

std::string EmulatedBinance::average_price(const EmulatedOrder& order) const
{
    if (order.filled.zero()) return "0";
    const Amount filled = setup_.table->instrument_of(order.listing).amount(order.filled);
    return format_scaled128(order.filled_notional.units * power_of_ten(8) / filled.units, 8);
}

std::string EmulatedBinance::order_json(const EmulatedOrder& o) const
{
    const Listing& listing = setup_.table->listing(o.listing);
    const auto created = o.created.ns / 1'000'000;
    const auto updated = o.updated.ns / 1'000'000;
    const std::string common = fmt::format(
        R"("symbol":{},"orderId":{},"clientOrderId":{},"price":"{}","origQty":"{}","executedQty":"{}",)"
        R"("status":"{}","timeInForce":"{}","type":"{}","side":"{}","updateTime":{},"time":{})",
        json_text(listing.symbol), o.id, json_text(o.client_id), shown_price(o),
        quantity_text(o.listing, o.quantity), quantity_text(o.listing, o.filled), status_word(o), tif_word(o),
        type_word(o), o.side == Side::buy ? "BUY" : "SELL", updated, created);
    if (spot()) {
        return fmt::format(
            R"({{{},"orderListId":-1,"cummulativeQuoteQty":"{}","stopPrice":"0.00000000",)"
            R"("icebergQty":"0.00000000","isWorking":true,"workingTime":{},"origQuoteOrderQty":"{}",)"
            R"("selfTradePreventionMode":"{}"}})",
            common, amount_text(o.filled_notional), created, shown_money(o), prevention(o.id));
    }
    return fmt::format(
        R"({{{},"avgPrice":"{}","cumQuote":"{}","origType":"{}","positionSide":"{}","reduceOnly":{},)"
        R"("closePosition":false,"selfTradePreventionMode":"{}","goodTillDate":0}})",
        common, average_price(o), amount_text(o.filled_notional), type_word(o), position_side(o.id),
        o.reduce_only, prevention(o.id));
}

std::string EmulatedBinance::order_reply(const EmulatedOrder& o, std::string_view response,
                                         Timestamp now) const
{
    const Listing& listing = setup_.table->listing(o.listing);
    const auto ms = now.ns / 1'000'000;
    if (!spot()) {
        return fmt::format(
            R"({{"orderId":{},"symbol":{},"status":"{}","clientOrderId":{},"price":"{}","origQty":"{}",)"
            R"("executedQty":"{}","cumQty":"{}","timeInForce":"{}","type":"{}","origType":"{}",)"
            R"("reduceOnly":{},"closePosition":false,"side":"{}","positionSide":"{}","updateTime":{},)"
            R"("selfTradePreventionMode":"{}","goodTillDate":0}})",
            o.id, json_text(listing.symbol), response == "ACK" ? "NEW" : status_word(o),
            json_text(o.client_id), shown_price(o), quantity_text(o.listing, o.quantity),
            quantity_text(o.listing, response == "ACK" ? Quantity{} : o.filled),
            quantity_text(o.listing, o.filled), tif_word(o), type_word(o), type_word(o), o.reduce_only,
            o.side == Side::buy ? "BUY" : "SELL", position_side(o.id), ms, prevention(o.id));
    }
    std::string text =
        fmt::format(R"({{"symbol":{},"orderId":{},"orderListId":-1,"clientOrderId":{},"transactTime":{})",
                    json_text(listing.symbol), o.id, json_text(o.client_id), ms);
    if (response == "ACK") return text + "}";
    text +=
        fmt::format(R"(,"price":"{}","origQty":"{}","executedQty":"{}","origQuoteOrderQty":"{}",)"
                    R"("cummulativeQuoteQty":"{}","status":"{}","timeInForce":"{}","type":"{}","side":"{}",)"
                    R"("workingTime":{},"selfTradePreventionMode":"{}")",
                    shown_price(o), quantity_text(o.listing, o.quantity), quantity_text(o.listing, o.filled),
                    shown_money(o), amount_text(o.filled_notional), status_word(o), tif_word(o), type_word(o),
                    o.side == Side::buy ? "BUY" : "SELL", ms, prevention(o.id));
    if (!expiry_word(o).empty()) text += fmt::format(R"(,"expiryReason":"{}")", expiry_word(o));
    if (response == "RESULT") return text + "}";
    text += R"(,"fills":[)";
    bool first = true;
    for (const EmulatedTrade* trade : setup_.exchange->trades(o.account, o.listing, o.created)) {
        if (trade->order != o.id) continue;
        text += fmt::format(
            R"({}{{"price":"{}","qty":"{}","commission":"{}","commissionAsset":{},"tradeId":{}}})",
            first ? "" : ",", price_text(o.listing, trade->price), quantity_text(o.listing, trade->quantity),
            amount_text(trade->fee), json_text(trade->fee_asset), trade->id);
        first = false;
    }
    return text + "]}";
}

std::string EmulatedBinance::cancel_reply(const EmulatedOrder& o, std::string_view cancel_id,
                                          Timestamp now) const
{
    if (!spot()) return order_reply(o, "RESULT", now);
    return fmt::format(
        R"({{"symbol":{},"origClientOrderId":{},"orderId":{},"orderListId":-1,"clientOrderId":{},)"
        R"("transactTime":{},"price":"{}","origQty":"{}","executedQty":"{}","origQuoteOrderQty":"0.00000000",)"
        R"("cummulativeQuoteQty":"{}","status":"{}","timeInForce":"{}","type":"{}","side":"{}","selfTradePreventionMode":"{}"}})",
        json_text(setup_.table->listing(o.listing).symbol), json_text(o.client_id), o.id,
        json_text(cancel_id), now.ns / 1'000'000, shown_price(o), quantity_text(o.listing, o.quantity),
        quantity_text(o.listing, o.filled), amount_text(o.filled_notional), status_word(o), tif_word(o),
        type_word(o), o.side == Side::buy ? "BUY" : "SELL", prevention(o.id));
}

}  // namespace arb::binance
