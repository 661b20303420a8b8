#pragma once
// The life of one websocket of the trading side: dial, wait for answers (log-on, subscriptions), ping, give
// up after silence or a missing answer, come back, after a pause where a log-on failed; where a dial needs
// something first (a token, a listen key), it rests until its owner has it and starts it. What is said on it
// is the venue's own. A part of a connector; core thread, sans-I/O. heard() lies on a frame's path.
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb {

struct SocketRules {
    std::string_view url;  ///< without query
    Duration silence;      ///< nothing heard for so long: it is given up
    std::string_view silence_text;
    Duration ping_after;            ///< zero: it is never pinged
    bool ping_when_silent = false;  ///< only after so long without a frame; else every so often
    Duration answer_most = seconds(10);
    /// After a failed log-on, doubled each time until it has lived for so long as silence is borne; zero: the
    /// driver's back-off is enough.
    Duration pause_first, pause_most;
    /// It never dials by itself but rests, is_idle(), until start(): also each time that it is to come back.
    bool rests = false;
    /// False: silence is borne until the venue has answered a ping.
    bool pings_answered = true;
};

class PrivateSocket {
  public:
    enum class Event : std::uint8_t {
        not_ours,
        surplus,  ///< a second one, or one that nobody wants: told to close, and to be ignored
        ours,
    };
    enum class Due : std::uint8_t { nothing, ping, no_answer };

    /// `shut`: the venue refused the key, so nothing is dialled until whoever owns it starts again.
    PrivateSocket(VenueId venue, const SocketRules& rules, const bool& shut)
        : venue_(venue), rules_(rules), shut_(&shut)
    {
    }

    /// Dials, unless it does or stands already. `query` goes behind the address: a token, say.
    void start(Timestamp now, Outbox& outbox, std::string_view query = {});
    /// `ours`: it stands, and an answer to the log-on is awaited from now on.
    Event on_open(ConnectionId connection, std::string_view url, Timestamp now, Outbox& outbox);
    /// A frame came.
    Event heard(ConnectionId connection, Timestamp now);
    /// `ours`: it is dialled again, at once or after its pause.
    Event on_close(ConnectionId connection, Timestamp now, Outbox& outbox);
    /// A dial came to nothing.
    void on_lost_dial(Timestamp now, Outbox& outbox);
    /// What the caller has to do now: a ping to send, or a log-on that was not answered.
    Due on_wake(Timestamp now, Outbox& outbox);

    /// The log-on was taken.
    void logged_on();
    /// A further answer must come in time; and it has come.
    void await(Timestamp now, Outbox& outbox);
    void answered() { answer_due_ = {}; }
    void ping_answered() { rules_.pings_answered = true; }
    void log_on_failed(std::string_view why, Timestamp now, Outbox& outbox);
    /// It comes back, at once or not before `again`, where the venue's trouble says how long it lasts.
    void close(std::string_view why, Outbox& outbox, Timestamp again = {});
    /// No pause is kept any longer: whoever asks has waited.
    void end_pause(Timestamp now, Outbox& outbox)
    {
        if (state_ == State::pausing) come_back(now, outbox);
    }

    /// Nothing is dialled before start().
    bool is_idle() const { return state_ == State::idle; }
    bool is_open() const { return state_ == State::open; }
    bool is_logging_on() const { return state_ == State::logging_on; }
    bool is_closing() const { return state_ == State::closing; }
    ConnectionId connection() const { return connection_; }
    Timestamp opened() const { return opened_; }

  private:
    enum class State : std::uint8_t { idle, dialling, logging_on, open, closing, pausing };
    void come_back(Timestamp now, Outbox& outbox);

    VenueId venue_;
    SocketRules rules_;
    const bool* shut_;
    State state_ = State::idle;
    ConnectionId connection_ = kNoConnection;
    std::vector<ConnectionId> surplus_;
    bool pinged_ = false;  ///< since it was heard last
    Timestamp opened_, heard_, ping_due_, answer_due_, again_;
    Duration pause_;
};

}  // namespace arb
