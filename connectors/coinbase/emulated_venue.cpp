#include "connectors/coinbase/emulated_venue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/emulated_core.hpp"
#include "engine/emulate/endpoints.hpp"

namespace arb::coinbase {
namespace {

constexpr std::size_t kRequestBytesMax = 64 * 1024;

}  // namespace

std::span<const EmulatedCoinbase::Endpoint> EmulatedCoinbase::endpoints()
{
    using E = EmulatedCoinbase;
    static constexpr Endpoint kEndpoints[] = {
        {"GET", "/api/v3/brokerage/time", Need::nothing, own<&E::server_time>},
        {"GET", "/api/v3/brokerage/market/products", Need::nothing, own<&E::products>},
        {"GET", "/api/v3/brokerage/market/products/{}", Need::nothing, own<&E::product>},
        {"GET", "/api/v3/brokerage/market/products/{}/ticker", Need::nothing, own<&E::market_trades>},
        {"GET", "/api/v3/brokerage/products/{}/ticker", Need::view, own<&E::market_trades>},
        {"POST", "/api/v3/brokerage/orders/preview", Need::view, by<&E::preview_, &EmulatedPreview::preview>},
        {"GET", "/api/v3/brokerage/market/product_book", Need::nothing, own<&E::product_book>},
        {"GET", "/v2/time", Need::nothing, own<&E::old_time>},
        {"GET", "/v2/exchange-rates", Need::nothing, own<&E::exchange_rates>},
        {"GET", "/v2/accounts", Need::view, by<&E::lists_, &EmulatedLists::old_accounts>},
        {"GET", "/v2/currencies", Need::nothing, own<&E::currencies>},
        {"GET", "/v2/currencies/crypto", Need::nothing, own<&E::currencies>},
        {"GET", "/api/v3/brokerage/products", Need::view, own<&E::products>},
        {"GET", "/api/v3/brokerage/products/{}", Need::view, own<&E::product>},
        {"GET", "/api/v3/brokerage/product_book", Need::view, own<&E::product_book>},
        {"GET", "/api/v3/brokerage/best_bid_ask", Need::view, own<&E::best_bid_ask>},
        {"GET", "/api/v3/brokerage/accounts", Need::view, by<&E::lists_, &EmulatedLists::accounts>},
        {"GET", "/api/v3/brokerage/accounts/{}", Need::view, by<&E::lists_, &EmulatedLists::account>},
        {"GET", "/api/v3/brokerage/transaction_summary", Need::view,
         by<&E::lists_, &EmulatedLists::transaction_summary>},
        {"GET", "/api/v3/brokerage/key_permissions", Need::key,
         by<&E::lists_, &EmulatedLists::key_permissions>},
        {"GET", "/api/v3/brokerage/orders/historical/batch", Need::view,
         by<&E::lists_, &EmulatedLists::orders>},
        {"GET", "/api/v3/brokerage/orders/historical/fills", Need::view,
         by<&E::lists_, &EmulatedLists::fills>},
        {"GET", "/api/v3/brokerage/orders/historical/{}", Need::view, by<&E::lists_, &EmulatedLists::order>},
        {"POST", "/api/v3/brokerage/orders", Need::trade, by<&E::orders_, &EmulatedOrders::place>},
        {"POST", "/api/v3/brokerage/orders/edit", Need::trade, by<&E::orders_, &EmulatedOrders::amend>},
        {"POST", "/api/v3/brokerage/orders/batch_cancel", Need::trade,
         by<&E::orders_, &EmulatedOrders::cancel>},
    };
    return kEndpoints;
}

ServerReply EmulatedCoinbase::on_request(const ServerRequest& request, Timestamp now, SessionOutbox&)
{
    now_ = now;
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
        return answer_with(failure(400, "INVALID_ARGUMENT", "the query cannot be read"));
    return answer_with(found->handler(*this, call));
}

ServerReply EmulatedCoinbase::banned(Duration retry_after) const
{
    ServerReply reply = EmulatedIdentity::too_many();
    reply.headers.emplace_back("Retry-After", fmt::to_string(retry_after.ns / 1'000'000'000));
    return reply;
}

ServerReply EmulatedCoinbase::failed() const
{
    ServerReply reply;
    reply.status = 503;
    reply.body = R"({"error":"INTERNAL","message":"service unavailable"})";
    return reply;
}

std::vector<std::pair<std::string, std::string>> EmulatedCoinbase::addresses(std::string_view host_port) const
{
    const std::string host(host_port);
    return {{"REST", "https://" + host + "/api/v3/brokerage"},
            {"market data", "wss://" + host},
            {"user channel", "wss://" + host}};
}

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<EmulatedCoinbase>(setup);
}

}  // namespace arb::coinbase
