#include "connectors/gate/emulated_endpoints.hpp"

#include <string>

namespace arb::gate {

std::span<const EmulatedEndpoints::Endpoint> EmulatedEndpoints::endpoints() const
{
    using Market = EmulatedMarketData;
    using Account = EmulatedAccounts;
    using Orders = EmulatedOrders;
    using Lists = EmulatedLists;
    constexpr Right kOpen = Right::none, kRead = Right::read, kTrade = Right::trade;
    constexpr CountAs kAddress = CountAs::address, kEach = CountAs::endpoint, kOrders = CountAs::orders,
                      kCancels = CountAs::cancels;
    static constexpr Endpoint kSpot[] = {
        {"GET", "/spot/time", "", kOpen, kAddress, of_market<&Market::time>},
        {"GET", "/spot/currency_pairs", "", kOpen, kAddress, of_market<&Market::instruments>},
        {"GET", "/spot/order_book", "", kOpen, kAddress, of_market<&Market::order_book>},
        {"POST", "/spot/orders", "order_place", kTrade, kOrders, of_orders<&Orders::place>},
        {"POST", "/spot/batch_orders", "", kTrade, kOrders, of_orders<&Orders::place_many>},
        {"PATCH", "/spot/orders/{}", "order_amend", kTrade, kOrders, of_orders<&Orders::amend>},
        {"DELETE", "/spot/orders/{}", "order_cancel", kTrade, kCancels, of_orders<&Orders::cancel>},
        {"DELETE", "/spot/orders", "order_cancel_cp", kTrade, kCancels, of_orders<&Orders::cancel_market>},
        {"POST", "/spot/cancel_batch_orders", "order_cancel_ids", kTrade, kCancels,
         of_orders<&Orders::cancel_ids>},
        {"GET", "/spot/orders/{}", "order_status", kRead, kEach, of_lists<&Lists::order>},
        {"GET", "/spot/orders", "order_list", kRead, kEach, of_lists<&Lists::orders>},
        {"GET", "/spot/my_trades", "", kRead, kEach, of_lists<&Lists::fills>},
        {"GET", "/spot/accounts", "", kRead, kEach, of_account<&Account::balances>},
        {"POST", "/spot/countdown_cancel_all", "", kTrade, kEach, of_orders<&Orders::dead_man>},
        {"GET", "/unified/accounts", "", kRead, kEach, of_account<&Account::unified_account>},
        {"GET", "/unified/unified_mode", "", kRead, kEach, of_account<&Account::unified_mode>},
        {"GET", "/account/main_keys", "", kRead, kEach, of_account<&Account::keys>},
        {"GET", "/account/detail", "", kRead, kEach, of_account<&Account::detail>},
        {"GET", "/wallet/fee", "", kRead, kEach, of_account<&Account::wallet_fee>},
    };
    static constexpr Endpoint kUsdt[] = {
        {"GET", "/spot/time", "", kOpen, kAddress, of_market<&Market::time>},
        {"GET", "/futures/usdt/contracts", "", kOpen, kAddress, of_market<&Market::instruments>},
        {"GET", "/futures/usdt/order_book", "", kOpen, kAddress, of_market<&Market::order_book>},
        {"GET", "/futures/usdt/funding_rate", "", kOpen, kAddress, of_market<&Market::funding_rates>},
        {"POST", "/futures/usdt/orders", "order_place", kTrade, kOrders, of_orders<&Orders::place>},
        {"PUT", "/futures/usdt/orders/{}", "order_amend", kTrade, kOrders, of_orders<&Orders::amend>},
        {"DELETE", "/futures/usdt/orders/{}", "order_cancel", kTrade, kCancels, of_orders<&Orders::cancel>},
        {"DELETE", "/futures/usdt/orders", "order_cancel_cp", kTrade, kCancels,
         of_orders<&Orders::cancel_market>},
        {"GET", "/futures/usdt/orders/{}", "order_status", kRead, kEach, of_lists<&Lists::order>},
        {"GET", "/futures/usdt/orders", "order_list", kRead, kEach, of_lists<&Lists::orders>},
        {"GET", "/futures/usdt/orders_timerange", "", kRead, kEach, of_lists<&Lists::orders_of_span>},
        {"GET", "/futures/usdt/my_trades", "", kRead, kEach, of_lists<&Lists::fills>},
        {"GET", "/futures/usdt/my_trades_timerange", "", kRead, kEach, of_lists<&Lists::fills_of_span>},
        {"GET", "/futures/usdt/accounts", "", kRead, kEach, of_account<&Account::contract_account>},
        {"GET", "/futures/usdt/positions", "", kRead, kEach, of_account<&Account::positions>},
        {"GET", "/futures/usdt/account_book", "", kRead, kEach, of_account<&Account::ledger>},
        {"GET", "/futures/usdt/fee", "", kRead, kEach, of_account<&Account::contract_fees>},
        {"POST", "/futures/usdt/countdown_cancel_all", "", kTrade, kEach, of_orders<&Orders::dead_man>},
        {"GET", "/unified/unified_mode", "", kRead, kEach, of_account<&Account::unified_mode>},
        {"GET", "/account/main_keys", "", kRead, kEach, of_account<&Account::keys>},
        {"GET", "/account/detail", "", kRead, kEach, of_account<&Account::detail>},
        {"GET", "/wallet/fee", "", kRead, kEach, of_account<&Account::wallet_fee>},
    };
    return dialect_.spot() ? std::span<const Endpoint>(kSpot) : std::span<const Endpoint>(kUsdt);
}

const EmulatedEndpoints::Endpoint* EmulatedEndpoints::find_channel(std::string_view topic) const
{
    for (const Endpoint& row : endpoints()) {
        if (row.channel[0] != '\0' && topic == row.channel) return &row;
    }
    return nullptr;
}

VenueAnswer EmulatedEndpoints::run_public(const Endpoint& endpoint, const EmulatedCall& call,
                                          std::string_view remote, std::string_view path, RateLeft& budget)
{
    if (!identity_.count_public(remote, path, call.now, budget))
        return say_refused("TOO_MANY_REQUESTS", "Request Rate Limit");
    return endpoint.handler(*this, call);
}

VenueAnswer EmulatedEndpoints::run(const Endpoint& endpoint, const EmulatedCall& call,
                                   std::string_view expiry, RateLeft& budget)
{
    VenueAnswer answer = EmulatedIdentity::check_right(*call.key, endpoint.right);
    if (answer.good()) answer = EmulatedIdentity::check_expiry(expiry, call.now);
    if (!answer.good()) return answer;
    const std::string bucket = std::string(endpoint.method) + " " + endpoint.path;
    if (!identity_.count(endpoint.count, bucket, call, budget))
        return say_refused("TOO_MANY_REQUESTS", "Request Rate Limit");
    return endpoint.handler(*this, call);
}

}  // namespace arb::gate
