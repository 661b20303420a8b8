#pragma once
// The websockets of an emulated venue's server, towards the client: what the venue says is queued with its
// delay, meets its fate, goes out in order; a client that does not read is cut. Answers to a request wait
// until the request's own fate is known. Loop thread, no errors.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/live/clock.hpp"
#include "engine/net/server.hpp"
#include "engine/world/timed_actions.hpp"
#include "engine/world/venue_server_market.hpp"

namespace arb {

// A server's words as an emulated venue's, and back.
ServerRequest ours(const net::ServerRequest& request);
constexpr SessionId ours(net::SessionId session)
{
    return static_cast<SessionId>(session);
}
constexpr net::SessionId theirs(SessionId session)
{
    return static_cast<net::SessionId>(session);
}

struct VenueServerCounts {
    std::uint64_t requests = 0, sessions = 0, frames_in = 0, frames_out = 0, mishaps = 0, cut = 0;
};

class VenueSessions final : public SessionOutbox {
  public:
    struct Setup {
        net::Server* server = nullptr;  ///< outlives the sessions, as do the next three
        const LiveClock* clock = nullptr;
        TimedActions* due = nullptr;  ///< where it puts what is not to be done at once
        VenueServerCounts* counts = nullptr;
        FaultSource* faults = nullptr;  ///< null: none
        Duration latency;
        std::size_t backlog_bytes_max = 0;
        std::function<void(SessionId)> on_cut;  ///< a session is gone that was not closed by its client
    };
    explicit VenueSessions(Setup setup) : setup_(std::move(setup)) {}

    // SessionOutbox, of the venue
    void send(SessionId session, std::string text) override;
    void close(SessionId session, int code, std::string_view reason) override;

    void add(SessionId session) { sessions_[session] = {}; }
    void open(SessionId session);
    bool remove(SessionId session) { return sessions_.erase(session) > 0; }  ///< false: it was gone
    bool has(SessionId session) const { return sessions_.count(session) > 0; }
    std::size_t size() const { return sessions_.size(); }
    /// When a frame that has just come reaches the venue; nullopt: never.
    std::optional<Timestamp> arrival(SessionId session);
    /// What the venue says to that session is an answer to its request from here to release().
    void begin_request(SessionId session) { asking_ = session; }
    /// The answers go out, or meet their fate; `failure`: what is said for a failing server.
    void release(const MishapChoice& mishap, std::string failure);
    /// Resets a session by its place; out of range: none.
    void cut_at(std::size_t place);
    /// It stays half open for so long and is then reset.
    void freeze_at(std::size_t place, Duration lasts);

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

    void queue(SessionId session, Outgoing message, Duration delay);
    void put(SessionId session, const Outgoing& message);
    void flush_held(SessionId session);
    void cut(SessionId session);
    Session* find(SessionId session);
    SessionId session_at(std::size_t place) const;

    Setup setup_;
    std::map<SessionId, Session> sessions_;
    std::optional<SessionId> asking_;  // whose request the venue is handling; its answers are kept here:
    std::vector<Outgoing> answers_;
};

}  // namespace arb
