#pragma once
// One open websocket as the Venue sees it: subscribes, matches acknowledgements, keeps within the venue's
// budget of client messages, and notices silence. Owned by the Venue, core thread, sans-I/O; time is an
// argument. Only received() lies on the hot path.
#include <deque>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "engine/venue/venue.hpp"

namespace arb::binance {

/// A connection silent for this long is asked for its subscriptions; the answer is the proof of life. (The
/// venue's own PING frames are answered below the websocket layer and are not seen here.)
inline constexpr Duration kProbeAfter = seconds(15);
inline constexpr Duration kSilenceMax = seconds(30);
inline constexpr Duration kAcknowledgeMax = seconds(10);
/// Of 5 (spot) or 10 (futures) client messages a second some are left for PONG frames.
inline constexpr int kMessagesPerSecond = 3;
/// Text of one SUBSCRIBE; several smaller requests are safer than one that the venue finds too long.
inline constexpr std::size_t kRequestBytes = 3'500;

class Session {
  public:
    Session(VenueId venue, ConnectionId connection, Timestamp now)
        : venue_(venue), connection_(connection), last_receive_(now)
    {
    }

    ConnectionId connection() const { return connection_; }
    void received(Timestamp now) { last_receive_ = now; }

    /// Queues SUBSCRIBE requests for these streams of these listings (parallel lists), numbered from
    /// `next_id` on.
    void subscribe(const std::vector<std::string>& streams, const std::vector<ListingId>& listings,
                   std::uint64_t& next_id, Timestamp now);
    /// Sends what the budget allows, probes, or gives up; asks to be woken when something is left to do.
    void wake(std::uint64_t& next_id, Timestamp now, Outbox& outbox);
    /// The listings that request `id` subscribed, each once; empty when it was none of ours.
    std::vector<ListingId> acknowledged(std::uint64_t id);
    /// The venue refused request `id`, or announced its end.
    void leave(std::string_view why, Outbox& outbox);

  private:
    struct Request {
        std::uint64_t id = 0;
        std::string text;
        std::vector<ListingId> listings;
        Timestamp sent;
    };
    void send_within_budget(Timestamp now, Outbox& outbox);

    VenueId venue_;
    ConnectionId connection_;
    std::deque<Request> waiting_;
    std::vector<Request> sent_;  // not yet acknowledged
    Timestamp last_receive_;
    Timestamp probed_;  // of the current silence
    Timestamp window_;  // the second of the budget, and what was sent in it
    int window_count_ = 0;
    bool leaving_ = false;
};

}  // namespace arb::binance
