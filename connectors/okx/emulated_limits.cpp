#include "connectors/okx/emulated_limits.hpp"

#include <fmt/format.h>

namespace arb::okx {
namespace {

struct Limit {
    std::string_view path;
    std::uint32_t max;
    Duration span = seconds(2);
};

constexpr Limit kLimits[] = {
    {"/api/v5/public/time", 10},
    {"/api/v5/public/instruments", 20},
    {"/api/v5/market/books", 40},
    {"/api/v5/market/ticker", 20},
    {"/api/v5/market/tickers", 20},
    {"/api/v5/market/books-full", 10},
    {"/api/v5/market/trades", 100},
    {"/api/v5/market/history-trades", 20},
    {"/api/v5/system/status", 1, seconds(5)},
    {"/api/v5/account/balance", 10},
    {"/api/v5/account/positions", 10},
    {"/api/v5/account/config", 5},
    {"/api/v5/account/trade-fee", 5},
    {"/api/v5/account/instruments", 20},
    {"/api/v5/trade/order", 60},
    {"/api/v5/trade/orders-pending", 60},
    {"/api/v5/trade/orders-history", 40},
    {"/api/v5/trade/orders-history-archive", 20},
    {"/api/v5/trade/fills", 60},
    {"/api/v5/trade/fills-history", 10},
    {"/api/v5/trade/cancel-all-after", 2},
};
constexpr std::uint32_t kElsewhereMax = 20, kOrdersMax = 60, kBatchedMax = 300;
constexpr std::uint32_t kAccountMax = 1000;
// "Connection": 480 requests an hour a connection.
constexpr std::uint32_t kControlMax = 480;

bool counted_out(EmulatedLimits::Window& window, Duration length, std::uint32_t max, Timestamp now)
{
    if (now - window.begun >= length) window = {now, 0};
    return ++window.count > max;
}

}  // namespace

bool EmulatedLimits::too_fast(AccountId account, std::string_view what, std::uint32_t max, Timestamp now,
                              Duration span)
{
    return setup_.rate_limits && counted_out(windows_[{account, std::string(what)}], span, max, now);
}

bool EmulatedLimits::request_too_fast(const ServerRequest& request, const EmulatedKey* key, Timestamp now)
{
    const std::string_view path = request.path();
    // Orders are counted one by one, by whatever route they come.
    const bool orders = request.method == "POST" && !path.ends_with("/cancel-all-after");
    if (orders) return false;
    Limit here{path, kElsewhereMax};
    for (const Limit& limit : kLimits) {
        if (limit.path == path) here = limit;
    }
    return key == nullptr
               ? too_fast(AccountId{0}, request.remote + std::string(path), here.max, now, here.span)
               : too_fast(key->account, request.method + std::string(path), here.max, now, here.span);
}

bool EmulatedLimits::orders_too_fast(const EmulatedKey& key, const Listing& listing, OrderVerb verb,
                                     bool batched, Timestamp now)
{
    constexpr std::string_view kVerbs[] = {"order", "amend", "cancel"};
    const std::string bucket = fmt::format("{}{} {}", batched ? "batch " : "",
                                           kVerbs[static_cast<std::size_t>(verb)], listing.symbol);
    return too_fast(key.account, bucket, batched ? kBatchedMax : kOrdersMax, now);
}

bool EmulatedLimits::account_too_fast(const EmulatedKey& key, const Listing& listing, Timestamp now)
{
    return listing.market != "spot" && too_fast(key.account, "new orders and amends", kAccountMax, now);
}

bool EmulatedLimits::control_too_fast(Window& window, Timestamp now) const
{
    return setup_.rate_limits && counted_out(window, seconds(3600), kControlMax, now);
}

}  // namespace arb::okx
