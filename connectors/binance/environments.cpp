#include "connectors/binance/environments.hpp"

namespace arb::binance {

std::vector<VenueEnvironment> environments(std::string_view market)
{
    std::vector<VenueEnvironment> all;
    for (const std::string_view name : {"testnet", "demo"}) {
        VenueEnvironment one;
        one.name = name;
        const bool testnet = name == "testnet";
        if (market == "spot") {
            one.addresses = {{"https://api.binance.com",
                              testnet ? "https://testnet.binance.vision" : "https://demo-api.binance.com"},
                             {"wss://stream.binance.com:9443", testnet ? "wss://stream.testnet.binance.vision"
                                                                       : "wss://demo-stream.binance.com"},
                             {"wss://ws-api.binance.com:443", testnet ? "wss://ws-api.testnet.binance.vision"
                                                                      : "wss://demo-ws-api.binance.com"}};
        } else if (market == "usdm") {
            one.addresses = {{"https://fapi.binance.com", "https://demo-fapi.binance.com"},
                             {"https://api.binance.com", "https://demo-api.binance.com"},
                             {"wss://fstream.binance.com", "wss://demo-fstream.binance.com"},
                             {"wss://ws-fapi.binance.com", "wss://testnet.binancefuture.com"}};
        } else {
            continue;
        }
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace arb::binance
