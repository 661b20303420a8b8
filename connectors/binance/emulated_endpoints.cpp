#include "connectors/binance/emulated_endpoints.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/emulated_parts.hpp"
#include "engine/emulate/endpoints.hpp"

namespace arb::binance {
namespace {

using Batches = EmulatedBatches;
using Data = EmulatedMarketData;
using Futures = EmulatedFutures;
using Keys = EmulatedListenKeys;
using Limits = EmulatedLimits;
using Lists = EmulatedLists;
using Orders = EmulatedOrders;
using Parts = EmulatedParts;
using Positions = EmulatedPositions;
using Sessions = EmulatedSessions;
using Tape = EmulatedTape;
using Tickers = EmulatedTickers;
using S = Security;

Answer say_pong(Parts&, const Call&)
{
    return good("{}");
}

Answer tell_time(Parts&, const Call& call)
{
    return good(fmt::format(R"({{"serverTime":{}}})", ms_of(call.now)));
}

Answer system_normal(Parts&, const Call&)
{
    return good(R"({"status":0,"msg":"normal"})");
}

Answer account_normal(Parts&, const Call&)
{
    return good(R"({"data":"Normal"})");
}

Answer no_margin_pairs(Parts&, const Call&)
{
    return good("[]");
}

Answer one_asset_mode(Parts&, const Call&)
{
    return good(R"({"multiAssetsMargin":false})");
}

constexpr EmulatedEndpoint kSpotEndpoints[] = {
    {"GET", "/api/v3/ping", "ping", S::none, 1, false, say_pong},
    {"GET", "/api/v3/time", "time", S::none, 1, false, tell_time},
    {"GET", "/api/v3/exchangeInfo", "exchangeInfo", S::none, 20, false, ask<&Data::exchange_info>},
    {"GET", "/api/v3/depth", "depth", S::none, 5, false, ask<&Data::depth>},
    {"GET", "/api/v3/ticker/bookTicker", "ticker.book", S::none, 2, false, ask<&Tickers::best>},
    {"GET", "/api/v3/ticker/price", "ticker.price", S::none, 2, false, ask<&Tickers::last_price>},
    {"GET", "/api/v3/ticker/24hr", "ticker.24hr", S::none, 2, false, ask<&Tickers::day>},
    {"GET", "/api/v3/trades", "trades.recent", S::none, 25, false, ask<&Tape::recent_trades>},
    {"GET", "/api/v3/historicalTrades", "trades.historical", S::none, 25, false,
     ask<&Tape::historical_trades>},
    {"GET", "/api/v3/aggTrades", "trades.aggregate", S::none, 4, false, ask<&Tape::aggregate_trades>},
    {"GET", "/api/v3/avgPrice", "avgPrice", S::none, 2, false, ask<&Tape::average_of_minutes>},
    {"POST", "/api/v3/order", "order.place", S::trade, 1, true, ask<&Orders::place>},
    {"POST", "/api/v3/order/test", "order.test", S::trade, 1, false, ask<&Orders::test_order>},
    {"DELETE", "/api/v3/order", "order.cancel", S::trade, 1, true, ask<&Orders::cancel>},
    {"POST", "/api/v3/order/cancelReplace", "order.cancelReplace", S::trade, 1, true, ask<&Orders::replace>},
    {"GET", "/api/v3/rateLimit/order", "account.rateLimits.orders", S::read, 40, false,
     ask<&Limits::order_counts>},
    {"GET", "/api/v3/order", "order.status", S::read, 4, false, ask<&Lists::query>},
    {"GET", "/api/v3/openOrders", "openOrders.status", S::read, 6, false, ask<&Lists::open_orders>},
    {"DELETE", "/api/v3/openOrders", "openOrders.cancelAll", S::trade, 1, true, ask<&Orders::cancel_all>},
    {"GET", "/api/v3/allOrders", "allOrders", S::read, 20, false, ask<&Lists::all_orders>},
    {"GET", "/api/v3/myTrades", "myTrades", S::read, 20, false, ask<&Lists::my_trades>},
    {"GET", "/api/v3/account", "account.status", S::read, 20, false, ask<&Lists::account>},
    {"GET", "/api/v3/account/commission", "account.commission", S::read, 20, false, ask<&Lists::commission>},
    {"GET", "/sapi/v1/account/apiRestrictions", "", S::read, 1, false, ask<&Lists::restrictions>},
    {"GET", "/sapi/v1/system/status", "", S::none, 1, false, system_normal, false},
    {"GET", "/sapi/v1/account/status", "", S::read, 1, false, account_normal},
    {"GET", "/sapi/v1/asset/tradeFee", "", S::read, 1, false, ask<&Lists::trade_fees>},
    {"GET", "/sapi/v1/capital/config/getall", "", S::read, 10, false, ask<&Lists::coins>},
    {"GET", "/sapi/v1/margin/allPairs", "", S::key, 1, false, no_margin_pairs},
    {"GET", "/sapi/v1/margin/isolated/allPairs", "", S::key, 10, false, no_margin_pairs},
    {"", "", "session.logon", S::read, 2, false, ask<&Sessions::log_on>},
    {"", "", "session.logout", S::none, 2, false, ask<&Sessions::log_off>},
    {"", "", "session.status", S::none, 2, false, ask<&Sessions::status>},
    {"", "", "session.subscriptions", S::none, 2, false, ask<&Sessions::subscriptions>},
    {"", "", "userDataStream.subscribe", S::none, 2, false, ask<&Sessions::subscribe>},
    {"", "", "userDataStream.subscribe.signature", S::read, 2, false, ask<&Sessions::subscribe_signed>},
    {"", "", "userDataStream.unsubscribe", S::none, 2, false, ask<&Sessions::unsubscribe>},
};

constexpr EmulatedEndpoint kFuturesEndpoints[] = {
    {"GET", "/fapi/v1/ping", "ping", S::none, 1, false, say_pong},
    {"GET", "/fapi/v1/time", "time", S::none, 1, false, tell_time},
    {"GET", "/fapi/v1/exchangeInfo", "", S::none, 1, false, ask<&Data::exchange_info>},
    {"GET", "/fapi/v1/depth", "depth", S::none, 5, false, ask<&Data::depth>},
    {"GET", "/fapi/v1/ticker/bookTicker", "ticker.book", S::none, 2, false, ask<&Tickers::best>},
    {"GET", "/fapi/v1/ticker/price", "ticker.price", S::none, 1, false, ask<&Tickers::last_price>, false},
    {"GET", "/fapi/v2/ticker/price", "", S::none, 1, false, ask<&Tickers::last_price>, false},
    {"GET", "/fapi/v1/ticker/24hr", "", S::none, 1, false, ask<&Tickers::day>, false},
    {"GET", "/fapi/v1/trades", "", S::none, 5, false, ask<&Tape::recent_trades>, false},
    {"GET", "/fapi/v1/historicalTrades", "", S::key, 20, false, ask<&Tape::historical_trades>},
    {"GET", "/fapi/v1/aggTrades", "", S::none, 20, false, ask<&Tape::aggregate_trades>, false},
    {"GET", "/fapi/v1/premiumIndex", "", S::none, 1, false, ask<&Tickers::premium_index>, false},
    {"POST", "/fapi/v1/order", "order.place", S::trade, 0, true, ask<&Orders::place>},
    {"POST", "/fapi/v1/order/test", "", S::trade, 0, false, ask<&Orders::test_order>},
    {"PUT", "/fapi/v1/order", "order.modify", S::trade, 0, true, ask<&Orders::amend>},
    {"DELETE", "/fapi/v1/order", "order.cancel", S::trade, 1, false, ask<&Orders::cancel>},
    {"GET", "/fapi/v1/order", "order.status", S::read, 1, false, ask<&Lists::query>},
    {"POST", "/fapi/v1/batchOrders", "", S::trade, 5, true, ask<&Batches::place>},
    {"PUT", "/fapi/v1/batchOrders", "", S::trade, 5, true, ask<&Batches::amend>},
    {"DELETE", "/fapi/v1/batchOrders", "", S::trade, 1, false, ask<&Batches::cancel>},
    {"GET", "/fapi/v1/openOrder", "", S::read, 1, false, ask<&Lists::open_order>},
    {"GET", "/fapi/v1/openOrders", "", S::read, 1, false, ask<&Lists::open_orders>},
    {"DELETE", "/fapi/v1/allOpenOrders", "", S::trade, 1, false, ask<&Orders::cancel_all>},
    {"GET", "/fapi/v1/allOrders", "", S::read, 5, false, ask<&Lists::all_orders>},
    {"GET", "/fapi/v1/userTrades", "", S::read, 5, false, ask<&Lists::my_trades>},
    {"GET", "/fapi/v1/commissionRate", "", S::read, 20, false, ask<&Lists::commission>},
    {"GET", "/fapi/v3/balance", "account.balance", S::read, 5, false, ask<&Futures::balance>},
    {"GET", "/fapi/v2/balance", "", S::read, 5, false, ask<&Futures::balance>},
    {"GET", "/fapi/v3/account", "", S::read, 5, false, ask<&Futures::account>},
    {"GET", "/fapi/v2/account", "", S::read, 5, false, ask<&Futures::account>},
    {"GET", "/fapi/v3/positionRisk", "account.position", S::read, 5, false, ask<&Futures::positions>},
    {"GET", "/fapi/v2/positionRisk", "", S::read, 5, false, ask<&Futures::positions>},
    {"", "", "v2/account.balance", S::read, 5, false, ask<&Futures::balance>},
    {"", "", "v2/account.position", S::read, 5, false, ask<&Futures::positions>},
    {"", "", "v2/account.status", S::read, 5, false, ask<&Futures::account>},
    {"", "", "account.status", S::read, 5, false, ask<&Futures::account>},
    {"GET", "/fapi/v1/leverageBracket", "", S::read, 1, false, ask<&Futures::leverage_brackets>},
    {"GET", "/fapi/v1/multiAssetsMargin", "", S::read, 30, false, one_asset_mode},
    {"GET", "/fapi/v1/rateLimit/order", "", S::read, 1, false, ask<&Limits::order_counts>},
    {"GET", "/fapi/v1/positionSide/dual", "", S::read, 30, false, ask<&Positions::position_mode>},
    {"POST", "/fapi/v1/positionSide/dual", "", S::trade, 1, false, ask<&Positions::set_position_mode>},
    {"GET", "/fapi/v1/accountConfig", "", S::read, 5, false, ask<&Positions::account_config>},
    {"POST", "/fapi/v1/countdownCancelAll", "", S::trade, 10, false, ask<&Orders::countdown>},
    {"POST", "/fapi/v1/listenKey", "userDataStream.start", S::key, 1, false, ask<&Keys::start>},
    {"PUT", "/fapi/v1/listenKey", "userDataStream.ping", S::key, 1, false, ask<&Keys::extend>},
    {"DELETE", "/fapi/v1/listenKey", "userDataStream.stop", S::key, 1, false, ask<&Keys::close>},
    {"GET", "/sapi/v1/account/apiRestrictions", "", S::read, 1, false, ask<&Lists::restrictions>},
    {"GET", "/sapi/v1/system/status", "", S::none, 1, false, system_normal, false},
    {"GET", "/sapi/v1/capital/config/getall", "", S::read, 10, false, ask<&Lists::coins>},
    {"GET", "/sapi/v1/margin/allPairs", "", S::key, 1, false, no_margin_pairs},
    {"GET", "/sapi/v1/margin/isolated/allPairs", "", S::key, 10, false, no_margin_pairs},
    {"", "", "session.logon", S::read, 2, false, ask<&Sessions::log_on>},
    {"", "", "session.logout", S::none, 2, false, ask<&Sessions::log_off>},
    {"", "", "session.status", S::none, 2, false, ask<&Sessions::status>},
};

int ticker_weight(std::string_view path, const Params& params, bool spot)
{
    const bool one = !value_of(params, "symbol").empty();
    if (path.ends_with("/price")) return spot ? (one ? 2 : 4) : one ? 1 : 2;
    if (path.ends_with("/bookTicker")) return one ? 2 : spot ? 4 : 5;
    if (!spot) return one ? 1 : 40;
    const std::string_view many = value_of(params, "symbols");
    if (one || many.empty()) return one ? 2 : 80;
    const auto count = std::count(many.begin(), many.end(), ',') + 1;
    return count <= 20 ? 2 : count <= 100 ? 40 : 80;
}

}  // namespace

std::span<const EmulatedEndpoint> emulated_endpoints(bool spot)
{
    return spot ? std::span<const EmulatedEndpoint>(kSpotEndpoints) : kFuturesEndpoints;
}

int weight_of(const EmulatedEndpoint& endpoint, const Params& params, bool spot)
{
    const std::string_view path = endpoint.path;
    // An order that is placed, amended or (on spot) cancelled alone costs no weight.
    if (endpoint.order && !path.ends_with("/batchOrders")) return 0;
    const bool one = !value_of(params, "symbol").empty();
    if (path.find("/ticker/") != std::string_view::npos) return ticker_weight(path, params, spot);
    if (path.ends_with("/premiumIndex") && !one) return 10;
    if (path.ends_with("/order/test") && value_of(params, "computeCommissionRates") == "true") return 20;
    if (path.ends_with("/openOrders") && !one) return spot ? 80 : 40;
    if (path.ends_with("/myTrades") && !value_of(params, "orderId").empty()) return 5;
    if (!path.ends_with("/depth")) return endpoint.weight;
    const ScaledNumber told = parse_scaled(value_of(params, "limit"), 0);
    const std::int64_t limit = told.error == DecimalError::none ? told.value : spot ? 100 : 500;
    if (spot) return limit > 1'000 ? 250 : limit > 500 ? 50 : limit > 100 ? 25 : 5;
    return limit > 500 ? 20 : limit > 100 ? 10 : limit > 50 ? 5 : 2;
}

}  // namespace arb::binance
