#pragma once
// The life of one websocket of the trading half: connect, log on, ping every 20 s, give up after silence,
// come back. The two sockets own one each and see to what is said on it. Core thread, sans-I/O; a log-on that
// is refused or not answered ends in a RequestEnd of kind session.
#include <string_view>
#include <vector>

#include "connectors/bybit/account_tools.hpp"

namespace arb::bybit {

class SocketLife {
  public:
    SocketLife(AccountTools& tools, std::string_view url) : tools_(&tools), url_(url) {}

    void start(Timestamp now, Outbox& outbox);
    /// True when the address is this socket's.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    /// True when the connection is this socket's; a frame was heard.
    bool heard(ConnectionId connection, Timestamp now);
    /// True when it was this socket's: it is asked for again, unless the key was refused.
    bool on_close(ConnectionId connection, Timestamp now, Outbox& outbox);
    /// A connection that never opened was given up.
    void on_lost_dial(Timestamp now, Outbox& outbox);

    void logged_on() { state_ = State::open; }
    /// The log-on failed: tells it, closes, comes back after a pause (longer each time).
    void log_on_failed(Verdict verdict, std::int64_t code, std::string_view text, Timestamp now,
                       FactSink& sink, Outbox& outbox);
    void close(std::string_view why, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

    bool is_open() const { return state_ == State::open; }
    bool logging_on() const { return state_ == State::logging_on; }
    ConnectionId connection() const { return connection_; }

  private:
    enum class State : std::uint8_t { idle, connecting, logging_on, open, closing, pausing };
    bool standing() const
    {
        return state_ == State::logging_on || state_ == State::open || state_ == State::closing;
    }
    void connect(Timestamp now, Outbox& outbox);

    AccountTools* tools_;
    std::string_view url_;
    State state_ = State::idle;
    ConnectionId connection_ = kNoConnection;
    std::vector<ConnectionId> surplus_;  ///< opened twice, told to close
    Timestamp heard_, ping_due_, log_on_max_, again_;
    Duration pause_;
};

}  // namespace arb::bybit
