#pragma once
// The emulated Gate's table of endpoints, which is the same for REST and for the websocket, and what stands
// before each of them: the key's right, the call's expiry, the rate limit. Asked by EmulatedGate and
// EmulatedSessions; one thread.
#include <span>
#include <string_view>

#include "connectors/gate/emulated_identity.hpp"

namespace arb::gate {

/// `{}` in a path stands for the order; `channel` is the name of the same call on the websocket.
struct EmulatedEndpoint {
    const char* method;
    const char* path;
    const char* channel;
    Right right;
    CountAs count;
    VenueAnswer (*handler)(EmulatedParts&, const EmulatedCall&);
    bool places_orders() const { return std::string_view(channel) == "order_place"; }
};

std::span<const EmulatedEndpoint> emulated_endpoints(bool spot);
/// The call of that name on the websocket; nullptr: there is none.
const EmulatedEndpoint* find_channel(bool spot, std::string_view topic);
/// One that needs no key, of a client at that address who named this path.
VenueAnswer run_public(EmulatedParts& parts, const EmulatedEndpoint& endpoint, const EmulatedCall& call,
                       std::string_view remote, std::string_view path, RateLeft& budget);
VenueAnswer run(EmulatedParts& parts, const EmulatedEndpoint& endpoint, const EmulatedCall& call,
                std::string_view expiry, RateLeft& budget);

}  // namespace arb::gate
