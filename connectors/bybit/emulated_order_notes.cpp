#include "connectors/bybit/emulated_order_notes.hpp"

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"

namespace arb::bybit {
namespace {

std::string_view status_word(const EmulatedOrder& order, bool spot)
{
    if (order.state == EmulatedState::open) return order.filled.zero() ? "New" : "PartiallyFilled";
    if (order.state == EmulatedState::filled) return "Filled";
    // Contracts call an order that would take cancelled.
    if (order.state == EmulatedState::rejected && spot) return "Rejected";
    return spot && !order.filled.zero() ? "PartiallyFilledCanceled" : "Cancelled";
}

std::string_view reject_word(const EmulatedOrder& order)
{
    if (order.end_reason == PlaceError::would_take) return "EC_PostOnlyWillTakeLiquidity";
    if (order.end_reason == PlaceError::unfilled) return "EC_CancelForNoFullFill";
    if (order.end_reason == PlaceError::self_trade) return "EC_BySelfMatch";
    if (order.state == EmulatedState::expired) return "EC_NoImmediateQtyToFill";
    if (order.state == EmulatedState::cancelled) return "EC_PerCancelRequest";
    return "EC_NoError";
}

std::string_view cancel_word(const EmulatedOrder& order)
{
    if (order.end_reason == PlaceError::self_trade) return "CancelBySmp";
    if (order.end_reason == PlaceError::reduce_only) return "CancelByReduceOnly";
    return order.state == EmulatedState::cancelled ? "CancelByUser" : "UNKNOWN";
}

/// The money of a market order that bought or sold no further lot.
Amount left_over(const EmulatedOrder& order, const AskedTerms& asked)
{
    const std::optional<Decimal> said = Decimal::parse(asked.quantity);
    const std::optional<Amount> money = said ? amount_of(*said) : std::nullopt;
    return asked.quote_units && money ? *money - order.filled_notional : Amount{};
}

}  // namespace

const EmulatedOrder* EmulatedOrderNotes::find(const EmulatedCall& call) const
{
    const std::string_view id = call.get("orderId");
    const EmulatedOrder* order = id.empty() ? exchange_.find_client(call.account(), call.get("orderLinkId"))
                                            : exchange_.find(call.account(), dialect_.order_number(id));
    const std::string_view symbol = call.get("symbol");
    if (order == nullptr || (!symbol.empty() && table_.listing(order->listing).symbol != symbol))
        return nullptr;
    return order;
}

std::string EmulatedOrderNotes::order_json(const EmulatedOrder& matched) const
{
    EmulatedOrder order = matched;
    const Listing& listing = table_.listing(order.listing);
    const Instrument& instrument = table_.instrument(listing.instrument);
    const Quantity left = order.state == EmulatedState::open ? order.quantity - order.filled : Quantity{};
    const auto found = asked_.find(order.id);
    const AskedTerms asked = found == asked_.end() ? AskedTerms{} : found->second;
    // For the matching it was cancelled.
    if (asked.would_take && order.state == EmulatedState::cancelled) {
        order.state = EmulatedState::rejected;
        order.end_reason = PlaceError::would_take;
    }
    const Amount rest = order.state == EmulatedState::filled ? left_over(order, asked) : Amount{};
    const std::optional<Amount> unfilled = instrument.notional(order.price, left);
    const std::string fees =
        order.fees.zero() ? "{}"
                          : fmt::format("{{{}:\"{}\"}}", json_text(order.fee_asset), order.fees.text());
    const std::string average =
        order.filled.zero() ? "" : price_paid(order.filled_notional, instrument.amount(order.filled));
    return fmt::format(
        R"({{"category":"{}","symbol":"{}","orderId":"{}","orderLinkId":{},"side":"{}","positionIdx":{},)"
        R"("price":"{}","qty":"{}","orderStatus":"{}","cancelType":"{}","rejectReason":"{}","avgPrice":"{}",)"
        R"("leavesQty":"{}","leavesValue":"{}","cumExecQty":"{}","cumExecValue":"{}","cumExecFee":"{}","cumFeeDetail":{},)"
        R"("timeInForce":"{}","orderType":"{}","reduceOnly":{},"closeOnTrigger":false,"isLeverage":"",)"
        R"("stopOrderType":"","triggerPrice":"","triggerDirection":0,"takeProfit":"","stopLoss":"",)"
        R"("smpType":"{}","smpGroup":0,"smpOrderId":"","marketUnit":"{}","feeCurrency":"","blockTradeId":"",)"
        R"("createType":"CreateByUser","createdTime":"{}","updatedTime":"{}"}})",
        setup_.market, listing.symbol, dialect_.order_id(order.id), json_text(order.client_id),
        side_word(order.side), asked.position,
        // A market order has no price; contracts show the one that it is protected by.
        asked.market && dialect_.spot() ? std::string("0") : dialect_.price_text(listing, order.price),
        asked.quote_units ? asked.quantity : dialect_.quantity_text(listing, order.quantity),
        rest.zero() ? status_word(order, dialect_.spot()) : "PartiallyFilledCanceled", cancel_word(order),
        rest.zero() ? reject_word(order) : "EC_CancelForNoFullFill", average,
        dialect_.quantity_text(listing, left), rest.zero() && unfilled ? unfilled->text() : rest.text(),
        dialect_.quantity_text(listing, order.filled), order.filled_notional.text(), order.fees.text(), fees,
        word_of(kForces, order.time_in_force), asked.market ? "Market" : "Limit", asked.reduce_only,
        asked.prevention,
        !asked.market || !dialect_.spot() ? ""
        : asked.quote_units               ? "quoteCoin"
                                          : "baseCoin",
        ms_of(order.created), ms_of(order.updated));
}

std::string EmulatedOrderNotes::trade_json(const EmulatedTrade& trade, const EmulatedOrder* order) const
{
    const Listing& listing = table_.listing(trade.listing);
    const Quantity left = order == nullptr ? Quantity{} : order->quantity - order->filled;
    const auto asked = asked_.find(trade.order);
    const Rate rate = trade.maker ? exchange_.maker_fee(trade.listing) : exchange_.taker_fee(trade.listing);
    return fmt::format(
        R"({{"category":"{}","symbol":"{}","orderId":"{}","orderLinkId":{},"side":"{}","orderPrice":"{}",)"
        R"("orderQty":"{}","leavesQty":"{}","createType":"CreateByUser","orderType":"{}","stopOrderType":"",)"
        R"("execId":"{}","execPrice":"{}","execQty":"{}","execValue":"{}","execFee":"{}","feeCurrency":"{}",)"
        R"("feeRate":"{}","isMaker":{},"execType":"Trade","execTime":"{}","isLeverage":"0","closedSize":"",)"
        R"("blockTradeId":"","seq":{}}})",
        setup_.market, listing.symbol, dialect_.order_id(trade.order),
        json_text(order == nullptr ? std::string_view() : std::string_view(order->client_id)),
        side_word(trade.side), order == nullptr ? "" : dialect_.price_text(listing, order->price),
        order == nullptr ? "" : dialect_.quantity_text(listing, order->quantity),
        dialect_.quantity_text(listing, left),
        asked != asked_.end() && asked->second.market ? "Market" : "Limit", dialect_.trade_id(trade.id),
        dialect_.price_text(listing, trade.price), dialect_.quantity_text(listing, trade.quantity),
        trade.notional.text(), trade.fee.text(), trade.fee_asset, format_scaled(rate.units, 8), trade.maker,
        ms_of(trade.time), trade.id);
}

std::string EmulatedOrderNotes::fast_json(const EmulatedTrade& trade, const EmulatedOrder& order) const
{
    const Listing& listing = table_.listing(trade.listing);
    return fmt::format(
        R"({{"category":"{}","symbol":"{}","execId":"{}","execPrice":"{}","execQty":"{}","orderId":"{}",)"
        R"("isMaker":{},"orderLinkId":{},"side":"{}","execTime":"{}","seq":{}}})",
        setup_.market, listing.symbol, dialect_.trade_id(trade.id), dialect_.price_text(listing, trade.price),
        dialect_.quantity_text(listing, trade.quantity), dialect_.order_id(trade.order), trade.maker,
        json_text(order.client_id), side_word(trade.side), ms_of(trade.time), trade.id);
}

}  // namespace arb::bybit
