#include "connectors/kraken/emulated_venue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/emulated_core.hpp"
#include "engine/base/result.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"
#include "engine/venue/quoted_numbers.hpp"

namespace arb::kraken {
namespace {

constexpr Duration kTokenLife = seconds(900);
constexpr Duration kHeartbeat = seconds(1);

VenueTier tier_of_account(const EmulatedVenueSetup& setup)
{
    for (const auto& [name, value] : setup.settings) {
        if (name != "tier" || !venue_tier(value))
            throw StartError(
                ExitCode::usage,
                fmt::format("kraken's accounts have a tier (pro, intermediate, starter), not {} = '{}'", name,
                            value));
    }
    const auto found = setup.settings.find("tier");
    return found == setup.settings.end() ? kTiers[0] : *venue_tier(found->second);
}

}  // namespace

std::string old_asset(const std::string& asset)
{
    if (asset == "BTC") return "XBT";
    return asset == "DOGE" ? "XDG" : asset;
}

// What was listed in the venue's early years has a letter in front: X what is mined, Z what is printed.
std::string asset_id(const std::string& asset)
{
    const std::string name = old_asset(asset);
    for (const char* mined : {"XBT", "ETH", "XRP", "LTC", "XLM", "XDG", "ETC", "ZEC", "XMR", "MLN", "REP"}) {
        if (name == mined) return "X" + name;
    }
    for (const char* printed : {"USD", "EUR", "GBP", "CAD", "JPY", "AUD"}) {
        if (name == printed) return "Z" + name;
    }
    return name;
}

std::string key_of_pair(const std::string& base, const std::string& quote)
{
    const std::string first = asset_id(base), second = asset_id(quote);
    const bool both = first.size() == 4 && first[0] == 'X' && first != "XXDG" && second.size() == 4 &&
                      (second[0] == 'Z' || second == "XXBT" || second == "XETH");
    if (both || (base == "USDT" && quote == "USD")) return first + second;
    return old_asset(base) + old_asset(quote);
}

std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account)
{
    std::vector<EmulatedKey> keys;
    for (const char* label : {"trade", "read", "withdraw", "trade_next"}) {
        const Digest512 digest = sha512(fmt::format("kraken {} {} {}", seed, account, label));
        EmulatedKey key = make_labelled_key(label, account);
        // Of its own making: a public id that is a part of the secret would give that part away.
        key.key_id = "EMULATED/" + hex_lower(sha512("id of " + base64(digest))).substr(0, 40);
        key.secret = base64(digest);
        keys.push_back(std::move(key));
    }
    return keys;
}

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<EmulatedKraken>(setup);
}

EmulatedKraken::EmulatedKraken(const EmulatedVenueSetup& setup)
    : setup_(setup), tier_(tier_of_account(setup)), tape_(*setup.table, 1)
{
}

bool EmulatedKraken::on_session(SessionId session, const ServerRequest& upgrade, Timestamp now,
                                SessionOutbox& out)
{
    now_ = now;
    const bool is_v1 = upgrade.path() == "/" || upgrade.path().empty();
    if (upgrade.path() != "/v2" && !is_v1) return false;
    Session& opened = sessions_[session];
    opened.said = now;
    opened.is_v1 = is_v1;
    if (is_v1) {
        out.send(session, R"({"connectionID":1,"event":"systemStatus","status":"online","version":"1.9.6"})");
        return true;
    }
    out.send(session, R"({"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online",)"
                      R"("api_version":"v2","connection_id":1}]})");
    return true;
}

void EmulatedKraken::on_session_closed(SessionId session)
{
    sessions_.erase(session);
}

void EmulatedKraken::say(SessionId id, Session& session, std::string text, Timestamp now, SessionOutbox& out)
{
    session.said = now;
    out.send(id, std::move(text));
}

std::string EmulatedKraken::answer(std::string_view method, std::string_view request, const Answer& answer,
                                   Timestamp now, std::string_view symbol) const
{
    const std::string tail = fmt::format(
        R"({}"time_in":"{}","time_out":"{}"}})",
        request.empty() ? std::string() : fmt::format("\"req_id\":{},", request), micros(now), micros(now));
    if (!answer.error.empty())
        return fmt::format(
            R"({{"method":"{}","success":false,"error":{},{}{})", method, json_text(answer.error),
            symbol.empty() ? std::string() : fmt::format(R"("symbol":{},)", json_text(symbol)), tail);
    return fmt::format(R"({{"method":"{}","success":true,"result":{},{})", method,
                       answer.result.empty() ? "{}" : answer.result, tail);
}

// A token is good for 15 minutes, and longer while a private subscription with it stands.
const EmulatedKey* EmulatedKraken::key_of_token(std::string_view token, Timestamp now)
{
    const auto found = tokens_.find(token);
    if (found == tokens_.end()) return nullptr;
    const Token& entry = found->second;
    if (!is_key_good(*entry.key, now)) return nullptr;
    const bool is_held = std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& s) {
        return s.second.tokens.count(std::string(token)) > 0;
    });
    return is_held || now - entry.made <= kTokenLife ? entry.key : nullptr;
}

void EmulatedKraken::on_session_frame(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    Session& session = found->second;
    simdjson::dom::parser parser;
    std::string buffer;
    Json message;
    if (text.size() > (1U << 16)) return say(id, session, R"({"error":"Message too large"})", now, out);
    const std::string_view quoted = quote_numbers(text, buffer);
    if (parser.parse(quoted.data(), quoted.size(), false).get(message) != simdjson::SUCCESS ||
        !message.is_object())
        return say(id, session, R"({"error":"Malformed request","success":false})", now, out);
    if (session.is_v1) return on_v1_frame(id, session, message, now, out);
    const std::string_view method = wire_text(message, "method");
    const std::string_view request = wire_text(message, "req_id");
    if (method == "ping") {
        return say(id, session,
                   fmt::format(R"({{"method":"pong"{},"time_in":"{}","time_out":"{}"}})",
                               request.empty() ? std::string() : fmt::format(",\"req_id\":{}", request),
                               micros(now), micros(now)),
                   now, out);
    }
    Json parameters;
    if (message["params"].get(parameters) != simdjson::SUCCESS || !parameters.is_object())
        return say(id, session, answer(method, request, {{}, "EGeneral:Invalid arguments"}, now), now, out);
    if (method == "subscribe" || method == "unsubscribe")
        return subscribe(id, session, method, parameters, request, now, out);
    const EmulatedKey* key = key_of_token(wire_text(parameters, "token"), now);
    if (key != nullptr && session.key == nullptr) session.key = key;
    if (key != nullptr && key->can_trade && method == "cancel_order")
        return cancel_orders(id, session, *key, parameters, request, now, out);
    Answer result;
    if (key == nullptr)
        result.error = "ESession:Invalid session";
    else if (!key->can_trade)
        result.error = "EGeneral:Permission denied";
    else if (method == "add_order")
        result = add_order(*key, parameters, wire_flag(parameters, "validate"), now);
    else if (method == "amend_order")
        result = amend_order(*key, parameters, now);
    else if (method == "batch_add")
        result = batch_add(*key, parameters, now);
    else if (method == "batch_cancel")
        result = batch_cancel(*key, parameters, now);
    else if (method == "cancel_all")
        result = cancel_all(*key, now);
    else if (method == "cancel_all_orders_after")
        result = cancel_after(*key, parse_scaled(wire_text(parameters, "timeout"), 0).value, now);
    else
        result.error = "EGeneral:Unknown method";
    say(id, session, answer(method, request, result, now), now, out);
}

void EmulatedKraken::subscribe(SessionId id, Session& session, std::string_view method,
                               const Json& parameters, std::string_view request, Timestamp now,
                               SessionOutbox& out)
{
    const std::string channel(wire_text(parameters, "channel"));
    if (channel == "executions" || channel == "balances") {
        if (method == "subscribe")
            return subscribe_private(id, session, channel, parameters, request, now, out);
        session.channels.erase(channel);
        if (session.channels.count("executions") + session.channels.count("balances") == 0)
            session.tokens.clear();
        return say(id, session, answer(method, request, {}, now), now, out);
    }
    if (channel == "instrument") return subscribe_instruments(id, session, method, request, now, out);
    subscribe_public(id, session, method, parameters, request, now, out);
}

void EmulatedKraken::subscribe_private(SessionId id, Session& session, std::string_view channel,
                                       const Json& parameters, std::string_view request, Timestamp now,
                                       SessionOutbox& out)
{
    const std::string_view token = wire_text(parameters, "token");
    const EmulatedKey* key = key_of_token(token, now);
    if (key == nullptr || !key->can_read) {
        return say(
            id, session,
            answer("subscribe", request,
                   {{}, key == nullptr ? "ESession:Invalid session" : "EGeneral:Permission denied"}, now),
            now, out);
    }
    session.key = key;
    session.channels.insert(std::string(channel));
    session.tokens.insert(std::string(token));
    bool snapshot = true;
    const bool of_orders = channel == "executions";
    if (parameters[of_orders ? "snap_orders" : "snapshot"].get(snapshot) != simdjson::SUCCESS)
        snapshot = true;
    const std::string more =
        of_orders ? fmt::format(R"(,"maxratecount":{},"snap_orders":{},"snap_trades":false)",
                                setup_.rate_limits ? tier_.orders_most : kOrdersUnlimited, snapshot)
                  : fmt::format(R"(,"snapshot":{})", snapshot);
    say(id, session,
        answer("subscribe", request, {fmt::format(R"({{"channel":"{}"{}}})", channel, more), {}}, now), now,
        out);
    if (!snapshot) return;
    std::string data;
    if (of_orders) {
        for (const EmulatedOrder* order : setup_.exchange->orders(key->account, kNoListing, true))
            data += (data.empty() ? "" : ",") + order_row(*order);
    } else {
        for (const EmulatedBalance& balance : setup_.exchange->balances(key->account))
            data += (data.empty() ? "" : ",") + wallets(balance);
    }
    say(id, session,
        fmt::format(R"({{"channel":"{}","type":"snapshot","data":[{}],"sequence":{}}})", channel, data,
                    of_orders ? ++session.executions : ++session.balances),
        now, out);
}

void EmulatedKraken::on_tick(Timestamp now, SessionOutbox& out)
{
    now_ = now;
    tell_states(now, out);
    for (auto& [id, session] : sessions_) {
        if (now - session.said >= kHeartbeat && !session.channels.empty())
            say(id, session, session.is_v1 ? R"({"event":"heartbeat"})" : R"({"channel":"heartbeat"})", now,
                out);
    }
}

void EmulatedKraken::on_key_changed(const EmulatedKey& key, Timestamp, SessionOutbox& out)
{
    if (!key.revoked) return;
    for (const auto& [id, session] : sessions_) {
        if (session.key != nullptr && session.key->key_id == key.key_id)
            out.close(id, 1000, "the key is gone");
    }
}

ServerReply EmulatedKraken::banned(Duration retry_after) const
{
    return {429,
            {{"Content-Type", "application/json"},
             {"Retry-After", fmt::format("{}", retry_after.ns / seconds(1).ns)}},
            R"({"error":["EGeneral:Temporary lockout"]})"};
}

ServerReply EmulatedKraken::failed() const
{
    return {503, {{"Content-Type", "application/json"}}, R"({"error":["EService:Unavailable"]})"};
}

std::string EmulatedKraken::failed_frame(std::string_view text) const
{
    simdjson::dom::parser parser;
    std::string buffer;
    Json message;
    const std::string_view quoted = quote_numbers(text, buffer);
    if (parser.parse(quoted.data(), quoted.size(), false).get(message) != simdjson::SUCCESS ||
        !message.is_object())
        return {};
    return answer(wire_text(message, "method"), wire_text(message, "req_id"), {{}, "EService:Unavailable"},
                  now_);
}

std::vector<std::pair<std::string, std::string>> EmulatedKraken::addresses(std::string_view host_port) const
{
    return {{"REST", fmt::format("https://{}", host_port)},
            {"public", fmt::format("wss://{}/v2", host_port)},
            {"private", fmt::format("wss://{}/v2", host_port)}};
}

}  // namespace arb::kraken
