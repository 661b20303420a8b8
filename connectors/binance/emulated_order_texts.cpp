#include "connectors/binance/emulated_order_texts.hpp"

#include <fmt/format.h>

#include "connectors/binance/emulated_parts.hpp"

namespace arb::binance {

std::string status_word(const EmulatedOrder& order)
{
    if (order.state == EmulatedState::open) return order.filled.zero() ? "NEW" : "PARTIALLY_FILLED";
    if (order.state == EmulatedState::filled) return "FILLED";
    if (order.state == EmulatedState::cancelled) return "CANCELED";
    if (order.state == EmulatedState::rejected) return "REJECTED";
    return order.end_reason == PlaceError::self_trade ? "EXPIRED_IN_MATCH" : "EXPIRED";
}

std::string_view EmulatedOrderTexts::type_word(const EmulatedOrder& order) const
{
    if (parts_.notes.is_market(order)) return "MARKET";
    return dialect_.spot() && order.time_in_force == TimeInForce::post_only ? "LIMIT_MAKER" : "LIMIT";
}

std::string_view EmulatedOrderTexts::tif_word(const EmulatedOrder& order) const
{
    const bool plain =
        parts_.notes.is_market(order) || (dialect_.spot() && order.time_in_force == TimeInForce::post_only);
    return plain ? std::string_view("GTC") : word_of(kForces, order.time_in_force);
}

std::string_view EmulatedOrderTexts::expiry_word(const EmulatedOrder& order) const
{
    if (order.state != EmulatedState::expired || order.end_reason == PlaceError::self_trade) return {};
    if (parts_.notes.is_market(order)) return "INSUFFICIENT_LIQUIDITY";
    return order.time_in_force == TimeInForce::fok ? "UNFILLED_FOK_ORDER_EXPIRED"
                                                   : "UNFILLED_IOC_QUANTITY_EXPIRED";
}

// The futures tell a digit in `er`: 1 self-trade prevention, 2 the rest of an IOC, 4 nothing to reduce, 9 the
// rest of a market order.
char EmulatedOrderTexts::expiry_digit(const EmulatedOrder& order) const
{
    if (order.end_reason == PlaceError::reduce_only) return '4';
    if (order.state != EmulatedState::expired) return '0';
    if (order.end_reason == PlaceError::self_trade) return '1';
    return parts_.notes.is_market(order) ? '9' : '2';
}

std::string EmulatedOrderTexts::average_price(const EmulatedOrder& order) const
{
    return price_paid(order.filled_notional, table_.instrument_of(order.listing).amount(order.filled));
}

std::string EmulatedOrderTexts::shown_price(const EmulatedOrder& order) const
{
    return dialect_.price_text(order.listing, parts_.notes.is_market(order) ? Price{} : order.price);
}

std::string EmulatedOrderTexts::shown_money(const EmulatedOrder& order) const
{
    return amount_text(parts_.notes.money(order));
}

std::string EmulatedOrderTexts::order_json(const EmulatedOrder& o) const
{
    const auto created = ms_of(o.created);
    const auto updated = ms_of(o.updated);
    const std::string common = fmt::format(
        R"("symbol":{},"orderId":{},"clientOrderId":{},"price":"{}","origQty":"{}","executedQty":"{}",)"
        R"("status":"{}","timeInForce":"{}","type":"{}","side":"{}","updateTime":{},"time":{})",
        dialect_.symbol_text(o.listing), o.id, json_text(o.client_id), shown_price(o),
        dialect_.quantity_text(o.listing, o.quantity), dialect_.quantity_text(o.listing, o.filled),
        status_word(o), tif_word(o), type_word(o), o.side == Side::buy ? "BUY" : "SELL", updated, created);
    if (dialect_.spot()) {
        return fmt::format(
            R"({{{},"orderListId":-1,"cummulativeQuoteQty":"{}","stopPrice":"0.00000000",)"
            R"("icebergQty":"0.00000000","isWorking":true,"workingTime":{},"origQuoteOrderQty":"{}",)"
            R"("selfTradePreventionMode":"{}"}})",
            common, amount_text(o.filled_notional), created, shown_money(o), parts_.notes.prevention(o.id));
    }
    return fmt::format(
        R"({{{},"avgPrice":"{}","cumQuote":"{}","origType":"{}","positionSide":"{}","reduceOnly":{},)"
        R"("closePosition":false,"selfTradePreventionMode":"{}","goodTillDate":0}})",
        common, average_price(o), amount_text(o.filled_notional), type_word(o),
        parts_.notes.position_side(o.id), o.reduce_only, parts_.notes.prevention(o.id));
}

std::string EmulatedOrderTexts::order_reply(const EmulatedOrder& o, std::string_view response,
                                            Timestamp now) const
{
    const auto ms = ms_of(now);
    if (!dialect_.spot()) {
        return fmt::format(
            R"({{"orderId":{},"symbol":{},"status":"{}","clientOrderId":{},"price":"{}","origQty":"{}",)"
            R"("executedQty":"{}","cumQty":"{}","timeInForce":"{}","type":"{}","origType":"{}",)"
            R"("reduceOnly":{},"closePosition":false,"side":"{}","positionSide":"{}","updateTime":{},)"
            R"("selfTradePreventionMode":"{}","goodTillDate":0}})",
            o.id, dialect_.symbol_text(o.listing), response == "ACK" ? "NEW" : status_word(o),
            json_text(o.client_id), shown_price(o), dialect_.quantity_text(o.listing, o.quantity),
            dialect_.quantity_text(o.listing, response == "ACK" ? Quantity{} : o.filled),
            dialect_.quantity_text(o.listing, o.filled), tif_word(o), type_word(o), type_word(o),
            o.reduce_only, o.side == Side::buy ? "BUY" : "SELL", parts_.notes.position_side(o.id), ms,
            parts_.notes.prevention(o.id));
    }
    std::string text =
        fmt::format(R"({{"symbol":{},"orderId":{},"orderListId":-1,"clientOrderId":{},"transactTime":{})",
                    dialect_.symbol_text(o.listing), o.id, json_text(o.client_id), ms);
    if (response == "ACK") return text + "}";
    text +=
        fmt::format(R"(,"price":"{}","origQty":"{}","executedQty":"{}","origQuoteOrderQty":"{}",)"
                    R"("cummulativeQuoteQty":"{}","status":"{}","timeInForce":"{}","type":"{}","side":"{}",)"
                    R"("workingTime":{},"selfTradePreventionMode":"{}")",
                    shown_price(o), dialect_.quantity_text(o.listing, o.quantity),
                    dialect_.quantity_text(o.listing, o.filled), shown_money(o),
                    amount_text(o.filled_notional), status_word(o), tif_word(o), type_word(o),
                    o.side == Side::buy ? "BUY" : "SELL", ms, parts_.notes.prevention(o.id));
    if (!expiry_word(o).empty()) text += fmt::format(R"(,"expiryReason":"{}")", expiry_word(o));
    if (response == "RESULT") return text + "}";
    text += R"(,"fills":[)";
    bool first = true;
    for (const EmulatedTrade* trade : exchange_.trades(o.account, o.listing, o.created)) {
        if (trade->order != o.id) continue;
        text += fmt::format(
            R"({}{{"price":"{}","qty":"{}","commission":"{}","commissionAsset":{},"tradeId":{}}})",
            first ? "" : ",", dialect_.price_text(o.listing, trade->price),
            dialect_.quantity_text(o.listing, trade->quantity), amount_text(trade->fee),
            json_text(trade->fee_asset), trade->id);
        first = false;
    }
    return text + "]}";
}

std::string EmulatedOrderTexts::cancel_reply(const EmulatedOrder& o, std::string_view cancel_id,
                                             Timestamp now) const
{
    if (!dialect_.spot()) return order_reply(o, "RESULT", now);
    return fmt::format(
        R"({{"symbol":{},"origClientOrderId":{},"orderId":{},"orderListId":-1,"clientOrderId":{},)"
        R"("transactTime":{},"price":"{}","origQty":"{}","executedQty":"{}","origQuoteOrderQty":"0.00000000",)"
        R"("cummulativeQuoteQty":"{}","status":"{}","timeInForce":"{}","type":"{}","side":"{}","selfTradePreventionMode":"{}"}})",
        dialect_.symbol_text(o.listing), json_text(o.client_id), o.id, json_text(cancel_id), ms_of(now),
        shown_price(o), dialect_.quantity_text(o.listing, o.quantity),
        dialect_.quantity_text(o.listing, o.filled), amount_text(o.filled_notional), status_word(o),
        tif_word(o), type_word(o), o.side == Side::buy ? "BUY" : "SELL", parts_.notes.prevention(o.id));
}

std::string EmulatedOrderTexts::execution_report(const EmulatedOrder& o, const EmulatedTrade* trade,
                                                 Timestamp now) const
{
    const bool cancelled = o.state == EmulatedState::cancelled;
    const auto ms = ms_of(now);
    const std::string status = status_word(o);
    const std::string_view what = trade != nullptr               ? "TRADE"
                                  : cancelled                    ? "CANCELED"
                                  : status == "EXPIRED_IN_MATCH" ? "TRADE_PREVENTION"
                                                                 : std::string_view(status);
    const std::string zero = dialect_.quantity_text(o.listing, {});
    std::string text = fmt::format(
        R"({{"e":"executionReport","E":{0},"s":{1},"c":{2},"S":"{3}","o":"{4}","f":"{5}","q":"{6}","p":"{7}",)"
        R"("P":"0.00000000","F":"0.00000000","g":-1,"C":{8},"x":"{9}","X":"{10}","r":"NONE","i":{11},)",
        ms, dialect_.symbol_text(o.listing),
        json_text(cancelled ? fmt::format("emulatedCancel{}", o.id) : o.client_id),
        o.side == Side::buy ? "BUY" : "SELL", type_word(o), tif_word(o),
        dialect_.quantity_text(o.listing, o.quantity), shown_price(o),
        json_text(cancelled ? o.client_id : ""), what, status, o.id);
    text += fmt::format(
        R"("l":"{0}","z":"{1}","L":"{2}","n":"{3}","N":{4},"T":{5},"t":{6},"v":3,"I":{7},"w":{8},"m":{9},)"
        R"("M":false,"O":{10},"Z":"{11}","Y":"0.00000000","Q":"{13}","W":{10},"V":"{12}")",
        trade != nullptr ? dialect_.quantity_text(o.listing, trade->quantity) : zero,
        dialect_.quantity_text(o.listing, o.filled),
        dialect_.price_text(o.listing, trade != nullptr ? trade->price : Price{}),
        trade != nullptr ? amount_text(trade->fee) : "0",
        trade != nullptr ? json_text(trade->fee_asset) : "null", ms,
        trade != nullptr ? fmt::to_string(trade->id) : "-1", o.id * 10 + o.trades,
        o.state == EmulatedState::open, trade != nullptr && trade->maker, ms_of(o.created),
        amount_text(o.filled_notional), parts_.notes.prevention(o.id), shown_money(o));
    if (!expiry_word(o).empty()) text += fmt::format(R"(,"eR":"{}")", expiry_word(o));
    return text + "}";
}

std::string EmulatedOrderTexts::order_update(const EmulatedOrder& o, const EmulatedTrade* trade, bool amended,
                                             Timestamp now) const
{
    const auto ms = ms_of(now);
    const std::string status = status_word(o);
    const std::string_view what = trade != nullptr               ? "TRADE"
                                  : amended                      ? "AMENDMENT"
                                  : status == "EXPIRED_IN_MATCH" ? "EXPIRED"
                                                                 : std::string_view(status);
    const std::string_view mark = amended ? parts_.notes.mark(o.id) : "";
    std::string text = fmt::format(
        R"({{"e":"ORDER_TRADE_UPDATE","E":{0},"T":{0},"o":{{"s":{1},"c":{2},"S":"{3}","o":"{14}","f":"{4}",)"
        R"("q":"{5}","p":"{6}","ap":"{13}","sp":"0","x":"{7}","X":"{8}","i":{9},"l":"{10}","z":"{11}","L":"{12}",)",
        ms, dialect_.symbol_text(o.listing), json_text(o.client_id), o.side == Side::buy ? "BUY" : "SELL",
        tif_word(o), dialect_.quantity_text(o.listing, o.quantity),
        parts_.notes.is_market(o) ? "0" : dialect_.price_text(o.listing, o.price), what, status, o.id,
        dialect_.quantity_text(o.listing, trade != nullptr ? trade->quantity : Quantity{}),
        dialect_.quantity_text(o.listing, o.filled),
        dialect_.price_text(o.listing, trade != nullptr ? trade->price : Price{}), average_price(o),
        type_word(o));
    if (trade != nullptr)
        text += fmt::format(R"("N":{},"n":"{}",)", json_text(trade->fee_asset), amount_text(trade->fee));
    text += fmt::format(
        R"("T":{},"t":{},"b":"0","a":"0","m":{},"R":{},"wt":"CONTRACT_PRICE","ot":"{}","ps":"{}",)"
        R"("cp":false,"rp":"0","pP":false,"si":0,"ss":0,"V":"{}","pm":"NONE","gtd":0,"er":"{}"{}{}}}}})",
        ms, trade != nullptr ? trade->id : 0, trade != nullptr && trade->maker, o.reduce_only, type_word(o),
        parts_.notes.position_side(o.id), parts_.notes.prevention(o.id), expiry_digit(o),
        mark.empty() ? "" : R"(,"M":)", mark);
    return text;
}

}  // namespace arb::binance
