// Websockets of the emulated Binance: market streams with their subscriptions, and the websocket API.
#include <algorithm>

#include <fmt/format.h>
#include <simdjson.h>

#include "connectors/binance/emulated_core.hpp"
#include "connectors/binance/emulated_json.hpp"
#include "engine/emulate/answer_text.hpp"
#include "engine/emulate/emulator.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::binance {

namespace {

namespace json = simdjson::ondemand;

constexpr std::size_t kFrameBytesMax = 64 * 1024;
constexpr std::size_t kStreamsMax = 1'024;

struct Request {
    std::string id = "null";  // as JSON
    std::string method;
    Params params;
    std::vector<std::string> list;  // params of stream requests
    bool readable = false;
};

bool read_frame_params(json::value value, Request& request)
{
    json::json_type type{};
    if (value.type().get(type)) return false;
    if (type == json::json_type::array) {
        for (auto entry : value.get_array()) {
            std::string_view text;
            bool flag = false;
            if (!entry.get_string().get(text))
                request.list.emplace_back(text);
            else if (entry.get_bool().get(flag))
                return false;
            else
                request.list.emplace_back(flag ? "true" : "false");
        }
        return true;
    }
    json::object object;
    return type == json::json_type::object && !value.get_object().get(object) &&
           read_members(object, request.params);
}

Request read_request(std::string_view text)
{
    Request request;
    json::parser parser;
    const simdjson::padded_string padded(text);
    json::document document;
    json::object object;
    if (parser.iterate(padded).get(document) || document.get_object().get(object)) return request;
    for (auto field : object) {
        std::string_view name;
        json::value value;
        json::json_type type{};
        if (field.unescaped_key().get(name) || field.value().get(value) || value.type().get(type))
            return request;
        std::string_view word;
        if (name == "id" && type == json::json_type::string) {
            if (value.get_string().get(word)) return request;
            request.id = json_text(word.substr(0, 64));
        } else if (name == "id" && type == json::json_type::number) {
            request.id = json_token(value.raw_json_token());
        } else if (name == "method" && type == json::json_type::string) {
            if (value.get_string().get(word)) return request;
            request.method = word;
        } else if (name == "params") {
            if (!read_frame_params(value, request)) return request;
        }
    }
    request.readable = !request.method.empty();
    return request;
}

// "Public" streams of the futures' routed paths: books and best quotes.
bool public_stream(std::string_view stream)
{
    return stream.find("@depth") != std::string_view::npos ||
           stream.find("bookTicker") != std::string_view::npos;
}

// Documented streams that are not emulated.
bool absent_stream(std::string_view name, std::string_view market)
{
    for (const std::string_view part : {"@kline_", "continuousKline", "@avgPrice", "@ticker_", "forceOrder",
                                        "@rpiDepth", "referencePrice", "compositeIndex", "assetIndex"}) {
        if (name.find(part) != std::string_view::npos) return true;
    }
    const bool tickers = name.find("icker@arr") != std::string_view::npos || name.ends_with("@ticker") ||
                         name.ends_with("@miniTicker") || name.find("markPrice") != std::string_view::npos;
    return market == "coinm" && tickers;
}

// The levels of "btcusdt@depth5@100ms" behind `prefix`, "btcusdt@depth"; 0: another stream.
std::size_t partial_levels(std::string_view name, std::string_view prefix)
{
    for (const auto& [text, levels] :
         {std::pair<std::string_view, std::size_t>{"5", 5}, {"10", 10}, {"20", 20}}) {
        const std::string_view rest = name.substr(std::min(prefix.size(), name.size()));
        if (name.starts_with(prefix) && rest.starts_with(text) &&
            (rest.size() == text.size() || rest[text.size()] == '@'))
            return levels;
    }
    return 0;
}

// A member of a message that this side made, whose value is a number.
std::string_view number_in(std::string_view text, std::string_view key)
{
    const std::size_t at = text.find(key);
    if (at == std::string_view::npos) return "0";
    const std::string_view rest = text.substr(at + key.size());
    return rest.substr(0, rest.find_first_not_of("0123456789"));
}

}  // namespace

bool EmulatedBinance::on_session(SessionId id, const ServerRequest& upgrade, Timestamp now, SessionOutbox&)
{
    Session session;
    session.opened = now;
    session.remote = upgrade.remote;
    std::string path(upgrade.path());
    const bool traded = setup_.market != "coinm";
    if (traded && path == (spot() ? "/ws-api/v3" : "/ws-fapi/v1")) {
        session.door = Door::api;
    } else {
        if (!spot() && setup_.market == "usdm") {
            // An address without a routed path gets public data only.
            session.market_data = path.starts_with("/market/");
            session.public_data = !session.market_data;
            for (const char* route : {"/public/", "/market/", "/private/"}) {
                if (!path.starts_with(route)) continue;
                if (path.starts_with("/private/")) session.door = Door::personal;
                path = path.substr(std::string_view(route).size() - 1);
                break;
            }
        }
        if (path != "/ws" && !path.starts_with("/ws/") && path != "/stream") return false;
        session.combined = path == "/stream";
        std::string names = path.size() > 4 && !session.combined ? path.substr(4) : std::string();
        const std::string_view query = upgrade.query();
        for (const std::string_view key : {"streams=", "listenKey="}) {
            const std::size_t at = query.find(key);
            if (at == std::string_view::npos) continue;
            names = query.substr(at + key.size(), query.find('&', at) - at - key.size());
        }
        if (session.door == Door::personal) {
            session.listen_key = names;
        } else {
            for (std::size_t at = 0; at < names.size() && session.streams.size() < kStreamsMax;) {
                const std::size_t end = std::min(names.find('/', at), names.size());
                if (end > at) session.streams.insert(names.substr(at, end - at));
                at = end + 1;
            }
        }
    }
    sessions_[id] = std::move(session);
    return true;
}

void EmulatedBinance::on_session_frame(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out)
{
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    Session& session = found->second;
    if (text.size() > kFrameBytesMax) return out.close(id, 1009, "Message too big");
    (void)begin_span(session.messages, seconds(1), now);
    ++session.messages.used;
    const int limit = spot() ? 5 : 10;
    if (setup_.rate_limits && session.door != Door::api && session.messages.used > limit)
        return out.close(id, 1008, "Too many requests");
    if (session.door == Door::api) return api_frame(id, session, text, now, out);
    stream_frame(id, session, text, out);
}

void EmulatedBinance::stream_frame(SessionId id, Session& session, std::string_view text, SessionOutbox& out)
{
    const Request request = read_request(text);
    const auto say = [&](std::string_view result) {
        out.send(id, fmt::format(R"({{"result":{},"id":{}}})", result, request.id));
    };
    if (!request.readable) {
        return out.send(id, R"({"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"})");
    }
    if (request.method == "SUBSCRIBE" || request.method == "UNSUBSCRIBE") {
        for (const std::string& name : request.list) {
            if (request.method == "UNSUBSCRIBE" || !absent_stream(name, setup_.market)) continue;
            const std::string why = json_text("Invalid request: unknown stream " + name);
            return out.send(id, fmt::format(R"({{"code":2,"msg":{},"id":{}}})", why, request.id));
        }
        for (const std::string& name : request.list) {
            // A listen key is a stream like another.
            if (session.door == Door::personal) {
                const bool ours = session.listen_key == name;
                if (request.method == "SUBSCRIBE")
                    session.listen_key = name;
                else if (ours)
                    session.listen_key.clear();
                continue;
            }
            if (request.method == "UNSUBSCRIBE")
                session.streams.erase(name);
            else if (session.streams.size() < kStreamsMax)
                session.streams.insert(name);
        }
        return say("null");
    }
    if (request.method == "LIST_SUBSCRIPTIONS") {
        return say("[" + quoted_list(session.streams) + "]");
    }
    if (request.method == "SET_PROPERTY" && request.list.size() == 2 && request.list[0] == "combined") {
        session.combined = request.list[1] == "true";
        return say("null");
    }
    out.send(id, fmt::format(R"({{"code":2,"msg":"Invalid request: unknown variant","id":{}}})", request.id));
}

void EmulatedBinance::publish(std::string_view stream, const std::string& text, SessionOutbox& out)
{
    const std::string name(stream);
    const bool is_public = public_stream(stream);
    for (const auto& [id, session] : sessions_) {
        if (session.door != Door::stream || session.streams.count(name) == 0) continue;
        if (!(is_public ? session.public_data : session.market_data)) continue;
        out.send(
            id, session.combined ? fmt::format(R"({{"stream":{},"data":{}}})", json_text(name), text) : text);
    }
}

std::string EmulatedBinance::stream_symbol(const Listing& listing)
{
    std::string out = listing.symbol;
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

// The best levels of a book after a change, for whoever asked for so many: at spot a small snapshot, at the
// futures in the shape of a change.
void EmulatedBinance::publish_best_levels(const Listing& listing, std::string_view change,
                                          const EmulatedBook& book, SessionOutbox& out)
{
    const std::string prefix = stream_symbol(listing) + "@depth";
    std::map<std::string, std::size_t> wanted;
    for (const auto& [id, session] : sessions_) {
        for (auto name = session.streams.lower_bound(prefix);
             name != session.streams.end() && name->starts_with(prefix); ++name) {
            if (const std::size_t levels = partial_levels(*name, prefix); levels > 0) wanted[*name] = levels;
        }
    }
    const auto side = [&](std::span<const Level> levels, std::size_t most) {
        std::string text = "[";
        for (const Level& level : levels.first(std::min(most, levels.size()))) {
            text +=
                fmt::format(R"({}["{}","{}"])", text.size() > 1 ? "," : "",
                            price_text(listing.id, level.price), quantity_text(listing.id, level.quantity));
        }
        return text + "]";
    };
    for (const auto& [name, most] : wanted) {
        const std::string bids = side(book.bids, most);
        const std::string asks = side(book.asks, most);
        const std::string text = spot() ? fmt::format(R"({{"lastUpdateId":{},"bids":{},"asks":{}}})",
                                                      number_in(change, R"("u":)"), bids, asks)
                                        : fmt::format(R"({}"b":{},"a":{}}})",
                                                      change.substr(0, change.find(R"("b":)")), bids, asks);
        publish(name, text, out);
    }
}

void EmulatedBinance::publish_messages(const Listing& listing, const std::vector<VenueMessage>& messages,
                                       SessionOutbox& out)
{
    const std::string symbol = stream_symbol(listing);
    for (const VenueMessage& message : messages) {
        if (message.http || message.text.starts_with(R"({"result")")) continue;
        if (message.text.starts_with(R"({"e":"depthUpdate")")) {
            const std::string text = with_old_orders(listing, message.text);
            for (const char* kind : {"@depth", "@depth@100ms", "@depth@500ms"})
                publish(symbol + kind, text, out);
        } else if (message.text.find(R"("e":"trade")") != std::string::npos) {
            publish(symbol + "@trade", message.text, out);
        } else if (message.text.find(R"("e":"aggTrade")") != std::string::npos) {
            publish(symbol + "@aggTrade", message.text, out);
        } else {
            publish(symbol + "@bookTicker", message.text, out);
        }
    }
}

void EmulatedBinance::on_book(ListingId id, std::span<const Level> bids, std::span<const Level> asks,
                              const EmulatedBook& book, Timestamp now, SessionOutbox& out)
{
    std::vector<VenueMessage> messages;
    feed_->change(setup_.table->instrument_of(id), setup_.table->listing(id), bids, asks, book, now,
                  messages);
    open_tape(id, book, now);
    const Listing& listing = setup_.table->listing(id);
    publish_messages(listing, messages, out);
    for (const VenueMessage& message : messages) {
        if (setup_.market != "coinm" && message.text.starts_with(R"({"e":"depthUpdate")"))
            publish_best_levels(listing, message.text, book, out);
    }
}

Answer EmulatedBinance::api_call(std::string_view method, Call& call)
{
    const auto all = endpoints();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Endpoint& e) { return method == e.word; });
    if (method.empty() || found == all.end()) return refuse(-1000, "Unknown method.");
    Answer answer;
    Duration retry_after;
    if (!spend(weight_of(*found, *call.params), call.remote, call.now, answer, retry_after)) {
        const std::int64_t ms = call.now.ns / 1'000'000;
        answer.body.pop_back();
        answer.body += fmt::format(R"(,"data":{{"serverTime":{},"retryAfter":{}}}}})", ms,
                                   ms + retry_after.ns / 1'000'000);
        return answer;
    }
    // Parameters in alphabetical order, not percent-encoded, the key among them.
    Params sorted = *call.params;
    std::sort(sorted.begin(), sorted.end());
    std::string payload;
    for (const auto& [name, value] : sorted) {
        if (name == "signature") continue;
        payload += (payload.empty() ? "" : "&") + name + "=" + value;
    }
    std::string_view key = call.get("apiKey");
    const bool logged_on = key.empty() && !call.session->logged_on.empty();
    if (logged_on) key = call.session->logged_on;
    answer = prove(*found, call, key, payload, call.get("signature"), !logged_on);
    if (answer.code != 0) return answer;
    return (this->*found->handler)(call);
}

void EmulatedBinance::api_frame(SessionId id, Session& session, std::string_view text, Timestamp now,
                                SessionOutbox& out)
{
    const Request request = read_request(text);
    if (!request.readable) {
        return out.send(id,
                        R"({"id":null,"status":400,"error":{"code":-1135,"msg":"Invalid JSON Request"}})");
    }
    Call call;
    call.params = &request.params;
    call.remote = session.remote;
    call.now = now;
    call.out = &out;
    call.session = &session;
    const bool logged_on = !session.logged_on.empty() && value_of(request.params, "apiKey").empty();
    const Answer answer = api_call(request.method, call);
    const bool orders = request.method.starts_with("order.");
    const std::string limits = limits_json(session.remote, orders ? call.key : nullptr);
    if (answer.code == 0) {
        return out.send(id, fmt::format(R"({{"id":{},"status":200,"result":{},"rateLimits":{}}})", request.id,
                                        answer.body, limits));
    }
    // A session whose key was revoked gets its next answer without an id.
    const bool nameless = answer.code == -2015 && logged_on;
    out.send(id, fmt::format(R"({{"id":{},"status":{},"error":{},"rateLimits":{}}})",
                             nameless ? "null" : request.id, answer.status, answer.body, limits));
}

std::string EmulatedBinance::failed_frame(std::string_view text) const
{
    const Request request = read_request(text);
    if (!request.readable || !request.method.starts_with("order.")) return {};
    return fmt::format(
        R"({{"id":{},"status":500,"error":{{"code":-1007,"msg":"Timeout waiting for response from )"
        R"(backend server. Send status unknown; execution status unknown."}}}})",
        request.id);
}

}  // namespace arb::binance
