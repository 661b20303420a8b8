#include "connectors/kraken/emulated_venue.hpp"

#include <fmt/format.h>

#include "connectors/kraken/emulated_parts.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::kraken {
namespace {

// The parts of the venue, and what reaches it from outside brought to them.
class EmulatedKraken final : public EmulatedVenue {
  public:
    explicit EmulatedKraken(const EmulatedVenueSetup& setup) : parts_{setup} {}

    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox&) override
    {
        now_ = now;
        return parts_.rest.answer(request, now);
    }
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now,
                    SessionOutbox& out) override;
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override;
    void on_session_closed(SessionId session) override;
    void on_book(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                 const EmulatedBook& book, Timestamp now, SessionOutbox& out) override;
    void on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out) override;
    void on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                  SessionOutbox& out) override;
    void on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                    SessionOutbox& out) override;
    void on_tick(Timestamp now, SessionOutbox& out) override;
    void on_key_changed(const EmulatedKey& key, Timestamp, SessionOutbox& out) override
    {
        parts_.sessions.on_key_changed(key, out);
    }
    ServerReply banned(Duration retry_after) const override;
    ServerReply failed() const override;
    std::string failed_frame(std::string_view text) const override;
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view host_port) const override;

  private:
    void on_call(const SocketCall& call);
    void subscribe(const SocketCall& call);
    const EmulatedKey* key_of(const SocketCall& call) const;
    std::vector<Answer> trade(const SocketCall& call, const EmulatedKey& key);

    EmulatedParts parts_;
    Timestamp now_;
};

bool EmulatedKraken::on_session(SessionId session, const ServerRequest& upgrade, Timestamp now,
                                SessionOutbox& out)
{
    now_ = now;
    const bool is_v1 = upgrade.path() == "/" || upgrade.path().empty();
    if (upgrade.path() != "/v2" && !is_v1) return false;
    parts_.sessions.open(session, is_v1, now);
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
    parts_.sessions.close(session);
    parts_.channels.close(session);
    parts_.v1.close(session);
    parts_.news.close(session);
}

void EmulatedKraken::on_session_frame(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    if (!parts_.sessions.is_open(id)) return;
    if (text.size() > (1U << 16))
        return parts_.sessions.say(id, R"({"error":"Message too large"})", now, out);
    const WireMessage message(text);
    if (!message.is_object())
        return parts_.sessions.say(id, R"({"error":"Malformed request","success":false})", now, out);
    if (parts_.sessions.is_v1(id)) return parts_.v1.on_frame(id, message.root(), now, out);
    const std::string_view method = wire_text(message.root(), "method");
    const std::string_view request = wire_text(message.root(), "req_id");
    if (method == "ping") {
        return parts_.sessions.say(
            id,
            fmt::format(R"({{"method":"pong"{},"time_in":"{}","time_out":"{}"}})",
                        request.empty() ? std::string() : fmt::format(",\"req_id\":{}", request), micros(now),
                        micros(now)),
            now, out);
    }
    SocketCall call{id, method, request, {}, now, &out};
    if (message.root()["params"].get(call.parameters) != simdjson::SUCCESS || !call.parameters.is_object())
        return parts_.sessions.answer(call, {{}, "EGeneral:Invalid arguments"});
    on_call(call);
}

void EmulatedKraken::on_call(const SocketCall& call)
{
    if (call.method == "subscribe" || call.method == "unsubscribe") return subscribe(call);
    const EmulatedKey* key = key_of(call);
    if (key == nullptr) return parts_.sessions.answer(call, {{}, "ESession:Invalid session"});
    parts_.sessions.note_key(call.session, *key);
    if (!key->can_trade) return parts_.sessions.answer(call, {{}, "EGeneral:Permission denied"});
    for (const Answer& answer : trade(call, *key)) parts_.sessions.answer(call, answer);
}

const EmulatedKey* EmulatedKraken::key_of(const SocketCall& call) const
{
    const std::string_view token = wire_text(call.parameters, "token");
    return parts_.identity.key_of_token(token, parts_.sessions.is_held(token), call.now);
}

void EmulatedKraken::subscribe(const SocketCall& call)
{
    const std::string_view channel = wire_text(call.parameters, "channel");
    if (channel == "executions" || channel == "balances") return parts_.news.subscribe(call, key_of(call));
    if (channel == "instrument") return parts_.states.subscribe(call);
    parts_.channels.subscribe(call);
}

std::vector<Answer> EmulatedKraken::trade(const SocketCall& call, const EmulatedKey& key)
{
    const Json& parameters = call.parameters;
    if (call.method == "add_order")
        return {parts_.orders.add(key, parameters, wire_flag(parameters, "validate"), call.now)};
    if (call.method == "amend_order") return {parts_.changes.amend(key, parameters, call.now)};
    if (call.method == "cancel_order") return parts_.changes.cancel_each(key, parameters, call.now);
    if (call.method == "batch_add") return {parts_.orders.add_batch(key, parameters, call.now)};
    if (call.method == "batch_cancel") return {parts_.changes.cancel_batch(key, parameters, call.now)};
    if (call.method == "cancel_all") return {parts_.changes.cancel_all(key, call.now)};
    if (call.method == "cancel_all_orders_after")
        return {parts_.changes.cancel_after(key, wire_text(parameters, "timeout"), call.now)};
    return {{{}, "EGeneral:Unknown method"}};
}

void EmulatedKraken::on_book(ListingId id, std::span<const Level> bids, std::span<const Level> asks,
                             const EmulatedBook& book, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const Listing& l = parts_.dialect.listing(id);
    parts_.tape.begin(id, book, now);
    for (const SessionId session : parts_.sessions.in("book:" + l.symbol)) {
        if (parts_.sessions.is_v1(session))
            parts_.v1.tell_book(session, l, bids, asks, book, now, out);
        else
            parts_.channels.tell_book(session, l, bids, asks, book, now, out);
    }
    parts_.channels.tell_quotes(l, book, now, out);
}

void EmulatedKraken::on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out)
{
    now_ = now;
    const Listing& l = parts_.dialect.listing(trade.listing);
    const std::uint64_t number = parts_.tape.add(trade);
    for (const SessionId id : parts_.sessions.in("trade:" + l.symbol)) {
        parts_.sessions.say(
            id,
            parts_.sessions.is_v1(id)
                ? parts_.v1.trade_frame(l, trade)
                : fmt::format(R"({{"channel":"trade","type":"update","data":[{}]}})",
                              public_trade_row(parts_.dialect.instrument(l), l, trade, number)),
            now, out);
    }
    parts_.channels.tell_ticker(l, false, now, out);
}

void EmulatedKraken::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                              SessionOutbox& out)
{
    now_ = now;
    parts_.news.on_order(order, trade, parts_.terms.note(order, trade, now), now, out);
}

void EmulatedKraken::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                                SessionOutbox& out)
{
    now_ = now;
    parts_.news.on_balance(account, balance, now, out);
}

void EmulatedKraken::on_tick(Timestamp now, SessionOutbox& out)
{
    now_ = now;
    parts_.states.tell(now, out);
    parts_.sessions.on_tick(now, out);
}

ServerReply EmulatedKraken::banned(Duration retry_after) const
{
    return {429,
            {{"Content-Type", "application/json"},
             {"Retry-After", fmt::format("{}", retry_after.ns / kNsPerSecond)}},
            R"({"error":["EGeneral:Temporary lockout"]})"};
}

ServerReply EmulatedKraken::failed() const
{
    return {503, {{"Content-Type", "application/json"}}, R"({"error":["EService:Unavailable"]})"};
}

std::string EmulatedKraken::failed_frame(std::string_view text) const
{
    const WireMessage message(text);
    if (!message.is_object()) return {};
    return reply_text(wire_text(message.root(), "method"), wire_text(message.root(), "req_id"),
                      {{}, "EService:Unavailable"}, now_);
}

std::vector<std::pair<std::string, std::string>> EmulatedKraken::addresses(std::string_view host_port) const
{
    return {{"REST", fmt::format("https://{}", host_port)},
            {"public", fmt::format("wss://{}/v2", host_port)},
            {"private", fmt::format("wss://{}/v2", host_port)}};
}

}  // namespace

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

}  // namespace arb::kraken
