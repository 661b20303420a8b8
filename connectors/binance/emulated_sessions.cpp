#include "connectors/binance/emulated_sessions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_json.hpp"
#include "connectors/binance/emulated_parts.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/emulate/rate_counts.hpp"

namespace arb::binance {
namespace {

using Door = EmulatedSession::Door;

constexpr std::size_t kFrameBytesMax = 64 * 1024;
constexpr std::size_t kStreamsMax = 1'024;
constexpr Duration kServerLife = seconds(45);
constexpr Duration kServerGone = seconds(55);  // no lead time is promised

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

}  // namespace

bool EmulatedSessions::route(EmulatedSession& session, const ServerRequest& upgrade) const
{
    std::string path(upgrade.path());
    if (!dialect_.coinm() && path == (dialect_.spot() ? "/ws-api/v3" : "/ws-fapi/v1")) {
        session.door = Door::api;
        return true;
    }
    if (setup_.market == "usdm") {
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
        return true;
    }
    for (std::size_t at = 0; at < names.size() && session.topics.size() < kStreamsMax;) {
        const std::size_t end = std::min(names.find('/', at), names.size());
        if (end > at) session.topics.insert(names.substr(at, end - at));
        at = end + 1;
    }
    return true;
}

bool EmulatedSessions::open(SessionId id, const ServerRequest& upgrade, Timestamp now)
{
    EmulatedSession session;
    if (!route(session, upgrade)) return false;
    session.remote = upgrade.remote;
    session.opened = session.alive = now;
    sessions_[id] = std::move(session);
    return true;
}

EmulatedSession* EmulatedSessions::on_frame(SessionId id, std::string_view text, Timestamp now,
                                            SessionOutbox& out)
{
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return nullptr;
    EmulatedSession& session = found->second;
    if (text.size() > kFrameBytesMax) {
        out.close(id, 1009, "Message too big");
        return nullptr;
    }
    if (session.door == Door::api) return &session;
    (void)begin_span(session.messages, seconds(1), now);
    if (++session.messages.used > (dialect_.spot() ? 5 : 10) && setup_.rate_limits)
        out.close(id, 1008, "Too many requests");
    else
        stream_frame(id, session, text, out);
    return nullptr;
}

void EmulatedSessions::stream_frame(SessionId id, EmulatedSession& session, std::string_view text,
                                    SessionOutbox& out) const
{
    const EmulatedRequest request = read_request(text);
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
                session.topics.erase(name);
            else if (session.topics.size() < kStreamsMax)
                session.topics.insert(name);
        }
        return say("null");
    }
    if (request.method == "LIST_SUBSCRIPTIONS") {
        return say("[" + quoted_list(session.topics) + "]");
    }
    if (request.method == "SET_PROPERTY" && request.list.size() == 2 && request.list[0] == "combined") {
        session.combined = request.list[1] == "true";
        return say("null");
    }
    out.send(id, fmt::format(R"({{"code":2,"msg":"Invalid request: unknown variant","id":{}}})", request.id));
}

std::set<std::string> EmulatedSessions::streams(std::string_view prefix) const
{
    std::set<std::string> names;
    for (const auto& [id, session] : sessions_) {
        for (auto name = session.topics.lower_bound(std::string(prefix));
             name != session.topics.end() && name->starts_with(prefix); ++name)
            names.insert(*name);
    }
    return names;
}

void EmulatedSessions::publish(std::string_view stream, const std::string& text, SessionOutbox& out) const
{
    const std::string name(stream);
    const bool is_public = public_stream(stream);
    for (const auto& [id, session] : sessions_) {
        if (session.door != Door::stream || session.topics.count(name) == 0) continue;
        if (!(is_public ? session.public_data : session.market_data)) continue;
        out.send(
            id, session.combined ? fmt::format(R"({{"stream":{},"data":{}}})", json_text(name), text) : text);
    }
}

void EmulatedSessions::tell(AccountId account, const std::string& event, SessionOutbox& out) const
{
    for (const auto& [id, session] : sessions_) {
        if (session.door == Door::personal) {
            if (parts_.listen_keys.is_of(session.listen_key, account))
                out.send(id, session.combined
                                 ? fmt::format(R"({{"stream":"{}","data":{}}})", session.listen_key, event)
                                 : event);
        }
        for (const EmulatedSession::Subscription& subscription : session.subscriptions) {
            if (subscription.account != account) continue;
            out.send(id, fmt::format(R"({{"subscriptionId":{},"event":{}}})", subscription.id, event));
        }
    }
}

void EmulatedSessions::tell_expired(const std::string& listen_key, Timestamp now, SessionOutbox& out) const
{
    const std::string event =
        fmt::format(R"({{"e":"listenKeyExpired","E":"{}","listenKey":"{}"}})", ms_of(now), listen_key);
    for (const auto& [id, session] : sessions_) {
        if (session.door == Door::personal && session.listen_key == listen_key) out.send(id, event);
    }
}

// Spot tells it on the market streams and on the websocket API, then closes.
void EmulatedSessions::restart_servers(Timestamp now, SessionOutbox& out)
{
    if (!setup_.manners || !dialect_.spot()) return;
    const std::string event = fmt::format(R"({{"e":"serverShutdown","E":{}}})", ms_of(now));
    std::vector<SessionId> over;
    for (auto& [id, session] : sessions_) {
        const Duration age = now - session.opened;
        if (age >= kServerGone) over.push_back(id);
        if (age < kServerLife || session.shutdown_told) continue;
        session.shutdown_told = true;
        out.send(id, session.door == Door::api ? fmt::format(R"({{"event":{}}})", event)
                     : session.combined ? fmt::format(R"({{"stream":"!serverShutdown","data":{}}})", event)
                                        : event);
    }
    for (const SessionId id : over) {
        sessions_.erase(id);
        out.close(id, 1001, "server restart");
    }
}

void EmulatedSessions::end_subscriptions(std::string_view key_id, Timestamp now, SessionOutbox& out)
{
    for (auto& [id, session] : sessions_) {
        for (std::size_t i = 0; i < session.subscriptions.size();) {
            if (session.subscriptions[i].key_id != key_id) {
                ++i;
                continue;
            }
            out.send(id,
                     fmt::format(R"({{"subscriptionId":{},"event":{{"e":"eventStreamTerminated","E":{}}}}})",
                                 session.subscriptions[i].id, ms_of(now)));
            session.subscriptions.erase(session.subscriptions.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
}

Answer EmulatedSessions::log_on(const Call& call) const
{
    if (call.key->secret.find("-----BEGIN") == std::string::npos)
        return refuse(-4056, "HMAC_SHA256 API key is not supported.");
    call.session->key_id = call.key->key_id;
    return status(call);
}

Answer EmulatedSessions::log_off(const Call& call) const
{
    call.session->key_id.clear();
    return status(call);
}

Answer EmulatedSessions::status(const Call& call) const
{
    const std::string& key = call.session->key_id;
    const auto ms = ms_of(call.now);
    return good(fmt::format(R"({{"apiKey":{},"authorizedSince":{},"connectedSince":{},"serverTime":{}}})",
                            key.empty() ? "null" : json_text(key), key.empty() ? "null" : fmt::to_string(ms),
                            ms, ms));
}

Answer EmulatedSessions::subscriptions(const Call& call) const
{
    return good_list(call.session->subscriptions, [](const EmulatedSession::Subscription& subscription) {
        return fmt::format(R"({{"subscriptionId":{}}})", subscription.id);
    });
}

Answer EmulatedSessions::subscribe(const Call& call) const
{
    Call known = call;
    known.key = find_key(*setup_.keys, call.session->key_id);
    if (known.key == nullptr || known.key->revoked)
        return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    return subscribe_signed(known);
}

Answer EmulatedSessions::subscribe_signed(const Call& call) const
{
    for (const EmulatedSession::Subscription& subscription : call.session->subscriptions) {
        if (subscription.account == call.key->account)
            return refuse(-2035, "User data stream subscription already active.");
    }
    const int id = call.session->next_subscription++;
    call.session->subscriptions.push_back({id, call.key->account, call.key->key_id});
    return good(fmt::format(R"({{"subscriptionId":{}}})", id));
}

Answer EmulatedSessions::unsubscribe(const Call& call) const
{
    call.session->subscriptions.clear();
    return good("{}");
}

}  // namespace arb::binance
