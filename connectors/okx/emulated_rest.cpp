// The emulated OKX: what its endpoints answer, and orders from wherever they come.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kFillsPage = 100;
// With manners: the fee of a trade is known so much later than the trade.
constexpr Duration kFeeLate = seconds(1);

/// A whole number of a query; `otherwise` when it is absent, none or negative.
std::int64_t query_number(const ServerRequest& request, std::string_view key, std::int64_t otherwise)
{
    const std::int64_t number = whole_of(query_text(request.query(), key), -1);
    return number >= 0 ? number : otherwise;
}

bool listed(std::string_view names, std::string_view name)
{
    while (!names.empty()) {
        const std::size_t comma = names.find(',');
        if (names.substr(0, comma) == name) return true;
        names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
    }
    return false;
}

}  // namespace

// The venue keeps doubles: 1.1 may come as 1.10000000000000001 or 1.09999999999999999. With manners the last
// places are off by as much.
std::string EmulatedOkx::figure(Amount amount) const
{
    constexpr std::int64_t kRound = power_of_ten(kAmountDecimals - 2);
    if (setup_.manners && amount.units > kRound && amount.units % kRound != 0) amount.units -= 10'000;
    return amount.text();
}

std::string EmulatedOkx::price(Price value, const Listing& l) const
{
    return format_scaled(value.units, setup_.table->instrument(l.instrument).price_decimals);
}

std::string EmulatedOkx::size(Quantity value, const Listing& l) const
{
    return format_scaled(value.units / l.wire.quantity_factor, l.wire.quantity_decimals);
}

std::string EmulatedOkx::levels(std::span<const Level> side, const Listing& l) const
{
    std::string result;
    for (const Level& level : side) {
        fmt::format_to(std::back_inserter(result), R"({}["{}","{}","0","1"])", result.empty() ? "" : ",",
                       price(level.price, l), size(level.quantity, l));
    }
    return result;
}

Answer EmulatedOkx::get_public(const ServerRequest& request, Timestamp now) const
{
    const std::string_view path = request.path();
    if (path == "/api/v5/public/time") return {fmt::format(R"({{"ts":"{}"}})", ms_of(now)), "0", ""};
    if (path == "/api/v5/public/instruments") {
        return instruments(query_text(request.query(), "instType"), query_text(request.query(), "instId"));
    }
    if (path == "/api/v5/market/books") return book(request, false);
    if (path == "/api/v5/market/books-full") return book(request, true);
    if (path == "/api/v5/market/trades") return public_trades(request, false);
    if (path == "/api/v5/market/history-trades") return public_trades(request, true);
    if (path == "/api/v5/system/status") return service(request);
    if (path == "/api/v5/market/ticker" || path == "/api/v5/market/tickers") return ticker(request);
    return {{}, "50404", "Not found"};
}

Answer EmulatedOkx::get(const ServerRequest& request, const EmulatedKey* key, Timestamp now)
{
    const std::string_view path = request.path();
    if (key == nullptr) return get_public(request, now);
    if (!key->can_read) return {{}, "50120", "This API key doesn't have permission to use this function"};
    if (path == "/api/v5/account/instruments") {
        return instruments(query_text(request.query(), "instType"), query_text(request.query(), "instId"));
    }
    if (path == "/api/v5/trade/orders-pending") return orders_list(*key, request, true);
    if (path == "/api/v5/trade/orders-history" || path == "/api/v5/trade/orders-history-archive")
        return orders_list(*key, request, false);
    if (path == "/api/v5/trade/order") return one_order(*key, request);
    if (path == "/api/v5/trade/fills" || path == "/api/v5/trade/fills-history") return fills(*key, request);
    if (path == "/api/v5/account/balance") {
        return balance(*key, query_text(request.query(), "ccy"));
    }
    if (path == "/api/v5/account/positions") return positions(*key, request);
    if (path == "/api/v5/account/trade-fee") return fee(request);
    if (path == "/api/v5/account/config") return config(*key);
    if (path == "/api/v5/asset/currencies") return currencies();
    return {{}, "50404", "Not found"};
}

Answer EmulatedOkx::post(const ServerRequest& request, const EmulatedKey& key, Timestamp now)
{
    simdjson::dom::parser parser;
    Json body;
    if (request.body.size() > (1U << 16) ||
        parser.parse(request.body.data(), request.body.size()).get(body) != simdjson::SUCCESS)
        return {{}, "50002", "JSON syntax error"};
    const std::string_view path = request.path();
    if (path == "/api/v5/trade/order") return place(key, body, false, false, now);
    if (path == "/api/v5/trade/cancel-order") return cancel(key, body, false, false, now);
    if (path == "/api/v5/trade/amend-order") return amend(key, body, false, false, now);
    if (path == "/api/v5/trade/batch-orders") return batch(key, body, OrderVerb::place, false, now);
    if (path == "/api/v5/trade/cancel-batch-orders") return batch(key, body, OrderVerb::cancel, false, now);
    if (path == "/api/v5/trade/amend-batch-orders") return batch(key, body, OrderVerb::amend, false, now);
    if (path == "/api/v5/trade/cancel-all-after") return dead_man(key, body, now);
    return {{}, "50404", "Not found"};
}

// Up to 20 orders; the outer code tells whether all ("1") or some ("2") failed.
Answer EmulatedOkx::batch(const EmulatedKey& key, const Json& body, OrderVerb verb, bool by_code,
                          Timestamp now)
{
    simdjson::dom::array entries;
    if (body.get(entries) != simdjson::SUCCESS || entries.size() == 0 || entries.size() > 20)
        return {{}, "51000", "Parameter error"};
    Answer all;
    std::size_t failed = 0;
    const bool batched = entries.size() > 1;  // a batch of one counts as a single order
    for (const Json entry : entries) {
        Answer one = verb == OrderVerb::place   ? place(key, entry, by_code, batched, now)
                     : verb == OrderVerb::amend ? amend(key, entry, by_code, batched, now)
                                                : cancel(key, entry, by_code, batched, now);
        if (one.data.empty() && !batched) return one;
        if (one.data.empty()) {
            one.data =
                fmt::format(R"({{"ordId":"","clOrdId":{},"tag":"","ts":"{}","sCode":"{}","sMsg":{}}})",
                            json_text(member(entry, "clOrdId")), ms_of(now), one.code, json_text(one.text));
        }
        failed += one.code != "0" ? 1 : 0;
        all.data += (all.data.empty() ? "" : ",") + one.data;
    }
    if (failed > 0) {
        all.code = failed == entries.size() ? "1" : "2";
        all.text = failed == entries.size() ? "All operations failed" : "Bulk operation partially succeeded.";
    }
    return all;
}

// A timer is over the account's orders with its tag; without one over all of them.
Answer EmulatedOkx::dead_man(const EmulatedKey& key, const Json& body, Timestamp now)
{
    const std::string text = member(body, "timeOut");
    const std::string tag = member(body, "tag");
    const ScaledNumber time = parse_scaled(text, 0);
    const bool off = time.value == 0;
    if (text.empty() || time.error != DecimalError::none || (!off && (time.value < 10 || time.value > 120)))
        return {{}, "51000", "Parameter timeOut error"};
    const Timestamp trigger = off ? Timestamp{} : now + seconds(time.value);
    timers_[{key.account, tag}] = trigger;
    return {fmt::format(R"({{"triggerTime":"{}","tag":{},"ts":"{}"}})", trigger.ns / seconds(1).ns,
                        json_text(tag), ms_of(now)),
            "0", ""};
}

void EmulatedOkx::run_dead_men(Timestamp now)
{
    for (auto& [whose, due] : timers_) {
        if (!due.known() || now < due) continue;
        due = {};
        const auto& [account, tag] = whose;
        for (const EmulatedOrder* order : setup_.exchange->orders(account, kNoListing, true)) {
            const auto marked = tags_.find(order->id);
            if (!tag.empty() && (marked == tags_.end() || marked->second != tag)) continue;
            timed_out_.insert(order->id);
            (void)setup_.exchange->cancel(account, order->id, now);
        }
    }
}

Answer EmulatedOkx::fills(const EmulatedKey& key, const ServerRequest& request) const
{
    const std::string kind = query_text(request.query(), "instType");
    const std::string symbol = query_text(request.query(), "instId");
    for (const char* cursor : {"after", "before"}) {
        if (!query_text(request.query(), cursor).empty() && query_number(request, cursor, -1) < 0)
            return {{}, "51000", fmt::format("Parameter {} error", cursor)};
    }
    const std::int64_t after = query_number(request, "after", INT64_MAX);  // older than this bill
    const std::int64_t before = query_number(request, "before", -1);       // newer than this one
    const std::int64_t wanted = query_number(request, "ordId", 0);
    const std::int64_t begin = query_number(request, "begin", 0);
    const std::int64_t end = query_number(request, "end", INT64_MAX);
    const std::size_t page = count_of(query_text(request.query(), "limit"), kFillsPage, kFillsPage);
    std::vector<const EmulatedTrade*> trades = setup_.exchange->trades(key.account, kNoListing, {});
    std::reverse(trades.begin(), trades.end());
    Answer answer;
    std::size_t count = 0;
    for (const EmulatedTrade* trade : trades) {
        const auto bill = static_cast<std::int64_t>(trade->id);
        const std::int64_t time = ms_of(trade->time);
        if (bill >= after || bill <= before || time < begin || time > end) continue;
        if (wanted != 0 && static_cast<std::int64_t>(trade->order) != wanted) continue;
        const Listing& l = setup_.table->listing(trade->listing);
        if ((!kind.empty() && kind_of(l) != kind) || (!symbol.empty() && l.symbol != symbol)) continue;
        if (count++ == page) break;
        const bool no_fee = setup_.manners && now_ - trade->time < kFeeLate;
        const EmulatedOrder* order = setup_.exchange->find(key.account, trade->order);
        fmt::format_to(
            std::back_inserter(answer.data),
            R"({}{{"instType":"{}","instId":"{}","tradeId":"{}","ordId":"{}","clOrdId":{},"billId":"{}","tag":"",)"
            R"("fillPx":"{}","fillSz":"{}","side":"{}","posSide":"net","execType":"{}","feeCcy":"{}","fee":"{}",)"
            R"("ts":"{}","fillTime":"{}"}})",
            answer.data.empty() ? "" : ",", kind_of(l), l.symbol, trade->id, trade->order,
            json_text(order != nullptr ? order->client_id : ""), trade->id, price(trade->price, l),
            size(trade->quantity, l), name(trade->side), trade->maker ? "M" : "T", trade->fee_asset,
            no_fee ? "" : (-trade->fee).text(), ms_of(trade->time), ms_of(trade->time));
    }
    return answer;
}

std::string EmulatedOkx::detail_json(const EmulatedBalance& balance, Timestamp now) const
{
    const Amount cash = balance.wallet();
    const Amount bound = balance.held + balance.margin + balance.order_margin;
    return fmt::format(
        R"({{"ccy":"{}","eq":"{}","cashBal":"{}","availBal":"{}","availEq":"{}","frozenBal":"{}","ordFrozen":"{}","liab":"",)"
        R"("upl":"0","eqUsd":"{}","uTime":"{}"}})",
        balance.asset, figure(cash), figure(cash), figure(cash - bound), figure(cash - bound), figure(bound),
        figure(balance.held + balance.order_margin), worth(balance.asset, cash).text(), ms_of(now));
}

Answer EmulatedOkx::balance(const EmulatedKey& key, std::string_view assets) const
{
    std::string details;
    for (const EmulatedBalance& entry : setup_.exchange->balances(key.account)) {
        if (entry.position || entry.asset.empty()) continue;
        if (!assets.empty() && !listed(assets, entry.asset)) continue;
        details += (details.empty() ? "" : ",") + detail_json(entry, now_);
    }
    return {fmt::format(R"({{"uTime":"{}","totalEq":"{}","details":[{}]}})", ms_of(now_),
                        worth_of_all(key.account).text(), details),
            "0", ""};
}

// At the best bid for it in USDT or USDC, which count as dollars; without one it is worth nothing here.
Amount EmulatedOkx::worth(std::string_view asset, Amount amount) const
{
    const auto dollar = [](std::string_view name) {
        return name == "USDT" || name == "USDC" || name == "USD";
    };
    if (dollar(asset)) return amount;
    for (const Listing& l : setup_.table->listings()) {
        const Instrument& instrument = setup_.table->instrument(l.instrument);
        if (l.venue != setup_.id || l.market != "spot" || instrument.base != asset ||
            !dollar(instrument.quote))
            continue;
        const EmulatedBook shown = setup_.exchange->book(l.id);
        Int128 product = 0;
        if (shown.bids.empty() ||
            __builtin_mul_overflow(amount.units, Int128{shown.bids.front().price.units}, &product))
            continue;
        return {product / power_of_ten(instrument.price_decimals)};
    }
    return {};
}

Amount EmulatedOkx::worth_of_all(AccountId account) const
{
    Amount all;
    for (const EmulatedBalance& entry : setup_.exchange->balances(account)) {
        if (!entry.position && !entry.asset.empty()) all += worth(entry.asset, entry.wallet());
    }
    return all;
}

Answer EmulatedOkx::fee(const ServerRequest& request) const
{
    const std::string symbol = query_text(request.query(), "instId");
    const std::string family = query_text(request.query(), "instFamily");
    const std::string kind = query_text(request.query(), "instType");
    const Listing* l = nullptr;
    for (const Listing& one : setup_.table->listings()) {
        if (one.venue != setup_.id || kind_of(one) != kind) continue;
        if (one.symbol == symbol || (!family.empty() && one.symbol.starts_with(family + "-"))) l = &one;
    }
    if (l == nullptr) return {{}, "51001", "Instrument ID doesn't exist."};
    // Negative: the client pays. The group is what counts; the rates outside are those of the level's list,
    // without what was agreed or changed since.
    const Instrument& instrument = setup_.table->instrument(l->instrument);
    const std::string maker = format_scaled(-setup_.exchange->maker_fee(l->id).units, 8);
    const std::string taker = format_scaled(-setup_.exchange->taker_fee(l->id).units, 8);
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
            usdc ? old_maker : "", usdc ? old_taker : "", ms_of(now_)),
        "0", ""};
}

std::string EmulatedOkx::position_json(const EmulatedBalance& balance, Timestamp now) const
{
    const Listing* const l = listing_of_position(setup_, balance);
    if (l == nullptr) return {};
    return fmt::format(R"({{"instType":"{}","instId":"{}","mgnMode":"cross","posId":"1","posSide":"net",)"
                       R"("pos":"{}","avgPx":"","upl":"0","lever":"1","cTime":"{}","uTime":"{}"}})",
                       kind_of(*l), l->symbol, contracts(balance.total, *l), ms_of(now), ms_of(now));
}

// Contracts: the amount in the instrument's units, less the size of one.
std::string EmulatedOkx::contracts(Amount amount, const Listing& l) const
{
    const unsigned decimals = setup_.table->instrument(l.instrument).quantity_decimals;
    const Int128 units = amount.units / power_of_ten(kAmountDecimals - decimals);
    return format_scaled128(units / l.wire.quantity_factor, l.wire.quantity_decimals);
}

Answer EmulatedOkx::positions(const EmulatedKey& key, const ServerRequest& request) const
{
    const std::string symbol = query_text(request.query(), "instId");
    Answer answer;
    for (const EmulatedBalance& entry : setup_.exchange->balances(key.account)) {
        if (!entry.position || entry.total.zero()) continue;
        const std::string text = position_json(entry, now_);
        if (!symbol.empty() && text.find("\"instId\":\"" + symbol + "\"") == std::string::npos) continue;
        answer.data += (answer.data.empty() ? "" : ",") + text;
    }
    return answer;
}

}  // namespace arb::okx
