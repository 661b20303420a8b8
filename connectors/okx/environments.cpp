#include "connectors/okx/environments.hpp"

namespace arb::okx {

std::vector<VenueEnvironment> environments(std::string_view)
{
    struct Site {
        std::string_view region, rest, socket, demo_socket;
    };
    static constexpr Site kSites[] = {
        {"", "https://www.okx.com", "wss://ws.okx.com", "wss://wspap.okx.com"},
        {"eea", "https://eea.okx.com", "wss://wseea.okx.com", "wss://wseeapap.okx.com"},
        {"us", "https://us.okx.com", "wss://wsus.okx.com", "wss://wsuspap.okx.com"},
    };
    std::vector<VenueEnvironment> all;
    for (const Site& site : kSites) {
        for (const bool demo : {false, true}) {
            if (!demo && site.region.empty()) continue;
            VenueEnvironment one;
            one.name = demo ? "demo" : "live";
            one.region = site.region;
            const std::string_view main_rest = "https://openapi.okx.com";
            one.addresses = {{"https://www.okx.com", site.rest},
                             {main_rest, site.region.empty() ? main_rest : site.rest},
                             {"wss://ws.okx.com", demo ? site.demo_socket : site.socket}};
            if (demo) one.headers = {{"x-simulated-trading", "1"}};
            all.push_back(std::move(one));
        }
    }
    return all;
}

}  // namespace arb::okx
