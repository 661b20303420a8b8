#include "connectors/kraken/emulated_lists.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/emulated_parts.hpp"
#include "engine/emulate/params.hpp"

namespace arb::kraken {
namespace {

constexpr std::size_t kRowsPage = 50;

std::string unix_time(Timestamp time)
{
    return format_scaled(time.ns / 100'000, 4);
}

// In percent, as Kraken writes fees.
std::string percent_text(Rate rate)
{
    return format_scaled(rate.units, 6);
}

std::size_t offset_of(std::string_view form)
{
    return count_of(query_text(form, "ofs"), 0, SIZE_MAX / 2);
}

/// A row of the trades: one trade, or what an order took in all.
struct TradeRow {
    const EmulatedTrade* first = nullptr;
    Quantity quantity;
    Amount notional, fee;
};

}  // namespace

std::optional<Answer> EmulatedLists::answer(std::string_view name, std::string_view form,
                                            const EmulatedKey& key) const
{
    if (name == "OpenOrders") return orders(key, form, true);
    if (name == "ClosedOrders") return orders(key, form, false);
    if (name == "QueryOrders") return query_orders(key, form);
    if (name == "TradesHistory") return trades(key, form);
    if (name == "BalanceEx" || name == "Balance") return balances(key, name == "BalanceEx");
    if (name == "TradeVolume") return volume(form);
    return std::nullopt;
}

std::string EmulatedLists::order_json(const EmulatedOrder& order, bool with_trades) const
{
    const Listing& l = table_.listing(order.listing);
    const std::string_view status = order.state == EmulatedState::open     ? "open"
                                    : order.state == EmulatedState::filled ? "closed"
                                                                           : "canceled";
    const OrderTerms& more = parts_.terms.of(order.id);
    const bool in_quote = !more.money.zero();
    const std::string limit = more.is_market ? "0" : dialect_.instrument(l).text(order.price);
    const std::string volume = in_quote ? more.money.text() : dialect_.instrument(l).text(order.quantity);
    const std::string flags = std::string("fciq") + (in_quote ? ",viqc" : "") +
                              (order.time_in_force == TimeInForce::post_only ? ",post" : "");
    std::string end;
    if (with_trades && !order.filled.zero()) {
        const auto trades = exchange_.trades(order.account, order.listing, order.created);
        end = fmt::format(R"(,"trades":[{}])", json_list(trades, [&](const EmulatedTrade& trade) {
                              return trade.order == order.id ? fmt::format(R"("TEMUL8-{}")", trade.id) : "";
                          }));
    }
    if (order.state != EmulatedState::open) end += fmt::format(R"(,"closetm":{})", unix_time(order.updated));
    return fmt::format(
        R"("{}":{{"refid":null,"userref":{},"cl_ord_id":{},"status":"{}","opentm":{},"starttm":0,"expiretm":0,)"
        R"("descr":{{"pair":"{}","type":"{}","ordertype":"{}","price":"{}","price2":"0","leverage":"none",)"
        R"("order":"{} {} {} @ {}","close":""}},"vol":"{}","vol_exec":"{}","cost":"{}","fee":"{}",)"
        R"("price":"{}","stopprice":"0.0","limitprice":"0.0","misc":"","oflags":"{}","reason":{}{}}})",
        order_id(order.id), more.userref ? fmt::format("{}", *more.userref) : "null",
        json_text(order.client_id), status, unix_time(order.created), dialect_.altname(l), name(order.side),
        more.is_market ? "market" : "limit", limit, name(order.side), volume, dialect_.altname(l),
        more.is_market ? "market" : "limit " + limit, volume, dialect_.instrument(l).text(order.filled),
        order.filled_notional.text(), order.fees.text(), dialect_.average(order), flags,
        order.end_reason == PlaceError::would_take   ? "\"Post only order\""
        : order.end_reason == PlaceError::self_trade ? "\"STP\""
                                                     : "null",
        end);
}

Answer EmulatedLists::orders(const EmulatedKey& key, std::string_view form, bool open) const
{
    const std::string client = query_text(form, "cl_ord_id");
    const ScaledNumber userref = parse_scaled(query_text(form, "userref"), 0);
    const bool with_trades = form_flag(form, "trades");
    std::string text;
    std::size_t count = 0;
    const std::size_t skip = offset_of(form);
    std::vector<const EmulatedOrder*> all = exchange_.orders(key.account, kNoListing, open);
    std::reverse(all.begin(), all.end());
    for (const EmulatedOrder* order : all) {
        if (open != (order->state == EmulatedState::open)) continue;
        if (!client.empty() && order->client_id != client) continue;
        if (userref.error == DecimalError::none && parts_.terms.of(order->id).userref != userref.value)
            continue;
        if (!open && (++count <= skip || count > skip + kRowsPage)) continue;
        text += (text.empty() ? "" : ",") + order_json(*order, with_trades);
    }
    return {open ? fmt::format(R"({{"open":{{{}}}}})", text)
                 : fmt::format(R"({{"closed":{{{}}},"count":{}}})", text, count),
            {}};
}

// One id that is not known spoils the whole answer.
Answer EmulatedLists::query_orders(const EmulatedKey& key, std::string_view form) const
{
    std::string text;
    std::size_t count = 0;
    for (const std::string& id : parts_of(query_text(form, "txid"))) {
        const EmulatedOrder* order = exchange_.find(key.account, order_number(id));
        if (order == nullptr) return {{}, "EOrder:Unknown order"};
        if (++count > kRowsPage) return {{}, "EGeneral:Invalid arguments:txid"};
        text += (text.empty() ? "" : ",") + order_json(*order, form_flag(form, "trades"));
    }
    return {"{" + text + "}", {}};
}

// Unless told otherwise what one order took in several trades is one row.
Answer EmulatedLists::trades(const EmulatedKey& key, std::string_view form) const
{
    const ScaledNumber start = parse_scaled(query_text(form, "start"), 0);
    const bool bounded =
        start.error == DecimalError::none && start.value > 0 && start.value < 100'000'000'000;
    const Timestamp since{bounded ? start.value * seconds(1).ns : 0};
    const bool apart = query_text(form, "consolidate_taker") == "false";
    std::vector<TradeRow> rows;
    for (const EmulatedTrade* trade : exchange_.trades(key.account, kNoListing, since)) {
        if (apart || trade->maker || rows.empty() || rows.back().first->order != trade->order) {
            rows.push_back({trade, trade->quantity, trade->notional, trade->fee});
        } else {
            rows.back().quantity = rows.back().quantity + trade->quantity;
            rows.back().notional += trade->notional;
            rows.back().fee += trade->fee;
        }
    }
    std::reverse(rows.begin(), rows.end());
    const std::span<const TradeRow> behind = std::span(rows).subspan(std::min(offset_of(form), rows.size()));
    const auto entry = [&](const TradeRow& row) {
        const EmulatedTrade& trade = *row.first;
        const Listing& l = table_.listing(trade.listing);
        return fmt::format(
            R"("TEMUL8-{}":{{"ordertxid":"{}","postxid":"","pair":"{}","time":{},"type":"{}",)"
            R"("ordertype":"{}","price":"{}","cost":"{}","fee":"{}","vol":"{}","margin":"0","leverage":"0",)"
            R"("misc":"","trade_id":{},"maker":{}}})",
            trade.id, order_id(trade.order), dialect_.pair_key(l), unix_time(trade.time), name(trade.side),
            parts_.terms.of(trade.order).is_market ? "market" : "limit",
            dialect_.instrument(l).text(trade.price), row.notional.text(), row.fee.text(),
            dialect_.instrument(l).text(row.quantity), trade.id, trade.maker);
    };
    return {fmt::format(R"({{"trades":{{{}}},"count":{}}})",
                        json_list(behind.first(std::min(kRowsPage, behind.size())), entry), rows.size()),
            {}};
}

Answer EmulatedLists::balances(const EmulatedKey& key, bool extended) const
{
    const auto entry = [&](const EmulatedBalance& balance) {
        const std::string id = asset_id(balance.asset);
        return extended ? fmt::format(R"("{}":{{"balance":"{}","hold_trade":"{}"}})", id,
                                      balance.total.text(), balance.held.text())
                        : fmt::format(R"("{}":"{}")", id, balance.total.text());
    };
    return {"{" + json_list(exchange_.balances(key.account), entry) + "}", {}};
}

Answer EmulatedLists::volume(std::string_view form) const
{
    std::string taker, maker;
    for (const std::string& pair : parts_of(query_text(form, "pair"))) {
        const Listing* l = dialect_.by_name(pair);
        if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
        const auto entry = [&](std::string& out, Rate rate) {
            out += fmt::format(R"({}"{}":{{"fee":"{}","minfee":"0","maxfee":"1","tiervolume":"0"}})",
                               out.empty() ? "" : ",", dialect_.pair_key(*l), percent_text(rate));
        };
        entry(taker, exchange_.taker_fee(l->id));
        entry(maker, exchange_.maker_fee(l->id));
    }
    return {
        fmt::format(R"({{"currency":"ZUSD","volume":"0","fees":{{{}}},"fees_maker":{{{}}}}})", taker, maker),
        {}};
}

Answer EmulatedLists::key_info(const EmulatedKey& key) const
{
    std::string permissions = R"("create-ws-token")";
    if (key.can_read) permissions += R"(,"query-funds","query-open-trades","query-closed-trades")";
    if (key.can_trade) permissions += R"(,"modify-trades","close-trades")";
    if (key.can_withdraw) permissions += R"(,"withdraw-funds")";
    // There is no right of that name; what comes nearest moves money into Earn.
    if (key.can_transfer) permissions += R"(,"earn-funds")";
    return {
        fmt::format(
            R"({{"apiKeyName":"{}","apiKey":"{}","nonce":"0","nonceWindow":"0","permissions":[{}],"iban":"",)"
            R"("validUntil":"{}","queryFrom":"0","queryTo":"0","createdTime":"{}","modifiedTime":"{}",)"
            R"("ipAllowlist":[{}],"lastUsed":null}})",
            key.label, key.key_id, permissions, seconds_of(key.expires), seconds_of(key.created),
            seconds_of(key.created), quoted_list(key.ip_allowed)),
        {}};
}

}  // namespace arb::kraken
