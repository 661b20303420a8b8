// The emulated Kraken's REST half: proof of identity with nonces, and what its endpoints answer.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "connectors/kraken/emulated_core.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::kraken {
namespace {

std::string sign(const EmulatedKey& key, std::string_view path, std::string_view nonce, std::string_view body)
{
    const std::string secret = base64_decode(key.secret).value_or("");
    const Digest256 digest = sha256({nonce, body});
    const HmacSha512 mac(bytes_of(secret));
    HmacSha512::Digest signature;
    mac.sign({path, text_of(digest)}, signature);
    return base64(signature);
}

// Of the counter of questions; what trades has another one.
std::int64_t units_of(std::string_view name)
{
    if (name.starts_with("AddOrder") || name.starts_with("Cancel") || name == "AmendOrder") return 0;
    return name == "TradesHistory" ? 2 : 1;
}

}  // namespace

std::string EmulatedKraken::altname(const Listing& l) const
{
    const Instrument& instrument = setup_.table->instrument(l.instrument);
    return old_asset(instrument.base) + old_asset(instrument.quote);
}

std::string EmulatedKraken::pair_key(const Listing& l) const
{
    const Instrument& instrument = setup_.table->instrument(l.instrument);
    return l.code.empty() ? key_of_pair(instrument.base, instrument.quote) : l.code;
}

// Requests may say it as the key, the altname, or with a slash in either spelling.
const Listing* EmulatedKraken::by_name(std::string_view name) const
{
    for (const Listing& l : setup_.table->listings()) {
        if (l.venue != setup_.id) continue;
        const Instrument& instrument = setup_.table->instrument(l.instrument);
        const std::string old = old_asset(instrument.base) + "/" + old_asset(instrument.quote);
        if (name == pair_key(l) || name == altname(l) || name == old || name == l.symbol) return &l;
    }
    return nullptr;
}

// A signature is over the body as it was sent, form or JSON.
Answer EmulatedKraken::authenticate(const ServerRequest& request, std::string_view form, Timestamp now,
                                    const EmulatedKey*& key)
{
    key = find_key(*setup_.keys, request.header("API-Key"));
    if (key == nullptr || !is_key_good(*key, now)) return {{}, "EAPI:Invalid key"};
    const std::string nonce = query_text(form, "nonce");
    if (!constant_time_equal(sign(*key, request.path(), nonce, request.body), request.header("API-Sign")))
        return {{}, "EAPI:Invalid signature"};
    const ScaledNumber number = parse_scaled(nonce, 0);
    std::uint64_t& last = nonces_[key->key_id];
    if (number.error != DecimalError::none || number.value <= 0 ||
        static_cast<std::uint64_t>(number.value) <= last)
        return {{}, "EAPI:Invalid nonce"};
    last = static_cast<std::uint64_t>(number.value);
    if (!is_address_allowed(*key, request.remote)) return {{}, "EGeneral:Permission denied"};
    return {};
}

ServerReply EmulatedKraken::on_request(const ServerRequest& request, Timestamp now, SessionOutbox&)
{
    now_ = now;
    ServerReply reply;
    reply.headers = {{"Content-Type", "application/json"}};
    Answer answer;
    const std::string_view path = request.path();
    std::optional<std::string> form(request.method == "GET" ? std::string(request.query()) : request.body);
    if (request.method == "POST" && request.header("Content-Type").find("json") != std::string_view::npos)
        form = form_of_json(request.body);
    if (path.starts_with("/0/public/") && (request.method == "GET" || request.method == "POST")) {
        answer = get(path.substr(10), form.value_or(""), now);
    } else if (path.starts_with("/0/private/") && request.method == "POST") {
        const EmulatedKey* key = nullptr;
        answer = authenticate(request, form.value_or(""), now, key);
        const std::string_view name = path.substr(11);
        if (answer.error.empty() && setup_.rate_limits &&
            !questions_[key->key_id].take(units_of(name), tier_.questions_most, tier_.questions_fall, now))
            answer.error = "EAPI:Rate limit exceeded";
        if (answer.error.empty()) answer = post(name, form.value_or(""), *key, now);
    } else {
        reply.status = 404;
        answer.error = "EGeneral:Unknown method";
    }
    // HTTP 200 even on errors: error[] tells.
    reply.body = answer.error.empty() ? fmt::format(R"({{"error":[],"result":{}}})", answer.result)
                                      : fmt::format(R"({{"error":[{}]}})", json_text(answer.error));
    return reply;
}

Answer EmulatedKraken::get(std::string_view name, std::string_view form, Timestamp now) const
{
    if (name == "Time") {
        return {fmt::format(R"({{"unixtime":{},"rfc1123":""}})", now.ns / seconds(1).ns), {}};
    }
    if (name == "SystemStatus")
        return {fmt::format(R"({{"status":"online","timestamp":"{}"}})", micros(now)), {}};
    if (name == "Assets") {
        std::set<std::string> assets;
        for (const ListingDefinition& d : setup_.definitions) assets.insert({d.base, d.quote});
        std::string text;
        for (const std::string& asset : assets) {
            fmt::format_to(
                std::back_inserter(text),
                R"({}"{}":{{"aclass":"currency","altname":"{}","decimals":10,"display_decimals":5,)"
                R"("status":"enabled"}})",
                text.empty() ? "" : ",", asset_id(asset), old_asset(asset));
        }
        return {"{" + text + "}", {}};
    }
    if (name == "AssetPairs") {
        std::vector<ListingDefinition> wanted = setup_.definitions;
        if (const std::string pair = query_text(form, "pair"); !pair.empty()) {
            const Listing* l = by_name(pair);
            if (l == nullptr) return {{}, "EQuery:Unknown asset pair"};
            std::erase_if(wanted, [&](const ListingDefinition& d) { return d.symbol != l->symbol; });
        }
        for (ListingDefinition& d : wanted) {
            const Listing* l = listing(d.symbol);
            if (l != nullptr && state_of(*l) != "online") d.status = ListingStatus::halted;
        }
        Emulator words;
        const std::string text = words.instruments(wanted).text;
        const std::size_t begin = text.find("\"result\":") + 9;
        return {text.substr(begin, text.size() - begin - 1), {}};
    }
    if (name == "Depth") return depth(form, now);
    if (name == "Trades") return recent_trades(form, now);
    if (name == "Ticker") return ticker(form, now);
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
        tokens_[token] = {&key, now};
        return {fmt::format(R"({{"token":"{}","expires":900}})", token), {}};
    }
    if (!key.can_read) return {{}, "EGeneral:Permission denied"};
    if (name == "OpenOrders") return orders(key, form, true);
    if (name == "ClosedOrders") return orders(key, form, false);
    if (name == "QueryOrders") return query_orders(key, form);
    if (name == "TradesHistory") return trades(key, form);
    if (name == "BalanceEx" || name == "Balance") return balances(key, name == "BalanceEx");
    if (name == "TradeVolume") return volume(form);
    if (!key.can_trade) return {{}, "EGeneral:Permission denied"};
    if (name == "CancelAll") return cancel_all(key, now);
    if (name == "CancelAllOrdersAfter")
        return cancel_after(key, parse_scaled(query_text(form, "timeout"), 0).value, now);
    if (name == "CancelOrder") return cancel_by_form(form, key, now);
    if (name == "CancelOrderBatch") return cancel_batch_by_form(form, key, now);
    if (name == "AddOrderBatch") return add_batch_by_form(form, key, now);
    if (name == "AddOrder") return place(form, key, now);
    if (name == "AmendOrder") return amend_by_form(form, key, now);
    return {{}, "EGeneral:Unknown method"};
}

// The same words as the websocket's.
std::string EmulatedKraken::order_of(std::string_view form, const std::string& prefix, const Listing* l) const
{
    const auto text = [&](const char* name) {
        return query_text(form, prefix.empty() ? name : fmt::format("{}[{}]", prefix, name));
    };
    std::string tif = text("timeinforce");
    std::transform(tif.begin(), tif.end(), tif.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string stp = text("stptype");
    std::replace(stp.begin(), stp.end(), '-', '_');
    const std::string flags = text("oflags");
    const bool in_quote = flags.find("viqc") != std::string::npos;
    return fmt::format(
        R"({{"symbol":{},"side":{},"order_type":{},"{}":{},"limit_price":{},"time_in_force":{},)"
        R"("post_only":{},"cl_ord_id":{},"order_userref":{},"stp_type":{}}})",
        json_text(l != nullptr ? l->symbol : ""), json_text(text("type")), json_text(text("ordertype")),
        in_quote ? "cash_order_qty" : "order_qty", json_text(text("volume")), json_text(text("price")),
        json_text(tif), flags.find("post") != std::string::npos, json_text(text("cl_ord_id")),
        json_text(text("userref")), json_text(stp));
}

std::string EmulatedKraken::description(std::string_view form, const std::string& prefix,
                                        const Listing* l) const
{
    const auto text = [&](const char* name) {
        return query_text(form, prefix.empty() ? name : fmt::format("{}[{}]", prefix, name));
    };
    const bool is_market = text("ordertype") == "market";
    return fmt::format(
        R"("descr":{{"order":{}}})",
        json_text(fmt::format("{} {} {} @ {}", text("type"), text("volume"), l != nullptr ? altname(*l) : "",
                              is_market ? "market" : "limit " + text("price"))));
}

Answer EmulatedKraken::place(std::string_view form, const EmulatedKey& key, Timestamp now)
{
    const Listing* l = by_name(query_text(form, "pair"));
    const std::string json = order_of(form, {}, l);
    simdjson::dom::parser parser;
    Json parameters;
    if (parser.parse(json.data(), json.size()).get(parameters) != simdjson::SUCCESS)
        return {{}, "EGeneral:Invalid arguments"};
    const bool only_looked_at = form_flag(form, "validate");
    const Answer done = add_order(key, parameters, only_looked_at, now);
    if (!done.error.empty()) return done;
    const std::string text = description(form, {}, l);
    if (only_looked_at) return {"{" + text + "}", {}};
    return {fmt::format(R"({{{},"txid":["{}"]}})", text, done.result.substr(13, 19)), {}};
}

// What is said to be the venue's id may be the client's number, which several orders can have.
Answer EmulatedKraken::cancel_by_form(std::string_view form, const EmulatedKey& key, Timestamp now)
{
    const std::string client = query_text(form, "cl_ord_id"), id = query_text(form, "txid");
    std::size_t count = 0;
    for (const EmulatedOrder* order : with_reference(key.account, client.empty() ? id : std::string())) {
        const Answer done = cancel_order(key, order_id(order->id), false, now);
        if (!done.error.empty()) return done;
        ++count;
    }
    if (count == 0) {
        const Answer done = cancel_order(key, client.empty() ? id : client, !client.empty(), now);
        if (!done.error.empty()) return done;
        count = 1;
    }
    return {fmt::format(R"({{"count":{},"pending":false}})", count), {}};
}

Answer EmulatedKraken::amend_by_form(std::string_view form, const EmulatedKey& key, Timestamp now)
{
    std::string json = fmt::format(R"({{"post_only":{})", query_text(form, "post_only") == "true");
    for (const char* name :
         {"txid", "cl_ord_id", "order_qty", "display_qty", "limit_price", "trigger_price", "deadline"}) {
        const std::string value = query_text(form, name);
        if (value.empty()) continue;
        json += fmt::format(R"(,"{}":{})", std::string_view(name) == "txid" ? "order_id" : name,
                            json_text(value));
    }
    json += "}";
    simdjson::dom::parser parser;
    Json parameters;
    if (parser.parse(json.data(), json.size()).get(parameters) != simdjson::SUCCESS)
        return {{}, "EGeneral:Invalid arguments"};
    const Answer done = amend_order(key, parameters, now);
    if (!done.error.empty()) return done;
    // Here it does not say which order it was.
    return {done.result.substr(0, done.result.find(',')) + "}", {}};
}

}  // namespace arb::kraken
