#include "connectors/binance/urls.hpp"

#include <fmt/format.h>

#include "engine/venue/encoding.hpp"

namespace arb::binance {
namespace {

constexpr std::string_view kSpotHosts[] = {
    "stream.binance.com",
    "data-stream.binance.vision",
    "api.binance.com",
    "api-gcp.binance.com",
    "api1.binance.com",
    "api2.binance.com",
    "api3.binance.com",
    "api4.binance.com",
    "data-api.binance.vision",
    "ws-api.binance.com",
    "stream-sbe.binance.com",
    "testnet.binance.vision",
    "api1.testnet.binance.vision",
    "stream.testnet.binance.vision",
    "ws-api.testnet.binance.vision",
    "stream-sbe.testnet.binance.vision",
    "demo-api.binance.com",
    "demo-stream.binance.com",
    "demo-ws-api.binance.com",
    "www.binance.com",
};
// testnet.binancefuture.com serves both futures markets and is told by its path; stream. and fstream. are
// USD-M's.
constexpr std::string_view kUsdmHosts[] = {
    "fstream.binance.com",       "fapi.binance.com",          "ws-fapi.binance.com",
    "fstream-auth.binance.com",  "fstream-mm.binance.com",    "demo-fapi.binance.com",
    "demo-fstream.binance.com",  "fstream.binancefuture.com", "stream.binancefuture.com",
    "testnet.binancefuture.com",
};
constexpr std::string_view kCoinmHosts[] = {
    "dstream.binance.com",       "dapi.binance.com",      "ws-dapi.binance.com",
    "dstream-auth.binance.com",  "demo-dapi.binance.com", "demo-dstream.binance.com",
    "dstream.binancefuture.com",
};

template <std::size_t kCount>
bool among(std::string_view host, const std::string_view (&hosts)[kCount])
{
    for (const std::string_view known : hosts) {
        if (known == host) return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> market_of_url(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    const std::size_t host_end = std::min(url.find_first_of(":/?"), url.size());
    const std::string_view host = url.substr(0, host_end);
    const std::string_view rest = url.substr(host_end);
    const std::string_view path = rest.substr(std::min(rest.find('/'), rest.size()));
    if (path.starts_with("/dapi") && host == "testnet.binancefuture.com") return "coinm";
    if (path.starts_with("/ws-dapi") && host == "testnet.binancefuture.com") return "coinm";
    if (among(host, kSpotHosts)) return "spot";
    if (among(host, kUsdmHosts)) return "usdm";
    if (among(host, kCoinmHosts)) return "coinm";
    return std::nullopt;
}

std::string stream_url(Market market)
{
    switch (market) {
        case Market::spot:
            return "wss://stream.binance.com:9443/ws";
        // Books are public data: an address without a routed path, or with another one, stays silent about
        // them.
        case Market::usdm:
            return "wss://fstream.binance.com/public/ws";
        case Market::coinm:
            return "wss://dstream.binance.com/ws";
    }
    return {};
}

std::string trade_stream_url(Market market)
{
    return market == Market::usdm ? "wss://fstream.binance.com/market/ws" : std::string{};
}

std::string snapshot_url(Market market, std::string_view symbol, std::uint32_t limit)
{
    // Spot takes any limit up to 5000; the futures take these steps only. Few levels cost little weight but
    // leave the deeper ones unknown until they change, so never fewer than 100.
    static constexpr std::uint32_t kSteps[] = {100, 500, 1000};
    std::uint32_t levels = market == Market::spot ? 5000 : 1000;
    for (const std::uint32_t step : kSteps) {
        if (limit != 0 && limit <= step) {
            levels = step;
            break;
        }
    }
    const char* const path = market == Market::spot   ? "/api/v3"
                             : market == Market::usdm ? "/fapi/v1"
                                                      : "/dapi/v1";
    return fmt::format("{}{}/depth?symbol={}&limit={}", rest_base(market), path, percent_encode(symbol),
                       levels);
}

std::string rest_base(Market market)
{
    return market == Market::spot   ? "https://api.binance.com"
           : market == Market::usdm ? "https://fapi.binance.com"
                                    : "https://dapi.binance.com";
}

std::string_view order_url(Market market)
{
    return market == Market::spot ? "wss://ws-api.binance.com:443/ws-api/v3"
                                  : "wss://ws-fapi.binance.com/ws-fapi/v1";
}

std::string listen_query(std::string_view listen_key)
{
    // The key as a parameter, not in the path: addresses are recorded without their query.
    return fmt::format("?listenKey={}&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE/listenKeyExpired",
                       percent_encode(listen_key));
}

std::vector<std::string_view> hosts(std::string_view market)
{
    switch (market_of(market)) {
        case Market::spot:
            return {"stream.binance.com:9443", "api.binance.com", "ws-api.binance.com:443"};
        case Market::usdm:
            // api: a key's permissions are asked at the spot host.
            return {"fstream.binance.com", "fapi.binance.com", "ws-fapi.binance.com", "api.binance.com"};
        case Market::coinm:
            return {"dstream.binance.com", "dapi.binance.com"};
    }
    return {};
}

std::string instruments_url(Market market)
{
    switch (market) {
        case Market::spot:
            return "https://api.binance.com/api/v3/exchangeInfo";
        case Market::usdm:
            return "https://fapi.binance.com/fapi/v1/exchangeInfo";
        case Market::coinm:
            return "https://dapi.binance.com/dapi/v1/exchangeInfo";
    }
    return {};
}

}  // namespace arb::binance
