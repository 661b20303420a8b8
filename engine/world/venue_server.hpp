#pragma once
// An emulated venue behind real sockets: EmulatedVenue on one TLS port for REST and websockets, with a
// latency, faults played on the way in and out, and clients cut that do not read. Whoever turns the loop
// calls turn() after each run_once. The matching stands behind two hooks: `deliver` is called after
// everything that may have changed it, `on_time` before each tick. Loop thread; the constructor throws
// std::runtime_error (the port cannot be had).
#include <functional>
#include <string>

#include "engine/world/venue_sessions.hpp"

namespace arb {

struct VenueServerSetup {
    net::ServerIdentity identity;
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;           ///< 0: any
    EmulatedVenue* venue = nullptr;   ///< outlives the server
    WatchedMarket* market = nullptr;  ///< what the venue was made with; outlives the server
    FaultSource* faults = nullptr;    ///< null: none
    std::function<void(Timestamp venue_now, SessionOutbox& out)> deliver;
    std::function<void(Timestamp venue_now)> on_time;
    Duration latency;                           ///< each way, on top of the sockets
    std::size_t backlog_bytes_max = 4U << 20U;  ///< a session that reads no faster is cut
    std::size_t connections_max = 1024;
};

class VenueServer final : private net::ServerHandler {
  public:
    /// `loop` and `clock` outlive the server.
    VenueServer(net::Loop& loop, const LiveClock& clock, VenueServerSetup setup);
    VenueServer(const VenueServer&) = delete;
    VenueServer& operator=(const VenueServer&) = delete;

    std::uint16_t port() const { return port_; }
    /// Messages that have become due, and the venue's tick every 100 ms.
    void turn();
    /// The next instant turn() has something to do.
    Timestamp next_due() const;
    /// Something else changed the market (the street, an operator): tell the clients.
    void deliver();
    /// The venue's own clock.
    Timestamp venue_now() const { return clock_->now() + skew_; }
    const VenueServerCounts& counts() const { return counts_; }
    std::size_t session_count() const { return sessions_.size(); }

    // The operator's side.
    void set_skew(Duration ahead) { skew_ = ahead; }
    /// REST and new websockets are refused for so long, in the venue's words.
    void ban(Duration lasts);
    void key_changed(const EmulatedKey& key);
    /// Resets a session by its place, 0 to session_count() - 1; out of range: none.
    void cut_session(std::size_t place) { sessions_.cut_at(place); }
    /// It stays half open for so long and is then reset.
    void freeze_session(std::size_t place, Duration lasts) { sessions_.freeze_at(place, lasts); }

  private:
    // net::ServerHandler
    void on_request(net::ExchangeId exchange, net::ServerRequest& request) override;
    int on_upgrade(net::SessionId session, const net::ServerRequest& request) override;
    void on_session_open(net::SessionId session) override;
    void on_session_frame(net::SessionId session, char* data, std::size_t size) override;
    void on_session_closed(net::SessionId session, const net::CloseInfo& info) override;

    void serve(net::ExchangeId exchange, const ServerRequest& request);
    void answer(net::ExchangeId exchange, ServerReply reply, Duration delay);
    void take_frame(SessionId session, const std::string& text);
    void gone(SessionId session);
    MishapChoice fate_of(const WatchedMarket::Seen& seen, RequestRoute route);
    void run_due();

    const LiveClock* clock_;
    VenueServerSetup setup_;
    TimedActions due_;
    Duration skew_;
    Timestamp banned_until_, ticked_;
    VenueServerCounts counts_;
    bool running_ = false;
    VenueSessions sessions_;
    net::Server server_;  // behind all that it calls back to
    std::uint16_t port_;
};

}  // namespace arb
