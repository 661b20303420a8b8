#include "connectors/binance/emulated_venue.hpp"

#include <fmt/format.h>

#include "connectors/binance/emulated_core.hpp"
#include "connectors/binance/emulator.hpp"
#include "engine/emulate/emulator.hpp"
#include "engine/emulate/endpoints.hpp"

namespace arb::binance {
namespace {

constexpr std::size_t kRequestBytesMax = 64 * 1024;
constexpr std::uint64_t kFirstTrade = 7'001;

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

}  // namespace

EmulatedBinance::EmulatedBinance(const EmulatedVenueSetup& setup)
    : setup_(setup),
      weights_(setup.windows != nullptr ? setup.windows : std::make_shared<EmulatedWindows>()),
      tape_(*setup.table, kFirstTrade)
{
    if (setup_.market.empty()) setup_.market = "spot";
    feed_ = make_emulator(setup_.market);
}

std::span<const EmulatedBinance::Endpoint> EmulatedBinance::spot_endpoints()
{
    using E = EmulatedBinance;
    using S = Security;
    static constexpr Endpoint kSpot[] = {
        {"GET", "/api/v3/ping", "ping", S::none, 1, false, &E::ping},
        {"GET", "/api/v3/time", "time", S::none, 1, false, &E::time},
        {"GET", "/api/v3/exchangeInfo", "exchangeInfo", S::none, 20, false, &E::exchange_info},
        {"GET", "/api/v3/depth", "depth", S::none, 5, false, &E::depth},
        {"GET", "/api/v3/ticker/bookTicker", "ticker.book", S::none, 2, false, &E::best},
        {"GET", "/api/v3/ticker/price", "ticker.price", S::none, 2, false, &E::price_ticker},
        {"GET", "/api/v3/ticker/24hr", "ticker.24hr", S::none, 2, false, &E::day_ticker},
        {"GET", "/api/v3/trades", "trades.recent", S::none, 25, false, &E::recent_trades},
        {"GET", "/api/v3/historicalTrades", "trades.historical", S::none, 25, false, &E::historical_trades},
        {"GET", "/api/v3/aggTrades", "trades.aggregate", S::none, 4, false, &E::aggregate_trades},
        {"GET", "/api/v3/avgPrice", "avgPrice", S::none, 2, false, &E::average_of_minutes},
        {"POST", "/api/v3/order", "order.place", S::trade, 1, true, &E::place},
        {"POST", "/api/v3/order/test", "order.test", S::trade, 1, false, &E::test_order},
        {"DELETE", "/api/v3/order", "order.cancel", S::trade, 1, true, &E::cancel},
        {"POST", "/api/v3/order/cancelReplace", "order.cancelReplace", S::trade, 1, true, &E::replace},
        {"GET", "/api/v3/rateLimit/order", "account.rateLimits.orders", S::read, 40, false, &E::order_counts},
        {"GET", "/api/v3/order", "order.status", S::read, 4, false, &E::query},
        {"GET", "/api/v3/openOrders", "openOrders.status", S::read, 6, false, &E::open_orders},
        {"DELETE", "/api/v3/openOrders", "openOrders.cancelAll", S::trade, 1, true, &E::cancel_all},
        {"GET", "/api/v3/allOrders", "allOrders", S::read, 20, false, &E::all_orders},
        {"GET", "/api/v3/myTrades", "myTrades", S::read, 20, false, &E::my_trades},
        {"GET", "/api/v3/account", "account.status", S::read, 20, false, &E::account},
        {"GET", "/api/v3/account/commission", "account.commission", S::read, 20, false, &E::commission},
        {"GET", "/sapi/v1/account/apiRestrictions", "", S::read, 1, false, &E::restrictions},
        {"GET", "/sapi/v1/system/status", "", S::none, 1, false, &E::system_status, false},
        {"GET", "/sapi/v1/account/status", "", S::read, 1, false, &E::account_status},
        {"GET", "/sapi/v1/asset/tradeFee", "", S::read, 1, false, &E::trade_fees},
        {"GET", "/sapi/v1/capital/config/getall", "", S::read, 10, false, &E::coins},
        {"GET", "/sapi/v1/margin/allPairs", "", S::key, 1, false, &E::no_margin_pairs},
        {"GET", "/sapi/v1/margin/isolated/allPairs", "", S::key, 10, false, &E::no_margin_pairs},
        {"", "", "session.logon", S::read, 2, false, &E::log_on},
        {"", "", "session.logout", S::none, 2, false, &E::log_off},
        {"", "", "session.status", S::none, 2, false, &E::session_status},
        {"", "", "session.subscriptions", S::none, 2, false, &E::session_subscriptions},
        {"", "", "userDataStream.subscribe", S::none, 2, false, &E::subscribe},
        {"", "", "userDataStream.subscribe.signature", S::read, 2, false, &E::subscribe_signed},
        {"", "", "userDataStream.unsubscribe", S::none, 2, false, &E::unsubscribe},
    };
    return kSpot;
}

std::span<const EmulatedBinance::Endpoint> EmulatedBinance::futures_endpoints()
{
    using E = EmulatedBinance;
    using S = Security;
    static constexpr Endpoint kFutures[] = {
        {"GET", "/fapi/v1/ping", "ping", S::none, 1, false, &E::ping},
        {"GET", "/fapi/v1/time", "time", S::none, 1, false, &E::time},
        {"GET", "/fapi/v1/exchangeInfo", "", S::none, 1, false, &E::exchange_info},
        {"GET", "/fapi/v1/depth", "depth", S::none, 5, false, &E::depth},
        {"GET", "/fapi/v1/ticker/bookTicker", "ticker.book", S::none, 2, false, &E::best},
        {"GET", "/fapi/v1/ticker/price", "ticker.price", S::none, 1, false, &E::price_ticker, false},
        {"GET", "/fapi/v2/ticker/price", "", S::none, 1, false, &E::price_ticker, false},
        {"GET", "/fapi/v1/ticker/24hr", "", S::none, 1, false, &E::day_ticker, false},
        {"GET", "/fapi/v1/trades", "", S::none, 5, false, &E::recent_trades, false},
        {"GET", "/fapi/v1/historicalTrades", "", S::key, 20, false, &E::historical_trades},
        {"GET", "/fapi/v1/aggTrades", "", S::none, 20, false, &E::aggregate_trades, false},
        {"GET", "/fapi/v1/premiumIndex", "", S::none, 1, false, &E::premium_index, false},
        {"POST", "/fapi/v1/order", "order.place", S::trade, 0, true, &E::place},
        {"POST", "/fapi/v1/order/test", "", S::trade, 0, false, &E::test_order},
        {"PUT", "/fapi/v1/order", "order.modify", S::trade, 0, true, &E::amend},
        {"DELETE", "/fapi/v1/order", "order.cancel", S::trade, 1, false, &E::cancel},
        {"GET", "/fapi/v1/order", "order.status", S::read, 1, false, &E::query},
        {"POST", "/fapi/v1/batchOrders", "", S::trade, 5, true, &E::place_batch},
        {"PUT", "/fapi/v1/batchOrders", "", S::trade, 5, true, &E::amend_batch},
        {"DELETE", "/fapi/v1/batchOrders", "", S::trade, 1, false, &E::cancel_batch},
        {"GET", "/fapi/v1/openOrder", "", S::read, 1, false, &E::open_order},
        {"GET", "/fapi/v1/openOrders", "", S::read, 1, false, &E::open_orders},
        {"DELETE", "/fapi/v1/allOpenOrders", "", S::trade, 1, false, &E::cancel_all},
        {"GET", "/fapi/v1/allOrders", "", S::read, 5, false, &E::all_orders},
        {"GET", "/fapi/v1/userTrades", "", S::read, 5, false, &E::my_trades},
        {"GET", "/fapi/v1/commissionRate", "", S::read, 20, false, &E::commission},
        {"GET", "/fapi/v3/balance", "account.balance", S::read, 5, false, &E::futures_balance},
        {"GET", "/fapi/v2/balance", "", S::read, 5, false, &E::futures_balance},
        {"GET", "/fapi/v3/account", "", S::read, 5, false, &E::futures_account},
        {"GET", "/fapi/v2/account", "", S::read, 5, false, &E::futures_account},
        {"GET", "/fapi/v3/positionRisk", "account.position", S::read, 5, false, &E::positions},
        {"GET", "/fapi/v2/positionRisk", "", S::read, 5, false, &E::positions},
        {"", "", "v2/account.balance", S::read, 5, false, &E::futures_balance},
        {"", "", "v2/account.position", S::read, 5, false, &E::positions},
        {"", "", "v2/account.status", S::read, 5, false, &E::futures_account},
        {"", "", "account.status", S::read, 5, false, &E::futures_account},
        {"GET", "/fapi/v1/leverageBracket", "", S::read, 1, false, &E::leverage_brackets},
        {"GET", "/fapi/v1/multiAssetsMargin", "", S::read, 30, false, &E::one_asset_mode},
        {"GET", "/fapi/v1/rateLimit/order", "", S::read, 1, false, &E::order_counts},
        {"GET", "/fapi/v1/positionSide/dual", "", S::read, 30, false, &E::position_mode},
        {"POST", "/fapi/v1/positionSide/dual", "", S::trade, 1, false, &E::set_position_mode},
        {"GET", "/fapi/v1/accountConfig", "", S::read, 5, false, &E::account_config},
        {"POST", "/fapi/v1/countdownCancelAll", "", S::trade, 10, false, &E::countdown},
        {"POST", "/fapi/v1/listenKey", "userDataStream.start", S::key, 1, false, &E::listen_key_start},
        {"PUT", "/fapi/v1/listenKey", "userDataStream.ping", S::key, 1, false, &E::listen_key_extend},
        {"DELETE", "/fapi/v1/listenKey", "userDataStream.stop", S::key, 1, false, &E::listen_key_close},
        {"GET", "/sapi/v1/account/apiRestrictions", "", S::read, 1, false, &E::restrictions},
        {"GET", "/sapi/v1/system/status", "", S::none, 1, false, &E::system_status, false},
        {"GET", "/sapi/v1/capital/config/getall", "", S::read, 10, false, &E::coins},
        {"GET", "/sapi/v1/margin/allPairs", "", S::key, 1, false, &E::no_margin_pairs},
        {"GET", "/sapi/v1/margin/isolated/allPairs", "", S::key, 10, false, &E::no_margin_pairs},
        {"", "", "session.logon", S::read, 2, false, &E::log_on},
        {"", "", "session.logout", S::none, 2, false, &E::log_off},
        {"", "", "session.status", S::none, 2, false, &E::session_status},
    };
    return kFutures;
}

std::span<const EmulatedBinance::Endpoint> EmulatedBinance::endpoints() const
{
    return spot() ? spot_endpoints() : futures_endpoints();
}

ServerReply EmulatedBinance::on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out)
{
    ServerReply reply;
    const auto answer_with = [&](const Answer& answer) {
        reply.status = answer.status;
        reply.body = answer.body;
        reply.headers.emplace_back("Content-Type", "application/json;charset=UTF-8");
        reply.headers.emplace_back("X-MBX-USED-WEIGHT-1M", fmt::to_string(used_weight(request.remote)));
        return reply;
    };
    if (request.target.size() + request.body.size() > kRequestBytesMax)
        return answer_with(refuse(-1102, "Request too large.", 413));
    // COIN-M has other paths for the same public calls.
    std::string path(request.path());
    if (setup_.market == "coinm" && path.starts_with("/dapi/")) path[1] = 'f';
    const Endpoint* const found = find_endpoint(endpoints(), request.method, path).endpoint;
    const bool traded = setup_.market != "coinm";
    if (found == nullptr || (!traded && (found->security != Security::none || !found->coinm)))
        return answer_with(refuse(-5000, "Path " + path + ", Method " + request.method + " is invalid", 404));
    Answer answer;
    Duration retry_after;
    Params params;
    const bool readable =
        read_query_params(request.query(), params) && read_query_params(request.body, params);
    if (!spend(weight_of(*found, params), request.remote, now, answer, retry_after)) {
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
    answer = prove(*found, call, request.header("X-MBX-APIKEY"), signed_part(request),
                   value_of(params, "signature"), true);
    if (answer.code == 0) answer = (this->*found->handler)(call);
    if (call.key != nullptr && found->order) {
        const auto& [ten, longer] = order_counts_[call.key->account];
        reply.headers.emplace_back("X-MBX-ORDER-COUNT-10S", fmt::to_string(ten.used));
        reply.headers.emplace_back(spot() ? "X-MBX-ORDER-COUNT-1D" : "X-MBX-ORDER-COUNT-1M",
                                   fmt::to_string(longer.used));
    }
    return answer_with(answer);
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
    if (spot()) {
        return {{"REST", "https://" + host + "/api/v3"},
                {"market streams", "wss://" + host + "/ws"},
                {"websocket API", "wss://" + host + "/ws-api/v3"}};
    }
    if (setup_.market == "coinm")
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
