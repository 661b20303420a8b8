#include "connectors/coinbase/emulated_venue.hpp"

#include <fmt/format.h>

#include "connectors/coinbase/emulated_parts.hpp"
#include "engine/emulate/endpoints.hpp"
#include "engine/emulate/key_checks.hpp"

namespace arb::coinbase {
namespace {

constexpr std::size_t kRequestBytesMax = 64 * 1024;

// The venue in one: it asks who a request is from and hands it to the part that answers it, and tells the
// sessions what happens.
class EmulatedCoinbase final : public EmulatedVenue {
  public:
    explicit EmulatedCoinbase(const EmulatedVenueSetup& setup) : parts_{setup} {}

    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out) override;
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now, SessionOutbox&) override
    {
        return parts_.sessions.open(session, upgrade, now);
    }
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override
    {
        parts_.sessions.read(session, text, now, out);
    }
    void on_session_closed(SessionId session) override { parts_.sessions.forget(session); }
    void on_book(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                 const EmulatedBook& book, Timestamp now, SessionOutbox& out) override
    {
        parts_.market.on_book(listing, book, now);
        const Listing& of = parts_.setup.table->listing(listing);
        const std::string event = parts_.dialect.book_event("update", of, {bids, asks}, now);
        parts_.sessions.tell(std::string(book_name(of.symbol, of.code)), {{"level2", event}}, now, out);
    }
    void on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out) override
    {
        const Listing& listing = parts_.setup.table->listing(trade.listing);
        const std::string trades = parts_.market.add(trade);
        const std::string ticker =
            R"({"type":"update","tickers":[)" + parts_.market.ticker_json(listing, true, now) + "]}";
        parts_.sessions.tell(std::string(book_name(listing.symbol, listing.code)),
                             {{"market_trades", trades}, {"ticker", ticker}}, now, out);
    }
    void on_order(const EmulatedOrder& order, const EmulatedTrade*, Timestamp now,
                  SessionOutbox& out) override
    {
        // Refused at the preview: there never was such an order.
        if (order.state == EmulatedState::rejected) return;
        parts_.notes.settle_in(order, now);
        parts_.sessions.tell_order(order, now, out);
    }
    /// Advanced Trade tells no balances on a stream.
    void on_balance(AccountId, const EmulatedBalance&, Timestamp, SessionOutbox&) override {}
    void on_tick(Timestamp now, SessionOutbox& out) override
    {
        for (const EmulatedOrder* order : parts_.notes.settled(now))
            parts_.sessions.tell_order(*order, now, out);
        parts_.sessions.on_tick(now, out);
    }
    void on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out) override
    {
        if (!is_key_good(key, now)) parts_.sessions.end(key, out);
    }
    ServerReply banned(Duration retry_after) const override
    {
        ServerReply reply = EmulatedIdentity::too_many();
        reply.headers.emplace_back("Retry-After", fmt::to_string(retry_after.ns / kNsPerSecond));
        return reply;
    }
    ServerReply failed() const override
    {
        ServerReply reply;
        reply.status = 503;
        reply.body = R"({"error":"INTERNAL","message":"service unavailable"})";
        return reply;
    }
    std::string failed_frame(std::string_view) const override { return {}; }
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view host_port) const override
    {
        const std::string host(host_port);
        return {{"REST", "https://" + host + "/api/v3/brokerage"},
                {"market data", "wss://" + host},
                {"user channel", "wss://" + host}};
    }

  private:
    EmulatedParts parts_;
};

enum class Need : std::uint8_t { nothing, key, view, trade };
struct Endpoint {
    const char* method;
    const char* path;
    Need need;
    CoinbaseAnswer (*handler)(EmulatedParts&, const EmulatedCall&);
};
using Market = EmulatedMarketData;
constexpr Endpoint kEndpoints[] = {
    {"GET", "/api/v3/brokerage/time", Need::nothing, ask<&Market::server_time>},
    {"GET", "/api/v3/brokerage/market/products", Need::nothing, ask<&Market::products>},
    {"GET", "/api/v3/brokerage/market/products/{}", Need::nothing, ask<&Market::product>},
    {"GET", "/api/v3/brokerage/market/products/{}/ticker", Need::nothing, ask<&Market::market_trades>},
    {"GET", "/api/v3/brokerage/products/{}/ticker", Need::view, ask<&Market::market_trades>},
    {"POST", "/api/v3/brokerage/orders/preview", Need::view, ask<&EmulatedOrders::preview>},
    {"GET", "/api/v3/brokerage/market/product_book", Need::nothing, ask<&Market::product_book>},
    {"GET", "/v2/time", Need::nothing, ask<&Market::old_time>},
    {"GET", "/v2/exchange-rates", Need::nothing, ask<&Market::exchange_rates>},
    {"GET", "/v2/accounts", Need::view, ask<&EmulatedLists::old_accounts>},
    {"GET", "/v2/currencies", Need::nothing, ask<&Market::currencies>},
    {"GET", "/v2/currencies/crypto", Need::nothing, ask<&Market::currencies>},
    {"GET", "/api/v3/brokerage/products", Need::view, ask<&Market::products>},
    {"GET", "/api/v3/brokerage/products/{}", Need::view, ask<&Market::product>},
    {"GET", "/api/v3/brokerage/product_book", Need::view, ask<&Market::product_book>},
    {"GET", "/api/v3/brokerage/best_bid_ask", Need::view, ask<&Market::best_bid_ask>},
    {"GET", "/api/v3/brokerage/accounts", Need::view, ask<&EmulatedLists::accounts>},
    {"GET", "/api/v3/brokerage/accounts/{}", Need::view, ask<&EmulatedLists::account>},
    {"GET", "/api/v3/brokerage/transaction_summary", Need::view, ask<&EmulatedLists::transaction_summary>},
    {"GET", "/api/v3/brokerage/key_permissions", Need::key, ask<&EmulatedLists::key_permissions>},
    {"GET", "/api/v3/brokerage/orders/historical/batch", Need::view, ask<&EmulatedLists::orders>},
    {"GET", "/api/v3/brokerage/orders/historical/fills", Need::view, ask<&EmulatedLists::fills>},
    {"GET", "/api/v3/brokerage/orders/historical/{}", Need::view, ask<&EmulatedLists::order>},
    {"POST", "/api/v3/brokerage/orders", Need::trade, ask<&EmulatedOrders::place>},
    {"POST", "/api/v3/brokerage/orders/edit", Need::trade, ask<&EmulatedOrders::amend>},
    {"POST", "/api/v3/brokerage/orders/batch_cancel", Need::trade, ask<&EmulatedOrders::cancel>},
};

}  // namespace

ServerReply EmulatedCoinbase::on_request(const ServerRequest& request, Timestamp now, SessionOutbox&)
{
    ServerReply reply;
    const auto answer_with = [&reply](CoinbaseAnswer answer) {
        reply.status = answer.status;
        reply.body = std::move(answer.body);
        reply.headers.emplace_back("Content-Type", "application/json");
        return reply;
    };
    if (request.target.size() + request.body.size() > kRequestBytesMax)
        return answer_with(failure(413, "INVALID_ARGUMENT", "request too large"));
    EmulatedCall call;
    call.request = &request;
    call.now = now;
    const std::string_view path = request.path();
    const auto [found, tail, known_path] =
        find_endpoint(std::span<const Endpoint>(kEndpoints), request.method, path);
    if (found == nullptr) return answer_with(failure(404, "NOT_FOUND", "no such path"));
    call.tail = tail;
    if (found->need != Need::nothing) {
        const std::string_view header = request.header("Authorization");
        const std::string_view token = header.starts_with("Bearer ") ? header.substr(7) : std::string_view();
        const std::string target = request.method + " ";
        call.key = parts_.identity.prove(token,
                                         {target + "api.coinbase.com" + std::string(path),
                                          target + std::string(request.header("Host")) + std::string(path)},
                                         request.remote, now);
        // Good tokens are refused now and then, one in about fifty.
        if (call.key == nullptr || parts_.manners.strikes(50)) {
            reply.status = 401;
            reply.body = "Unauthorized\n";
            reply.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
            return reply;
        }
    }
    if (!parts_.identity.spend(call, found->need == Need::nothing, reply)) return reply;
    const bool may = found->need == Need::nothing || found->need == Need::key ||
                     (found->need == Need::trade ? call.key->can_trade : call.key->can_read);
    if (!may) return answer_with(failure(403, "PERMISSION_DENIED", "Missing required scopes"));
    if (!read_query_params(request.query(), call.parameters))
        return answer_with(invalid("the query cannot be read"));
    return answer_with(found->handler(parts_, call));
}

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<EmulatedCoinbase>(setup);
}

}  // namespace arb::coinbase
