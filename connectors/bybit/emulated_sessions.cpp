#include "connectors/bybit/emulated_sessions.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <simdjson.h>

#include "connectors/bybit/emulated_parts.hpp"

namespace arb::bybit {
namespace {

constexpr std::size_t kFrameMax = std::size_t{1} << 18;
constexpr std::size_t kArgsCharactersMax = 21'000;
constexpr std::size_t kRequestsKept = 100'000;
// With its manners a trade socket serves so many requests; then its server restarts.
constexpr int kOrdersServed = 60;
constexpr std::array<std::string_view, 6> kOrderOps{"order.create",      "order.amend",
                                                    "order.cancel",      "order.create-batch",
                                                    "order.amend-batch", "order.cancel-batch"};
constexpr std::string_view kTickers = "tickers.";

/// The quick words about a trade have the kinds that the others have.
std::string plain_topic(std::string_view topic)
{
    constexpr std::string_view kFast = "execution.fast";
    return topic.starts_with(kFast) ? "execution" + std::string(topic.substr(kFast.size()))
                                    : std::string(topic);
}

/// The elements of `args` that are texts or whole numbers.
std::vector<std::string> read_args(const simdjson::dom::object& root)
{
    std::vector<std::string> args;
    simdjson::dom::array list;
    if (root.at_key("args").get(list) != simdjson::SUCCESS) return args;
    for (const simdjson::dom::element entry : list) {
        std::string_view text;
        std::int64_t number = 0;
        if (entry.get(text) == simdjson::SUCCESS)
            args.emplace_back(text);
        else if (entry.get(number) == simdjson::SUCCESS)
            args.push_back(fmt::format("{}", number));
        else
            args.emplace_back();
    }
    return args;
}

std::string connection_name(SessionId id)
{
    return fmt::format("emulated-{:08x}", static_cast<std::uint64_t>(id));
}

bool private_topic(std::string_view topic)
{
    const std::string plain = plain_topic(topic);
    topic = plain;
    if (topic == "wallet" || topic == "greeks") return true;
    if (topic == "dcp.future" || topic == "dcp.spot" || topic == "dcp.option") return true;
    const std::size_t dot = topic.find('.');
    const std::string_view head = topic.substr(0, dot);
    if (head != "order" && head != "execution" && head != "position") return false;
    if (dot == std::string_view::npos) return true;
    const std::string_view tail = topic.substr(dot + 1);
    return tail == "spot" || tail == "linear" || tail == "inverse" || tail == "option";
}

/// To what was said on the public or the private socket.
void reply(SessionId id, bool success, std::string_view text, std::string_view op, std::string_view request,
           SessionOutbox& out)
{
    out.send(id, fmt::format(R"({{"success":{},"ret_msg":{},"conn_id":"{}","req_id":{},"op":{}}})", success,
                             json_text(text), connection_name(id), json_text(request), json_text(op)));
}

}  // namespace

bool EmulatedSessions::open(SessionId id, const ServerRequest& upgrade, Timestamp now)
{
    Session entry;
    if (upgrade.path() == "/v5/private")
        entry.door = Door::personal;
    else if (upgrade.path() == "/v5/trade")
        entry.door = Door::trade;
    else if (upgrade.path() != "/v5/public/" + setup_.market)
        return false;
    entry.remote = upgrade.remote;
    entry.opened = entry.alive = now;
    sessions_[id] = std::move(entry);
    return true;
}

void EmulatedSessions::forget(SessionId id, Timestamp now)
{
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    const AccountId account = found->second.account;
    sessions_.erase(found);
    parts_.dead_man.listen(id, account, false, now);
}

template <class IsMeant>
void EmulatedSessions::end_where(IsMeant is_meant, int code, std::string_view why, Timestamp now,
                                 SessionOutbox& out)
{
    const std::vector<SessionId> gone = sessions_where(sessions_, is_meant);
    for (const SessionId id : gone) out.close(id, code, why);
    for (const SessionId id : gone) forget(id, now);
}

void EmulatedSessions::end(const EmulatedKey& key, Timestamp now, SessionOutbox& out)
{
    const auto has_key = [&](const Session& session) { return session.key_id == key.key_id; };
    end_where(has_key, 1008, "API key is invalid.", now, out);
}

// "Connect": a connection without ping and without data is cut after ten minutes.
void EmulatedSessions::end_idle(Timestamp now, SessionOutbox& out)
{
    const auto is_idle = [&](const Session& session) { return now - session.alive > seconds(600); };
    end_where(is_idle, 1000, "idle", now, out);
}

// A session hears a topic under the name it subscribed: of all categories, or of one.
void EmulatedSessions::tell(AccountId account, std::string_view topic, const std::string& data, Timestamp now,
                            SessionOutbox& out)
{
    const bool fast = topic == "execution.fast";
    const std::string whole(topic);
    const std::string single = fmt::format("{}.{}", topic, setup_.market);
    for (const auto& [id, session] : sessions_) {
        if (session.door != Door::personal || session.key_id.empty() || session.account != account) continue;
        for (const std::string& name : {whole, single}) {
            if (session.topics.count(name) == 0) continue;
            const std::string number =
                fast ? std::string()
                     : fmt::format(R"("id":"{}-{}",)", static_cast<std::uint32_t>(account), ++invented_);
            out.send(id, fmt::format(R"({{{}"topic":"{}","creationTime":{},"data":[{}]}})", number, name,
                                     ms_of(now), data));
        }
    }
}

void EmulatedSessions::read(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out)
{
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    Session& session = found->second;
    session.alive = now;
    if (session.door == Door::trade) {
        trade_frame(id, session, text, now, out);
        return;
    }
    simdjson::dom::parser parser;
    simdjson::dom::object root;
    Params params;
    if (text.size() > kFrameMax || !read_params(text, params) ||
        parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
        reply(id, false, "Request is not a JSON object", "", "", out);
        return;
    }
    const Said said{value_of(params, "op"), value_of(params, "req_id"), read_args(root)};
    if (session.door == Door::open)
        public_frame(id, session, said, now, out);
    else
        private_frame(id, session, said, now, out);
}

bool EmulatedSessions::public_topic(std::string_view topic) const
{
    const Listing* listing = nullptr;
    std::uint32_t depth = 0;
    if (parts_.books.book_topic(topic, listing, depth)) return true;
    for (const std::string_view head : {std::string_view("publicTrade."), kTickers}) {
        if (topic.starts_with(head)) return dialect_.find_listing(topic.substr(head.size())) != nullptr;
    }
    return false;
}

void EmulatedSessions::public_frame(SessionId id, Session& session, const Said& said, Timestamp now,
                                    SessionOutbox& out)
{
    const auto& [op, request, args] = said;
    if (op == "ping") {
        reply(id, true, "pong", "ping", request, out);
        return;
    }
    if (op != "subscribe" && op != "unsubscribe") {
        reply(id, false, fmt::format("Invalid op: {}", op.substr(0, 64)), op.substr(0, 64), request, out);
        return;
    }
    std::size_t characters = 0;
    for (const std::string& topic : session.topics) characters += topic.size();
    for (const std::string& topic : args) {
        characters += topic.size();
        if (!public_topic(topic)) {
            reply(id, false, fmt::format("Invalid topic: [{}]", topic.substr(0, 64)), op, request, out);
            return;
        }
    }
    if (args.empty() || (dialect_.spot() && args.size() > 10) ||
        (op == "subscribe" && characters > kArgsCharactersMax)) {
        reply(id, false, "args size error", op, request, out);
        return;
    }
    reply(id, true, dialect_.spot() || op == "unsubscribe" ? op : std::string_view(), op, request, out);
    for (const std::string& topic : args) {
        if (op == "unsubscribe") {
            session.topics.erase(topic);
        } else {
            session.topics.insert(topic);
            const std::string_view symbol = std::string_view(topic).substr(topic.find('.') + 1);
            std::string first = topic.starts_with(kTickers)
                                    ? parts_.tape.ticker_message(*dialect_.find_listing(symbol), now)
                                    : parts_.books.snapshot(topic, now);
            if (!first.empty()) out.send(id, std::move(first));
        }
    }
}

// Both private sockets log on in the same way: key, expiry and the signature over it.
Answer EmulatedSessions::log_on(Session& session, const std::vector<std::string>& args, Timestamp now) const
{
    if (args.size() != 3) return refuse(10001, "Params Error");
    const EmulatedKey* key = nullptr;
    const Answer wrong = parts_.identity.check_key(args[0], session.remote, now, key);
    if (wrong.code != 0) return wrong;
    const auto expires = Decimal::parse(args[1]);
    const auto ms = expires ? expires->scaled(0) : std::nullopt;
    if (!ms || *ms <= ms_of(now)) return refuse(10002, "request expired");
    if (!parts_.identity.signature_good(*key, "GET/realtime" + args[1], args[2]))
        return refuse(10004, "Invalid sign");
    session.key_id = key->key_id;
    session.account = key->account;
    return {};
}

void EmulatedSessions::private_frame(SessionId id, Session& session, const Said& said, Timestamp now,
                                     SessionOutbox& out)
{
    const auto& [op, request, args] = said;
    if (op == "ping") {
        out.send(id, fmt::format(R"({{"req_id":{},"op":"pong","args":["{}"],"conn_id":"{}"}})",
                                 json_text(request), ms_of(now), connection_name(id)));
    } else if (op == "auth") {
        const Answer answer =
            session.key_id.empty() ? log_on(session, args, now) : refuse(20001, "Repeat auth");
        reply(id, answer.code == 0, answer.code == 0 ? "" : answer.text, op, request, out);
        if (answer.code != 0) out.close(id, 1008, answer.text);
    } else if (session.key_id.empty()) {
        reply(id, false, "Request not authorized", op.substr(0, 64), request, out);
    } else if (op == "subscribe" || op == "unsubscribe") {
        bool whole = false;
        bool split = false;
        for (const std::string& named : args) {
            const std::string topic = plain_topic(named);
            if (!private_topic(topic)) {
                reply(id, false, fmt::format("Invalid topic: [{}]", named.substr(0, 64)), op, request, out);
                return;
            }
            whole = whole || topic == "order" || topic == "execution" || topic == "position";
            split = split || (topic.find('.') != std::string::npos && topic.substr(0, 4) != "dcp.");
        }
        if (args.empty() || (whole && split)) {
            reply(id, false, "Topics of all categories and of one cannot be mixed", op, request, out);
            return;
        }
        for (const std::string& topic : args)
            op == "subscribe" ? (void)session.topics.insert(topic) : (void)session.topics.erase(topic);
        parts_.dead_man.listen(id, session.account,
                               session.topics.count(std::string(parts_.dead_man.topic())) > 0, now);
        reply(id, true, "", op, request, out);
    } else {
        reply(id, false, "Invalid op", op.substr(0, 64), request, out);
    }
}

void EmulatedSessions::trade_frame(SessionId id, Session& session, std::string_view text, Timestamp now,
                                   SessionOutbox& out)
{
    simdjson::dom::parser parser;
    simdjson::dom::object root;
    Params params;
    if (text.size() > kFrameMax || !read_params(text, params) ||
        parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
        out.send(
            id, fmt::format(R"({{"retCode":10001,"retMsg":"Request parameter error","op":"","connId":"{}"}})",
                            connection_name(id)));
        return;
    }
    const std::string_view op = value_of(params, "op");
    const auto plain = [&](int code, std::string_view words, std::string_view name) {
        out.send(id,
                 fmt::format(R"({{"reqId":{},"retCode":{},"retMsg":{},"op":{},"data":{{}},"connId":"{}"}})",
                             json_text(value_of(params, "reqId")), code, json_text(words), json_text(name),
                             connection_name(id)));
    };
    if (op == "ping") {
        out.send(id, fmt::format(R"({{"retCode":0,"retMsg":"OK","op":"pong","data":["{}"],"connId":"{}"}})",
                                 ms_of(now), connection_name(id)));
    } else if (op == "auth") {
        const Answer answer =
            session.key_id.empty() ? log_on(session, read_args(root), now) : refuse(20001, "Repeat auth");
        plain(answer.code, answer.text, "auth");
        if (answer.code != 0 && answer.code != 20001) out.close(id, 1008, answer.text);
    } else if (std::find(kOrderOps.begin(), kOrderOps.end(), op) == kOrderOps.end()) {
        plain(10404, "op type is not found", op.substr(0, 64));
    } else if (session.key_id.empty()) {
        plain(10005, "Request not authorized", op);
    } else {
        Params header;
        simdjson::dom::object inner;
        if (root.at_key("header").get(inner) == simdjson::SUCCESS)
            (void)read_params(simdjson::minify(inner), header);
        EmulatedCall call;
        call.now = now;
        if (root.at_key("args").at(0).get(inner) == simdjson::SUCCESS) {
            const std::string first = simdjson::minify(inner);
            (void)read_params(first, call.params);
            if (op.ends_with("-batch") && !read_batch(first, call.batch)) call.batch.clear();
        }
        order_frame(id, session, op, params, header, std::move(call), out);
    }
}

void EmulatedSessions::order_frame(SessionId id, Session& session, std::string_view op, const Params& root,
                                   const Params& header, EmulatedCall call, SessionOutbox& out)
{
    const Timestamp now = call.now;
    const std::string request(value_of(root, "reqId"));
    RateLeft limit;
    call.limit = &limit;
    Answer answer = parts_.identity.check_key(session.key_id, session.remote, now, call.key);
    if (answer.code == 0)
        answer = parts_.identity.check_time(value_of(header, "X-BAPI-TIMESTAMP"),
                                            value_of(header, "X-BAPI-RECV-WINDOW"), now);
    if (answer.code == 0) answer = parts_.identity.check_right(*call.key, Need::trade);
    if (answer.code == 0 && request.size() > 36) answer = refuse(10001, "reqId is too long");
    if (answer.code == 0 && !request.empty() && !session.requests.insert(request).second)
        answer = refuse(20006, "reqId is duplicated");
    if (session.requests.size() > kRequestsKept) session.requests.clear();
    if (answer.code == 0 && dialect_.check_category(call).code != 0)
        answer = refuse(10404, "category is not correct");
    if (answer.code == 0 && setup_.manners && ++session.orders > kOrdersServed)
        answer = refuse(10019,
                        "ws trade service is restarting, do not accept new request, but the request "
                        "in the process is not affected. You can build new connection");
    // "order.amend" does what is asked at /v5/order/amend.
    if (answer.code == 0)
        answer = parts_.post(fmt::format("/v5/order/{}", op.substr(op.find('.') + 1)), call);
    // Some refusals for want of a permission name no request.
    const bool nameless = setup_.manners && answer.code == 10005;
    out.send(id, fmt::format(R"({{{}"retCode":{},"retMsg":{},"op":"{}","data":{},"retExtInfo":{},)"
                             R"("header":{{"X-Bapi-Limit":"{}","X-Bapi-Limit-Status":"{}",)"
                             R"("X-Bapi-Limit-Reset-Timestamp":"{}","Traceid":"{:016x}","Timenow":"{}"}},)"
                             R"("connId":"{}"}})",
                             nameless ? std::string() : fmt::format(R"("reqId":{},)", json_text(request)),
                             answer.code, json_text(answer.text), op, answer.code == 0 ? answer.result : "{}",
                             answer.extra, limit.limit, limit.left, limit.reset_ms, ++invented_, ms_of(now),
                             connection_name(id)));
}

}  // namespace arb::bybit
