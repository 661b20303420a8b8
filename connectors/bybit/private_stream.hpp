#pragma once
// wss://stream.bybit.com/v5/private: log-on, the topics of this market (orders, executions, positions) and
// the wallet, and what they say. The channel is open once every subscription is confirmed. There are no
// sequence numbers: whoever listens asks again after a break. Part of Account, core thread, sans-I/O.
#include "connectors/bybit/account_tools.hpp"

namespace arb::bybit {

inline constexpr std::string_view kPrivateUrl = "wss://stream.bybit.com/v5/private";

class PrivateStream {
  public:
    explicit PrivateStream(AccountTools& tools);

    PrivateSocket& socket() { return socket_; }

    /// True when the connection is this socket's.
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    void operation_reply(const simdjson::dom::object& root, std::string_view operation, Timestamp now,
                         FactSink& sink, Outbox& outbox);
    void subscribe(Timestamp now, Outbox& outbox);

    AccountTools* tools_;
    PrivateSocket socket_;
    std::string topics_;
    unsigned waiting_ = 0;  ///< subscriptions that are not confirmed
};

}  // namespace arb::bybit
