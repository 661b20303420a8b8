// The emulated Bybit: orders, executions, balances and positions in its words.
#include <charconv>

#include <fmt/format.h>

#include "connectors/bybit/emulated_core.hpp"

namespace arb::bybit {
namespace {

constexpr std::uint64_t kSpotOrders = 2'200'000'000'000'000'000;
constexpr std::uint64_t kSpotTrades = 2'290'000'000'000'000'000;
constexpr std::string_view kUuidHead = "5f1e3c9a-0b1d-4c77-8000-";

// With the decimals of its step (contracts); spot prints the shortest digits.
std::string digits(std::int64_t units, unsigned decimals, std::int64_t step, bool shortest)
{
    if (shortest) return format_scaled(units, decimals);
    const unsigned kept = Decimal(step, decimals).decimals();
    const std::int64_t cut = power_of_ten(decimals - kept);
    if (units % cut != 0) return format_scaled(units, decimals);
    char text[kDecimalTextMax];
    return std::string(text, print_scaled(units / cut, kept, text));
}

std::string_view status_word(const EmulatedOrder& order, bool spot)
{
    switch (order.state) {
        case EmulatedState::open:
            return order.filled.zero() ? "New" : "PartiallyFilled";
        case EmulatedState::filled:
            return "Filled";
        case EmulatedState::rejected:
            return spot ? "Rejected" : "Cancelled";  // contracts call an order that would take cancelled
        case EmulatedState::cancelled:
        case EmulatedState::expired:
            break;
    }
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

std::string_view tif_word(TimeInForce tif)
{
    switch (tif) {
        case TimeInForce::ioc:
            return "IOC";
        case TimeInForce::fok:
            return "FOK";
        case TimeInForce::gtc:
            return "GTC";
        case TimeInForce::post_only:
            return "PostOnly";
    }
    return "GTC";
}

// As many decimals as an amount has; cut off, as nobody counts with it.
std::string average_text(Amount paid, Amount quantity)
{
    return Amount{paid.units / std::max<Int128>(quantity.units / kRateOne, 1) *
                  (power_of_ten(kAmountDecimals) / kRateOne)}
        .text();
}

std::string_view side_word(Side side)
{
    return side == Side::buy ? "Buy" : "Sell";
}

}  // namespace

std::string EmulatedBybit::price_text(const Listing& listing, Price price) const
{
    return digits(price.units, listing.wire.price_decimals, listing.tick.units, spot());
}

std::string EmulatedBybit::quantity_text(const Listing& listing, Quantity quantity) const
{
    return digits(quantity.units, listing.wire.quantity_decimals, listing.lot.units, spot());
}

std::string EmulatedBybit::order_id(std::uint64_t id) const
{
    return spot() ? fmt::format("{}", kSpotOrders + id) : fmt::format("{}{:012x}", kUuidHead, id);
}

std::string EmulatedBybit::trade_id(std::uint64_t id) const
{
    return spot() ? fmt::format("{}", kSpotTrades + id)
                  : fmt::format("a2c4{}{:012x}", kUuidHead.substr(4), id);
}

std::uint64_t EmulatedBybit::order_number(std::string_view id) const
{
    std::uint64_t number = 0;
    if (!spot()) {
        if (id.size() != 36 || id.substr(0, kUuidHead.size()) != kUuidHead) return 0;
        id.remove_prefix(kUuidHead.size());
    }
    const auto parsed = std::from_chars(id.data(), id.data() + id.size(), number, spot() ? 10 : 16);
    if (parsed.ec != std::errc{} || parsed.ptr != id.data() + id.size()) return 0;
    if (spot()) return number > kSpotOrders ? number - kSpotOrders : 0;
    return number;
}

std::string EmulatedBybit::order_json(const EmulatedOrder& matched) const
{
    EmulatedOrder order = matched;
    const Listing& listing = setup_.table->listing(order.listing);
    const Instrument& instrument = setup_.table->instrument(listing.instrument);
    const Quantity left = order.state == EmulatedState::open ? order.quantity - order.filled : Quantity{};
    const auto found = asked_.find(order.id);
    const Asked asked = found == asked_.end() ? Asked{} : found->second;
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
        order.filled.zero() ? "" : average_text(order.filled_notional, instrument.amount(order.filled));
    return fmt::format(
        R"({{"category":"{}","symbol":"{}","orderId":"{}","orderLinkId":{},"side":"{}","positionIdx":{},)"
        R"("price":"{}","qty":"{}","orderStatus":"{}","cancelType":"{}","rejectReason":"{}","avgPrice":"{}",)"
        R"("leavesQty":"{}","leavesValue":"{}","cumExecQty":"{}","cumExecValue":"{}","cumExecFee":"{}","cumFeeDetail":{},)"
        R"("timeInForce":"{}","orderType":"{}","reduceOnly":{},"closeOnTrigger":false,"isLeverage":"",)"
        R"("stopOrderType":"","triggerPrice":"","triggerDirection":0,"takeProfit":"","stopLoss":"",)"
        R"("smpType":"{}","smpGroup":0,"smpOrderId":"","marketUnit":"{}","feeCurrency":"","blockTradeId":"",)"
        R"("createType":"CreateByUser","createdTime":"{}","updatedTime":"{}"}})",
        setup_.market, listing.symbol, order_id(order.id), json_text(order.client_id), side_word(order.side),
        asked.position,
        // A market order has no price; contracts show the one that it is protected by.
        asked.market && spot() ? std::string("0") : price_text(listing, order.price),
        asked.quote_units ? asked.quantity : quantity_text(listing, order.quantity),
        rest.zero() ? status_word(order, spot()) : "PartiallyFilledCanceled", cancel_word(order),
        rest.zero() ? reject_word(order) : "EC_CancelForNoFullFill", average, quantity_text(listing, left),
        rest.zero() && unfilled ? unfilled->text() : rest.text(), quantity_text(listing, order.filled),
        order.filled_notional.text(), order.fees.text(), fees, tif_word(order.time_in_force),
        asked.market ? "Market" : "Limit", asked.reduce_only, asked.prevention,
        !asked.market || !spot() ? ""
        : asked.quote_units      ? "quoteCoin"
                                 : "baseCoin",
        ms_of(order.created), ms_of(order.updated));
}

std::string EmulatedBybit::trade_json(const EmulatedTrade& trade, const EmulatedOrder* order) const
{
    const Listing& listing = setup_.table->listing(trade.listing);
    const Quantity left = order == nullptr ? Quantity{} : order->quantity - order->filled;
    const auto asked = asked_.find(trade.order);
    const Rate rate =
        trade.maker ? setup_.exchange->maker_fee(trade.listing) : setup_.exchange->taker_fee(trade.listing);
    return fmt::format(
        R"({{"category":"{}","symbol":"{}","orderId":"{}","orderLinkId":{},"side":"{}","orderPrice":"{}",)"
        R"("orderQty":"{}","leavesQty":"{}","createType":"CreateByUser","orderType":"{}","stopOrderType":"",)"
        R"("execId":"{}","execPrice":"{}","execQty":"{}","execValue":"{}","execFee":"{}","feeCurrency":"{}",)"
        R"("feeRate":"{}","isMaker":{},"execType":"Trade","execTime":"{}","isLeverage":"0","closedSize":"",)"
        R"("blockTradeId":"","seq":{}}})",
        setup_.market, listing.symbol, order_id(trade.order),
        json_text(order == nullptr ? std::string_view() : std::string_view(order->client_id)),
        side_word(trade.side), order == nullptr ? "" : price_text(listing, order->price),
        order == nullptr ? "" : quantity_text(listing, order->quantity), quantity_text(listing, left),
        asked != asked_.end() && asked->second.market ? "Market" : "Limit", trade_id(trade.id),
        price_text(listing, trade.price), quantity_text(listing, trade.quantity), trade.notional.text(),
        trade.fee.text(), trade.fee_asset, format_scaled(rate.units, 8), trade.maker, ms_of(trade.time),
        trade.id);
}

std::string EmulatedBybit::fast_json(const EmulatedTrade& trade, const EmulatedOrder& order) const
{
    const Listing& listing = setup_.table->listing(trade.listing);
    return fmt::format(
        R"({{"category":"{}","symbol":"{}","execId":"{}","execPrice":"{}","execQty":"{}","orderId":"{}",)"
        R"("isMaker":{},"orderLinkId":{},"side":"{}","execTime":"{}","seq":{}}})",
        setup_.market, listing.symbol, trade_id(trade.id), price_text(listing, trade.price),
        quantity_text(listing, trade.quantity), order_id(trade.order), trade.maker,
        json_text(order.client_id), side_word(trade.side), ms_of(trade.time), trade.id);
}

std::string EmulatedBybit::coin_json(AccountId account, const EmulatedBalance& balance) const
{
    // With its manners the wallet is kept in doubles, whose last digits show.
    constexpr Int128 kDoubt = 5'820'000;
    Amount wallet = balance.wallet();
    if (setup_.manners && wallet.units % power_of_ten(kAmountDecimals) != 0) wallet += Amount{kDoubt};
    const Amount unrealised = unrealised_of(account, balance.asset);
    return fmt::format(
        R"({{"coin":"{0}","equity":"{1}","walletBalance":"{2}","locked":"{3}","free":"","usdValue":"{4}",)"
        R"("borrowAmount":"0","availableToBorrow":"","availableToWithdraw":"","accruedInterest":"0",)"
        R"("totalOrderIM":"{5}","totalPositionIM":"{6}","totalPositionMM":"0","unrealisedPnl":"{7}",)"
        R"("cumRealisedPnl":"0","bonus":"0","collateralSwitch":true,"marginCollateral":true,)"
        R"("spotHedgingQty":"0","spotBorrow":"0"}})",
        balance.asset, (wallet + unrealised).text(), wallet.text(), balance.held.text(),
        in_dollars(balance.asset, wallet + unrealised).text(), balance.order_margin.text(),
        balance.margin.text(), unrealised.text());
}

std::string EmulatedBybit::position_json(const Listing& listing, int side, const EmulatedBalance& held,
                                         Timestamp now) const
{
    const bool flat = held.total.zero();
    const Amount size = held.total.units < 0 ? -held.total : held.total;
    const Amount cost = held.cost.units < 0 ? -held.cost : held.cost;
    const std::string entry = flat ? "0" : average_text(cost, size);
    return fmt::format(
        R"({{"category":"{}","positionIdx":{},"riskId":1,"symbol":"{}","side":"{}","size":"{}",)"
        R"("avgPrice":"{}","entryPrice":"{}","positionValue":"{}","tradeMode":0,"autoAddMargin":0,)"
        R"("leverage":"10","markPrice":"{}","liqPrice":"","positionIM":"{}","positionMM":"0",)"
        R"("takeProfit":"","stopLoss":"","unrealisedPnl":"{}","cumRealisedPnl":"0",)"
        R"("positionStatus":"Normal","adlRankIndicator":0,"createdTime":"{}","updatedTime":"{}","seq":{}}})",
        setup_.market, side, listing.symbol,
        flat                   ? ""
        : held.total.units > 0 ? "Buy"
                               : "Sell",
        size.text(), entry, entry, flat ? "" : cost.text(), price_text(listing, mark(listing)),
        Amount{cost.units / 10}.text(), unrealised(listing, held).text(), ms_of(now), ms_of(now),
        cross_sequence_);
}

}  // namespace arb::bybit
