#pragma once
// One venue's client and what hangs on it: its budget of connection attempts and its back-off. For the .cpp
// files of LiveDriver alone, on the loop's thread; every callback goes on to the driver. No errors of its
// own.
#include <algorithm>
#include <string>
#include <string_view>

#include "engine/live/live_driver.hpp"

namespace arb {

/// What may be kept of an address: its query can hold a token; the mark behind it is ours.
inline std::string without_query(std::string_view url)
{
    const std::size_t mark = std::min(url.find('#'), url.size());
    std::string kept(url.substr(0, std::min(url.find('?'), mark)));
    return kept.append(url.substr(mark));
}

struct LiveDriver::Peer final : net::ClientHandler {
    Peer(LiveDriver& owner, VenueId id, net::Loop& loop, const LiveVenue& venue)
        : driver(&owner),
          venue_id(id),
          client(loop, net::TlsTrust{venue.ca_file}, *this),
          budget(venue.attempts_max, std::chrono::minutes(5)),
          backoff(0x6172 + static_cast<std::uint64_t>(id))
    {
    }
    void on_open(net::LinkId link) override { driver->on_open(venue_id, link); }
    void on_frame(net::LinkId link, char* data, std::size_t size) override
    {
        driver->on_frame(venue_id, link, data, size);
    }
    void on_closed(net::LinkId link, const net::CloseInfo& info) override
    {
        driver->on_closed(venue_id, link, info);
    }
    void on_reply(net::RequestId request, net::HttpOutcome& outcome) override
    {
        driver->on_reply(venue_id, request, outcome);
    }

    LiveDriver* driver;
    VenueId venue_id;
    net::Client client;
    net::AttemptBudget budget;
    net::Backoff backoff;
    bool private_failed = false;  ///< the next private connection waits
};

}  // namespace arb
