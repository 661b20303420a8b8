#include "connectors/gate/emulated_lists.hpp"

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"

namespace arb::gate {
namespace {

constexpr std::uint64_t kTradeBase = 5'736'712;

std::string_view role_word(const EmulatedTrade& trade)
{
    return trade.maker ? "maker" : "taker";
}

}  // namespace

std::uint64_t EmulatedFills::number(const EmulatedTrade& trade)
{
    std::uint64_t& number = numbers_[trade.id];
    if (number == 0) number = ++last_[trade.listing];
    return kTradeBase + number;
}

std::string EmulatedFills::client_text(const EmulatedTrade& trade) const
{
    const EmulatedOrder* const order = exchange_.find(trade.account, trade.order);
    return json_text(order == nullptr || order->client_id.empty() ? "apiv4" : order->client_id);
}

std::string EmulatedFills::fill_json(const EmulatedTrade& trade, Form form)
{
    if (!dialect_.spot()) return contract_fill(trade, form);
    const Listing& listing = table_.listing(trade.listing);
    const std::uint64_t id = number(trade);
    return fmt::format(
        R"({{"id":"{}","create_time":"{}","create_time_ms":"{}.{:06}","currency_pair":"{}","side":"{}",)"
        R"("role":"{}","amount":"{}","price":"{}","order_id":"{}","fee":"{}","fee_currency":"{}",)"
        R"("point_fee":"0","gt_fee":"0","sequence_id":"{}","text":{},"amend_text":"-","deal":"{}"}})",
        id, seconds_of(trade.time), ms_of(trade.time), trade.time.ns % 1'000'000, listing.symbol,
        name(trade.side), role_word(trade), size_text(listing, trade.quantity),
        price_text(listing, trade.price), order_id_text(trade.order), trade.fee.text(), trade.fee_asset, id,
        client_text(trade), trade.notional.text());
}

std::string EmulatedFills::fill_news(const EmulatedTrade& trade, Form form)
{
    if (!dialect_.spot()) return contract_fill(trade, form);
    const Listing& listing = table_.listing(trade.listing);
    return fmt::format(
        R"({{"id":{0},"id_market":{0},"user_id":{1},"order_id":"{2}","currency_pair":"{3}","create_time":{4},)"
        R"("create_time_ms":"{5}.{6:03}","side":"{7}","amount":"{8}","role":"{9}","price":"{10}",)"
        R"("fee":"{11}","fee_currency":"{12}","point_fee":"0","gt_fee":"0","text":{13}}})",
        number(trade), user_of(trade.account), order_id_text(trade.order), listing.symbol,
        seconds_of(trade.time), ms_of(trade.time), trade.time.ns / 1000 % 1000, name(trade.side),
        size_text(listing, trade.quantity), role_word(trade), price_text(listing, trade.price),
        trade.fee.text(), trade.fee_asset, client_text(trade));
}

std::string EmulatedFills::contract_fill(const EmulatedTrade& trade, Form form)
{
    const Listing& listing = table_.listing(trade.listing);
    const bool push = form == Form::push || form == Form::whole_push;
    const std::string id = fmt::format("{}", number(trade));
    return fmt::format(
        R"({{"id":{},"create_time":{},"create_time_ms":{},"contract":"{}","order_id":"{}","size":{},)"
        R"("price":"{}","role":"{}","text":{},"fee":{},"point_fee":{}}})",
        push ? json_text(id) : id, push ? fmt::format("{}", seconds_of(trade.time)) : float_time(trade.time),
        ms_of(trade.time), listing.symbol, order_id_text(trade.order),
        contract_size(listing, trade.quantity, trade.side, form), price_text(listing, trade.price),
        role_word(trade), client_text(trade), contract_number(trade.fee.text(), form),
        contract_number("0", form));
}

std::string EmulatedFills::fill_of_span(const EmulatedTrade& trade, Form form)
{
    const Listing& listing = table_.listing(trade.listing);
    return fmt::format(
        R"({{"trade_id":"{}","create_time":{},"contract":"{}","order_id":"{}","size":{},"price":"{}",)"
        R"("role":"{}","text":{},"fee":"{}","point_fee":"0","close_size":"0","amend_text":"-"}})",
        number(trade), float_time(trade.time), listing.symbol, order_id_text(trade.order),
        contract_size(listing, trade.quantity, trade.side, form), price_text(listing, trade.price),
        role_word(trade), client_text(trade), trade.fee.text());
}

}  // namespace arb::gate
