// The emulated Gate: orders and trades in its words. The one place for the order object of spot.
#include <fmt/format.h>

#include "connectors/gate/emulated_core.hpp"

namespace arb::gate {
namespace {

// Gate's ids are beyond 32 bits.
constexpr std::uint64_t kOrderBase = 1'036'717'000'000;
constexpr std::int64_t kUserBase = 10'000'000;
constexpr std::uint64_t kTradeBase = 5'736'712;

}  // namespace

// Eight decimals at most, cut off: nobody counts with it.
std::string EmulatedGate::average_text(const EmulatedOrder& order, const Instrument& instrument)
{
    const Int128 bought = instrument.amount(order.filled).units / power_of_ten(8);
    return bought == 0 ? "0" : format_scaled128(order.filled_notional.units / bought, 8);
}

std::string_view EmulatedGate::tif_words(TimeInForce tif)
{
    switch (tif) {
        case TimeInForce::ioc:
            return "ioc";
        case TimeInForce::fok:
            return "fok";
        case TimeInForce::post_only:
            return "poc";
        case TimeInForce::gtc:
            break;
    }
    return "gtc";
}

std::string EmulatedGate::price_text(const Listing& listing, Price price) const
{
    return format_scaled(price.units, listing.wire.price_decimals);
}

std::string EmulatedGate::size_text(const Listing& listing, Quantity quantity) const
{
    return format_scaled(quantity.units / listing.wire.quantity_factor, listing.wire.quantity_decimals);
}

std::string EmulatedGate::order_id(std::uint64_t id)
{
    return fmt::format("{}", kOrderBase + id);
}

std::uint64_t EmulatedGate::order_number(std::string_view id)
{
    const auto number = static_cast<std::uint64_t>(whole_of(id, 0));
    return number > kOrderBase ? number - kOrderBase : 0;
}

std::int64_t EmulatedGate::user_of(AccountId account)
{
    return kUserBase + static_cast<std::int64_t>(account);
}

// Each market counts its own trades: two of them have trades of one id.
std::uint64_t EmulatedGate::trade_number(const EmulatedTrade& trade)
{
    std::uint64_t& number = trade_numbers_[trade.id];
    if (number == 0) number = ++last_trade_[trade.listing];
    return kTradeBase + number;
}

std::string_view EmulatedGate::finish_word(const EmulatedOrder& order) const
{
    switch (order.state) {
        case EmulatedState::open:
            return "open";
        case EmulatedState::filled:
            return "filled";
        case EmulatedState::cancelled:
            return "cancelled";
        case EmulatedState::rejected:
            return "poc";
        case EmulatedState::expired:
            break;
    }
    if (order.end_reason == PlaceError::self_trade) return "stp";
    if (order.end_reason == PlaceError::reduce_only) return "reduce_only";
    return order.time_in_force == TimeInForce::fok ? "fok" : "ioc";
}

std::string_view EmulatedGate::event_word(const EmulatedOrder& order, const EmulatedTrade* trade) const
{
    if (order.state != EmulatedState::open) return "finish";
    return trade != nullptr || order.amends > 0 || !order.filled.zero() ? "update" : "put";
}

std::string EmulatedGate::text_of_order(AccountId account, std::uint64_t id) const
{
    const EmulatedOrder* const order = setup_.exchange->find(account, id);
    return order == nullptr || order->client_id.empty() ? "apiv4" : order->client_id;
}

// What a reply and the account's channel have in common differs in little: times as numbers or as text, and a
// few members that only one of them has.
std::string EmulatedGate::order_json(const EmulatedOrder& order, Form form) const
{
    if (!spot()) return contract_order(order, form);
    const Listing& listing = setup_.table->listing(order.listing);
    const Instrument& instrument = setup_.table->instrument(listing.instrument);
    const auto found = asked_.find(order.id);
    const Asked asked = found == asked_.end() ? Asked{} : found->second;
    const bool ended = order.state != EmulatedState::open;
    const std::string_view status = !ended                                 ? "open"
                                    : order.state == EmulatedState::filled ? "closed"
                                                                           : "cancelled";
    const std::string paid = order.filled_notional.text();
    const std::string& fee_asset = !order.fee_asset.empty()  ? order.fee_asset
                                   : order.side == Side::buy ? instrument.base
                                                             : instrument.quote;
    const bool push = form == Form::push;
    std::string text = fmt::format(
        R"({{"id":"{}","text":{},"amend_text":{},"create_time":"{}","update_time":"{}","currency_pair":"{}",)"
        R"("type":"limit","account":"{}","side":"{}","amount":"{}","price":"{}","time_in_force":"{}",)"
        R"("left":"{}","filled_total":"{}","avg_deal_price":"{}","fee":"{}","fee_currency":"{}",)"
        R"("point_fee":"0","gt_fee":"0","rebated_fee":"0","rebated_fee_currency":"{}","stp_id":{},)"
        R"("stp_act":"{}","finish_as":"{}")",
        order_id(order.id), json_text(order.client_id.empty() ? "apiv4" : order.client_id),
        json_text(asked.amend_text), seconds_of(order.created), seconds_of(order.updated), listing.symbol,
        unified() ? "unified" : "spot", name(order.side), size_text(listing, order.quantity),
        price_text(listing, order.price), tif_words(order.time_in_force),
        size_text(listing, order.quantity - order.filled), paid, average_text(order, instrument),
        order.fees.text(), fee_asset, fee_asset, group().empty() ? "0" : group(), asked.act,
        finish_word(order));
    // Older pushes say how much is left and not how much is filled.
    if (!push || !setup_.manners)
        text += fmt::format(R"(,"filled_amount":"{}")", size_text(listing, order.filled));
    const std::int64_t created = ms_of(order.created), updated = ms_of(order.updated);
    // order_news goes on with a push.
    if (push) return text + fmt::format(R"(,"create_time_ms":"{}","update_time_ms":"{}")", created, updated);
    return text +
           fmt::format(R"(,"create_time_ms":{},"update_time_ms":{},"status":"{}","iceberg":"0",)"
                       R"("fill_price":"{}","gt_maker_fee":"0","gt_taker_fee":"0","gt_discount":false}})",
                       created, updated, status, paid);
}

std::string EmulatedGate::order_news(const EmulatedOrder& order, std::string_view event) const
{
    return fmt::format(R"({},"user":{},"event":"{}","biz_info":"-"}})", order_json(order, Form::push),
                       user_of(order.account), event);
}

std::string EmulatedGate::trade_json(const EmulatedTrade& trade)
{
    const Listing& listing = setup_.table->listing(trade.listing);
    const std::uint64_t number = trade_number(trade);
    return fmt::format(
        R"({{"id":"{}","create_time":"{}","create_time_ms":"{}.{:06}","currency_pair":"{}","side":"{}",)"
        R"("role":"{}","amount":"{}","price":"{}","order_id":"{}","fee":"{}","fee_currency":"{}",)"
        R"("point_fee":"0","gt_fee":"0","sequence_id":"{}","text":{},"amend_text":"-","deal":"{}"}})",
        number, seconds_of(trade.time), ms_of(trade.time), trade.time.ns % 1'000'000, listing.symbol,
        name(trade.side), trade.maker ? "maker" : "taker", size_text(listing, trade.quantity),
        price_text(listing, trade.price), order_id(trade.order), trade.fee.text(), trade.fee_asset, number,
        json_text(text_of_order(trade.account, trade.order)), trade.notional.text());
}

std::string EmulatedGate::trade_news(const EmulatedTrade& trade)
{
    const Listing& listing = setup_.table->listing(trade.listing);
    const std::uint64_t number = trade_number(trade);
    return fmt::format(
        R"({{"id":{0},"id_market":{0},"user_id":{1},"order_id":"{2}","currency_pair":"{3}","create_time":{4},)"
        R"("create_time_ms":"{5}.{6:03}","side":"{7}","amount":"{8}","role":"{9}","price":"{10}",)"
        R"("fee":"{11}","fee_currency":"{12}","point_fee":"0","gt_fee":"0","text":{13}}})",
        number, user_of(trade.account), order_id(trade.order), listing.symbol, seconds_of(trade.time),
        ms_of(trade.time), trade.time.ns / 1000 % 1000, name(trade.side), size_text(listing, trade.quantity),
        trade.maker ? "maker" : "taker", price_text(listing, trade.price), trade.fee.text(), trade.fee_asset,
        json_text(text_of_order(trade.account, trade.order)));
}

}  // namespace arb::gate
