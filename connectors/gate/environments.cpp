#include "connectors/gate/environments.hpp"

#include "connectors/gate/instruments.hpp"

namespace arb::gate {

std::vector<VenueEnvironment> environments(std::string_view market)
{
    VenueEnvironment testnet;
    testnet.name = "testnet";
    testnet.addresses = {{kRestUrl, "https://api-testnet.gateapi.io/api/v4"}};
    // Of the other market's socket nothing is said here, so that no instance dials it by mistake.
    if (market == "spot")
        testnet.addresses.push_back({kSpotStream, "wss://ws-testnet.gate.com/v4/ws/spot"});
    else
        testnet.addresses.push_back({kUsdtStream, "wss://ws-testnet.gate.com/v4/ws/futures/usdt"});
    return {testnet};
}

}  // namespace arb::gate
