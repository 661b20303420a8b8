#pragma once
// The private stream of USD-M: a listen key by REST, then a websocket with it. Keeps both up: extends the
// key, connects anew after a close, an expiry or before the venue's 24 hours are over. Spot has its private
// stream on the websocket API (OrderSocket). Part of Account, core thread, sans-I/O.
#include "connectors/binance/questions.hpp"
#include "connectors/binance/socket_pair.hpp"

namespace arb::binance {

/// A listen key lives an hour.
inline constexpr Duration kListenKeyRefresh = seconds(1'800);

class PrivateStream {
  public:
    PrivateStream(AccountTools& tools, Inquiries& inquiries);

    void start(Timestamp now, FactSink& sink, Outbox& outbox);
    void on_listen_key(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);

    // Each true when the connection is one of these.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    /// Does what is due; returns when to be called again.
    Timestamp on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    /// For a listen key, where a connection is wanted.
    void ask(Timestamp now, FactSink& sink, Outbox& outbox);
    void tell_channels(FactSink& sink);

    AccountTools* tools_;
    Inquiries* inquiries_;
    bool wanted_ = false;
    bool shut_ = false;
    SocketPair sockets_;
    bool asking_ = false;  ///< a listen key was asked for
    Timestamp renew_at_, again_;
    std::uint64_t probe_id_ = 1;
};

}  // namespace arb::binance
