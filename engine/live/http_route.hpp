#pragma once
// One HTTP question between a venue's state machine and the sockets: what a request becomes on the wire, and
// what the venue is told of its end. For the driver, the probe of venues and the fetching of instrument
// lists, so that the three cannot differ. Pure; any thread; no errors.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/net/types.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

/// How one venue is reached.
struct LiveVenue {
    std::vector<std::string> hosts;  ///< allowed: host or host:port
    /// Of another environment or region: beginnings of the venue's own addresses, and what is dialled in
    /// their place; an address that none fits is refused. Empty: the own ones.
    std::vector<std::pair<std::string, std::string>> moved;
    std::vector<HttpHeader> headers;       ///< sent with every request by REST
    std::vector<HttpHeader> dial_headers;  ///< sent when a websocket is opened
    std::string endpoint;  ///< host:port put under every address instead (emulated venues); empty: none
    std::string ca_file;   ///< empty: the system's authorities
    std::size_t attempts_max = 60;  ///< connection attempts in five minutes
    Duration life_max =
        seconds(23 * 3600 + 1800);  ///< a connection is renewed before the venue cuts it at 24 h
};

/// The address to dial for one of the venue's own: itself when its host is allowed, what stands in its place
/// in another environment, or with the endpoint in its place. Empty: not an address of this venue.
std::string address_of(const LiveVenue& way, const std::string& url);

/// The request as it is sent to `address`, with the headers that this way to the venue wants.
net::HttpCall call_of(const LiveVenue& way, const HttpRequest& request, std::string address);

/// What must be known of a request when its reply comes.
struct AskedByHttp {
    std::uint64_t tag = 0;
    std::string url;  ///< as the venue is told it
    std::string count_header = {};
};
/// Both arguments outlive what is returned.
HttpReply reply_of(const AskedByHttp& asked, net::HttpOutcome& outcome);
/// Of a request that could not even be tried. `url` outlives what is returned.
HttpReply unsent_reply(std::uint64_t tag, std::string_view url);

}  // namespace arb
