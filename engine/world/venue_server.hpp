#pragma once
// An emulated venue behind real sockets: EmulatedVenue on one TLS port for REST and websockets, with a
// latency, faults played on the way in and out, and clients cut that do not read. Whoever turns the loop
// calls turn() after each run_once. The matching stands behind two hooks: `deliver` is called after
// everything that may have changed it, `on_time` before each tick. Loop thread; the constructor throws
// std::runtime_error (the port cannot be had).
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/live/clock.hpp"
#include "engine/net/server.hpp"
#include "engine/world/venue_server_market.hpp"

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

struct VenueServerCounts {
    std::uint64_t requests = 0, sessions = 0, frames_in = 0, frames_out = 0, mishaps = 0, cut = 0;
};

class VenueServer final : private net::ServerHandler, private SessionOutbox {
  public:
    /// `loop` and `clock` outlive the server.
    VenueServer(net::Loop& loop, const LiveClock& clock, VenueServerSetup setup);
    ~VenueServer() override;
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
    void cut_session(std::size_t place);
    /// It stays half open for so long and is then reset.
    void freeze_session(std::size_t place, Duration lasts);

  private:
    struct Outgoing {
        std::string text;
        int close_code = 0;  ///< not 0: the closing handshake instead of a text
        bool hold = false;   ///< goes out after the one behind it
    };
    struct Session {
        bool open = false;            ///< accepted; before that nothing can be sent
        bool frozen = false;          ///< half open: nothing comes or goes
        Timestamp last_in, last_out;  ///< a connection does not overtake itself
        std::size_t backlog = 0;
        std::optional<std::string> held;
    };

    // net::ServerHandler
    void on_request(net::ExchangeId exchange, net::ServerRequest& request) override;
    int on_upgrade(net::SessionId session, const net::ServerRequest& request) override;
    void on_session_open(net::SessionId session) override;
    void on_session_frame(net::SessionId session, char* data, std::size_t size) override;
    void on_session_closed(net::SessionId session, const net::CloseInfo& info) override;
    // SessionOutbox, of the venue
    void send(SessionId session, std::string text) override;
    void close(SessionId session, int code, std::string_view reason) override;

    void serve(net::ExchangeId exchange, const ServerRequest& request);
    void answer(net::ExchangeId exchange, ServerReply reply, Duration delay);
    void take_frame(SessionId session, const std::string& text);
    void release(SessionId session, const MishapChoice& mishap, const std::string& request);
    void queue(SessionId session, Outgoing message, Duration delay);
    void put(SessionId session, const Outgoing& message);
    void flush_held(SessionId session);
    void cut(SessionId session);
    MishapChoice fate_of(const WatchedMarket::Seen& seen, RequestRoute route);
    void at(Timestamp time, std::function<void()> action);
    void run_due();
    Session* find(SessionId session);
    SessionId session_at(std::size_t place) const;

    const LiveClock* clock_;
    VenueServerSetup setup_;
    std::map<SessionId, Session> sessions_;
    std::multimap<Timestamp, std::function<void()>> due_;  // equal times in order of arrival
    std::optional<SessionId> asking_;  // whose request the venue is handling; its answers are kept here:
    std::vector<Outgoing> answers_;
    Duration skew_;
    Timestamp banned_until_, ticked_;
    VenueServerCounts counts_;
    std::uint16_t port_ = 0;
    bool running_ = false;
    std::unique_ptr<net::Server> server_;  // last: its end may call back no more
};

}  // namespace arb
