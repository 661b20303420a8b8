#include "connectors/okx/emulated_lists.hpp"

#include <fmt/format.h>

#include "connectors/okx/emulated_parts.hpp"
#include "engine/emulate/pages.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kOrdersPage = 100, kFillsPage = 100;
// With manners: the fee of a trade is known so much later than the trade.
constexpr Duration kFeeLate = seconds(1);

/// A whole number of a query; `otherwise` when it is absent, none or negative.
std::int64_t number_in(const EmulatedCall& call, std::string_view key, std::int64_t otherwise)
{
    const std::int64_t number = whole_of(call.query(key), -1);
    return number >= 0 ? number : otherwise;
}

}  // namespace

// Open orders, or those that ended; newest first, a page at a time.
Answer EmulatedLists::orders(const EmulatedCall& call, bool open) const
{
    const std::string after = call.query("after");
    const std::string symbol = call.query("instId");
    const std::string kind = call.query("instType");
    const std::string state = call.query("state");
    const Listing* l = symbol.empty() ? nullptr : dialect_.listing(symbol);
    if (!symbol.empty() && l == nullptr) return {{}, "51001", kNoInstrument};
    const ScaledNumber bound = parse_scaled(after, 0);
    if (!after.empty() && (bound.error != DecimalError::none || bound.value < 0))
        return {{}, "51000", "Parameter after error"};
    const auto orders = exchange_.orders(call.key->account, l == nullptr ? kNoListing : l->id, open);
    const std::size_t most = count_of(call.query("limit"), kOrdersPage, kOrdersPage);
    const auto page = newest_page(orders, most, [&](const EmulatedOrder& order) {
        return (after.empty() || order.id < static_cast<std::uint64_t>(bound.value)) &&
               (open || order.state != EmulatedState::open) &&
               (kind.empty() || kind_of(table_.listing(order.listing)) == kind) &&
               (state.empty() || state_of(order) == state);
    });
    return {
        json_list(page, [&](const EmulatedOrder& order) { return parts_.notes.order_json(order, nullptr); }),
        "0", ""};
}

Answer EmulatedLists::one_order(const EmulatedCall& call) const
{
    const std::string client = call.query("clOrdId");
    const ScaledNumber id = parse_scaled(call.query("ordId"), 0);
    if (dialect_.listing(call.query("instId")) == nullptr) return {{}, "51001", kNoInstrument};
    const EmulatedOrder* order = !client.empty() ? exchange_.find_client(call.key->account, client)
                                 : id.error == DecimalError::none && id.value > 0
                                     ? exchange_.find(call.key->account, static_cast<std::uint64_t>(id.value))
                                     : nullptr;
    if (order == nullptr) return {{}, "51603", "Order does not exist"};
    return {parts_.notes.order_json(*order, nullptr), "0", ""};
}

Answer EmulatedLists::fills(const EmulatedCall& call) const
{
    const std::string kind = call.query("instType");
    const std::string symbol = call.query("instId");
    for (const char* cursor : {"after", "before"}) {
        if (!call.query(cursor).empty() && number_in(call, cursor, -1) < 0)
            return {{}, "51000", fmt::format("Parameter {} error", cursor)};
    }
    const std::int64_t after = number_in(call, "after", INT64_MAX);  // older than this bill
    const std::int64_t before = number_in(call, "before", -1);       // newer than this one
    const std::int64_t wanted = number_in(call, "ordId", 0);
    const std::int64_t begin = number_in(call, "begin", 0);
    const std::int64_t end = number_in(call, "end", INT64_MAX);
    const std::size_t most = count_of(call.query("limit"), kFillsPage, kFillsPage);
    const auto trades = exchange_.trades(call.key->account, kNoListing, {});
    const auto page = newest_page(trades, most, [&](const EmulatedTrade& trade) {
        const auto bill = static_cast<std::int64_t>(trade.id);
        const std::int64_t time = ms_of(trade.time);
        const Listing& l = table_.listing(trade.listing);
        return bill < after && bill > before && time >= begin && time <= end &&
               (wanted == 0 || static_cast<std::int64_t>(trade.order) == wanted) &&
               (kind.empty() || kind_of(l) == kind) && (symbol.empty() || l.symbol == symbol);
    });
    return {
        json_list(page, [&](const EmulatedTrade& t) { return fill_json(t, call.key->account, call.now); }),
        "0", ""};
}

std::string EmulatedLists::fill_json(const EmulatedTrade& trade, AccountId account, Timestamp now) const
{
    const Listing& l = table_.listing(trade.listing);
    const bool no_fee = setup_.manners && now - trade.time < kFeeLate;
    const EmulatedOrder* order = exchange_.find(account, trade.order);
    return fmt::format(
        R"({{"instType":"{}","instId":"{}","tradeId":"{}","ordId":"{}","clOrdId":{},"billId":"{}","tag":"",)"
        R"("fillPx":"{}","fillSz":"{}","side":"{}","posSide":"net","execType":"{}","feeCcy":"{}","fee":"{}",)"
        R"("ts":"{}","fillTime":"{}"}})",
        kind_of(l), l.symbol, trade.id, trade.order, json_text(order != nullptr ? order->client_id : ""),
        trade.id, dialect_.price(trade.price, l), dialect_.size(trade.quantity, l), name(trade.side),
        trade.maker ? "M" : "T", trade.fee_asset, no_fee ? "" : (-trade.fee).text(), ms_of(trade.time),
        ms_of(trade.time));
}

Answer EmulatedLists::balance(const EmulatedCall& call) const
{
    const std::vector<std::string> assets = parts_of(call.query("ccy"));
    const auto detail = [&](const EmulatedBalance& entry) {
        return entry.position || entry.asset.empty() || !is_among(assets, entry.asset)
                   ? std::string()
                   : parts_.money.detail_json(entry, call.now);
    };
    const std::string details = json_list(exchange_.balances(call.key->account), detail);
    return {parts_.money.account_json(call.key->account, details, call.now), "0", ""};
}

Answer EmulatedLists::positions(const EmulatedCall& call) const
{
    const std::string symbol = call.query("instId");
    const auto entry = [&](const EmulatedBalance& balance) {
        const Listing* const l = listing_of_position(setup_, balance);
        const bool told = l != nullptr && !balance.total.zero() && (symbol.empty() || l->symbol == symbol);
        return told ? parts_.money.position_json(balance, call.now) : std::string();
    };
    return {json_list(exchange_.balances(call.key->account), entry), "0", ""};
}

Answer EmulatedLists::fee(const EmulatedCall& call) const
{
    const std::string symbol = call.query("instId");
    const std::string family = call.query("instFamily");
    const std::string kind = call.query("instType");
    const Listing* l = nullptr;
    for (const Listing& one : table_.listings()) {
        if (one.venue != setup_.id || kind_of(one) != kind) continue;
        if (one.symbol == symbol || (!family.empty() && one.symbol.starts_with(family + "-"))) l = &one;
    }
    if (l == nullptr) return {{}, "51001", kNoInstrument};
    // Negative: the client pays. The group is what counts; the rates outside are those of the level's list,
    // without what was agreed or changed since.
    const Instrument& instrument = dialect_.instrument(*l);
    const std::string maker = format_scaled(-exchange_.maker_fee(l->id).units, 8);
    const std::string taker = format_scaled(-exchange_.taker_fee(l->id).units, 8);
    const bool spot = kind == "SPOT";
    const char* const old_maker = spot ? "-0.0008" : "-0.0002";
    const char* const old_taker = spot ? "-0.001" : "-0.0005";
    const bool usdt = !spot && instrument.quote == "USDT", usdc = !spot && instrument.quote == "USDC";
    return {
        fmt::format(
            R"({{"level":"Lv1","category":"1","instType":"{0}","feeGroup":[{{"groupId":"{1}","maker":"{2}",)"
            R"("taker":"{3}","rpiMaker":"","elpMaker":""}}],"maker":"{4}","taker":"{5}","makerU":"{6}",)"
            R"("takerU":"{7}","makerUSDC":"{8}","takerUSDC":"{9}","delivery":"","exercise":"","settle":"",)"
            R"("ruleType":"normal","fiat":[],"ts":"{10}"}})",
            kind, spot ? "12" : "5", maker, taker, usdt || usdc ? "" : old_maker,
            usdt || usdc ? "" : old_taker, usdt ? old_maker : "", usdt ? old_taker : "",
            usdc ? old_maker : "", usdc ? old_taker : "", ms_of(call.now)),
        "0", ""};
}

Answer EmulatedLists::config(const EmulatedCall& call) const
{
    const EmulatedKey& key = *call.key;
    std::string permissions = "read_only";
    if (key.can_withdraw) permissions += ",withdraw";
    if (key.can_trade) permissions += ",trade";
    return {
        fmt::format(
            R"({{"uid":"{0}","mainUid":"{0}","acctLv":"{1}","posMode":"{2}","feeType":"{3}","acctStpMode":)"
            R"("cancel_maker","autoLoan":false,"enableSpotBorrow":false,"ctIsoMode":"automatic","mgnIsoMode":)"
            R"("automatic","perm":"{4}","ip":"{5}","label":"{6}","type":"0","level":"Lv1","roleType":"0",)"
            R"("kycLv":"3","settleCcy":"","settleCcyList":[],"stgyType":"0"}})",
            uid_of(key.account), parts_.settings.level, parts_.settings.positions, parts_.settings.fees,
            permissions, fmt::join(key.ip_allowed, ","), key.label),
        "0", ""};
}

}  // namespace arb::okx
