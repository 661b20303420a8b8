#pragma once
// The user channel on its own websocket: subscribed with a fresh token, watched for silence and for holes in
// its numbers, opened again when it falls. Its orders go to the decoder; orders whose total grew are handed
// to OwnQuestions, which fetches the fills. Part of Account, core thread, sans-I/O.
#include <string_view>

#include "connectors/coinbase/account_tools.hpp"

namespace arb::coinbase {

class OwnQuestions;

class UserStream {
  public:
    UserStream(AccountTools& tools, OwnQuestions& own) : tools_(&tools), own_(&own) {}

    void start(Outbox& outbox);
    /// No pause is kept any longer: whoever asks has waited.
    void open_now(Timestamp now, Outbox& outbox)
    {
        if (state_ != State::idle || !open_at_.known()) return;
        open_at_ = now;
        start(outbox);
    }
    /// True when the connection is the user channel's.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    /// A dial that was given up before it stood: asked for again.
    void on_lost_dial(Outbox& outbox)
    {
        if (state_ != State::opening) return;
        state_ = State::idle;
        start(outbox);
    }
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    Timestamp on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    enum class State : std::uint8_t { idle, opening, subscribing, standing, leaving };
    void give_up(std::string_view why, Duration pause, Timestamp now, FactSink& sink, Outbox& outbox);
    void refused(std::string_view message, Timestamp now, FactSink& sink, Outbox& outbox);
    void read(simdjson::dom::object frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool in_sequence(simdjson::dom::object frame, Timestamp now, FactSink& sink, Outbox& outbox);
    void confirmed(simdjson::dom::object frame, Timestamp now, FactSink& sink, Outbox& outbox);
    void user_events(simdjson::dom::object frame, Timestamp time, Timestamp now, FactSink& sink,
                     Outbox& outbox);

    AccountTools* tools_;
    OwnQuestions* own_;
    State state_ = State::idle;
    ConnectionId connection_ = kNoConnection;
    std::uint64_t next_sequence_ = 0;
    Timestamp deadline_;    ///< of the confirmation
    Timestamp last_frame_;  ///< heartbeats come once a second
    Timestamp open_at_;     ///< not before
    int refusals_ = 0;      ///< tokens, in a row
    Timestamp refused_since_;
};

}  // namespace arb::coinbase
