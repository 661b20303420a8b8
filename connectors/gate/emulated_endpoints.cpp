#include "connectors/gate/emulated_endpoints.hpp"

#include <string>

#include "connectors/gate/emulated_parts.hpp"
#include "engine/emulate/endpoints.hpp"

namespace arb::gate {
namespace {

using Market = EmulatedMarketData;
using Account = EmulatedAccounts;
using Orders = EmulatedOrders;
using Lists = EmulatedLists;
constexpr Right kOpen = Right::none, kRead = Right::read, kTrade = Right::trade;
constexpr CountAs kAddress = CountAs::address, kEach = CountAs::endpoint, kOrders = CountAs::orders,
                  kCancels = CountAs::cancels;
constexpr EmulatedEndpoint kSpotEndpoints[] = {
    {"GET", "/spot/time", "", kOpen, kAddress, ask<&Market::time>},
    {"GET", "/spot/currency_pairs", "", kOpen, kAddress, ask<&Market::instruments>},
    {"GET", "/spot/order_book", "", kOpen, kAddress, ask<&Market::order_book>},
    {"POST", "/spot/orders", "order_place", kTrade, kOrders, ask<&Orders::place>},
    {"POST", "/spot/batch_orders", "", kTrade, kOrders, ask<&Orders::place_many>},
    {"PATCH", "/spot/orders/{}", "order_amend", kTrade, kOrders, ask<&Orders::amend>},
    {"DELETE", "/spot/orders/{}", "order_cancel", kTrade, kCancels, ask<&Orders::cancel>},
    {"DELETE", "/spot/orders", "order_cancel_cp", kTrade, kCancels, ask<&Orders::cancel_market>},
    {"POST", "/spot/cancel_batch_orders", "order_cancel_ids", kTrade, kCancels, ask<&Orders::cancel_ids>},
    {"GET", "/spot/orders/{}", "order_status", kRead, kEach, ask<&Lists::order>},
    {"GET", "/spot/orders", "order_list", kRead, kEach, ask<&Lists::orders>},
    {"GET", "/spot/my_trades", "", kRead, kEach, ask<&Lists::fills>},
    {"GET", "/spot/accounts", "", kRead, kEach, ask<&Account::balances>},
    {"POST", "/spot/countdown_cancel_all", "", kTrade, kEach, ask<&Orders::dead_man>},
    {"GET", "/unified/accounts", "", kRead, kEach, ask<&Account::unified_account>},
    {"GET", "/unified/unified_mode", "", kRead, kEach, ask<&Account::unified_mode>},
    {"GET", "/account/main_keys", "", kRead, kEach, ask<&Account::keys>},
    {"GET", "/account/detail", "", kRead, kEach, ask<&Account::detail>},
    {"GET", "/wallet/fee", "", kRead, kEach, ask<&Account::wallet_fee>},
};
constexpr EmulatedEndpoint kUsdtEndpoints[] = {
    {"GET", "/spot/time", "", kOpen, kAddress, ask<&Market::time>},
    {"GET", "/futures/usdt/contracts", "", kOpen, kAddress, ask<&Market::instruments>},
    {"GET", "/futures/usdt/order_book", "", kOpen, kAddress, ask<&Market::order_book>},
    {"GET", "/futures/usdt/funding_rate", "", kOpen, kAddress, ask<&Market::funding_rates>},
    {"POST", "/futures/usdt/orders", "order_place", kTrade, kOrders, ask<&Orders::place>},
    {"PUT", "/futures/usdt/orders/{}", "order_amend", kTrade, kOrders, ask<&Orders::amend>},
    {"DELETE", "/futures/usdt/orders/{}", "order_cancel", kTrade, kCancels, ask<&Orders::cancel>},
    {"DELETE", "/futures/usdt/orders", "order_cancel_cp", kTrade, kCancels, ask<&Orders::cancel_market>},
    {"GET", "/futures/usdt/orders/{}", "order_status", kRead, kEach, ask<&Lists::order>},
    {"GET", "/futures/usdt/orders", "order_list", kRead, kEach, ask<&Lists::orders>},
    {"GET", "/futures/usdt/orders_timerange", "", kRead, kEach, ask<&Lists::orders_of_span>},
    {"GET", "/futures/usdt/my_trades", "", kRead, kEach, ask<&Lists::fills>},
    {"GET", "/futures/usdt/my_trades_timerange", "", kRead, kEach, ask<&Lists::fills_of_span>},
    {"GET", "/futures/usdt/accounts", "", kRead, kEach, ask<&Account::contract_account>},
    {"GET", "/futures/usdt/positions", "", kRead, kEach, ask<&Account::positions>},
    {"GET", "/futures/usdt/account_book", "", kRead, kEach, ask<&Account::ledger>},
    {"GET", "/futures/usdt/fee", "", kRead, kEach, ask<&Account::contract_fees>},
    {"POST", "/futures/usdt/countdown_cancel_all", "", kTrade, kEach, ask<&Orders::dead_man>},
    {"GET", "/unified/unified_mode", "", kRead, kEach, ask<&Account::unified_mode>},
    {"GET", "/account/main_keys", "", kRead, kEach, ask<&Account::keys>},
    {"GET", "/account/detail", "", kRead, kEach, ask<&Account::detail>},
    {"GET", "/wallet/fee", "", kRead, kEach, ask<&Account::wallet_fee>},
};

}  // namespace

std::span<const EmulatedEndpoint> emulated_endpoints(bool spot)
{
    return spot ? std::span<const EmulatedEndpoint>(kSpotEndpoints)
                : std::span<const EmulatedEndpoint>(kUsdtEndpoints);
}

const EmulatedEndpoint* find_channel(bool spot, std::string_view topic)
{
    for (const EmulatedEndpoint& row : emulated_endpoints(spot)) {
        if (row.channel[0] != '\0' && topic == row.channel) return &row;
    }
    return nullptr;
}

VenueAnswer run_public(EmulatedParts& parts, const EmulatedEndpoint& endpoint, const EmulatedCall& call,
                       std::string_view remote, std::string_view path, RateLeft& budget)
{
    if (!parts.identity.count_public(remote, path, call.now, budget))
        return say_refused("TOO_MANY_REQUESTS", "Request Rate Limit");
    return endpoint.handler(parts, call);
}

VenueAnswer run(EmulatedParts& parts, const EmulatedEndpoint& endpoint, const EmulatedCall& call,
                std::string_view expiry, RateLeft& budget)
{
    VenueAnswer answer = EmulatedIdentity::check_right(*call.key, endpoint.right);
    if (answer.good()) answer = EmulatedIdentity::check_expiry(expiry, call.now);
    if (!answer.good()) return answer;
    const std::string bucket = std::string(endpoint.method) + " " + endpoint.path;
    if (!parts.identity.count(endpoint.count, bucket, call, budget))
        return say_refused("TOO_MANY_REQUESTS", "Request Rate Limit");
    return endpoint.handler(parts, call);
}

}  // namespace arb::gate
