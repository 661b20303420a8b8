#include "connectors/binance/emulated_venue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_batches.hpp"
#include "connectors/binance/emulated_endpoints.hpp"
#include "connectors/binance/emulated_futures.hpp"
#include "connectors/binance/emulated_json.hpp"
#include "connectors/binance/emulated_lists.hpp"
#include "connectors/binance/emulated_market_data.hpp"
#include "connectors/binance/emulated_tickers.hpp"
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
    explicit EmulatedBinance(const EmulatedVenueSetup& setup);

    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out) override;
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now,
                    SessionOutbox& out) override;
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override;
    void on_session_closed(SessionId session) override { sessions_.closed(session); }
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

    EmulatedVenueSetup setup_;
    EmulatedDialect dialect_{setup_};
    InventedNumbers invented_;
    EmulatedLimits limits_{setup_, dialect_};
    EmulatedListenKeys listen_keys_{setup_, invented_};
    EmulatedSessions sessions_{setup_, dialect_, listen_keys_};
    EmulatedMarketData data_{setup_, dialect_, sessions_};
    EmulatedTape tape_{setup_, dialect_, sessions_};
    EmulatedTickers tickers_{setup_, dialect_, tape_, sessions_};
    EmulatedOrderNotes notes_;
    EmulatedOrderTexts texts_{setup_, dialect_, notes_};
    EmulatedPositions positions_{setup_};
    EmulatedFutures futures_{setup_, dialect_, positions_};
    EmulatedOrderReader reader_{setup_, dialect_, notes_, positions_};
    EmulatedLists lists_{setup_, dialect_, notes_, texts_, reader_};
    EmulatedOrders orders_{setup_, dialect_, reader_, texts_, positions_, notes_, limits_, invented_};
    EmulatedBatches batches_{dialect_, reader_, limits_, orders_};
    EmulatedParts parts_{orders_, batches_,  lists_, futures_, positions_, listen_keys_,
                         limits_, sessions_, data_,  tape_,    tickers_};
};

EmulatedBinance::EmulatedBinance(const EmulatedVenueSetup& setup) : setup_(with_market(setup)) {}

ServerReply EmulatedBinance::on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out)
{
    ServerReply reply;
    const auto answer_with = [&](const Answer& answer) {
        reply.status = answer.status;
        reply.body = answer.body;
        reply.headers.emplace_back("Content-Type", "application/json;charset=UTF-8");
        reply.headers.emplace_back("X-MBX-USED-WEIGHT-1M",
                                   fmt::to_string(limits_.used_weight(request.remote)));
        return reply;
    };
    if (request.target.size() + request.body.size() > kRequestBytesMax)
        return answer_with(refuse(-1102, "Request too large.", 413));
    // COIN-M has other paths for the same public calls.
    std::string path(request.path());
    if (dialect_.coinm() && path.starts_with("/dapi/")) path[1] = 'f';
    const EmulatedEndpoint* const found =
        find_endpoint(emulated_endpoints(dialect_.spot()), request.method, path).endpoint;
    if (found == nullptr || (dialect_.coinm() && (found->security != Security::none || !found->coinm)))
        return answer_with(refuse(-5000, "Path " + path + ", Method " + request.method + " is invalid", 404));
    Answer answer;
    Duration retry_after;
    Params params;
    const bool readable =
        read_query_params(request.query(), params) && read_query_params(request.body, params);
    if (!limits_.spend(weight_of(*found, params, dialect_.spot()), request.remote, now, answer,
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
    answer = prove(setup_, found->security, call, request.header("X-MBX-APIKEY"), signed_part(request),
                   value_of(params, "signature"), true);
    if (answer.code == 0) answer = found->answer(parts_, call);
    if (call.key != nullptr && found->order) {
        const auto [ten, longer] = limits_.orders_used(call.key->account);
        reply.headers.emplace_back("X-MBX-ORDER-COUNT-10S", fmt::to_string(ten));
        reply.headers.emplace_back(dialect_.spot() ? "X-MBX-ORDER-COUNT-1D" : "X-MBX-ORDER-COUNT-1M",
                                   fmt::to_string(longer));
    }
    return answer_with(answer);
}

Answer EmulatedBinance::api_call(std::string_view method, Call& call)
{
    const auto all = emulated_endpoints(dialect_.spot());
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const EmulatedEndpoint& e) { return method == e.word; });
    if (method.empty() || found == all.end()) return refuse(-1000, "Unknown method.");
    Answer answer;
    Duration retry_after;
    if (!limits_.spend(weight_of(*found, *call.params, dialect_.spot()), call.remote, call.now, answer,
                       retry_after)) {
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
    answer = prove(setup_, found->security, call, key, payload, call.get("signature"), !logged_on);
    if (answer.code != 0) return answer;
    return found->answer(parts_, call);
}

bool EmulatedBinance::on_session(SessionId id, const ServerRequest& upgrade, Timestamp now, SessionOutbox&)
{
    return sessions_.open(id, upgrade, now);
}

void EmulatedBinance::on_session_frame(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out)
{
    EmulatedSession* const session = sessions_.on_frame(id, text, now, out);
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
    const bool logged_on = !session->logged_on.empty() && value_of(request.params, "apiKey").empty();
    const Answer answer = api_call(request.method, call);
    const bool orders = request.method.starts_with("order.");
    const std::string limits = limits_.limits_json(session->remote, orders ? call.key : nullptr);
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
    tape_.open(id, book, now);
    data_.on_book(id, bids, asks, book, now, out);
}

void EmulatedBinance::on_public_trade(const Trade& trade, Timestamp, SessionOutbox& out)
{
    if (dialect_.coinm())
        data_.on_trade(trade, out);
    else
        tape_.on_trade(trade, out);
}

void EmulatedBinance::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                               SessionOutbox& out)
{
    if (notes_.hidden(order)) return;
    if (trade != nullptr) positions_.book(*trade, notes_.position_side(order.id));
    const bool amended = notes_.tells_amend(order, trade);
    sessions_.tell(order.account,
                   dialect_.spot() ? texts_.execution_report(order, trade, now)
                                   : texts_.order_update(order, trade, amended, now),
                   out);
}

void EmulatedBinance::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                                 SessionOutbox& out)
{
    const std::string event =
        dialect_.spot() ? lists_.balance_event(balance, now) : futures_.balance_event(account, balance, now);
    if (!event.empty()) sessions_.tell(account, event, out);
}

void EmulatedBinance::on_tick(Timestamp now, SessionOutbox& out)
{
    sessions_.restart_servers(now, out);
    tickers_.tell_seconds(now, out);
    if (!dialect_.spot()) data_.tell_contracts(now, out);
    for (const std::string& key : listen_keys_.take_expired(now)) sessions_.tell_expired(key, now, out);
}

void EmulatedBinance::on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out)
{
    if (!key.revoked) return;
    listen_keys_.revoke(key.key_id, now);
    sessions_.end_subscriptions(key.key_id, now, out);
    on_tick(now, out);
}

ServerReply EmulatedBinance::banned(Duration retry_after) const
{
    ServerReply reply;
    reply.status = 418;
    reply.headers.emplace_back("Retry-After", fmt::to_string(retry_after.ns / 1'000'000'000));
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
    if (dialect_.spot()) {
        return {{"REST", "https://" + host + "/api/v3"},
                {"market streams", "wss://" + host + "/ws"},
                {"websocket API", "wss://" + host + "/ws-api/v3"}};
    }
    if (dialect_.coinm())
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
