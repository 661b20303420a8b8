#pragma once
// The user channel on its own websocket: subscribed with a fresh token each time, watched for holes in its
// numbers. Its orders go to the decoder; orders whose total grew are handed to OwnQuestions, which fetches
// the fills. Part of Account, core thread, sans-I/O.
#include <string_view>

#include "connectors/coinbase/account_tools.hpp"
#include "engine/connect/private_socket.hpp"

namespace arb::coinbase {

class OwnQuestions;

class UserStream {
  public:
    UserStream(AccountTools& tools, OwnQuestions& own);

    PrivateSocket& socket() { return socket_; }

    /// True when the connection is the user channel's.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    void give_up(std::string_view why, FactSink& sink, Outbox& outbox, Timestamp again = {});
    void refused(std::string_view message, Timestamp now, FactSink& sink, Outbox& outbox);
    void read(simdjson::dom::object frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool in_sequence(simdjson::dom::object frame, FactSink& sink, Outbox& outbox);
    void confirmed(simdjson::dom::object frame, FactSink& sink, Outbox& outbox);
    void user_events(simdjson::dom::object frame, Timestamp time, Timestamp now, FactSink& sink,
                     Outbox& outbox);

    /// A refused token is no reason to stay away: the next one is tried after a pause.
    static constexpr bool kShut = false;

    AccountTools* tools_;
    OwnQuestions* own_;
    PrivateSocket socket_;
    std::uint64_t next_sequence_ = 0;
    int refusals_ = 0;  ///< tokens, in a row
    Timestamp refused_since_;
};

}  // namespace arb::coinbase
