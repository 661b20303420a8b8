#include "connectors/coinbase/emulated_venue.hpp"

#include <fmt/format.h>

#include "connectors/coinbase/emulated_lists.hpp"
#include "connectors/coinbase/emulated_orders.hpp"
#include "connectors/coinbase/emulated_sessions.hpp"
#include "engine/emulate/endpoints.hpp"
#include "engine/emulate/key_checks.hpp"

namespace arb::coinbase {
namespace {

constexpr std::size_t kRequestBytesMax = 64 * 1024;

// The venue in one: it asks who a request is from and hands it to the part that answers it, and tells the
// sessions what happens.
class EmulatedCoinbase final : public EmulatedVenue {
  public:
    explicit EmulatedCoinbase(const EmulatedVenueSetup& setup) : setup_(setup) {}

    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out) override;
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now, SessionOutbox&) override
    {
        return sessions_.open(session, upgrade, now);
    }
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override
    {
        sessions_.read(session, text, now, out);
    }
    void on_session_closed(SessionId session) override { sessions_.forget(session); }
    void on_book(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                 const EmulatedBook& book, Timestamp now, SessionOutbox& out) override
    {
        if (!book.bids.empty()) market_data_.set_reference(listing, book.bids.front().price, now);
        const Listing& of = setup_.table->listing(listing);
        const std::string event = dialect_.book_event("update", of, {bids, asks}, now);
        sessions_.tell(std::string(book_name(of.symbol, of.code)), {{"level2", event}}, now, out);
    }
    void on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out) override
    {
        const Listing& listing = setup_.table->listing(trade.listing);
        const std::string trades = market_data_.add(trade);
        const std::string ticker =
            R"({"type":"update","tickers":[)" + market_data_.ticker_json(listing, true, now) + "]}";
        sessions_.tell(std::string(book_name(listing.symbol, listing.code)),
                       {{"market_trades", trades}, {"ticker", ticker}}, now, out);
    }
    void on_order(const EmulatedOrder& order, const EmulatedTrade*, Timestamp now,
                  SessionOutbox& out) override
    {
        // Refused at the preview: there never was such an order.
        if (order.state == EmulatedState::rejected) return;
        notes_.settle_in(order, now);
        sessions_.tell_order(order, now, out);
    }
    /// Advanced Trade tells no balances on a stream.
    void on_balance(AccountId, const EmulatedBalance&, Timestamp, SessionOutbox&) override {}
    void on_tick(Timestamp now, SessionOutbox& out) override
    {
        for (const EmulatedOrder* order : notes_.settled(now)) sessions_.tell_order(*order, now, out);
        sessions_.on_tick(now, out);
    }
    void on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out) override
    {
        if (!is_key_good(key, now)) sessions_.end(key, out);
    }
    ServerReply banned(Duration retry_after) const override
    {
        ServerReply reply = EmulatedIdentity::too_many();
        reply.headers.emplace_back("Retry-After", fmt::to_string(retry_after.ns / 1'000'000'000));
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
    enum class Need : std::uint8_t { nothing, key, view, trade };
    /// What a part of the venue answers.
    template <auto kPart, auto kMethod>
    static CoinbaseAnswer by(EmulatedCoinbase& venue, const EmulatedCall& call)
    {
        return (venue.*kPart.*kMethod)(call);
    }
    struct Endpoint {
        const char* method;
        const char* path;
        Need need;
        CoinbaseAnswer (*handler)(EmulatedCoinbase&, const EmulatedCall&);
    };
    static std::span<const Endpoint> endpoints();

    EmulatedVenueSetup setup_;
    EmulatedDialect dialect_{setup_};
    EmulatedManners manners_{setup_};
    EmulatedIdentity identity_{setup_};
    EmulatedMarketData market_data_{setup_, dialect_};
    EmulatedOrderNotes notes_{setup_, dialect_};
    EmulatedOrders orders_{setup_, dialect_, notes_};
    EmulatedLists lists_{setup_, dialect_, notes_, manners_};
    EmulatedSessions sessions_{setup_, dialect_, market_data_, notes_, identity_, manners_};
};

}  // namespace

std::span<const EmulatedCoinbase::Endpoint> EmulatedCoinbase::endpoints()
{
    using Market = EmulatedMarketData;
    constexpr auto kMarket = &EmulatedCoinbase::market_data_;
    constexpr auto kLists = &EmulatedCoinbase::lists_;
    constexpr auto kOrders = &EmulatedCoinbase::orders_;
    static constexpr Endpoint kEndpoints[] = {
        {"GET", "/api/v3/brokerage/time", Need::nothing, by<kMarket, &Market::server_time>},
        {"GET", "/api/v3/brokerage/market/products", Need::nothing, by<kMarket, &Market::products>},
        {"GET", "/api/v3/brokerage/market/products/{}", Need::nothing, by<kMarket, &Market::product>},
        {"GET", "/api/v3/brokerage/market/products/{}/ticker", Need::nothing,
         by<kMarket, &Market::market_trades>},
        {"GET", "/api/v3/brokerage/products/{}/ticker", Need::view, by<kMarket, &Market::market_trades>},
        {"POST", "/api/v3/brokerage/orders/preview", Need::view, by<kOrders, &EmulatedOrders::preview>},
        {"GET", "/api/v3/brokerage/market/product_book", Need::nothing, by<kMarket, &Market::product_book>},
        {"GET", "/v2/time", Need::nothing, by<kMarket, &Market::old_time>},
        {"GET", "/v2/exchange-rates", Need::nothing, by<kMarket, &Market::exchange_rates>},
        {"GET", "/v2/accounts", Need::view, by<kLists, &EmulatedLists::old_accounts>},
        {"GET", "/v2/currencies", Need::nothing, by<kMarket, &Market::currencies>},
        {"GET", "/v2/currencies/crypto", Need::nothing, by<kMarket, &Market::currencies>},
        {"GET", "/api/v3/brokerage/products", Need::view, by<kMarket, &Market::products>},
        {"GET", "/api/v3/brokerage/products/{}", Need::view, by<kMarket, &Market::product>},
        {"GET", "/api/v3/brokerage/product_book", Need::view, by<kMarket, &Market::product_book>},
        {"GET", "/api/v3/brokerage/best_bid_ask", Need::view, by<kMarket, &Market::best_bid_ask>},
        {"GET", "/api/v3/brokerage/accounts", Need::view, by<kLists, &EmulatedLists::accounts>},
        {"GET", "/api/v3/brokerage/accounts/{}", Need::view, by<kLists, &EmulatedLists::account>},
        {"GET", "/api/v3/brokerage/transaction_summary", Need::view,
         by<kLists, &EmulatedLists::transaction_summary>},
        {"GET", "/api/v3/brokerage/key_permissions", Need::key, by<kLists, &EmulatedLists::key_permissions>},
        {"GET", "/api/v3/brokerage/orders/historical/batch", Need::view, by<kLists, &EmulatedLists::orders>},
        {"GET", "/api/v3/brokerage/orders/historical/fills", Need::view, by<kLists, &EmulatedLists::fills>},
        {"GET", "/api/v3/brokerage/orders/historical/{}", Need::view, by<kLists, &EmulatedLists::order>},
        {"POST", "/api/v3/brokerage/orders", Need::trade, by<kOrders, &EmulatedOrders::place>},
        {"POST", "/api/v3/brokerage/orders/edit", Need::trade, by<kOrders, &EmulatedOrders::amend>},
        {"POST", "/api/v3/brokerage/orders/batch_cancel", Need::trade, by<kOrders, &EmulatedOrders::cancel>},
    };
    return kEndpoints;
}

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
    const auto [found, tail, known_path] = find_endpoint(endpoints(), request.method, path);
    if (found == nullptr) return answer_with(failure(404, "NOT_FOUND", "no such path"));
    call.tail = tail;
    if (found->need != Need::nothing) {
        const std::string_view header = request.header("Authorization");
        const std::string_view token = header.starts_with("Bearer ") ? header.substr(7) : std::string_view();
        const std::string target = request.method + " ";
        call.key = identity_.prove(token,
                                   {target + "api.coinbase.com" + std::string(path),
                                    target + std::string(request.header("Host")) + std::string(path)},
                                   request.remote, now);
        // Good tokens are refused now and then, one in about fifty.
        if (call.key == nullptr || manners_.strikes(50)) {
            reply.status = 401;
            reply.body = "Unauthorized\n";
            reply.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
            return reply;
        }
    }
    if (!identity_.spend(call, found->need == Need::nothing, reply)) return reply;
    const bool may = found->need == Need::nothing || found->need == Need::key ||
                     (found->need == Need::trade ? call.key->can_trade : call.key->can_read);
    if (!may) return answer_with(failure(403, "PERMISSION_DENIED", "Missing required scopes"));
    if (!read_query_params(request.query(), call.parameters))
        return answer_with(invalid("the query cannot be read"));
    return answer_with(found->handler(*this, call));
}

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<EmulatedCoinbase>(setup);
}

}  // namespace arb::coinbase
