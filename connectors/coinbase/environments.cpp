#include "connectors/coinbase/environments.hpp"

namespace arb::coinbase {

std::vector<VenueEnvironment> environments(std::string_view)
{
    constexpr std::string_view kMarketData = "https://api.coinbase.com/api/v3/brokerage/market";
    constexpr std::string_view kClock = "https://api.coinbase.com/api/v3/brokerage/time";
    constexpr std::string_view kStream = "wss://advanced-trade-ws.coinbase.com";
    VenueEnvironment sandbox;
    sandbox.name = "demo";
    sandbox.addresses = {{"https://api.coinbase.com", "https://api-sandbox.coinbase.com"},
                         {kMarketData, kMarketData},
                         {kClock, kClock},
                         {kStream, kStream}};
    return {std::move(sandbox)};
}

}  // namespace arb::coinbase
