#include "connectors/gate/emulated_sessions.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "connectors/gate/emulated_endpoints.hpp"
#include "connectors/gate/emulated_parts.hpp"

namespace arb::gate {
namespace {

constexpr std::size_t kFrameMost = std::size_t{1} << 16;
// With manners: a connection is cut for an upgrade when it is so old, which is announced before; and each
// so-manieth result comes after the news of its order.
constexpr Duration kAnnounced = seconds(200), kCut = seconds(230);
constexpr std::uint64_t kLateResult = 4;

std::string text_member(const simdjson::dom::element& object, const char* name)
{
    std::string_view text;
    return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string json_member(const simdjson::dom::element& object, std::string_view name)
{
    simdjson::dom::element value;
    return object[name].get(value) == simdjson::SUCCESS ? simdjson::minify(value) : std::string();
}

/// "orders" of "spot.orders".
std::string_view topic_of(std::string_view channel)
{
    return channel.substr(std::min(channel.size(), channel.find('.') + 1));
}

}  // namespace

std::string EmulatedSessions::verdict(const Frame& frame, int code, std::string_view message,
                                      Timestamp now) const
{
    const std::string trace = fmt::format("{:032x}", now.ns);
    return fmt::format(
        R"({{"time":{},"time_ms":{},{}"conn_id":"d7de96c024f2a5b2","trace_id":"{}","channel":{},"event":{},)"
        R"("payload":{},{}"result":{{"status":"{}"}},"requestId":"{}"}})",
        // Some samples show the seconds as text.
        setup_.manners ? "\"1\"" : fmt::format("{}", seconds_of(now)), ms_of(now),
        frame.id.empty() ? "" : fmt::format(R"("id":{},)", frame.id), trace, json_text(frame.channel),
        json_text(frame.event), frame.payload.empty() ? "null" : frame.payload,
        code != 0        ? fmt::format(R"("error":{{"code":{},"message":{}}},)", code, json_text(message))
        : setup_.manners ? ""
                         : R"("error":null,)",
        code == 0 ? "success" : "fail", trace);
}

std::string EmulatedSessions::header(std::string_view channel, int status, const RateLeft& budget,
                                     Timestamp now) const
{
    std::string counts;
    // Hidden when they are 0.
    if (budget.left > 0) counts += fmt::format(R"("x_gate_ratelimit_requests_remain":{},)", budget.left);
    if (budget.limit > 0) {
        counts += fmt::format(R"("x_gate_ratelimit_limit":{},"{}_ratelimit_reset_timestamp":{},)",
                              budget.limit, setup_.manners ? "x_gat" : "x_gate", budget.reset_ms);
    }
    return fmt::format(
        R"("header":{{"response_time":"{}","status":"{}","channel":{},"event":"api","client_id":"::1-0x1",)"
        R"({}"x_in_time":{},"x_out_time":{},"conn_id":"d7de96c024f2a5b2","conn_trace_id":"1b","trace_id":"2c"}})",
        ms_of(now), status, json_text(channel), counts, now.ns / 1000, now.ns / 1000);
}

std::string EmulatedSessions::request_error(const Frame& frame, const VenueAnswer& why, Timestamp now,
                                            const RateLeft& budget) const
{
    Json payload;
    const bool there = frame.message["payload"].get(payload) == simdjson::SUCCESS;
    return fmt::format(R"({{"request_id":{},{},"data":{{"errs":{{"label":"{}","message":{}}}}}}})",
                       json_text(there ? text_member(payload, "req_id") : std::string()),
                       header(frame.channel, why.status, budget, now), why.label, json_text(why.message));
}

void EmulatedSessions::open(SessionId id, const ServerRequest& upgrade, Timestamp now)
{
    Session entry;
    entry.decimal = upgrade.header("X-Gate-Size-Decimal") == "1";
    entry.remote = upgrade.remote;
    entry.opened = entry.alive = now;
    sessions_[id] = std::move(entry);
}

void EmulatedSessions::read(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out)
{
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    Session& session = found->second;
    simdjson::dom::parser parser;
    Frame frame;
    if (text.size() > kFrameMost ||
        parser.parse(text.data(), text.size()).get(frame.message) != simdjson::SUCCESS ||
        !frame.message.is_object())
        return out.send(id, verdict(frame, 1, "invalid request body", now));
    frame.channel = text_member(frame.message, "channel");
    frame.event = text_member(frame.message, "event");
    frame.id = json_member(frame.message, "id");
    frame.payload = json_member(frame.message, "payload");
    frame.time = whole_of(json_member(frame.message, "time"), 0);
    const std::string_view topic = topic_of(frame.channel);
    if (frame.channel != fmt::format("{}.{}", dialect_.prefix(), topic))
        return out.send(id, verdict(frame, 2, "unknown channel", now));
    if (topic == "ping") {
        out.send(id, fmt::format(R"({{"time":{},"channel":"{}.pong","event":"","error":null,"result":null}})",
                                 seconds_of(now), dialect_.prefix()));
    } else if (frame.event == "api" && topic == "login") {
        log_on(id, session, frame, now, out);
    } else if (frame.event == "api") {
        order_frame(id, session, frame, now, out);
    } else if (frame.event == "subscribe" || frame.event == "unsubscribe") {
        subscription(id, session, frame, now, out);
    } else {
        out.send(id, verdict(frame, 2, "unknown event", now));
    }
}

void EmulatedSessions::subscription(SessionId id, Session& session, const Frame& frame, Timestamp now,
                                    SessionOutbox& out)
{
    std::vector<std::string> names;
    simdjson::dom::array payload;
    if (frame.message["payload"].get(payload) == simdjson::SUCCESS) {
        for (const Json item : payload) {
            std::string_view name;
            if (item.get(name) != simdjson::SUCCESS)
                return out.send(id, verdict(frame, 2, "invalid payload", now));
            names.emplace_back(name);
        }
    }
    const std::string_view topic = topic_of(frame.channel);
    const bool wanted = frame.event == "subscribe";
    if (topic == "orders" || topic == "usertrades" || topic == "balances" ||
        (topic == "positions" && !dialect_.spot())) {
        int code = 0;
        const std::string why = own(session, frame, std::move(names), now, code);
        return out.send(id, verdict(frame, code, why, now));
    }
    if (names.empty()) return out.send(id, verdict(frame, 2, "invalid payload", now));
    for (const std::string& name : names) {
        std::string why = parts_.market.refusal(frame.channel, name);
        if (why.empty() && wanted && topic == "obu" && session.topics.count(frame.channel + " " + name) > 0)
            why = "Alert sub " + name;
        if (!why.empty()) return out.send(id, verdict(frame, 2, why, now));
    }
    // The first book may come before the word that it was subscribed.
    if (!setup_.manners || !wanted) out.send(id, verdict(frame, 0, "", now));
    for (const std::string& name : names) {
        const std::string entry = fmt::format("{} {}", frame.channel, name);
        if (!wanted) {
            session.topics.erase(entry);
        } else if (session.topics.insert(entry).second) {
            std::string first = parts_.market.first_message(topic, name, now);
            if (!first.empty()) out.send(id, std::move(first));
        }
    }
    if (setup_.manners && wanted) out.send(id, verdict(frame, 0, "", now));
}

std::string EmulatedSessions::own(Session& session, const Frame& frame, std::vector<std::string> names,
                                  Timestamp now, int& code) const
{
    const EmulatedKey* key = nullptr;
    const VenueAnswer proof = parts_.identity.prove_subscription(
        frame.message, fmt::format("channel={}&event={}&time={}", frame.channel, frame.event, frame.time),
        frame.time, session.remote, now, key);
    code = 4;
    if (!proof.good()) return fmt::format("{}: {}", proof.label, proof.message);
    code = 2;
    // Futures name the user first; without any name it is everything.
    if (!dialect_.spot()) {
        if (names.empty() || names.front() != fmt::format("{}", user_of(key->account))) return "invalid user";
        names.erase(names.begin());
    }
    if (topic_of(frame.channel) == "balances") names = {"!all"};
    if (names.empty()) return "invalid payload";
    for (const std::string& name : names) {
        if (name != "!all" && dialect_.find_listing(name) == nullptr) return "unknown currency pair: " + name;
        const std::string entry = fmt::format("{} {}", frame.channel, name);
        if (frame.event == "subscribe")
            session.owned[entry] = key->key_id;
        else
            session.owned.erase(entry);
    }
    code = 0;
    return {};
}

void EmulatedSessions::log_on(SessionId id, Session& session, const Frame& frame, Timestamp now,
                              SessionOutbox& out) const
{
    Params said;
    Json payload;
    if (frame.message["payload"].get(payload) == simdjson::SUCCESS) (void)read_fields(payload, said);
    const EmulatedKey* key = nullptr;
    const VenueAnswer answer = parts_.identity.prove_log_on(said, frame.channel, session.remote, now, key);
    if (!answer.good()) return out.send(id, request_error(frame, answer, now, {}));
    session.key_id = key->key_id;
    out.send(id, fmt::format(R"({{"request_id":{},{},"data":{{"result":{{"api_key":"{}","uid":"{}"}}}}}})",
                             json_text(value_of(said, "req_id")), header(frame.channel, 200, {}, now),
                             key->key_id, user_of(key->account)));
}

void EmulatedSessions::order_frame(SessionId id, Session& session, const Frame& frame, Timestamp now,
                                   SessionOutbox& out)
{
    const EmulatedEndpoint* const endpoint = find_channel(dialect_.spot(), topic_of(frame.channel));
    const auto refuse = [&](const VenueAnswer& why, const RateLeft& budget) {
        out.send(id, request_error(frame, why, now, budget));
    };
    if (endpoint == nullptr) return refuse(say_refused("INVALID_PARAM_VALUE", "unknown channel"), {});
    EmulatedCall call;
    call.now = now;
    call.by_socket = true;
    if (!session.decimal) call.form = Form::whole_reply;
    // Keys change: it is looked up each time.
    const VenueAnswer known = parts_.identity.check_key(session.key_id, session.remote, now, call.key);
    if (session.key_id.empty()) return refuse(say_refused("INVALID_CREDENTIALS", "Please log in"), {});
    if (!known.good()) return refuse(known, {});
    Json payload, parameter;
    if (frame.message["payload"].get(payload) != simdjson::SUCCESS ||
        payload["req_param"].get(parameter) != simdjson::SUCCESS)
        return refuse(say_refused("INVALID_REQUEST_BODY", "req_param is missing"), {});
    if (!call.read_body(parameter))
        return refuse(say_refused("INVALID_REQUEST_BODY", "req_param holds no objects"), {});
    Json header_said;
    std::string expiry, headers = "null";
    if (payload["req_header"].get(header_said) == simdjson::SUCCESS) {
        Json said;
        expiry = text_member(header_said, "x-gate-exptime");
        if (expiry.empty() && header_said["x-gate-exptime"].get(said) == simdjson::SUCCESS)
            return refuse(say_refused("INVALID_PARAM_VALUE", "x-gate-exptime is no text"), {});
        headers = simdjson::minify(header_said);
    }
    RateLeft budget;
    const std::string number = text_member(payload, "req_id");
    const VenueAnswer answer = run(parts_, *endpoint, call, expiry, budget);
    const bool received = endpoint->places_orders();
    if (received && answer.label != "TOO_MANY_REQUESTS" && answer.label != "REQUEST_EXPIRED") {
        out.send(id,
                 fmt::format(
                     R"({{"request_id":{0},"ack":true,{1},"data":{{"result":{{"req_id":{0},"req_header":{2},)"
                     R"("req_param":{3},"api_key":"","timestamp":"","signature":""}}}}}})",
                     json_text(number), header(frame.channel, 200, budget, now), headers,
                     simdjson::minify(parameter)));
    }
    if (!answer.good()) return refuse(answer, budget);
    std::string result = fmt::format(R"({{"request_id":{},{},"data":{{"result":{}}}}})", json_text(number),
                                     header(frame.channel, 200, budget, now), answer.body);
    if (setup_.manners && received && ++results_ % kLateResult == 0)
        session.late.push_back(std::move(result));
    else
        out.send(id, std::move(result));
}

std::string EmulatedSessions::failed_frame(std::string_view text, Timestamp now) const
{
    simdjson::dom::parser parser;
    Frame frame;
    if (parser.parse(text.data(), text.size()).get(frame.message) != simdjson::SUCCESS) return {};
    frame.channel = text_member(frame.message, "channel");
    VenueAnswer why = say_refused("SERVER_TIMEOUT", "Server timeout");
    why.status = 500;
    return text_member(frame.message, "event") == "api" ? request_error(frame, why, now, {}) : std::string();
}

void EmulatedSessions::upgrade(SessionId id, Session& session, Timestamp now, SessionOutbox& out)
{
    const Duration age = now - session.opened;
    if (age >= kAnnounced && !session.warned) {
        session.warned = true;
        out.send(id, R"({"type":"upgrade","msg":"The connection will soon be closed for a service upgrade. )"
                     R"(Please reconnect."})");
    } else if (age >= kCut) {
        session.opened = now;
        out.close(id, 1001, "service upgrade");
    }
}

void EmulatedSessions::on_tick(Timestamp now, SessionOutbox& out)
{
    for (auto& [id, session] : sessions_) {
        for (std::string& result : std::exchange(session.late, {})) out.send(id, std::move(result));
        if (setup_.manners) upgrade(id, session, now, out);
    }
}

void EmulatedSessions::tell(const AccountNews& news, Timestamp now, SessionOutbox& out) const
{
    const auto frame = [&](const std::string& data) {
        return fmt::format(R"({{"time":{},"time_ms":{},"channel":"{}","event":"update","result":[{}]}})",
                           seconds_of(now), ms_of(now), news.channel, data);
    };
    for (const auto& [id, session] : sessions_) {
        for (const std::string& name : {std::string("!all"), news.symbol}) {
            const auto topic = session.owned.find(fmt::format("{} {}", news.channel, name));
            if (topic == session.owned.end()) continue;
            const bool ours =
                std::any_of(setup_.keys->begin(), setup_.keys->end(), [&](const EmulatedKey& key) {
                    return key.key_id == topic->second && key.account == news.account && !key.revoked;
                });
            if (ours) out.send(id, frame(session.decimal || dialect_.spot() ? news.entry : news.whole));
            break;
        }
    }
}

void EmulatedSessions::end(const EmulatedKey& key, SessionOutbox& out) const
{
    const auto uses_it = [&](const Session& session) {
        return session.key_id == key.key_id ||
               std::any_of(session.owned.begin(), session.owned.end(),
                           [&](const auto& topic) { return topic.second == key.key_id; });
    };
    cut(sessions_, uses_it, "the key is gone", out);
}

}  // namespace arb::gate
