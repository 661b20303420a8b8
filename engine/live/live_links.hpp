#pragma once
// The driver's websockets: which address, when to dial, what an end means, and renewing before a venue's
// limit. Keeps a budget of attempts and a back-off for each venue. What the engine must be told is the answer
// of each call; telling it is the driver's. One thread; no errors of its own.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/live/clock.hpp"
#include "engine/live/http_route.hpp"
#include "engine/net/backoff.hpp"
#include "engine/net/client.hpp"
#include "engine/pipeline/driven.hpp"

namespace arb {

/// What the driver saw, for status and logs. Report's side.
class LiveListener {
  public:
    virtual ~LiveListener() = default;
    virtual void on_connection(VenueId, std::string_view /*host and path*/, bool /*open*/,
                               std::string_view /*why*/)
    {
    }
    virtual void on_key_use(VenueId, std::string_view /*label*/, std::string_view /*endpoint*/, Timestamp) {}
};

/// What may be kept of an address: its query can hold a token; the mark behind it is ours.
std::string without_query(std::string_view url);

/// What a venue's client saw, on the loop's thread.
class LinkEvents {
  public:
    virtual ~LinkEvents() = default;
    virtual void on_link_open(VenueId venue, net::LinkId id) = 0;
    virtual void on_link_frame(VenueId venue, net::LinkId id, char* data, std::size_t size) = 0;
    virtual void on_link_closed(VenueId venue, net::LinkId id, const net::CloseInfo& info) = 0;
    virtual void on_link_reply(VenueId venue, net::RequestId id, net::HttpOutcome& outcome) = 0;
};

class LiveLinks {
  public:
    /// `listener` may be null. Throws std::runtime_error: a CA file that cannot be used.
    LiveLinks(std::vector<LiveVenue> venues, net::Loop& loop, const LiveClock& clock, LinkEvents& events,
              LiveListener* listener);
    ~LiveLinks();

    /// A public connection, dialled at once and again after each end.
    void keep_open(VenueId venue, std::string url);
    /// A private one, which the venue asked for.
    void connect(VenueId venue, std::string_view url);
    /// Dials what is due.
    void dial_due(Timestamp now);
    /// Opens another beside each that comes near its venue's limit.
    void renew_old(Timestamp now);

    std::optional<ConnectionId> find(VenueId venue, net::LinkId id) const;
    /// It stands. The one that it was opened to replace is given up, and is the answer: its end is to be told
    /// first, and then the new one if take_over() says so.
    std::optional<ConnectionId> opened(ConnectionId connection);
    /// A private spare serves only if its venue asked for that address again; else it goes.
    bool take_over(ConnectionId connection);
    /// It is over, or never came to stand. True: the engine is to be told.
    bool closed(ConnectionId connection, std::string_view why);
    /// Gives up one that stands. False: it does not.
    bool drop(ConnectionId connection);
    /// The engine is told of it from now on; and is not any more.
    void set_up(ConnectionId connection, bool up);
    bool is_up(ConnectionId connection) const { return links_[index(connection)].up; }
    VenueId venue_of(ConnectionId connection) const { return links_[index(connection)].venue; }
    const std::string& url_of(ConnectionId connection) const { return links_[index(connection)].url; }
    /// As it may be kept: without what the query of a private address may hold.
    std::string kept_url(ConnectionId connection) const;
    std::size_t open_count() const;

    /// On one that is up.
    void send(ConnectionId connection, std::string_view text);
    /// Empty: no address of this venue.
    std::optional<net::RequestId> request(const HttpRequest& request);

  private:
    struct Peer;  // one venue's client and what hangs on it
    struct Link {
        VenueId venue{};
        std::string url;         ///< the venue's own address
        bool is_public = false;  ///< ours to open again; else the venue asks
        bool up = false;         ///< the engine was told
        bool spare = false;      ///< opened ahead of time, not told yet
        bool gone = false;
        bool renewing = false;  ///< a spare for it is on its way
        net::LinkId id{};
        Timestamp opened, due;  ///< due: when to open; 0: not waiting
        unsigned failures = 0;
    };

    ConnectionId add(VenueId venue, std::string url, bool is_public, Timestamp due);
    void dial(Link& link);
    void schedule(Link& link, Duration lived);
    bool never_stood(Link& link, std::string_view why);

    std::vector<LiveVenue> venues_;
    const LiveClock* clock_;
    LiveListener* listener_;
    std::vector<std::unique_ptr<Peer>> peers_;  // by venue
    std::vector<Link> links_;                   // by connection
    Timestamp renewed_;
};

}  // namespace arb
