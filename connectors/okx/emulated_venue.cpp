#include "connectors/okx/emulated_venue.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::okx {
namespace {

// "Overview: Authentication": a request expires 30 s after its timestamp.
constexpr Duration kWindow = seconds(30);
// "Connection": 480 requests an hour a connection; 30 s without a word end it.
constexpr std::uint32_t kControlMax = 480;
constexpr Duration kIdleMax = seconds(30);
// With manners: each so-manieth reply to an order comes after the order's news.
constexpr std::uint64_t kLateReply = 5;
constexpr std::uint64_t kFirstTrade = 130'639'471;

std::string sign(const EmulatedKey& key, const std::string& message)
{
    const std::string& secret = key.secret;
    const HmacSha256 mac(bytes_of(secret));
    HmacSha256::Digest digest;
    mac.sign(message, digest);
    return base64(digest);
}

bool within(Timestamp said, Timestamp now)
{
    const std::int64_t off = said.ns > now.ns ? said.ns - now.ns : now.ns - said.ns;
    return off <= kWindow.ns;
}

std::string reply_text(const Answer& answer)
{
    return fmt::format(R"({{"code":"{}","msg":{},"data":[{}]}})", answer.code, json_text(answer.text),
                       answer.data);
}

}  // namespace

std::string member(const simdjson::dom::element& object, std::string_view key)
{
    simdjson::dom::element value;
    std::string_view text;
    if (object[key].get(value) != simdjson::SUCCESS) return {};
    if (value.get(text) == simdjson::SUCCESS) return std::string(text);
    return value.is_number() ? simdjson::minify(value) : std::string();
}

std::string_view kind_of(const Listing& listing)
{
    if (listing.market == "swap") return "SWAP";
    return listing.market == "futures" ? "FUTURES" : "SPOT";
}

std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account)
{
    std::vector<EmulatedKey> keys;
    for (const char* label : {"trade", "read", "withdraw", "trade_next"}) {
        const Digest256 digest = sha256(fmt::format("okx {} {} {}", seed, account, label));
        const std::string hex = hex_lower(digest);
        EmulatedKey key = make_labelled_key(label, account);
        key.key_id = fmt::format("emulated-{}-{}-{}", hex.substr(0, 4), hex.substr(4, 4), hex.substr(8, 12));
        key.secret = "EMULATED" + hex.substr(20, 24);
        key.passphrase = "emulated-" + hex.substr(44, 8);
        keys.push_back(std::move(key));
    }
    return keys;
}

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<EmulatedOkx>(setup);
}

EmulatedOkx::EmulatedOkx(const EmulatedVenueSetup& setup) : setup_(setup), tape_(*setup.table, kFirstTrade)
{
    const auto setting = [&](std::string_view name, std::string& out) {
        const auto found = setup_.settings.find(name);
        if (found != setup_.settings.end()) out = found->second;
    };
    setting("acctLv", settings_.level);
    setting("posMode", settings_.positions);
    setting("feeType", settings_.fees);
    setting("tradeQuoteCcy", settings_.quote);
}

const Listing* EmulatedOkx::listing_of_code(std::int64_t code) const
{
    for (const Listing& l : setup_.table->listings()) {
        if (l.venue == setup_.id && code_of(l) == code) return &l;
    }
    return nullptr;
}

Answer EmulatedOkx::authenticate(const ServerRequest& request, Timestamp now, const EmulatedKey*& key) const
{
    const auto refuse = [](std::string code, std::string text) {
        return Answer{{}, std::move(code), std::move(text)};
    };
    key = find_key(*setup_.keys, request.header("OK-ACCESS-KEY"));
    if (request.header("OK-ACCESS-KEY").empty())
        return refuse("50103", "Request header OK-ACCESS-KEY can not be empty.");
    if (key == nullptr) return refuse("50111", "Invalid OK-ACCESS-KEY");
    if (!is_key_good(*key, now)) return refuse("50119", "API key doesn't exist");
    const std::string_view time = request.header("OK-ACCESS-TIMESTAMP");
    const std::optional<Timestamp> said = parse_utc(time);
    if (!said) return refuse("50112", "Invalid OK-ACCESS-TIMESTAMP");
    if (!within(*said, now)) return refuse("50102", "Timestamp request expired");
    const std::string message = fmt::format("{}{}{}{}", time, request.method, request.target, request.body);
    if (!constant_time_equal(sign(*key, message), request.header("OK-ACCESS-SIGN")))
        return refuse("50113", "Invalid Sign");
    if (!constant_time_equal(std::string_view(key->passphrase), request.header("OK-ACCESS-PASSPHRASE")))
        return refuse("50105", "Request header OK-ACCESS-PASSPHRASE incorrect.");
    if (!is_address_allowed(*key, request.remote))
        return refuse("50110", "Your IP is not included in your API key's IP whitelist.");
    return {};
}

const EmulatedKey* EmulatedOkx::key_of(const Session& session, Timestamp now) const
{
    const EmulatedKey* key = find_key(*setup_.keys, session.key_id);
    return key != nullptr && is_key_good(*key, now) ? key : nullptr;
}

void EmulatedOkx::say(SessionId id, Session& session, std::string text, SessionOutbox& out) const
{
    session.alive = now_;
    out.send(id, std::move(text));
}

// What nobody spoke on for 30 s is cut, as the venue says it does.
void EmulatedOkx::on_tick(Timestamp now, SessionOutbox& out)
{
    now_ = now;
    run_dead_men(now);
    tell_failed_amends(out);
    watch_markets(now, out);
    keep_alive(now, out);
    tell_tickers(now, out);
    for (auto& [id, session] : sessions_) {
        for (std::string& text : std::exchange(session.late, {})) say(id, session, std::move(text), out);
        if (setup_.manners) upgrade(id, session, now, out);
        if (now - session.alive < kIdleMax) continue;
        session.alive = now;
        out.close(id, 4004, "No data received in 30s");
    }
}

ServerReply EmulatedOkx::on_request(const ServerRequest& request, Timestamp now, SessionOutbox&)
{
    now_ = now;
    ServerReply reply;
    reply.headers = {{"Content-Type", "application/json"}};
    const std::string_view path = request.path();
    const bool open = path.starts_with("/api/v5/public/") || path.starts_with("/api/v5/market/") ||
                      path.starts_with("/api/v5/system/");
    const EmulatedKey* key = nullptr;
    Answer answer;
    if (!open) answer = authenticate(request, now, key);
    if (answer.code != "0") {
        reply.status = 401;
    } else if (request_too_fast(request, key, now)) {
        answer = {{}, "50011", "Requests too frequent."};
    } else if (request.method == "GET") {
        answer = get(request, key, now);
    } else if (request.method == "POST" && key != nullptr) {
        answer = key->can_trade
                     ? post(request, *key, now)
                     : Answer{{}, "50120", "This API key doesn't have permission to use this function"};
    } else {
        answer = {{}, "50002", "JSON syntax error"};
        reply.status = 405;
    }
    if (answer.code == "50011") reply.status = 429;
    if (answer.code == "50120") reply.status = 401;
    if (answer.code == "50404") reply.status = 404;
    reply.body = reply_text(answer);
    return reply;
}

bool EmulatedOkx::on_session(SessionId session, const ServerRequest& upgrade, Timestamp now, SessionOutbox&)
{
    now_ = now;
    Session entry;
    entry.remote = upgrade.remote;
    entry.alive = entry.opened = now;
    entry.personal = upgrade.path() == "/ws/v5/private";
    if (!entry.personal && upgrade.path() != "/ws/v5/public") return false;
    sessions_[session] = std::move(entry);
    return true;
}

void EmulatedOkx::on_session_closed(SessionId session)
{
    sessions_.erase(session);
}

void EmulatedOkx::on_session_frame(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    Session& session = found->second;
    session.alive = now;
    if (text == "ping") {
        out.send(id, "pong");
        return;
    }
    simdjson::dom::parser parser;
    Json message;
    std::string_view op;
    simdjson::dom::array arguments;
    if (text.size() > (1U << 16) ||
        parser.parse(text.data(), text.size()).get(message) != simdjson::SUCCESS ||
        message["op"].get(op) != simdjson::SUCCESS || message["args"].get(arguments) != simdjson::SUCCESS) {
        out.send(id, R"({"event":"error","code":"60012","msg":"Illegal request","connId":"emulated"})");
        return;
    }
    constexpr std::string_view kOrderOps[] = {"order",        "amend-order",        "cancel-order",
                                              "batch-orders", "batch-amend-orders", "batch-cancel-orders"};
    if (std::find(std::begin(kOrderOps), std::end(kOrderOps), op) != std::end(kOrderOps)) {
        order_frame(id, session, message, op, now, out);
    } else if (op == "login" || op == "subscribe" || op == "unsubscribe") {
        control_frame(id, session, arguments, op, now, out);
    } else {
        // An answer without the request's id would leave its client waiting.
        out.send(id,
                 fmt::format(R"({{"id":{},"op":{},"event":"error","code":"60012","msg":"Illegal request",)"
                             R"("data":[],"connId":"emulated"}})",
                             json_text(member(message, "id")), json_text(op)));
    }
}

void EmulatedOkx::control_frame(SessionId id, Session& session, const simdjson::dom::array& arguments,
                                std::string_view op, Timestamp now, SessionOutbox& out)
{
    if (setup_.rate_limits && counted_out(session.requests, seconds(3600), kControlMax, now)) {
        out.send(id, R"({"event":"error","code":"60014","msg":"Requests too frequent","connId":"emulated"})");
        return;
    }
    for (const Json argument : arguments) {
        if (op == "login")
            out.send(id, log_on(session, argument, now));
        else
            subscribe(id, session, argument, op, now, out);
    }
}

std::string EmulatedOkx::log_on(Session& session, const Json& argument, Timestamp now) const
{
    const auto text = [&](std::string_view name) { return member(argument, name); };
    const auto refuse = [](std::string_view code, std::string_view why) {
        return fmt::format(R"({{"event":"error","code":"{}","msg":"{}","connId":"emulated"}})", code, why);
    };
    const EmulatedKey* key = find_key(*setup_.keys, text("apiKey"));
    if (text("apiKey").empty()) return refuse("60005", "Invalid apiKey");
    if (key == nullptr || !is_key_good(*key, now)) return refuse("60032", "API key doesn't exist");
    const ScaledNumber said = parse_scaled(text("timestamp"), 0);
    if (said.error != DecimalError::none || said.value <= 0 || said.value > 100'000'000'000)
        return refuse("60004", "Invalid timestamp");
    if (!within({said.value * 1'000'000'000}, now)) return refuse("60006", "Timestamp request expired");
    if (!constant_time_equal(sign(*key, fmt::format("{}GET/users/self/verify", text("timestamp"))),
                             text("sign")))
        return refuse("60007", "Invalid sign");
    if (!constant_time_equal(std::string_view(key->passphrase), text("passphrase")))
        return refuse("60024", "Wrong passphrase");
    if (!is_address_allowed(*key, session.remote)) return refuse("60009", "Login failed.");
    session.key_id = key->key_id;
    return R"({"event":"login","code":"0","msg":"","connId":"emulated"})";
}

void EmulatedOkx::order_frame(SessionId id, Session& session, const Json& message, std::string_view op,
                              Timestamp now, SessionOutbox& out)
{
    const std::string number = member(message, "id");
    const OrderVerb verb = op.find("cancel") != std::string_view::npos  ? OrderVerb::cancel
                           : op.find("amend") != std::string_view::npos ? OrderVerb::amend
                                                                        : OrderVerb::place;
    const bool expires = verb != OrderVerb::cancel;
    const auto reply = [&](std::string_view code, std::string_view text, std::string_view data) {
        std::string said = fmt::format(
            R"({{"id":{},"op":"{}","code":"{}","msg":{},"data":[{}],"inTime":"{}","outTime":"{}"}})",
            json_text(number), op, code, json_text(text), data, now.ns / 1000, now.ns / 1000);
        // The order's own channel is sometimes faster than the answer.
        if (setup_.manners && expires && code == "0" && ++replies_ % kLateReply == 0)
            session.late.push_back(std::move(said));
        else
            out.send(id, std::move(said));
    };
    const EmulatedKey* key = key_of(session, now);
    if (!session.personal || key == nullptr) return reply("60011", "Please log in", "");
    if (!key->can_trade)
        return reply("50120", "This API key doesn't have permission to use this function", "");
    const bool batched = op.starts_with("batch");
    simdjson::dom::array arguments;
    if (message["args"].get(arguments) != simdjson::SUCCESS || arguments.size() == 0 ||
        (!batched && arguments.size() != 1))
        return reply("60013", "Invalid args", "");
    const std::string end_text = member(message, "expTime");
    const ScaledNumber end = parse_scaled(end_text, 0);
    if (expires && !end_text.empty() && end.error != DecimalError::none)
        return reply("51000", "Parameter expTime error", "");
    if (expires && !end_text.empty() && end.value < ms_of(now))
        return reply("50036", "The expTime can't be earlier than the current system time.", "");
    const Answer answer = batch(*key, message["args"].value_unsafe(), verb, true, now);
    reply(answer.code, answer.text, answer.data);
}

ServerReply EmulatedOkx::banned(Duration retry_after) const
{
    return {429,
            {{"Content-Type", "application/json"},
             {"Retry-After", fmt::format("{}", retry_after.ns / seconds(1).ns)}},
            R"({"code":"50011","msg":"Requests too frequent.","data":[]})"};
}

ServerReply EmulatedOkx::failed() const
{
    return {503,
            {{"Content-Type", "application/json"}},
            R"({"code":"50004","msg":"API endpoint request timeout","data":[]})"};
}

std::string EmulatedOkx::failed_frame(std::string_view text) const
{
    simdjson::dom::parser parser;
    Json message;
    std::string_view number, op;
    if (parser.parse(text.data(), text.size()).get(message) != simdjson::SUCCESS ||
        message["id"].get(number) != simdjson::SUCCESS || message["op"].get(op) != simdjson::SUCCESS)
        return {};
    return fmt::format(R"({{"id":{},"op":{},"code":"50004","msg":"Endpoint request timeout","data":[]}})",
                       json_text(number), json_text(op));
}

void EmulatedOkx::on_key_changed(const EmulatedKey& key, Timestamp, SessionOutbox& out)
{
    if (!key.revoked) return;
    for (const auto& [id, session] : sessions_) {
        if (session.key_id == key.key_id) out.close(id, 1000, "the key is gone");
    }
}

std::vector<std::pair<std::string, std::string>> EmulatedOkx::addresses(std::string_view host_port) const
{
    return {{"REST", fmt::format("https://{}", host_port)},
            {"public", fmt::format("wss://{}/ws/v5/public", host_port)},
            {"private", fmt::format("wss://{}/ws/v5/private", host_port)}};
}

}  // namespace arb::okx
