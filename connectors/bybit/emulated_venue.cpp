#include "connectors/bybit/emulated_venue.hpp"

#include <fmt/format.h>

#include "connectors/bybit/emulated_parts.hpp"
#include "engine/emulate/endpoints.hpp"
#include "engine/emulate/key_checks.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::bybit {
namespace {

// The venue in one: it asks who a request is from and hands it to the part that answers it, and tells the
// sessions what happens.
class EmulatedBybit final : public EmulatedVenue {
  public:
    explicit EmulatedBybit(const EmulatedVenueSetup& setup) : parts_{setup} {}

    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out) override;
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now, SessionOutbox&) override
    {
        now_ = now;
        return parts_.sessions.open(session, upgrade, now);
    }
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override
    {
        now_ = now;
        parts_.sessions.read(session, text, now, out);
    }
    void on_session_closed(SessionId session) override { parts_.sessions.forget(session, now_); }
    void on_book(ListingId id, std::span<const Level>, std::span<const Level>, const EmulatedBook& book,
                 Timestamp now, SessionOutbox& out) override
    {
        now_ = now;
        if (index(id) >= parts_.setup.table->listings().size()) return;
        const Listing& listing = parts_.setup.table->listing(id);
        parts_.tape.on_book(id, book, now);
        publish(parts_.books.change(listing, book, now), out);
        publish_ticker(listing, now, out);
    }
    void on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out) override
    {
        now_ = now;
        if (index(trade.listing) >= parts_.setup.table->listings().size()) return;
        const Listing& listing = parts_.setup.table->listing(trade.listing);
        parts_.sessions.publish(fmt::format("publicTrade.{}", listing.symbol), parts_.tape.add(trade, now),
                                out);
        publish_ticker(listing, now, out);
    }
    void on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                  SessionOutbox& out) override;
    void on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                    SessionOutbox& out) override;
    void on_tick(Timestamp now, SessionOutbox& out) override
    {
        now_ = now;
        publish(parts_.books.tell_again(now), out);
        parts_.sessions.end_idle(now, out);
    }
    void on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out) override
    {
        now_ = now;
        if (key.revoked) parts_.sessions.end(key, now, out);
    }
    ServerReply banned(Duration retry_after) const override;
    ServerReply failed() const override
    {
        return envelope(refuse(10016, "Internal server error."), now_, {});
    }
    std::string failed_frame(std::string_view text) const override;
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view host_port) const override;

  private:
    static ServerReply envelope(const Answer& answer, Timestamp now, const RateLeft& limit);
    void publish(const EmulatedBooks::News& news, SessionOutbox& out) const
    {
        for (const auto& [topic, text] : news) parts_.sessions.publish(topic, text, out);
    }
    void publish_ticker(const Listing& listing, Timestamp now, SessionOutbox& out)
    {
        parts_.sessions.publish(fmt::format("tickers.{}", listing.symbol),
                                parts_.tape.ticker_message(listing, now), out);
    }

    EmulatedParts parts_;
    Timestamp now_;
};

struct Endpoint {
    const char* method;
    const char* path;
    Need need;
    int per_second, spot_per_second;  ///< 0: not counted by account
    Answer (*handler)(EmulatedParts&, const EmulatedCall&);
};
using Itself = EmulatedInstruments;
using Books = EmulatedBooks;
using Tape = EmulatedTape;
using Orders = EmulatedOrders;
using Lists = EmulatedLists;
using Positions = EmulatedPositions;
using Account = EmulatedAccount;
using DeadMan = EmulatedDeadMan;
constexpr Endpoint kEndpoints[] = {
    {"GET", "/v5/market/time", Need::nothing, 0, 0, ask<&Itself::time>},
    {"GET", "/v5/market/instruments-info", Need::nothing, 0, 0, ask<&Itself::instruments>},
    {"GET", "/v5/market/orderbook", Need::nothing, 0, 0, ask<&Books::order_book>},
    {"GET", "/v5/market/tickers", Need::nothing, 0, 0, ask<&Tape::tickers>},
    {"GET", "/v5/market/recent-trade", Need::nothing, 0, 0, ask<&Tape::recent_trades>},
    {"GET", "/v5/system/status", Need::nothing, 0, 0, ask<&Itself::service>},
    {"GET", "/v5/market/funding/history", Need::nothing, 0, 0, ask<&Itself::no_funding>},
    {"POST", "/v5/order/create", Need::trade, 10, 20, ask<&Orders::create>},
    {"POST", "/v5/order/amend", Need::trade, 10, 10, ask<&Orders::amend>},
    {"POST", "/v5/order/cancel", Need::trade, 10, 20, ask<&Orders::cancel>},
    {"POST", "/v5/order/cancel-all", Need::trade, 10, 20, ask<&Orders::cancel_all>},
    {"POST", "/v5/order/create-batch", Need::trade, 0, 0, ask<&Orders::create_batch>},
    {"POST", "/v5/order/amend-batch", Need::trade, 0, 0, ask<&Orders::amend_batch>},
    {"POST", "/v5/order/cancel-batch", Need::trade, 0, 0, ask<&Orders::cancel_batch>},
    {"GET", "/v5/order/realtime", Need::read, 50, 50, ask<&Lists::realtime>},
    {"GET", "/v5/order/history", Need::read, 50, 50, ask<&Lists::history>},
    {"GET", "/v5/execution/list", Need::read, 50, 50, ask<&Lists::executions>},
    {"GET", "/v5/position/list", Need::read, 50, 50, ask<&Positions::positions>},
    {"GET", "/v5/account/wallet-balance", Need::read, 50, 50, ask<&Account::wallet>},
    {"GET", "/v5/account/fee-rate", Need::read, 5, 5, ask<&Account::fee_rates>},
    {"GET", "/v5/account/info", Need::read, 50, 50, ask<&Account::account_information>},
    {"GET", "/v5/user/query-api", Need::key, 10, 10, ask<&Account::key_information>},
    {"GET", "/v5/asset/coin/query-info", Need::read, 5, 5, ask<&Itself::coins>},
    {"POST", "/v5/order/disconnected-cancel-all", Need::trade, 5, 5, ask<&DeadMan::set>},
    {"GET", "/v5/account/query-dcp-info", Need::read, 5, 5, ask<&DeadMan::information>},
    {"GET", "/v5/account/user-setting-config", Need::read, 50, 50, ask<&Itself::settings>},
    {"POST", "/v5/position/switch-mode", Need::trade, 10, 20, ask<&Positions::switch_mode>},
};

Answer perform(EmulatedParts& parts, const Endpoint& endpoint, const EmulatedCall& call)
{
    const int most = parts.dialect.spot() ? endpoint.spot_per_second : endpoint.per_second;
    const Answer refused = parts.identity.count(call, endpoint.path, most);
    return refused.code != 0 ? refused : endpoint.handler(parts, call);
}

}  // namespace

Answer EmulatedParts::post(std::string_view path, const EmulatedCall& call)
{
    return perform(*this, *find_endpoint(std::span<const Endpoint>(kEndpoints), "POST", path).endpoint, call);
}

ServerReply EmulatedBybit::envelope(const Answer& answer, Timestamp now, const RateLeft& limit)
{
    ServerReply reply;
    reply.headers = {{"Content-Type", "application/json; charset=utf-8"},
                     {"Timenow", fmt::format("{}", ms_of(now))}};
    if (limit.limit > 0) {
        reply.headers.emplace_back("X-Bapi-Limit", fmt::format("{}", limit.limit));
        reply.headers.emplace_back("X-Bapi-Limit-Status", fmt::format("{}", limit.left));
        reply.headers.emplace_back("X-Bapi-Limit-Reset-Timestamp", fmt::format("{}", limit.reset_ms));
    }
    // Errors come with HTTP status 200, too.
    reply.body = fmt::format(R"({{"retCode":{},"retMsg":{},"result":{},"retExtInfo":{},"time":{}}})",
                             answer.code, json_text(answer.text), answer.code == 0 ? answer.result : "{}",
                             answer.extra, ms_of(now));
    return reply;
}

ServerReply EmulatedBybit::on_request(const ServerRequest& request, Timestamp now, SessionOutbox&)
{
    now_ = now;
    RateLeft limit;
    if (!parts_.identity.count_address(request.remote, now)) return banned(seconds(600));
    const Endpoint* const endpoint =
        find_endpoint(std::span<const Endpoint>(kEndpoints), request.method, request.path()).endpoint;
    if (endpoint == nullptr) return {404, {}, R"({"retCode":404,"retMsg":"Not Found"})"};
    EmulatedCall call;
    call.now = now;
    call.limit = &limit;
    if (request.method == "POST") {
        if (!read_params(request.body, call.params))
            return envelope(refuse(10001, "Request parameter error."), now, limit);
        if (request.path().ends_with("-batch") && !read_batch(request.body, call.batch)) call.batch.clear();
    } else {
        (void)read_query_params(request.query(), call.params);
    }
    if (endpoint->need != Need::nothing) {
        const Answer wrong = parts_.identity.prove(request, endpoint->need, now, call.key);
        if (wrong.code != 0) return envelope(wrong, now, limit);
    }
    const Answer answer = perform(parts_, *endpoint, call);
    return envelope(answer, now, limit);
}

ServerReply EmulatedBybit::banned(Duration retry_after) const
{
    ServerReply reply;
    reply.status = 403;
    reply.headers = {{"Retry-After", fmt::format("{}", retry_after.ns / kNsPerSecond)}};
    reply.body = "access too frequent";
    return reply;
}

std::string EmulatedBybit::failed_frame(std::string_view text) const
{
    Params root;
    if (!read_params(text, root) || value_of(root, "op").substr(0, 6) != "order.") return {};
    return fmt::format(
        R"({{"reqId":{},"retCode":10016,"retMsg":"Internal server error.","op":{},"data":{{}}}})",
        json_text(value_of(root, "reqId")), json_text(value_of(root, "op")));
}

std::vector<std::pair<std::string, std::string>> EmulatedBybit::addresses(std::string_view host_port) const
{
    return {{"REST", fmt::format("https://{}", host_port)},
            {"public websocket", fmt::format("wss://{}/v5/public/{}", host_port, parts_.setup.market)},
            {"private websocket", fmt::format("wss://{}/v5/private", host_port)},
            {"order websocket", fmt::format("wss://{}/v5/trade", host_port)}};
}

void EmulatedBybit::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                             SessionOutbox& out)
{
    now_ = now;
    if (trade != nullptr) {
        parts_.sessions.tell(order.account, "execution.fast", parts_.notes.fast_json(*trade, order), now,
                             out);
        parts_.sessions.tell(order.account, "execution", parts_.notes.trade_json(*trade, &order), now, out);
    }
    parts_.sessions.tell(order.account, "order", parts_.notes.order_json(order), now, out);
}

void EmulatedBybit::on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                               SessionOutbox& out)
{
    now_ = now;
    if (!balance.position) {
        parts_.sessions.tell(account, "wallet",
                             fmt::format(R"({{"accountType":"UNIFIED","totalEquity":"","coin":[{}]}})",
                                         parts_.account.coin_json(account, balance)),
                             now, out);
        return;
    }
    if (const Listing* const listing = listing_of_position(parts_.setup, balance))
        parts_.sessions.tell(account, "position", parts_.positions.rows(account, *listing, balance, now), now,
                             out);
}

std::vector<EmulatedKey> make_emulated_keys(std::uint64_t seed, std::uint32_t account)
{
    std::vector<EmulatedKey> keys;
    for (const std::string_view label : {"trade", "read", "withdraw", "trade_next"}) {
        const std::string digest = hex_lower(sha256(fmt::format("bybit {} {} {}", seed, account, label)));
        EmulatedKey key = make_labelled_key(label, account);
        key.key_id = "emulated" + digest.substr(0, 10);
        key.secret = "emulated" + digest.substr(10, 28);
        key.can_transfer = key.can_withdraw;
        keys.push_back(std::move(key));
    }
    return keys;
}

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<EmulatedBybit>(setup);
}

}  // namespace arb::bybit
