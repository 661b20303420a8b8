// The emulated OKX: what its endpoints answer, and orders from wherever they come.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"
#include "connectors/okx/emulator.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kFillsPage = 100;

}  // namespace

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
    if (path == "/api/v5/public/time")
        return {fmt::format(R"({{"ts":"{}"}})", milliseconds_of(now)), "0", ""};
    if (path == "/api/v5/public/instruments") return instruments(query_text(request.query(), "instType"));
    if (path == "/api/v5/market/books") return book(request);
    if (path == "/api/v5/market/ticker" || path == "/api/v5/market/tickers") return ticker(request);
    return {{}, "50404", "Not found"};
}

Answer EmulatedOkx::get(const ServerRequest& request, const EmulatedKey* key, Timestamp now)
{
    const std::string_view path = request.path();
    if (key == nullptr) return get_public(request, now);
    if (!key->can_read) return {{}, "50120", "This API key doesn't have permission to use this function"};
    if (path == "/api/v5/account/instruments") return instruments(query_text(request.query(), "instType"));
    if (path == "/api/v5/trade/orders-pending") return orders_list(*key, request, true);
    if (path == "/api/v5/trade/orders-history" || path == "/api/v5/trade/orders-history-archive")
        return orders_list(*key, request, false);
    if (path == "/api/v5/trade/order") return one_order(*key, request);
    if (path == "/api/v5/trade/fills" || path == "/api/v5/trade/fills-history") return fills(*key, request);
    if (path == "/api/v5/account/balance") return balance(*key);
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
    if (path == "/api/v5/trade/order") return place(key, body, false, now);
    if (path == "/api/v5/trade/cancel-order") return cancel(key, body, false, now);
    if (path == "/api/v5/trade/batch-orders") return batch(key, body, true, false, now);
    if (path == "/api/v5/trade/cancel-batch-orders") return batch(key, body, false, false, now);
    if (path == "/api/v5/trade/cancel-all-after") return dead_man(key, body, now);
    return {{}, "50404", "Not found"};
}

// Up to 20 orders; the outer code tells whether all ("1") or some ("2") failed.
Answer EmulatedOkx::batch(const EmulatedKey& key, const Json& body, bool placing, bool by_code, Timestamp now)
{
    simdjson::dom::array entries;
    if (body.get(entries) != simdjson::SUCCESS || entries.size() == 0 || entries.size() > 20)
        return {{}, "51000", "Parameter error"};
    Answer all;
    std::size_t failed = 0;
    for (const Json entry : entries) {
        const Answer one = placing ? place(key, entry, by_code, now) : cancel(key, entry, by_code, now);
        failed += one.code != "0" ? 1 : 0;
        all.data += (all.data.empty() ? "" : ",") + one.data;
    }
    if (failed > 0) {
        all.code = failed == entries.size() ? "1" : "2";
        all.text = failed == entries.size() ? "All operations failed" : "Bulk operation partially succeeded.";
    }
    return all;
}

Answer EmulatedOkx::dead_man(const EmulatedKey& key, const Json& body, Timestamp now)
{
    const std::string_view text = member(body, "timeOut");
    const ScaledNumber time = parse_scaled(text, 0);
    const bool off = time.value == 0;
    if (text.empty() || time.error != DecimalError::none || (!off && (time.value < 10 || time.value > 120)))
        return {{}, "51000", "Parameter timeOut error"};
    const Timestamp trigger = off ? Timestamp{} : now + seconds(time.value);
    setup_.exchange->set_dead_man(key.account, kNoListing, trigger);
    return {fmt::format(R"({{"triggerTime":"{}","tag":"","ts":"{}"}})", milliseconds_of(trigger),
                        milliseconds_of(now)),
            "0", ""};
}

Answer EmulatedOkx::instruments(std::string_view kind) const
{
    std::vector<ListingDefinition> wanted;
    for (const ListingDefinition& d : setup_.definitions) {
        const std::string_view type = d.kind == InstrumentKind::spot        ? "SPOT"
                                      : d.kind == InstrumentKind::perpetual ? "SWAP"
                                                                            : "FUTURES";
        if (type == kind) wanted.push_back(d);
    }
    if (kind != "SPOT" && kind != "SWAP" && kind != "FUTURES" && kind != "MARGIN" && kind != "OPTION")
        return {{}, "51000", "Parameter instType error"};
    // The entries as the public half writes them, with the number that orders need.
    Answer answer;
    for (const ListingDefinition& d : wanted) {
        const Listing* l = listing(d.symbol);
        std::string text = make_emulator("")->instruments({d}).text;
        const std::size_t begin = text.find("\"data\":[") + 8;
        text = text.substr(begin, text.rfind("]}") - begin);
        if (text.empty() || l == nullptr) continue;
        text.pop_back();
        answer.data +=
            fmt::format("{}{},\"instIdCode\":{}}}", answer.data.empty() ? "" : ",", text, code_of(*l));
    }
    return answer;
}

Answer EmulatedOkx::book(const ServerRequest& request) const
{
    const Listing* l = listing(query_text(request.query(), "instId"));
    if (l == nullptr) return {{}, "51001", "Instrument ID doesn't exist."};
    const EmulatedBook shown = setup_.exchange->book(l->id);
    const auto sequence = sequence_.find(l->id);
    return {fmt::format(R"({{"asks":[{}],"bids":[{}],"ts":"{}","seqId":{}}})", levels(shown.asks, *l),
                        levels(shown.bids, *l), milliseconds_of(now_),
                        sequence == sequence_.end() ? 0 : sequence->second),
            "0", ""};
}

Answer EmulatedOkx::fills(const EmulatedKey& key, const ServerRequest& request) const
{
    const ScaledNumber begin = parse_scaled(query_text(request.query(), "begin"), 0);
    const std::string after = query_text(request.query(), "after");
    const std::string kind = query_text(request.query(), "instType");
    const ScaledNumber bound = parse_scaled(after, 0);
    if (!after.empty() && (bound.error != DecimalError::none || bound.value < 0))
        return {{}, "51000", "Parameter after error"};
    const Timestamp since{begin.error == DecimalError::none && begin.value >= 0 &&
                                  begin.value < INT64_MAX / 1'000'000
                              ? begin.value * 1'000'000
                              : 0};
    std::vector<const EmulatedTrade*> trades = setup_.exchange->trades(key.account, kNoListing, since);
    std::reverse(trades.begin(), trades.end());
    Answer answer;
    std::size_t count = 0;
    for (const EmulatedTrade* trade : trades) {
        if (!after.empty() && trade->id >= static_cast<std::uint64_t>(bound.value)) continue;
        const Listing& l = setup_.table->listing(trade->listing);
        if (!kind.empty() && kind_of(l) != kind) continue;
        if (count++ == kFillsPage) break;
        const EmulatedOrder* order = setup_.exchange->find(key.account, trade->order);
        fmt::format_to(
            std::back_inserter(answer.data),
            R"({}{{"instType":"{}","instId":"{}","tradeId":"{}","ordId":"{}","clOrdId":{},"billId":"{}","tag":"",)"
            R"("fillPx":"{}","fillSz":"{}","side":"{}","posSide":"net","execType":"{}","feeCcy":"{}","fee":"{}",)"
            R"("ts":"{}","fillTime":"{}"}})",
            answer.data.empty() ? "" : ",", kind_of(l), l.symbol, trade->id, trade->order,
            json_text(order != nullptr ? order->client_id : ""), trade->id, price(trade->price, l),
            size(trade->quantity, l), name(trade->side), trade->maker ? "M" : "T", trade->fee_asset,
            (-trade->fee).text(), milliseconds_of(trade->time), milliseconds_of(trade->time));
    }
    return answer;
}

std::string EmulatedOkx::detail_json(const EmulatedBalance& balance, Timestamp now) const
{
    return fmt::format(
        R"({{"ccy":"{}","eq":"{}","cashBal":"{}","availBal":"{}","availEq":"{}","frozenBal":"{}","ordFrozen":"{}","liab":"",)"
        R"("upl":"0","uTime":"{}"}})",
        balance.asset, balance.total.text(), balance.total.text(), (balance.total - balance.held).text(),
        (balance.total - balance.held).text(), balance.held.text(), balance.held.text(),
        milliseconds_of(now));
}

Answer EmulatedOkx::balance(const EmulatedKey& key) const
{
    std::string details;
    for (const EmulatedBalance& entry : setup_.exchange->balances(key.account)) {
        if (entry.position || entry.asset.empty()) continue;
        details += (details.empty() ? "" : ",") + detail_json(entry, now_);
    }
    return {fmt::format(R"({{"uTime":"{}","totalEq":"","details":[{}]}})", milliseconds_of(now_), details),
            "0", ""};
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
    // Negative: the client pays. Contracts margined in USDT have rates under names of their own.
    const Instrument& instrument = setup_.table->instrument(l->instrument);
    const std::string maker = format_scaled(-setup_.exchange->maker_fee(l->id).units, 8);
    const std::string taker = format_scaled(-setup_.exchange->taker_fee(l->id).units, 8);
    const bool usdt = kind != "SPOT" && instrument.quote == "USDT";
    return {fmt::format(
                R"({{"level":"Lv1","category":"1","instType":"{}","maker":"{}","taker":"{}","makerU":"{}",)"
                R"("takerU":"{}","feeGroup":[],"ts":"{}"}})",
                kind, usdt ? "" : maker, usdt ? "" : taker, usdt ? maker : "", usdt ? taker : "",
                milliseconds_of(now_)),
            "0", ""};
}

std::string EmulatedOkx::position_json(const EmulatedBalance& balance, Timestamp now) const
{
    for (const Listing& l : setup_.table->listings()) {
        const Instrument& instrument = setup_.table->instrument(l.instrument);
        if (l.venue != setup_.id || instrument.name != balance.asset) continue;
        // Contracts: the amount in the instrument's units, less the size of one.
        const Int128 units =
            balance.total.units / power_of_ten(kAmountDecimals - instrument.quantity_decimals);
        return fmt::format(R"({{"instType":"{}","instId":"{}","mgnMode":"cross","posId":"1","posSide":"net",)"
                           R"("pos":"{}","avgPx":"","upl":"0","lever":"1","cTime":"{}","uTime":"{}"}})",
                           kind_of(l), l.symbol,
                           format_scaled128(units / l.wire.quantity_factor, l.wire.quantity_decimals),
                           milliseconds_of(now), milliseconds_of(now));
    }
    return {};
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

Answer EmulatedOkx::currencies() const
{
    std::set<std::string> names;
    for (const ListingDefinition& d : setup_.definitions) {
        names.insert(d.base);
        names.insert(d.quote);
    }
    Answer answer;
    for (const std::string& name : names) {
        answer.data +=
            fmt::format(R"({}{{"ccy":"{}","name":"{}","chain":"{}-emulated","canDep":false,)"
                        R"("canWd":false,"canInternal":false,"minWd":"1","minFee":"0","maxFee":"0",)"
                        R"("minDep":"1","wdTickSz":"8"}})",
                        answer.data.empty() ? "" : ",", name, name, name);
    }
    return answer;
}

Answer EmulatedOkx::ticker(const ServerRequest& request) const
{
    const std::string symbol = query_text(request.query(), "instId");
    const std::string kind = query_text(request.query(), "instType");
    Answer answer;
    for (const Listing& l : setup_.table->listings()) {
        if (l.venue != setup_.id || (symbol.empty() ? kind_of(l) != kind : l.symbol != symbol)) continue;
        const EmulatedBook shown = setup_.exchange->book(l.id);
        const auto side = [&](std::span<const Level> levels) {
            return levels.empty()
                       ? std::pair<std::string, std::string>{}
                       : std::pair{price(levels.front().price, l), size(levels.front().quantity, l)};
        };
        const auto [bid, bid_size] = side(shown.bids);
        const auto [ask, ask_size] = side(shown.asks);
        answer.data +=
            fmt::format(R"({}{{"instType":"{}","instId":"{}","last":"{}","lastSz":"","askPx":"{}",)"
                        R"("askSz":"{}","bidPx":"{}","bidSz":"{}","open24h":"","high24h":"","low24h":"",)"
                        R"("volCcy24h":"","vol24h":"","ts":"{}"}})",
                        answer.data.empty() ? "" : ",", kind_of(l), l.symbol, bid, ask, ask_size, bid,
                        bid_size, milliseconds_of(now_));
    }
    if (answer.data.empty() && !symbol.empty()) return {{}, "51001", "Instrument ID doesn't exist."};
    return answer;
}

Answer EmulatedOkx::config(const EmulatedKey& key) const
{
    std::string permissions = "read_only";
    if (key.can_withdraw) permissions += ",withdraw";
    if (key.can_trade) permissions += ",trade";
    std::string addresses;
    for (const std::string& ip : key.ip_allowed) addresses += (addresses.empty() ? "" : ",") + ip;
    return {
        fmt::format(
            R"({{"uid":"{0}","mainUid":"{0}","acctLv":"2","posMode":"net_mode","perm":"{1}","ip":"{2}",)"
            R"("label":"{3}","type":"0","level":"Lv1","roleType":"0","kycLv":"3","feeType":"0","settleCcy":""}})",
            44'000'000 + static_cast<std::uint32_t>(key.account), permissions, addresses, key.label),
        "0", ""};
}

}  // namespace arb::okx
