#pragma once
// The session of an account on its one websocket: log-on, private channels, which kind of account it is, the
// venue's timer, and when the connection is given up. Owned by Account, which reads the frames; core thread,
// sans-I/O. Orders may leave while takes_orders() says so.
#include <string_view>

#include <simdjson.h>

#include "connectors/gate/encoder.hpp"
#include "connectors/gate/questions.hpp"
#include "engine/connect/channel_news.hpp"
#include "engine/connect/private_socket.hpp"

namespace arb::gate {

class AccountSession {
  public:
    /// What it is made of outlives it.
    AccountSession(const VenueSetup& setup, Encoder& encoder, const Questions& questions,
                   Inquiries& inquiries);

    void start(Timestamp now, FactSink& sink, Outbox& outbox);
    void set_clock_offset(Duration offset) { offset_ = offset; }
    Timestamp venue_now(Timestamp now) const { return now + offset_; }
    ConnectionId connection() const { return socket_.connection(); }
    /// The key is there for orders.
    bool wants_orders() const { return channels_.wants(Channel::order_entry); }
    bool takes_orders() const { return channels_.is_up(Channel::order_entry); }

    PrivateSocket::Event on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                                 Outbox& outbox);
    PrivateSocket::Event heard(ConnectionId connection, Timestamp now)
    {
        return socket_.heard(connection, now);
    }
    PrivateSocket::Event on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_lost_dial(Timestamp now, Outbox& outbox) { socket_.on_lost_dial(now, outbox); }
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

    /// The outcome of the log-on.
    void on_logged_on(Verdict verdict, std::string_view label, std::string_view message, Timestamp now,
                      FactSink& sink, Outbox& outbox);
    /// The answer to the subscription of a private channel.
    void on_subscription(const simdjson::dom::element& message, std::string_view channel, Timestamp now,
                         FactSink& sink, Outbox& outbox);
    /// RequestKind::session was answered.
    void on_mode(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);
    /// It comes back at once.
    void leave(std::string_view why, Timestamp now, FactSink& sink, Outbox& outbox);
    /// The account holds both sides of a contract: it ends.
    void leave_hedged(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    void log_on(Timestamp now, FactSink& sink, Outbox& outbox);
    void subscribe(Timestamp now, FactSink& sink, Outbox& outbox);
    bool may_subscribe() const;
    unsigned all_channels() const;
    void session_failed(Verdict verdict, std::string_view code, std::string_view text, Timestamp now,
                        FactSink& sink, Outbox& outbox);
    void signer_refused(FactSink& sink, Outbox& outbox);
    void tell_channels(Timestamp now, FactSink& sink, Outbox& outbox);
    void ask_mode(Timestamp now, FactSink& sink, Outbox& outbox);
    void arm_dead_man(Timestamp now, FactSink& sink, Outbox& outbox);

    VenueId venue_;
    const MarketNames* words_;
    Encoder* encoder_;
    const Questions* questions_;
    Inquiries* inquiries_;
    Duration offset_;
    bool shut_ = false;  ///< the key or the kind of account was refused: no log-on until the next start
    PrivateSocket socket_;
    ChannelNews channels_;
    bool logged_on_ = false;   ///< orders may be sent
    bool subscribed_ = false;  ///< the private channels were asked for on this connection
    unsigned confirmed_ = 0;   ///< of them, a bit each
    bool mode_known_ = false;  ///< it is an account of the kind that we trade with
    Timestamp mode_due_;       ///< it is asked for again
    Timestamp dead_man_due_;
};

}  // namespace arb::gate
