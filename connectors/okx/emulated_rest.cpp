// The emulated OKX: what its endpoints answer, and orders from wherever they come.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"
#include "connectors/okx/emulator.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kPage = 100;

std::int64_t ms(Timestamp time)
{
    return time.ns / 1'000'000;
}

std::string_view text_of(const simdjson::dom::element& object, std::string_view key)
{
    std::string_view value;
    return object[key].get(value) == simdjson::SUCCESS ? value : std::string_view();
}

std::string_view order_type(TimeInForce tif)
{
    constexpr std::string_view kTypes[] = {"ioc", "fok", "limit", "post_only"};
    return kTypes[static_cast<std::size_t>(tif)];
}

std::optional<TimeInForce> tif_of(std::string_view type)
{
    if (type == "ioc") return TimeInForce::ioc;
    if (type == "fok") return TimeInForce::fok;
    if (type == "limit") return TimeInForce::gtc;
    if (type == "post_only") return TimeInForce::post_only;
    return std::nullopt;
}

std::string_view state_of(const EmulatedOrder& order)
{
    switch (order.state) {
        case EmulatedState::open:
            return order.filled.zero() ? "live" : "partially_filled";
        case EmulatedState::filled:
            return "filled";
        case EmulatedState::cancelled:
        case EmulatedState::expired:
        case EmulatedState::rejected:
            break;
    }
    return "canceled";
}

std::string_view cancel_source(const EmulatedOrder& order)
{
    switch (order.end_reason) {
        case PlaceError::would_take:
            return "31";
        case PlaceError::unfilled:
            return "14";
        case PlaceError::self_trade:
            return "32";
        default:
            break;
    }
    if (order.state == EmulatedState::expired) return "13";
    return order.state == EmulatedState::cancelled ? "1" : "";
}

std::pair<std::string_view, std::string_view> words(PlaceError error)
{
    switch (error) {
        case PlaceError::unknown_listing:
            return {"51001", "Instrument ID doesn't exist."};
        case PlaceError::halted:
        case PlaceError::cancel_only:
            return {"51028", "Contract or pair under suspension."};
        case PlaceError::bad_price:
            return {"51000", "Parameter px error."};
        case PlaceError::price_limit:
            return {"51006", "Order price is not within the price limit."};
        case PlaceError::bad_quantity:
            return {"51121", "Order count should be the integer multiples of the lot size."};
        case PlaceError::quantity_min:
        case PlaceError::notional_min:
            return {"51020", "Your order should meet or exceed the minimum order amount."};
        case PlaceError::balance:
            return {"51008", "Order failed. Insufficient balance in account."};
        case PlaceError::duplicate_id:
            return {"51016", "Duplicated client order ID"};
        case PlaceError::too_many_orders:
            return {"51004", "You have reached the limit of open orders."};
        // OKX takes these orders and ends them on the orders channel.
        case PlaceError::none:
        case PlaceError::would_take:
        case PlaceError::unfilled:
        case PlaceError::self_trade:
            break;
    }
    return {"0", ""};
}

std::string item(std::uint64_t order, std::string_view client, std::string_view code, std::string_view text,
                 Timestamp now)
{
    return fmt::format(R"({{"ordId":"{}","clOrdId":{},"tag":"","ts":"{}","sCode":"{}","sMsg":{}}})",
                       order == 0 ? std::string() : fmt::format("{}", order), json_text(client), ms(now),
                       code, json_text(text));
}

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

Answer EmulatedOkx::get(const ServerRequest& request, const EmulatedKey* key, Timestamp now)
{
    const std::string_view path = request.path();
    if (path == "/api/v5/public/time") return {fmt::format(R"({{"ts":"{}"}})", ms(now)), "0", ""};
    if (path == "/api/v5/public/instruments" || path == "/api/v5/account/instruments")
        return instruments(query_text(request.query(), "instType"));
    if (path == "/api/v5/market/books") return book(request);
    if (key == nullptr) return {{}, "50404", "Not found"};
    if (too_fast(key->account, path, now)) return {{}, "50011", "Requests too frequent."};
    if (!key->can_read) return {{}, "50120", "This API key doesn't have permission to use this function"};
    if (path == "/api/v5/trade/orders-pending") return orders_pending(*key, request);
    if (path == "/api/v5/trade/order") return one_order(*key, request);
    if (path == "/api/v5/trade/fills") return fills(*key, request);
    if (path == "/api/v5/account/balance") return balance(*key);
    if (path == "/api/v5/account/trade-fee") return fee(request);
    if (path == "/api/v5/account/config") return config(*key);
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
    if (too_fast(key.account, path, now)) return {{}, "50011", "Requests too frequent."};
    if (path == "/api/v5/trade/order") return place(key, body, false, now);
    if (path == "/api/v5/trade/cancel-order") return cancel(key, body, false, now);
    if (path == "/api/v5/trade/cancel-batch-orders") {
        simdjson::dom::array entries;
        if (body.get(entries) != simdjson::SUCCESS || entries.size() > 20)
            return {{}, "51000", "Parameter error"};
        Answer all;
        bool failed = false;
        for (const Json entry : entries) {
            const Answer one = cancel(key, entry, false, now);
            failed |= one.code != "0";
            all.data += (all.data.empty() ? "" : ",") + one.data;
        }
        if (failed) all.code = "2";
        return all;
    }
    if (path == "/api/v5/trade/cancel-all-after") {
        const ScaledNumber time = parse_scaled(text_of(body, "timeOut"), 0);
        const bool off = time.value == 0;
        if (time.error != DecimalError::none || (!off && (time.value < 10 || time.value > 120)))
            return {{}, "51000", "Parameter timeOut error"};
        const Timestamp trigger = off ? Timestamp{} : now + seconds(time.value);
        setup_.exchange->set_dead_man(key.account, kNoListing, trigger);
        return {fmt::format(R"({{"triggerTime":"{}","tag":"","ts":"{}"}})", ms(trigger), ms(now)), "0", ""};
    }
    return {{}, "50404", "Not found"};
}

Answer EmulatedOkx::place(const EmulatedKey& key, const Json& argument, bool by_code, Timestamp now)
{
    const std::string_view client = text_of(argument, "clOrdId");
    const auto refuse = [&](std::string_view code, std::string_view why) {
        return Answer{item(0, client, code, why, now), "1", "Operation failed."};
    };
    std::int64_t number = 0;
    if (by_code && argument["instIdCode"].get(number) != simdjson::SUCCESS)
        return refuse("50014", "Parameter instIdCode can not be empty");
    const Listing* l = by_code ? listing_of_code(number) : listing(text_of(argument, "instId"));
    if (l == nullptr) return refuse("51001", "Instrument ID doesn't exist.");
    const bool legal = client.size() <= 32 && std::all_of(client.begin(), client.end(), [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                       });
    if (!legal) return refuse("51000", "Parameter clOrdId error");
    const std::string_view mode = text_of(argument, "tdMode");
    if (mode != (l->market == "spot" ? "cash" : "cross") && mode != "isolated")
        return refuse("51000", "Parameter tdMode error");
    const std::string_view side = text_of(argument, "side");
    const std::optional<TimeInForce> tif = tif_of(text_of(argument, "ordType"));
    if ((side != "buy" && side != "sell") || !tif) return refuse("51000", "Parameter error");
    const Instrument& instrument = setup_.table->instrument(l->instrument);
    const ScaledNumber px = parse_scaled(text_of(argument, "px"), instrument.price_decimals);
    const ScaledNumber sz = parse_scaled(text_of(argument, "sz"), l->wire.quantity_decimals);
    if (px.error != DecimalError::none) return refuse("51000", "Parameter px error.");
    PlaceOrder order;
    order.account = key.account;
    order.listing = l->id;
    order.client_id = std::string(client);
    order.side = side == "buy" ? Side::buy : Side::sell;
    order.time_in_force = *tif;
    order.price = {px.value};
    if (sz.error != DecimalError::none ||
        __builtin_mul_overflow(sz.value, l->wire.quantity_factor, &order.quantity.units))
        return refuse("51121", "Order count should be the integer multiples of the lot size.");
    const PlaceResult result = setup_.exchange->place(order, now);
    const auto [code, why] = words(result.error);
    if (code != "0") return refuse(code, why);
    return {item(result.id, client, "0", "", now), "0", ""};
}

Answer EmulatedOkx::cancel(const EmulatedKey& key, const Json& argument, bool by_code, Timestamp now)
{
    const std::string_view client = text_of(argument, "clOrdId");
    const std::string_view id_text = text_of(argument, "ordId");
    const auto refuse = [&](std::string_view code, std::string_view why) {
        return Answer{item(0, client, code, why, now), "1", "Operation failed."};
    };
    std::int64_t number = 0;
    const bool named = by_code ? argument["instIdCode"].get(number) == simdjson::SUCCESS &&
                                     listing_of_code(number) != nullptr
                               : listing(text_of(argument, "instId")) != nullptr;
    if (!named) return refuse("51001", "Instrument ID doesn't exist.");
    const ScaledNumber id = parse_scaled(id_text, 0);
    const EmulatedOrder* order =
        !id_text.empty() && id.error == DecimalError::none && id.value > 0
            ? setup_.exchange->find(key.account, static_cast<std::uint64_t>(id.value))
            : setup_.exchange->find_client(key.account, client);
    if (order == nullptr) return refuse("51603", "Order does not exist.");
    if (order->state == EmulatedState::filled)
        return refuse("51400", "Cancellation failed as the order has been filled.");
    if (order->state != EmulatedState::open)
        return refuse("51401", "Cancellation failed as the order has been canceled.");
    (void)setup_.exchange->cancel(key.account, order->id, now);
    return {item(order->id, client, "0", "", now), "0", ""};
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
    if (kind != "SPOT" && kind != "SWAP" && kind != "FUTURES")
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
                        levels(shown.bids, *l), ms(now_), sequence == sequence_.end() ? 0 : sequence->second),
            "0", ""};
}

std::string EmulatedOkx::order_json(const EmulatedOrder& order, const EmulatedTrade* trade) const
{
    const Listing& l = setup_.table->listing(order.listing);
    std::string average;
    if (!order.filled.zero()) average = price(order.price, l);
    return fmt::format(
        R"({{"instType":"{}","instId":"{}","ccy":"","ordId":"{}","clOrdId":{},"tag":"","px":"{}","sz":"{}","ordType":"{}",)"
        R"("side":"{}","posSide":"net","tdMode":"{}","accFillSz":"{}","fillPx":"{}","tradeId":"{}","fillSz":"{}",)"
        R"("fillTime":"{}","fillFee":"{}","fillFeeCcy":"{}","execType":"{}","state":"{}","avgPx":"{}","feeCcy":"{}",)"
        R"("fee":"{}","rebateCcy":"","rebate":"0","reduceOnly":"false","stpMode":"cancel_maker","cancelSource":"{}",)"
        R"("category":"normal","uTime":"{}","cTime":"{}","code":"0","msg":""}})",
        l.market == "spot" ? "SPOT" : "SWAP", l.symbol, order.id, json_text(order.client_id),
        price(order.price, l), size(order.quantity, l), order_type(order.time_in_force), name(order.side),
        l.market == "spot" ? "cash" : "cross", size(order.filled, l),
        trade != nullptr ? price(trade->price, l) : "", trade != nullptr ? fmt::format("{}", trade->id) : "",
        trade != nullptr ? size(trade->quantity, l) : "0",
        trade != nullptr ? fmt::format("{}", ms(trade->time)) : "",
        trade != nullptr ? (-trade->fee).text() : "0", trade != nullptr ? trade->fee_asset : "",
        trade == nullptr ? ""
        : trade->maker   ? "M"
                         : "T",
        state_of(order), average, order.fee_asset, (-order.fees).text(), cancel_source(order),
        ms(order.updated), ms(order.created));
}

Answer EmulatedOkx::orders_pending(const EmulatedKey& key, const ServerRequest& request) const
{
    const std::string after = query_text(request.query(), "after");
    const std::string symbol = query_text(request.query(), "instId");
    const Listing* l = symbol.empty() ? nullptr : listing(symbol);
    std::vector<const EmulatedOrder*> orders =
        setup_.exchange->orders(key.account, l == nullptr ? kNoListing : l->id, true);
    std::reverse(orders.begin(), orders.end());  // newest first
    Answer answer;
    std::size_t count = 0;
    const ScaledNumber bound = parse_scaled(after, 0);
    for (const EmulatedOrder* order : orders) {
        if (!after.empty() && order->id >= static_cast<std::uint64_t>(bound.value)) continue;
        if (count++ == kPage) break;
        answer.data += (answer.data.empty() ? "" : ",") + order_json(*order, nullptr);
    }
    return answer;
}

Answer EmulatedOkx::one_order(const EmulatedKey& key, const ServerRequest& request) const
{
    const std::string client = query_text(request.query(), "clOrdId");
    const ScaledNumber id = parse_scaled(query_text(request.query(), "ordId"), 0);
    if (listing(query_text(request.query(), "instId")) == nullptr)
        return {{}, "51001", "Instrument ID doesn't exist."};
    const EmulatedOrder* order =
        !client.empty() ? setup_.exchange->find_client(key.account, client)
                        : setup_.exchange->find(key.account, static_cast<std::uint64_t>(id.value));
    if (order == nullptr) return {{}, "51603", "Order does not exist"};
    return {order_json(*order, nullptr), "0", ""};
}

Answer EmulatedOkx::fills(const EmulatedKey& key, const ServerRequest& request) const
{
    const ScaledNumber begin = parse_scaled(query_text(request.query(), "begin"), 0);
    const std::string after = query_text(request.query(), "after");
    const ScaledNumber bound = parse_scaled(after, 0);
    const Timestamp since{begin.error == DecimalError::none && begin.value < INT64_MAX / 1'000'000
                              ? begin.value * 1'000'000
                              : 0};
    std::vector<const EmulatedTrade*> trades = setup_.exchange->trades(key.account, kNoListing, since);
    std::reverse(trades.begin(), trades.end());
    Answer answer;
    std::size_t count = 0;
    for (const EmulatedTrade* trade : trades) {
        if (!after.empty() && trade->id >= static_cast<std::uint64_t>(bound.value)) continue;
        if (count++ == kPage) break;
        const Listing& l = setup_.table->listing(trade->listing);
        const EmulatedOrder* order = setup_.exchange->find(key.account, trade->order);
        fmt::format_to(
            std::back_inserter(answer.data),
            R"({}{{"instType":"{}","instId":"{}","tradeId":"{}","ordId":"{}","clOrdId":{},"billId":"{}","tag":"",)"
            R"("fillPx":"{}","fillSz":"{}","side":"{}","posSide":"net","execType":"{}","feeCcy":"{}","fee":"{}",)"
            R"("ts":"{}","fillTime":"{}"}})",
            answer.data.empty() ? "" : ",", l.market == "spot" ? "SPOT" : "SWAP", l.symbol, trade->id,
            trade->order, json_text(order != nullptr ? order->client_id : ""), trade->id,
            price(trade->price, l), size(trade->quantity, l), name(trade->side), trade->maker ? "M" : "T",
            trade->fee_asset, (-trade->fee).text(), ms(trade->time), ms(trade->time));
    }
    return answer;
}

std::string EmulatedOkx::detail_json(const EmulatedBalance& balance, Timestamp now) const
{
    return fmt::format(
        R"({{"ccy":"{}","eq":"{}","cashBal":"{}","availBal":"{}","availEq":"{}","frozenBal":"{}","ordFrozen":"{}","liab":"",)"
        R"("upl":"0","uTime":"{}"}})",
        balance.asset, balance.total.text(), balance.total.text(), (balance.total - balance.held).text(),
        (balance.total - balance.held).text(), balance.held.text(), balance.held.text(), ms(now));
}

Answer EmulatedOkx::balance(const EmulatedKey& key) const
{
    std::string details;
    for (const EmulatedBalance& entry : setup_.exchange->balances(key.account)) {
        if (entry.position) continue;
        details += (details.empty() ? "" : ",") + detail_json(entry, now_);
    }
    return {fmt::format(R"({{"uTime":"{}","totalEq":"","details":[{}]}})", ms(now_), details), "0", ""};
}

Answer EmulatedOkx::fee(const ServerRequest& request) const
{
    const std::string symbol = query_text(request.query(), "instId");
    const std::string family = query_text(request.query(), "instFamily");
    const Listing* l = listing(!symbol.empty() ? symbol : family + "-SWAP");
    if (l == nullptr) return {{}, "51001", "Instrument ID doesn't exist."};
    // Negative: the client pays.
    const auto rate = [](Rate r) { return format_scaled(-r.units, 8); };
    return {
        fmt::format(
            R"({{"level":"Lv1","category":"1","maker":"{}","taker":"{}","makerU":"","takerU":"","ts":"{}"}})",
            rate(setup_.exchange->maker_fee(l->id)), rate(setup_.exchange->taker_fee(l->id)), ms(now_)),
        "0", ""};
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
