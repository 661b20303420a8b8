#pragma once
// The real world as a driver: sockets and the clock turn the engine. Every input (frame, reply, open, close,
// timer, command) is stamped, put into the journal and only then handed to the engine, one at a time, each
// followed by its decisions; what the engine wishes goes out at once on the same thread. Lets simulated
// orders (paper trading) meet the books at their own instants. One thread.
//
//   socket -> on_frame -> journal -> Engine -> Outbox -> socket       no hand-off between frame and order
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/live/journal_thread.hpp"
#include "engine/live/latency.hpp"
#include "engine/live/live_links.hpp"
#include "engine/net/loop.hpp"

namespace arb {

struct LiveCounts {
    std::uint64_t inputs = 0, frames = 0, replies = 0, opened = 0, closed = 0, sent = 0, requests = 0;
};

class LiveDriver final : public Outbox, private LinkEvents {
  public:
    /// `journal` and `listener` may be null. Throws std::runtime_error: a CA file that cannot be used.
    LiveDriver(const InstrumentTable& table, std::vector<LiveVenue> venues, net::Loop& loop,
               JournalThread* journal, LiveListener* listener);

    /// The engine (or what else is turned), made with this as its Outbox; once, before start().
    void connect(Driven& engine, PaperVenues* paper);
    /// Opens the public connections.
    void start();
    /// A word to the engine, as an input of its own.
    bool command(std::string_view text);
    /// One turn of the loop: at most `max_wait`.
    void turn(Duration max_wait);
    Timestamp now() const { return clock_.now(); }
    const LiveCounts& counts() const { return counts_; }
    /// From a frame's arrival in the loop to the first bytes sent because of it.
    const LatencyHistogram& latency() const { return latency_; }
    std::size_t open_connections() const { return links_.open_count(); }

    // Outbox
    void send(ConnectionId connection, std::string_view text) override;
    void request(const HttpRequest& request) override;
    void wake_at(VenueId venue, Timestamp time) override;
    void reconnect(ConnectionId connection, std::string_view why) override;
    void connect(VenueId venue, std::string_view url) override;
    void used_key(VenueId venue, std::string_view endpoint) override;
    void used_key_of(VenueId venue, std::string_view label, std::string_view endpoint) override;

  private:
    struct Waiting {
        VenueId venue{};
        AskedByHttp asked;
        bool secret = false;
    };

    // LinkEvents
    void on_link_open(VenueId venue, net::LinkId id) override;
    void on_link_frame(VenueId venue, net::LinkId id, char* data, std::size_t size) override;
    void on_link_closed(VenueId venue, net::LinkId id, const net::CloseInfo& info) override;
    void on_link_reply(VenueId venue, net::RequestId id, net::HttpOutcome& outcome) override;

    void tell_open(ConnectionId connection);
    void tell_close(ConnectionId connection, std::string_view why);
    void run_timers();
    void work_off_wishes();
    Timestamp begin_input();
    void run_paper(Timestamp until);

    std::size_t venue_count_;
    net::Loop* loop_;
    JournalThread* journal_;
    LiveListener* listener_;
    Driven* engine_ = nullptr;
    PaperVenues* paper_ = nullptr;
    LiveClock clock_;
    LiveLinks links_;
    std::vector<Timestamp> wakes_;                                      // by venue; 0: none
    std::map<std::pair<std::size_t, std::uint64_t>, Waiting> waiting_;  // by venue and request
    std::vector<std::pair<ConnectionId, std::string>> to_close_;        // wishes to reconnect
    std::vector<HttpReply> unsent_;  // requests that could not even be tried
    std::vector<std::pair<VenueId, std::uint64_t>> unsent_venues_;
    std::vector<OrderEvent> events_;
    Timestamp ticked_;
    std::int64_t frame_begun_ = 0;  // steady ns of the frame being handled; 0: none, or already answered
    bool in_engine_ = false;
    LiveCounts counts_;
    LatencyHistogram latency_;
};

}  // namespace arb
