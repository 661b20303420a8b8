#include "connectors/okx/emulated_order_notes.hpp"

#include <utility>

#include <fmt/format.h>

#include "connectors/okx/emulated_parts.hpp"

namespace arb::okx {
namespace {

/// What an order's entry says as well, and what stays empty without margin trading, options and algo orders.
constexpr std::string_view kNeverSaid =
    R"("pnl":"0","source":"","quickMgnType":"","algoId":"","algoClOrdId":"","attachAlgoClOrdId":"",)"
    R"("attachAlgoOrds":[],"linkedAlgoOrd":{"algoId":""},"isTpLimit":"false","cancelSourceReason":"",)"
    R"("pxType":"","pxUsd":"","pxVol":"","stpId":"","slOrdPx":"","slTriggerPx":"","slTriggerPxType":"",)"
    R"("tpOrdPx":"","tpTriggerPx":"","tpTriggerPxType":"")";

constexpr Word<PlaceError> kCancelSources[] = {
    {"31", PlaceError::would_take},
    {"13", PlaceError::unfilled},
    {"32", PlaceError::self_trade},
};

std::string average_price(const EmulatedOrder& order, const Instrument& instrument)
{
    const Amount quantity = instrument.amount(order.filled);
    if (quantity.zero()) return {};
    const std::string limit = instrument.text(order.price);
    return instrument.inverse ? limit : price_paid(order.filled_notional, quantity, limit);
}

}  // namespace

std::string_view state_of(const EmulatedOrder& order)
{
    if (order.state == EmulatedState::open) return order.filled.zero() ? "live" : "partially_filled";
    return order.state == EmulatedState::filled ? "filled" : "canceled";
}

const EmulatedOrder* EmulatedOrderNotes::named(const EmulatedKey& key, const JsonBody& argument) const
{
    const std::string id_text = member(argument, "ordId");
    const ScaledNumber id = parse_scaled(id_text, 0);
    return !id_text.empty() && id.error == DecimalError::none && id.value > 0
               ? exchange_.find(key.account, static_cast<std::uint64_t>(id.value))
               : exchange_.find_client(key.account, member(argument, "clOrdId"));
}

const EmulatedOrderNotes::Said& EmulatedOrderNotes::said(std::uint64_t id) const
{
    static const Said kNothing;
    const auto found = said_.find(id);
    return found != said_.end() ? found->second : kNothing;
}

void EmulatedOrderNotes::amend_granted(const EmulatedOrder& order, std::string request)
{
    amends_[order.id].requests[order.amends] = std::move(request);
}

std::vector<FailedAmend> EmulatedOrderNotes::take_failed_amends()
{
    return std::exchange(failed_amends_, {});
}

AmendNews EmulatedOrderNotes::amend_news(const EmulatedOrder& order, const EmulatedTrade* trade)
{
    if (trade != nullptr || order.state != EmulatedState::open || order.amends == 0) return {};
    Amends& amends = amends_[order.id];
    if (order.amends <= amends.told) return {};
    amends.told = order.amends;
    return {"0", amends.requests[order.amends], "0", ""};
}

// What it says to have filled last, while the order is not told as filled: that comes in an entry of its own.
bool EmulatedOrderNotes::closes_apart(const EmulatedOrder& order, const EmulatedTrade* trade) const
{
    const std::optional<MarketTerms>& terms = said(order.id).market;
    return trade != nullptr && order.state == EmulatedState::filled && terms && terms->in_money();
}

std::string_view EmulatedOrderNotes::cancel_source(const EmulatedOrder& order) const
{
    if (timed_out_.count(order.id) > 0) return "20";
    const std::string_view source = word_of(kCancelSources, order.end_reason);
    if (!source.empty()) return source;
    if (order.state == EmulatedState::expired) return "14";
    return order.state == EmulatedState::cancelled ? "1" : "";
}

std::string EmulatedOrderNotes::order_json(const EmulatedOrder& order, const EmulatedTrade* trade,
                                           const AmendNews& amend) const
{
    const Listing& l = table_.listing(order.listing);
    const std::string average = average_price(order, dialect_.instrument(l));
    const auto& [tag, prevention, terms] = said(order.id);
    const bool market = terms.has_value();
    return fmt::format(
        R"({{"instType":"{}","instId":"{}","ccy":"","ordId":"{}","clOrdId":{},"tag":"{}","px":"{}","sz":"{}","ordType":"{}",)"
        R"("side":"{}","posSide":"{}","tdMode":"{}","accFillSz":"{}","fillPx":"{}","tradeId":"{}","fillSz":"{}",)"
        R"("fillTime":"{}","fillFee":"{}","fillFeeCcy":"{}","execType":"{}","state":"{}","avgPx":"{}","feeCcy":"{}",)"
        R"("fee":"{}","rebateCcy":"","rebate":"0","reduceOnly":"{}","stpMode":"{}","cancelSource":"{}",)"
        R"("category":"normal","uTime":"{}","cTime":"{}","reqId":{},"amendResult":"{}",)"
        R"("amendSource":"{}","code":"{}","msg":{},"tradeQuoteCcy":"{}","tgtCcy":"{}","lever":"{}",{}}})",
        kind_of(l), l.symbol, order.id, json_text(order.client_id), tag,
        market ? std::string() : dialect_.price(order.price, l),
        market ? terms->size : dialect_.size(order.quantity, l),
        market ? std::string_view("market") : word_of(kOrderTypes, order.time_in_force), name(order.side),
        l.market == "spot" ? "" : "net", l.market == "spot" && parts_.settings.level < "3" ? "cash" : "cross",
        dialect_.size(order.filled, l), trade != nullptr ? dialect_.price(trade->price, l) : "",
        trade != nullptr ? fmt::format("{}", trade->id) : "",
        trade != nullptr ? dialect_.size(trade->quantity, l) : "0",
        trade != nullptr ? fmt::format("{}", ms_of(trade->time)) : "",
        trade != nullptr ? (-trade->fee).text() : "0", trade != nullptr ? trade->fee_asset : "",
        trade == nullptr ? ""
        : trade->maker   ? "M"
                         : "T",
        closes_apart(order, trade) ? std::string_view("partially_filled") : state_of(order), average,
        order.fee_asset, (-order.fees).text(), order.reduce_only,
        prevention.empty() ? std::string("cancel_maker") : prevention, cancel_source(order),
        ms_of(order.updated), ms_of(order.created), json_text(amend.request), amend.result,
        amend.result.empty() ? "" : "1", amend.code, json_text(amend.text),
        l.market == "spot" ? dialect_.instrument(l).quote : std::string(),
        market ? terms->unit : std::string(), l.market == "spot" ? "" : "1", kNeverSaid);
}

}  // namespace arb::okx
