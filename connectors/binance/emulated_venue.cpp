#include "connectors/binance/emulated_venue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_endpoints.hpp"
#include "connectors/binance/emulated_json.hpp"
#include "connectors/binance/emulated_parts.hpp"
#include "engine/emulate/endpoints.hpp"

namespace arb::binance {
namespace {

constexpr std::size_t kRequestBytesMax = 64 * 1024;

// The bytes that were signed: query and body run together, without the signature, which comes last.
std::string signed_part(const ServerRequest& request)
{
    std::string text(request.query());
    text += request.body;
    const std::size_t at = text.rfind("signature=");
    if (at == std::string::npos || (at != 0 && text[at - 1] != '&' && at != request.query().size()))
        return text;
    if (text.find('&', at) != std::string::npos) return text + "!";  // something follows it: never valid
    return text.substr(0, at != 0 && text[at - 1] == '&' ? at - 1 : at);
}

EmulatedVenueSetup with_market(EmulatedVenueSetup setup)
{
    if (setup.market.empty()) setup.market = "spot";
    return setup;
}

}  // namespace

class EmulatedBinance final : public EmulatedVenue {
  public:
    explicit EmulatedBinance(const EmulatedVenueSetup& setup) : parts_{with_market(setup)} {}

    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out) override;
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now,
                    SessionOutbox& out) override;
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override;
    void on_session_closed(SessionId session) override { parts_.sessions.closed(session); }
    void on_book(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                 const EmulatedBook& book, Timestamp now, SessionOutbox& out) override;
    void on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out) override;
    void on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                  SessionOutbox& out) override;
    void on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                    SessionOutbox& out) override;
    void on_tick(Timestamp now, SessionOutbox& out) override;
    void on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out) override;
    ServerReply banned(Duration retry_after) const override;
    ServerReply failed() const override;
    std::string failed_frame(std::string_view text) const override;
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view host_port) const override;

  private:
    Answer api_call(std::string_view method, Call& call);

    EmulatedParts parts_;
};

ServerReply EmulatedBinance::on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out)
{
    ServerReply reply;
    const auto answer_with = [&](const Answer& answer) {
        reply.status = answer.status;
        reply.body = answer.body;
        reply.headers.emplace_back("Content-Type", "application/json;charset=UTF-8");
        reply.headers.emplace_back("X-MBX-USED-WEIGHT-1M",
                                   fmt::to_string(parts_.limits.used_weight(request.remote)));
        return reply;
    };
    if (request.target.size() + request.body.size() > kRequestBytesMax)
        return answer_with(refuse(-1102, "Request too large.", 413));
    // COIN-M has other paths for the same public calls.
    std::string path(request.path());
    if (parts_.dialect.coinm() && path.starts_with("/dapi/")) path[1] = 'f';
    const EmulatedEndpoint* const found =
        find_endpoint(emulated_endpoints(parts_.dialect.spot()), request.method, path).endpoint;
    if (found == nullptr || (parts_.dialect.coinm() && (found->security != Security::none || !found->coinm)))
        return answer_with(refuse(-5000, "Path " + path + ", Method " + request.method + " is invalid", 404));
    Answer answer;
    Duration retry_after;
    Params params;
    const bool readable =
        read_query_params(request.query(), params) && read_query_params(request.body, params);
    if (!parts_.limits.spend(weight_of(*found, params, parts_.dialect.spot()), request.remote, now, answer,
                             retry_after)) {
        reply.headers.emplace_back("Retry-After",
                                   fmt::to_string((retry_after.ns + 999'999'999) / 1'000'000'000));
        return answer_with(answer);
    }
    if (!readable) return answer_with(refuse(-1022, "Signature for this request is not valid."));
    Call call;
    call.params = &params;
    call.remote = request.remote;
    call.now = now;
    call.out = &out;
    answer = prove(parts_.setup, found->security, call, request.header("X-MBX-APIKEY"), signed_part(request),
                   value_of(params, "signature"), true);
    if (answer.code == 0) answer = found->answer(parts_, call);
    if (call.key != nullptr && found->order) {
        const auto [ten, longer] = parts_.limits.orders_used(call.key->account);
        reply.headers.emplace_back("X-MBX-ORDER-COUNT-10S", fmt::to_string(ten));
        reply.headers.emplace_back(parts_.dialect.spot() ? "X-MBX-ORDER-COUNT-1D" : "X-MBX-ORDER-COUNT-1M",
                                   fmt::to_string(longer));
    }
    return answer_with(answer);
}

Answer EmulatedBinance::api_call(std::string_view method, Call& call)
{
    const auto all = emulated_endpoints(parts_.dialect.spot());
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const EmulatedEndpoint& e) { return method == e.word; });
    if (method.empty() || found == all.end()) return refuse(-1000, "Unknown method.");
    Answer answer;
    Duration retry_after;
    if (!parts_.limits.spend(weight_of(*found, *call.params, parts_.dialect.spot()), call.remote, call.now,
                             answer, retry_after)) {
        const std::int64_t ms = ms_of(call.now);
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
    const bool logged_on = key.empty() && !call.session->key_id.empty();
    if (logged_on) key = call.session->key_id;
    answer = prove(parts_.setup, found->security, call, key, payload, call.get("signature"), !logged_on);
    if (answer.code != 0) return answer;
    return found->answer(parts_, call);
}

bool EmulatedBinance::on_session(SessionId id, const ServerRequest& upgrade, Timestamp now, SessionOutbox&)
{
    return parts_.sessions.open(id, upgrade, now);
}

void EmulatedBinance::on_session_frame(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out)
{
    EmulatedSession* const session = parts_.sessions.on_frame(id, text, now, out);
    if (session == nullptr) return;
    const EmulatedRequest request = read_request(text);
    if (!request.readable) {
        return out.send(id,
                        R"({"id":null,"status":400,"error":{"code":-1135,"msg":"Invalid JSON Request"}})");
    }
    Call call;
    call.params = &request.params;
    call.remote = session->remote;
    call.now = now;
    call.out = &out;
    call.session = session;
    const bool logged_on = !session->key_id.empty() && value_of(request.params, "apiKey").empty();
    const Answer answer = api_call(request.method, call);
    const bool orders = request.method.starts_with("order.");
    const std::string limits = parts_.limits.limits_json(session->remote, orders ? call.key : nullptr);
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
    const EmulatedRequest request = read_request(text);
    if (!request.readable || !request.method.starts_with("order.")) return {};
    return fmt::format(
        R"({{"id":{},"status":500,"error":{{"code":-1007,"msg":"Timeout waiting for response from )"
        R"(backend server. Send status unknown; execution status unknown."}}}})",
        request.id);
}

void EmulatedBinance::on_book(ListingId id, std::span<const Level> bids, std::span<const Level> asks,
                              const EmulatedBook& book, Timestamp now, SessionOutbox& out)
{
    parts_.tape.open(id, book, now);
    parts_.data.on_book(id, bids, asks, book, now, out);
}

void EmulatedBinance::on_public_trade(const Trade& trade, Timestamp, SessionOutbox& out)
{
    if (parts_.dialect.coinm())
        parts_.data.on_trade(trade, out);
    else
        parts_.tape.on_trade(trade, out);
}

void EmulatedBinance::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                               SessionOutbox& out)
{
    if (parts_.notes.hidden(order)) return;
    if (trade != nullptr) parts_.positions.book(*trade, parts_.notes.position_side(order.id));
    const bool amended = parts_.notes.tells_amend(order, trade);
    parts_.sessions.tell(order.account,
                         parts_.dialect.spot() ? parts_.texts.execution_report(order, trade, now)
                                               : parts_.texts.order_update(order, trade, amended, now),
                         out);
}

void EmulatedBinance::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                                 SessionOutbox& out)
{
    const std::string event = parts_.dialect.spot() ? parts_.lists.balance_event(balance, now)
                                                    : parts_.futures.balance_event(account, balance, now);
    if (!event.empty()) parts_.sessions.tell(account, event, out);
}

void EmulatedBinance::on_tick(Timestamp now, SessionOutbox& out)
{
    parts_.sessions.restart_servers(now, out);
    parts_.tickers.tell_seconds(now, out);
    if (!parts_.dialect.spot()) parts_.data.tell_contracts(now, out);
    for (const std::string& key : parts_.listen_keys.take_expired(now))
        parts_.sessions.tell_expired(key, now, out);
}

void EmulatedBinance::on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out)
{
    if (!key.revoked) return;
    parts_.listen_keys.revoke(key.key_id, now);
    parts_.sessions.end_subscriptions(key.key_id, now, out);
    on_tick(now, out);
}

ServerReply EmulatedBinance::banned(Duration retry_after) const
{
    ServerReply reply;
    reply.status = 418;
    reply.headers.emplace_back("Retry-After", fmt::to_string(retry_after.ns / kNsPerSecond));
    reply.body = R"({"code":-1003,"msg":"Way too much request weight used; IP banned."})";
    return reply;
}

ServerReply EmulatedBinance::failed() const
{
    ServerReply reply;
    reply.status = 503;
    reply.body =
        R"({"code":-1007,"msg":"Timeout waiting for response from backend server. Send status unknown; )"
        R"(execution status unknown."})";
    return reply;
}

std::vector<std::pair<std::string, std::string>> EmulatedBinance::addresses(std::string_view host_port) const
{
    const std::string host(host_port);
    if (parts_.dialect.spot()) {
        return {{"REST", "https://" + host + "/api/v3"},
                {"market streams", "wss://" + host + "/ws"},
                {"websocket API", "wss://" + host + "/ws-api/v3"}};
    }
    if (parts_.dialect.coinm())
        return {{"REST", "https://" + host + "/dapi/v1"}, {"market streams", "wss://" + host + "/ws"}};
    return {{"REST", "https://" + host + "/fapi/v1"},
            {"books", "wss://" + host + "/public/ws"},
            {"trades", "wss://" + host + "/market/ws"},
            {"private stream", "wss://" + host + "/private/ws"},
            {"websocket API", "wss://" + host + "/ws-fapi/v1"}};
}

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<EmulatedBinance>(setup);
}

}  // namespace arb::binance
