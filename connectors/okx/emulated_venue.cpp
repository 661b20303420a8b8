#include "connectors/okx/emulated_venue.hpp"

#include <fmt/format.h>

#include "connectors/okx/emulated_parts.hpp"
#include "engine/emulate/endpoints.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kBodyMax = std::size_t{1} << 16;
constexpr const char* kForbidden = "This API key doesn't have permission to use this function";

// The venue in one: it asks who a request is from and hands it to the part that answers it, and tells the
// websockets what happens.
class EmulatedOkx final : public EmulatedVenue {
  public:
    explicit EmulatedOkx(const EmulatedVenueSetup& setup) : parts_{setup} {}

    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out) override;
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now, SessionOutbox&) override
    {
        return parts_.sessions.open(session, upgrade, now);
    }
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override
    {
        parts_.frames.read(session, text, now, out);
    }
    void on_session_closed(SessionId session) override
    {
        parts_.sessions.forget(session);
        parts_.feed.forget(session);
    }
    void on_book(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                 const EmulatedBook& book, Timestamp now, SessionOutbox& out) override
    {
        parts_.market.on_book(listing, book, now);
        parts_.feed.tell_book(parts_.setup.table->listing(listing), bids, asks, book, now, out);
    }
    void on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out) override
    {
        parts_.feed.tell_trade(trade, now, out);
    }
    void on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                  SessionOutbox& out) override
    {
        parts_.news.tell_order(order, trade, now, out);
    }
    void on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                    SessionOutbox& out) override
    {
        parts_.news.tell_balance(account, balance, now, out);
    }
    void on_tick(Timestamp now, SessionOutbox& out) override
    {
        parts_.dead_man.run(now);
        parts_.news.tell_failed_amends(now, out);
        parts_.feed.on_tick(now, out);
        parts_.sessions.on_tick(now, out);
    }
    void on_key_changed(const EmulatedKey& key, Timestamp, SessionOutbox& out) override
    {
        if (key.revoked) parts_.sessions.end(key, out);
    }
    ServerReply banned(Duration retry_after) const override
    {
        return {429,
                {{"Content-Type", "application/json"},
                 {"Retry-After", fmt::format("{}", retry_after.ns / kNsPerSecond)}},
                R"({"code":"50011","msg":"Requests too frequent.","data":[]})"};
    }
    ServerReply failed() const override
    {
        return {503,
                {{"Content-Type", "application/json"}},
                R"({"code":"50004","msg":"API endpoint request timeout","data":[]})"};
    }
    std::string failed_frame(std::string_view text) const override;
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view host_port) const override
    {
        return {{"REST", fmt::format("https://{}", host_port)},
                {"public", fmt::format("wss://{}/ws/v5/public", host_port)},
                {"private", fmt::format("wss://{}/ws/v5/private", host_port)}};
    }

  private:
    /// Of a key that may ask, or where anybody may.
    Answer answer(const ServerRequest& request, const EmulatedKey* key, Timestamp now);

    EmulatedParts parts_;
};

template <auto kHow, OrderVerb kVerb>
Answer order(EmulatedParts& parts, const EmulatedCall& call)
{
    return (parts.orders.*kHow)(kVerb, {*call.key, call.body, false, call.now});
}

struct Endpoint {
    const char* method;
    const char* path;
    Answer (*handler)(EmulatedParts&, const EmulatedCall&);
};
using Market = EmulatedMarketData;
using Lists = EmulatedLists;
using Orders = EmulatedOrders;
using Find = Answer (Market::*)(const EmulatedCall&) const;
constexpr auto kInstruments = static_cast<Find>(&Market::instruments);
constexpr Endpoint kEndpoints[] = {
    {"GET", "/api/v5/public/time", ask<&Market::time>},
    {"GET", "/api/v5/public/instruments", ask<kInstruments>},
    {"GET", "/api/v5/market/books", ask<&Market::book>},
    {"GET", "/api/v5/market/books-full", ask<&Market::full_book>},
    {"GET", "/api/v5/market/trades", ask<&Market::latest_trades>},
    {"GET", "/api/v5/market/history-trades", ask<&Market::old_trades>},
    {"GET", "/api/v5/market/ticker", ask<&Market::ticker>},
    {"GET", "/api/v5/market/tickers", ask<&Market::ticker>},
    {"GET", "/api/v5/system/status", ask<&Market::service>},
    {"GET", "/api/v5/account/instruments", ask<kInstruments>},
    {"GET", "/api/v5/account/balance", ask<&Lists::balance>},
    {"GET", "/api/v5/account/positions", ask<&Lists::positions>},
    {"GET", "/api/v5/account/trade-fee", ask<&Lists::fee>},
    {"GET", "/api/v5/account/config", ask<&Lists::config>},
    {"GET", "/api/v5/asset/currencies", ask<&Market::currencies>},
    {"GET", "/api/v5/trade/order", ask<&Lists::one_order>},
    {"GET", "/api/v5/trade/orders-pending", ask<&Lists::open_orders>},
    {"GET", "/api/v5/trade/orders-history", ask<&Lists::old_orders>},
    {"GET", "/api/v5/trade/orders-history-archive", ask<&Lists::old_orders>},
    {"GET", "/api/v5/trade/fills", ask<&Lists::fills>},
    {"GET", "/api/v5/trade/fills-history", ask<&Lists::fills>},
    {"POST", "/api/v5/trade/order", order<&Orders::one, OrderVerb::place>},
    {"POST", "/api/v5/trade/amend-order", order<&Orders::one, OrderVerb::amend>},
    {"POST", "/api/v5/trade/cancel-order", order<&Orders::one, OrderVerb::cancel>},
    {"POST", "/api/v5/trade/batch-orders", order<&Orders::batch, OrderVerb::place>},
    {"POST", "/api/v5/trade/amend-batch-orders", order<&Orders::batch, OrderVerb::amend>},
    {"POST", "/api/v5/trade/cancel-batch-orders", order<&Orders::batch, OrderVerb::cancel>},
    {"POST", "/api/v5/trade/cancel-all-after", ask<&EmulatedDeadMan::set>},
};

}  // namespace

Answer EmulatedOkx::answer(const ServerRequest& request, const EmulatedKey* key, Timestamp now)
{
    const bool posts = request.method == "POST";
    if (key != nullptr && !(posts ? key->can_trade : key->can_read)) return {{}, "50120", kForbidden};
    simdjson::dom::parser parser;
    EmulatedCall call{&request, key, {}, now};
    if (posts && (request.body.size() > kBodyMax ||
                  parser.parse(request.body.data(), request.body.size()).get(call.body) != simdjson::SUCCESS))
        return {{}, "50002", "JSON syntax error"};
    const auto* const found =
        find_endpoint(std::span<const Endpoint>(kEndpoints), request.method, request.path()).endpoint;
    return found != nullptr ? found->handler(parts_, call) : Answer{{}, "50404", "Not found"};
}

ServerReply EmulatedOkx::on_request(const ServerRequest& request, Timestamp now, SessionOutbox&)
{
    ServerReply reply;
    reply.headers = {{"Content-Type", "application/json"}};
    const std::string_view path = request.path();
    const bool open = path.starts_with("/api/v5/public/") || path.starts_with("/api/v5/market/") ||
                      path.starts_with("/api/v5/system/");
    const EmulatedKey* key = nullptr;
    Answer said;
    if (!open) said = parts_.identity.prove(request, now, key);
    if (said.code != "0") {
        reply.status = 401;
    } else if (parts_.limits.request_too_fast(request, key, now)) {
        said = {{}, "50011", "Requests too frequent."};
    } else if (request.method == "GET" || (request.method == "POST" && key != nullptr)) {
        said = answer(request, key, now);
    } else {
        said = {{}, "50002", "JSON syntax error"};
        reply.status = 405;
    }
    if (said.code == "50011") reply.status = 429;
    if (said.code == "50120") reply.status = 401;
    if (said.code == "50404") reply.status = 404;
    reply.body =
        fmt::format(R"({{"code":"{}","msg":{},"data":[{}]}})", said.code, json_text(said.text), said.data);
    return reply;
}

std::string EmulatedOkx::failed_frame(std::string_view text) const
{
    simdjson::dom::parser parser;
    JsonBody message;
    std::string_view number, op;
    if (parser.parse(text.data(), text.size()).get(message) != simdjson::SUCCESS ||
        message["id"].get(number) != simdjson::SUCCESS || message["op"].get(op) != simdjson::SUCCESS)
        return {};
    return fmt::format(R"({{"id":{},"op":{},"code":"50004","msg":"Endpoint request timeout","data":[]}})",
                       json_text(number), json_text(op));
}

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<EmulatedOkx>(setup);
}

}  // namespace arb::okx
