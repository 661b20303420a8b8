#include "connectors/bybit/environments.hpp"

namespace arb::bybit {

std::vector<VenueEnvironment> environments(std::string_view)
{
    constexpr std::string_view kRest = "https://api.bybit.com";
    constexpr std::string_view kSocket = "wss://stream.bybit.com";
    const auto site = [&](std::string_view name, std::string_view region, std::string_view rest,
                          std::string_view socket) {
        VenueEnvironment one;
        one.name = name;
        one.region = region;
        one.addresses = {{kRest, rest}, {kSocket, socket}};
        return one;
    };
    VenueEnvironment demo;
    demo.name = "demo";
    demo.addresses = {{kRest, "https://api-demo.bybit.com"},
                      {"https://api.bybit.com/v5/market", "https://api.bybit.com/v5/market"},
                      {"wss://stream.bybit.com/v5/public", "wss://stream.bybit.com/v5/public"},
                      {"wss://stream.bybit.com/v5/private", "wss://stream-demo.bybit.com/v5/private"}};
    return {
        site("testnet", "", "https://api-testnet.bybit.com", "wss://stream-testnet.bybit.com"),
        std::move(demo),
        site("live", "nl", "https://api.bybit.nl", kSocket),
        site("live", "ae", "https://api.bybit.ae", kSocket),
        site("live", "tr", "https://api.bybit.tr", "wss://stream.bybit.tr"),
        site("live", "kz", "https://api.bybit.kz", "wss://stream.bybit.kz"),
        site("live", "ge", "https://api.bybitgeorgia.ge", "wss://stream.bybitgeorgia.ge"),
        site("live", "id", "https://api.bybit.id", "wss://stream.bybit.id"),
        site("live", "jp", "https://api.manepa.jp", "wss://stream.manepa.jp"),
        site("live", "eea", "https://api.bybit.eu", "wss://stream.bybit.eu"),
    };
}

}  // namespace arb::bybit
