#include "connectors/binance/emulated_lists.hpp"

#include <fmt/format.h>

#include "connectors/binance/emulated_parts.hpp"

namespace arb::binance {

Answer EmulatedLists::query(const Call& call) const
{
    Answer refusal;
    const EmulatedOrder* const order = parts_.reader.find_order(call, refusal);
    if (refusal.code != 0) return refusal;
    return order == nullptr ? refuse(-2013, "Order does not exist.") : good(parts_.texts.order_json(*order));
}

Answer EmulatedLists::open_order(const Call& call) const
{
    Answer refusal;
    const EmulatedOrder* const order = parts_.reader.find_order(call, refusal);
    if (refusal.code != 0) return refusal;
    const bool open = order != nullptr && order->state == EmulatedState::open;
    return open ? good(parts_.texts.order_json(*order)) : refuse(-2013, "Order does not exist.");
}

Answer EmulatedLists::open_orders(const Call& call) const
{
    ListingId listing = kNoListing;
    if (Answer answer = dialect_.find_listing(call, listing, false); answer.code != 0) return answer;
    return good_list(exchange_.orders(call.key->account, listing, true), [&](const EmulatedOrder& order) {
        return parts_.notes.hidden(order) ? std::string() : parts_.texts.order_json(order);
    });
}

Answer EmulatedLists::all_orders(const Call& call) const
{
    ListingId listing = kNoListing;
    const Answer answer = dialect_.find_listing(call, listing, true);
    if (answer.code != 0) return answer;
    // From this number on, the oldest first; without it the newest.
    const std::int64_t from = whole_of(call.get("orderId"), -1);
    const std::int64_t limit = whole_of(call.get("limit"), 500);
    if (limit <= 0 || limit > 1'000) return refuse(-1130, "Data sent for parameter 'limit' is not valid.");
    std::vector<const EmulatedOrder*> found;
    for (const EmulatedOrder* order : exchange_.orders(call.key->account, listing, false)) {
        if (!parts_.notes.hidden(*order) && static_cast<std::int64_t>(order->id) >= from)
            found.push_back(order);
    }
    const std::int64_t start = whole_of(call.get("startTime"), 0);
    const std::int64_t end = whole_of(call.get("endTime"), INT64_MAX);
    std::erase_if(found, [&](const EmulatedOrder* order) {
        const std::int64_t ms = ms_of(order->created);
        return from < 0 && (ms < start || ms > end);
    });
    const auto most = static_cast<std::size_t>(limit);
    if (found.size() > most && from >= 0) found.resize(most);
    if (found.size() > most) found.erase(found.begin(), found.end() - limit);
    return good_list(found, [&](const EmulatedOrder& order) { return parts_.texts.order_json(order); });
}

std::string EmulatedLists::trade_json(const EmulatedTrade& t) const
{
    const bool buy = t.side == Side::buy;
    const std::string side =
        dialect_.spot()
            ? fmt::format(R"("isBuyer":{},"isMaker":{},"isBestMatch":true)", buy, t.maker)
            : fmt::format(R"("side":"{}","buyer":{},"maker":{},"positionSide":"{}","realizedPnl":"0")",
                          buy ? "BUY" : "SELL", buy, t.maker, parts_.notes.position_side(t.order));
    return fmt::format(R"({{"symbol":{},"id":{},"orderId":{},"price":"{}","qty":"{}","quoteQty":"{}",)"
                       R"("commission":"{}","commissionAsset":{},"time":{},{}}})",
                       dialect_.symbol_text(t.listing), t.id, t.order,
                       dialect_.price_text(t.listing, t.price), dialect_.quantity_text(t.listing, t.quantity),
                       amount_text(t.notional), amount_text(t.fee), json_text(t.fee_asset), ms_of(t.time),
                       side);
}

Answer EmulatedLists::my_trades(const Call& call) const
{
    ListingId id = kNoListing;
    if (Answer answer = dialect_.find_listing(call, id, true); answer.code != 0) return answer;
    const std::int64_t from = whole_of(call.get("fromId"), -1);
    const std::int64_t start = whole_of(call.get("startTime"), 0);
    const std::int64_t end = whole_of(call.get("endTime"), INT64_MAX);
    const std::int64_t limit = whole_of(call.get("limit"), 500);
    const std::int64_t order = whole_of(call.get("orderId"), -1);
    if (limit <= 0 || limit > 1'000) return refuse(-1130, "Data sent for parameter 'limit' is not valid.");
    const std::int64_t span = (dialect_.spot() ? 1 : 7) * std::int64_t{86'400'000};
    if (end != INT64_MAX && start > 0 && end - start > span)
        return refuse(-1127, "More than the allowed hours between startTime and endTime.");
    std::vector<const EmulatedTrade*> found;
    for (const EmulatedTrade* t : exchange_.trades(call.key->account, id, {})) {
        const std::int64_t ms = ms_of(t->time);
        const auto number = static_cast<std::int64_t>(t->id);
        if (from >= 0 ? number < from : ms < start || ms > end) continue;
        if (order < 0 || static_cast<std::int64_t>(t->order) == order) found.push_back(t);
    }
    // From an id or a time on: the oldest first. Without either: the newest.
    const bool newest = from < 0 && start == 0;
    const auto most = static_cast<std::size_t>(limit);
    if (found.size() > most && newest) found.erase(found.begin(), found.end() - limit);
    if (found.size() > most) found.resize(most);
    return good_list(found, [&](const EmulatedTrade& t) { return trade_json(t); });
}

Answer EmulatedLists::account(const Call& call) const
{
    const auto entry = [](const EmulatedBalance& balance) {
        return fmt::format(R"({{"asset":{},"free":"{}","locked":"{}"}})", json_text(balance.asset),
                           amount_text(balance.total - balance.held), amount_text(balance.held));
    };
    return good(fmt::format(
        R"({{"makerCommission":10,"takerCommission":10,"buyerCommission":0,"sellerCommission":0,)"
        R"("commissionRates":{{"maker":"0.00100000","taker":"0.00100000","buyer":"0.00000000",)"
        R"("seller":"0.00000000"}},"canTrade":true,"canWithdraw":true,"canDeposit":true,"brokered":false,)"
        R"("requireSelfTradePrevention":false,"preventSor":false,)"
        R"("accountType":"SPOT","updateTime":{},"balances":[{}],"permissions":["SPOT"],"uid":{}}})",
        ms_of(call.now), json_list(exchange_.balances(call.key->account), entry),
        static_cast<std::uint32_t>(call.key->account)));
}

Answer EmulatedLists::commission(const Call& call) const
{
    ListingId id = kNoListing;
    if (Answer answer = dialect_.find_listing(call, id, true); answer.code != 0) return answer;
    const std::string symbol = dialect_.symbol_text(id);
    const std::string maker = dialect_.format_rate(exchange_.maker_fee(id));
    const std::string taker = dialect_.format_rate(exchange_.taker_fee(id));
    if (!dialect_.spot()) {
        return good(fmt::format(
            R"({{"symbol":{},"makerCommissionRate":"{}","takerCommissionRate":"{}","rpiCommissionRate":"0"}})",
            symbol, maker, taker));
    }
    const std::string_view none = R"({"maker":"0.00000000","taker":"0.00000000","buyer":"0.00000000",)"
                                  R"("seller":"0.00000000"})";
    return good(fmt::format(
        R"({{"symbol":{},"standardCommission":{{"maker":"{}","taker":"{}","buyer":"0.00000000",)"
        R"("seller":"0.00000000"}},"specialCommission":{},"taxCommission":{},"discount":)"
        R"({{"enabledForAccount":false,"enabledForSymbol":false,"discountAsset":"BNB","discount":"0.75000000"}}}})",
        symbol, maker, taker, none, none));
}

Answer EmulatedLists::trade_fees(const Call& call) const
{
    std::vector<ListingId> listings;
    bool one = false;
    if (Answer answer = dialect_.choose(call, listings, one); answer.code != 0) return answer;
    return good_list(listings, [&](ListingId id) {
        return fmt::format(R"({{"symbol":{},"makerCommission":"{}","takerCommission":"{}"}})",
                           dialect_.symbol_text(id), dialect_.format_rate(exchange_.maker_fee(id)),
                           dialect_.format_rate(exchange_.taker_fee(id)));
    });
}

// Asked by clients when they load their markets with a key set.
Answer EmulatedLists::coins(const Call& call) const
{
    return good_list(exchange_.balances(call.key->account), [](const EmulatedBalance& balance) {
        if (balance.position) return std::string();
        return fmt::format(
            R"({{"coin":{0},"name":{0},"depositAllEnable":false,"withdrawAllEnable":false,"free":"{1}",)"
            R"("locked":"{2}","freeze":"0","withdrawing":"0","ipoing":"0","ipoable":"0","storage":"0",)"
            R"("isLegalMoney":false,"trading":true,"networkList":[]}})",
            json_text(balance.asset), amount_text(balance.total - balance.held), amount_text(balance.held));
    });
}

Answer EmulatedLists::restrictions(const Call& call) const
{
    const EmulatedKey& key = *call.key;
    std::string text = fmt::format(
        R"({{"ipRestrict":{},"createTime":{},"enableReading":{},"enableSpotAndMarginTrading":{},)"
        R"("enableWithdrawals":{},"enableInternalTransfer":{},"permitsUniversalTransfer":{},)"
        R"("enableMargin":false,"enableFutures":{},"enableVanillaOptions":false,"enableFixApiTrade":false,)"
        R"("enableFixReadOnly":false,"enablePortfolioMarginTrading":false)",
        !key.ip_allowed.empty(), ms_of(key.created), key.can_read, key.can_trade && dialect_.spot(),
        key.can_withdraw, key.can_transfer, key.can_transfer, key.can_trade && !dialect_.spot());
    if (key.expires.known())
        text += fmt::format(R"(,"tradingAuthorityExpirationTime":{})", ms_of(key.expires));
    return good(text + "}");
}

std::string EmulatedLists::balance_event(const EmulatedBalance& balance, Timestamp now) const
{
    return fmt::format(
        R"({{"e":"outboundAccountPosition","E":{0},"u":{0},"B":[{{"a":{1},"f":"{2}","l":"{3}"}}]}})",
        ms_of(now), json_text(balance.asset), amount_text(balance.total - balance.held),
        amount_text(balance.held));
}

}  // namespace arb::binance
