// The emulated Kraken's REST half: proof of identity with nonces, and what its endpoints answer.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/emulated_core.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::kraken {
namespace {

constexpr std::size_t kRowsPage = 50;

std::string sign(const EmulatedKey& key, std::string_view path, std::string_view nonce, std::string_view body)
{
    const std::string secret = base64_decode(key.secret).value_or("");
    const Digest256 digest = sha256({nonce, body});
    const HmacSha512 mac(bytes_of(secret));
    HmacSha512::Digest signature;
    mac.sign({path, text_of(digest)}, signature);
    return base64(signature);
}

std::string unix_time(Timestamp time)
{
    return format_scaled(time.ns / 100'000, 4);
}

// In percent, as Kraken writes fees.
std::string percent_text(Rate rate)
{
    return format_scaled(rate.units, 6);
}

}  // namespace

std::string EmulatedKraken::altname(const Listing& l) const
{
    const Instrument& instrument = setup_.table->instrument(l.instrument);
    return old_asset(instrument.base) + old_asset(instrument.quote);
}

const Listing* EmulatedKraken::by_altname(std::string_view name) const
{
    for (const Listing& l : setup_.table->listings()) {
        if (l.venue != setup_.id) continue;
        std::string plain = l.symbol;
        std::erase(plain, '/');
        if (name == plain || name == altname(l) || name == l.symbol) return &l;
    }
    return nullptr;
}

Answer EmulatedKraken::authenticate(const ServerRequest& request, Timestamp now, const EmulatedKey*& key)
{
    for (const EmulatedKey& known : *setup_.keys) {
        if (known.key_id == request.header("API-Key")) key = &known;
    }
    if (key == nullptr || key->revoked || (key->expires.known() && now >= key->expires))
        return {{}, "EAPI:Invalid key"};
    const std::string nonce = form_text(request.body, "nonce");
    if (!constant_time_equal(sign(*key, request.path(), nonce, request.body), request.header("API-Sign")))
        return {{}, "EAPI:Invalid signature"};
    const ScaledNumber number = parse_scaled(nonce, 0);
    std::uint64_t& last = nonces_[key->key_id];
    if (number.error != DecimalError::none || number.value <= 0 ||
        static_cast<std::uint64_t>(number.value) <= last)
        return {{}, "EAPI:Invalid nonce"};
    last = static_cast<std::uint64_t>(number.value);
    const auto& allowed = key->ip_allowed;
    // Who asks from inside this process has no address.
    if (!allowed.empty() && !request.remote.empty() &&
        std::find(allowed.begin(), allowed.end(), request.remote) == allowed.end())
        return {{}, "EGeneral:Permission denied"};
    return {};
}

ServerReply EmulatedKraken::on_request(const ServerRequest& request, Timestamp now, SessionOutbox&)
{
    now_ = now;
    ServerReply reply;
    reply.headers = {{"Content-Type", "application/json"}};
    Answer answer;
    const std::string_view path = request.path();
    if (path.starts_with("/0/public/")) {
        answer = get(request, now);
    } else if (path.starts_with("/0/private/") && request.method == "POST") {
        const EmulatedKey* key = nullptr;
        answer = authenticate(request, now, key);
        if (answer.error.empty()) answer = post(path.substr(11), request.body, *key, now);
    } else {
        reply.status = 404;
        answer.error = "EGeneral:Unknown method";
    }
    // HTTP 200 even on errors: error[] tells.
    reply.body = answer.error.empty() ? fmt::format(R"({{"error":[],"result":{}}})", answer.result)
                                      : fmt::format(R"({{"error":[{}]}})", json_text(answer.error));
    return reply;
}

Answer EmulatedKraken::get(const ServerRequest& request, Timestamp now) const
{
    const std::string_view name = request.path().substr(10);
    if (name == "Time") {
        return {fmt::format(R"({{"unixtime":{},"rfc1123":""}})", now.ns / seconds(1).ns), {}};
    }
    if (name == "SystemStatus")
        return {fmt::format(R"({{"status":"online","timestamp":"{}"}})", micros(now)), {}};
    if (name == "AssetPairs") {
        Emulator words;
        const std::string text = words.instruments(setup_.definitions).text;
        const std::size_t begin = text.find("\"result\":") + 9;
        return {text.substr(begin, text.size() - begin - 1), {}};
    }
    if (name == "Depth") {
        const Listing* l = by_altname(form_text(request.query(), "pair"));
        if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
        const EmulatedBook book = setup_.exchange->book(l->id);
        const auto side = [&](std::span<const Level> levels) {
            std::string text;
            for (const Level& level : levels) {
                fmt::format_to(std::back_inserter(text), R"({}["{}","{}",{}])", text.empty() ? "" : ",",
                               price(level.price, *l), size(level.quantity, *l), now.ns / seconds(1).ns);
            }
            return text;
        };
        return {fmt::format(R"({{"{}":{{"asks":[{}],"bids":[{}]}}}})", altname(*l), side(book.asks),
                            side(book.bids)),
                {}};
    }
    return {{}, "EGeneral:Unknown method"};
}

Answer EmulatedKraken::post(std::string_view name, std::string_view form, const EmulatedKey& key,
                            Timestamp now)
{
    if (name == "GetApiKeyInfo") return key_info(key);  // needs no permission
    if (name == "GetWebSocketsToken") {
        const Digest256 digest =
            sha256(fmt::format("token {} {} {}", setup_.seed, key.key_id, next_token_++));
        const std::string token = base64(digest);
        tokens_[token] = {&key, now, false};
        return {fmt::format(R"({{"token":"{}","expires":900}})", token), {}};
    }
    if (!key.can_read) return {{}, "EGeneral:Permission denied"};
    if (name == "OpenOrders") return orders(key, form, true);
    if (name == "ClosedOrders") return orders(key, form, false);
    if (name == "QueryOrders") return query_orders(key, form);
    if (name == "TradesHistory") return trades(key, form);
    if (name == "BalanceEx") return balances(key);
    if (name == "TradeVolume") return volume(form);
    if (!key.can_trade) return {{}, "EGeneral:Permission denied"};
    if (name == "CancelAll") return cancel_all(key, now);
    if (name == "CancelAllOrdersAfter")
        return cancel_after(key, parse_scaled(form_text(form, "timeout"), 0).value, now);
    if (name == "CancelOrder" || name == "AddOrder") {
        // The same words as the websocket's, put into its shape.
        std::string json;
        if (name == "CancelOrder") {
            const std::string client = form_text(form, "cl_ord_id");
            json = client.empty() ? fmt::format(R"({{"order_id":[{}]}})", json_text(form_text(form, "txid")))
                                  : fmt::format(R"({{"cl_ord_id":[{}]}})", json_text(client));
        } else {
            const Listing* l = by_altname(form_text(form, "pair"));
            std::string tif = form_text(form, "timeinforce");
            std::transform(tif.begin(), tif.end(), tif.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            const bool post_only = form_text(form, "oflags").find("post") != std::string::npos;
            json = fmt::format(R"({{"symbol":{},"side":{},"order_type":{},"order_qty":{},"limit_price":{},)"
                               R"("time_in_force":{},"post_only":{},"cl_ord_id":{}}})",
                               json_text(l != nullptr ? l->symbol : ""), json_text(form_text(form, "type")),
                               json_text(form_text(form, "ordertype")), json_text(form_text(form, "volume")),
                               json_text(form_text(form, "price")), json_text(tif), post_only,
                               json_text(form_text(form, "cl_ord_id")));
        }
        simdjson::dom::parser parser;
        Json parameters;
        if (parser.parse(json.data(), json.size()).get(parameters) != simdjson::SUCCESS)
            return {{}, "EGeneral:Invalid arguments"};
        if (name == "CancelOrder") {
            const Answer done = cancel_order(key, parameters, now);
            return done.error.empty() ? Answer{R"({"count":1})", {}} : done;
        }
        const Answer done = add_order(key, parameters, now);
        if (!done.error.empty()) return done;
        const std::string id = done.result.substr(13, 19);
        return {fmt::format(R"({{"descr":{{"order":"{} {} limit"}},"txid":["{}"]}})", form_text(form, "type"),
                            form_text(form, "volume"), id),
                {}};
    }
    return {{}, "EGeneral:Unknown method"};
}

std::string EmulatedKraken::order_json(const EmulatedOrder& order) const
{
    const Listing& l = setup_.table->listing(order.listing);
    const std::string_view status = order.state == EmulatedState::open     ? "open"
                                    : order.state == EmulatedState::filled ? "closed"
                                                                           : "canceled";
    return fmt::format(
        R"("{}":{{"refid":null,"userref":null,"cl_ord_id":{},"status":"{}","opentm":{},"descr":{{"pair":"{}","type":"{}",)"
        R"("ordertype":"limit","price":"{}"}},"vol":"{}","vol_exec":"{}","cost":"{}","fee":"{}","reason":{}}})",
        order_id(order.id), json_text(order.client_id), status, unix_time(order.created), altname(l),
        name(order.side), price(order.price, l), size(order.quantity, l), size(order.filled, l),
        order.filled_notional.text(), order.fees.text(),
        order.end_reason == PlaceError::would_take   ? "\"Post only order\""
        : order.end_reason == PlaceError::self_trade ? "\"STP\""
                                                     : "null");
}

Answer EmulatedKraken::orders(const EmulatedKey& key, std::string_view form, bool open) const
{
    const std::string client = form_text(form, "cl_ord_id");
    std::string text;
    std::size_t count = 0;
    std::vector<const EmulatedOrder*> all = setup_.exchange->orders(key.account, kNoListing, open);
    std::reverse(all.begin(), all.end());
    for (const EmulatedOrder* order : all) {
        if (open != (order->state == EmulatedState::open)) continue;
        if (!client.empty() && order->client_id != client) continue;
        if (!open && ++count > kRowsPage) break;
        text += (text.empty() ? "" : ",") + order_json(*order);
    }
    return {open ? fmt::format(R"({{"open":{{{}}}}})", text)
                 : fmt::format(R"({{"closed":{{{}}},"count":{}}})", text, count),
            {}};
}

Answer EmulatedKraken::query_orders(const EmulatedKey& key, std::string_view form) const
{
    std::string ids = form_text(form, "txid");
    std::string text;
    while (!ids.empty()) {
        const std::string id = ids.substr(0, ids.find(','));
        ids = ids.size() > id.size() ? ids.substr(id.size() + 1) : std::string();
        const EmulatedOrder* order = setup_.exchange->find(key.account, order_number(id));
        if (order != nullptr) text += (text.empty() ? "" : ",") + order_json(*order);
    }
    return {"{" + text + "}", {}};
}

Answer EmulatedKraken::trades(const EmulatedKey& key, std::string_view form) const
{
    const ScaledNumber start = parse_scaled(form_text(form, "start"), 0);
    const ScaledNumber offset = parse_scaled(form_text(form, "ofs"), 0);
    const bool bounded =
        start.error == DecimalError::none && start.value > 0 && start.value < 100'000'000'000;
    const Timestamp since{bounded ? start.value * seconds(1).ns : 0};
    std::vector<const EmulatedTrade*> all = setup_.exchange->trades(key.account, kNoListing, since);
    std::reverse(all.begin(), all.end());
    std::string text;
    std::size_t at = 0;
    const std::size_t skip = offset.value > 0 ? static_cast<std::size_t>(offset.value) : 0;
    for (const EmulatedTrade* trade : all) {
        if (at++ < skip || at > skip + kRowsPage) continue;
        const Listing& l = setup_.table->listing(trade->listing);
        fmt::format_to(
            std::back_inserter(text),
            R"({}"TEMUL8-{}":{{"ordertxid":"{}","pair":"{}","time":{},"type":"{}","ordertype":"limit","price":"{}",)"
            R"("cost":"{}","fee":"{}","vol":"{}","margin":"0","misc":"","maker":{}}})",
            text.empty() ? "" : ",", trade->id, order_id(trade->order), altname(l), unix_time(trade->time),
            name(trade->side), price(trade->price, l), trade->notional.text(), trade->fee.text(),
            size(trade->quantity, l), trade->maker);
    }
    return {fmt::format(R"({{"trades":{{{}}},"count":{}}})", text, all.size()), {}};
}

Answer EmulatedKraken::balances(const EmulatedKey& key) const
{
    std::string text;
    for (const EmulatedBalance& balance : setup_.exchange->balances(key.account)) {
        fmt::format_to(std::back_inserter(text), R"({}"{}":{{"balance":"{}","hold_trade":"{}"}})",
                       text.empty() ? "" : ",", old_asset(balance.asset), balance.total.text(),
                       balance.held.text());
    }
    return {"{" + text + "}", {}};
}

Answer EmulatedKraken::volume(std::string_view form) const
{
    std::string pairs = form_text(form, "pair");
    std::string taker, maker;
    while (!pairs.empty()) {
        const std::string pair = pairs.substr(0, pairs.find(','));
        pairs = pairs.size() > pair.size() ? pairs.substr(pair.size() + 1) : std::string();
        const Listing* l = by_altname(pair);
        if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
        const auto entry = [&](std::string& out, Rate rate) {
            fmt::format_to(std::back_inserter(out),
                           R"({}"{}":{{"fee":"{}","minfee":"0","maxfee":"1","tiervolume":"0"}})",
                           out.empty() ? "" : ",", altname(*l), percent_text(rate));
        };
        entry(taker, setup_.exchange->taker_fee(l->id));
        entry(maker, setup_.exchange->maker_fee(l->id));
    }
    return {
        fmt::format(R"({{"currency":"ZUSD","volume":"0","fees":{{{}}},"fees_maker":{{{}}}}})", taker, maker),
        {}};
}

Answer EmulatedKraken::key_info(const EmulatedKey& key) const
{
    std::string permissions = R"("create-ws-token")";
    if (key.can_read) permissions += R"(,"query-funds","query-open-trades","query-closed-trades")";
    if (key.can_trade) permissions += R"(,"modify-trades","close-trades")";
    if (key.can_withdraw) permissions += R"(,"withdraw-funds")";
    // There is no right of that name; what comes nearest moves money into Earn.
    if (key.can_transfer) permissions += R"(,"earn-funds")";
    std::string addresses;
    for (const std::string& ip : key.ip_allowed) addresses += (addresses.empty() ? "\"" : ",\"") + ip + "\"";
    return {
        fmt::format(
            R"({{"apiKeyName":"{}","apiKey":"{}","nonce":"0","nonceWindow":"0","permissions":[{}],"iban":"",)"
            R"("validUntil":"{}","queryFrom":"0","queryTo":"0","createdTime":"{}","modifiedTime":"{}",)"
            R"("ipAllowlist":[{}],"lastUsed":null}})",
            key.label, key.key_id, permissions, key.expires.ns / seconds(1).ns,
            key.created.ns / seconds(1).ns, key.created.ns / seconds(1).ns, addresses),
        {}};
}

}  // namespace arb::kraken
