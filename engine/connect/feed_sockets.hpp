#pragma once
// A venue's websockets of market data: which connection serves which plan of listings, over reconnects too,
// which of them has gone silent, and when each is pinged. What is subscribed, and how, is the venue's own.
// A part of a connector; core thread, sans-I/O. heard() lies on a frame's path: one index, no search.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb {

/// When a connection of market data is asked for a sign of life, and when it is given up.
struct FeedRules {
    Duration silence;               ///< nothing heard for so long: it is given up
    std::string_view silence_text;  ///< and this is told
    Duration ping_after;            ///< zero: it is never pinged
    bool ping_when_silent = false;  ///< only after so long without a frame; else every so often
};

class FeedSockets {
  public:
    /// A connection that has opened or closed.
    struct Socket {
        bool is_ours = false;                  ///< it has been open as a feed
        const ConnectionPlan* plan = nullptr;  ///< null: it serves none (a recording made elsewhere)
        bool is_first = false;                 ///< it serves the first plan
    };

    FeedSockets(VenueId venue, const FeedRules& rules) : venue_(venue), rules_(rules) {}

    /// From now on these are served; every connection takes one anew when it opens.
    const std::vector<ConnectionPlan>& set_plans(std::vector<ConnectionPlan> plans);
    const std::vector<ConnectionPlan>& plans() const { return plans_; }

    /// Serves the plan that it served before, or the first with this url that no connection serves.
    Socket on_open(ConnectionId connection, std::string_view url, Timestamp now, Outbox& outbox);
    void heard(ConnectionId connection, Timestamp now)
    {
        if (index(connection) >= links_.size()) return;
        links_[index(connection)].heard = now;
        links_[index(connection)].pinged = false;
    }
    /// Its plan stays with it for the next time.
    Socket on_close(ConnectionId connection);
    /// Gives up what is silent and tells who is to be pinged now; good until the next call.
    std::span<const ConnectionId> on_wake(Timestamp now, Outbox& outbox);
    /// Ends an open connection, once.
    void leave(ConnectionId connection, std::string_view why, Outbox& outbox);

    /// The open connection that serves the listing.
    std::optional<ConnectionId> serving(ListingId listing) const;
    /// The plan of an open connection; null: none.
    const ConnectionPlan* plan_of(ConnectionId connection) const;
    /// One past the largest id that was open.
    std::size_t connections() const { return links_.size(); }

  private:
    static constexpr std::size_t kNoPlan = ~std::size_t{0};
    struct Link {
        bool is_ours = false;
        bool open = false;
        bool leaving = false;  ///< a reconnect was asked for
        bool pinged = false;   ///< since it was heard last
        std::size_t plan = kNoPlan;
        Timestamp heard, ping_due;
    };
    bool is_served(std::size_t plan) const;
    std::size_t choose_plan(const Link& link, std::string_view url) const;
    Timestamp ping_time(const Link& link) const;

    VenueId venue_;
    FeedRules rules_;
    std::vector<ConnectionPlan> plans_;
    std::vector<Link> links_;  ///< by ConnectionId
    std::vector<ConnectionId> to_ping_;
};

/// Plans of one url with so many listings each, in the order given.
std::vector<ConnectionPlan> plans_of(std::string_view url, std::span<const ListingId> listings,
                                     std::size_t listings_most);

}  // namespace arb
