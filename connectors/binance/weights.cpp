#include "connectors/binance/weights.hpp"

#include <span>

namespace arb::binance {
namespace {

struct WeightRow {
    std::string_view method, path;
    std::uint32_t one, all;  ///< of one symbol, of all
};

// "Limits" and the weight that stands beside each request; what is not here costs 1.
constexpr WeightRow kSpotWeights[] = {
    {"GET", "/api/v3/order", 4, 4},       {"GET", "/api/v3/openOrders", 6, 80},
    {"GET", "/api/v3/allOrders", 20, 20}, {"GET", "/api/v3/myTrades", 20, 20},
    {"GET", "/api/v3/account", 20, 20},   {"GET", "/api/v3/account/commission", 20, 20},
};
constexpr WeightRow kFuturesWeights[] = {
    {"GET", "/fapi/v1/openOrders", 1, 40},
    {"GET", "/fapi/v1/allOrders", 5, 5},
    {"GET", "/fapi/v1/userTrades", 5, 5},
    {"GET", "/fapi/v1/commissionRate", 20, 20},
    {"GET", "/fapi/v3/balance", 5, 5},
    {"GET", "/fapi/v3/positionRisk", 5, 5},
    {"GET", "/fapi/v1/positionSide/dual", 30, 30},
    {"POST", "/fapi/v1/countdownCancelAll", 10, 10},
};

constexpr std::uint32_t kSpotLimit = 6'000;
constexpr std::uint32_t kFuturesLimit = 2'400;
constexpr Duration kWeightPause = seconds(60);
constexpr Duration kBanLeast = seconds(150);

}  // namespace

std::uint32_t request_weight(Market market, std::string_view method, std::string_view path, bool all)
{
    const std::span<const WeightRow> rows = market == Market::spot
                                                ? std::span<const WeightRow>(kSpotWeights)
                                                : std::span<const WeightRow>(kFuturesWeights);
    for (const WeightRow& row : rows) {
        if (row.method == method && row.path == path) return all ? row.all : row.one;
    }
    return 1;
}

std::uint32_t snapshot_weight(Market market, std::uint32_t limit)
{
    const bool most = limit == 0 || limit > 1'000;
    if (market == Market::spot) return most ? 250 : limit > 500 ? 50 : limit > 100 ? 25 : 5;
    return most || limit > 500 ? 20 : limit > 100 ? 10 : 5;
}

RequestPool& pool_of(RequestPools& pools, Market market)
{
    return market == Market::spot ? pools.pool("binance spot", kSpotLimit)
                                  : pools.pool("binance futures", kFuturesLimit);
}

VenueSetup with_pools(const VenueSetup& setup)
{
    VenueSetup result = setup;
    if (!result.pools) result.pools = std::make_shared<RequestPools>();
    return result;
}

void heed(RequestPool& pool, const HttpReply& reply, Timestamp now)
{
    if (reply.count >= 0) pool.told(static_cast<std::uint64_t>(reply.count), now);
    // 429: back off until the minute's weight is given back; 418: banned, two minutes at least. Going on
    // turns the first into the second.
    if (reply.status != 429 && reply.status != 418) return;
    const Duration least = reply.status == 429 ? kWeightPause : kBanLeast;
    pool.pause(now + (reply.retry_after > Duration{} ? reply.retry_after : least));
}

}  // namespace arb::binance
