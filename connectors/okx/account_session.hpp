#pragma once
// The private session of OKX: log-on, subscriptions of account news, what the account's settings allow, which
// channels stand, the dead-man timer, and when the socket is given up. Owned by Account, which sends requests
// on it; core thread, sans-I/O. What went wrong is told to the sink as the end of a session request.
#include <string_view>

#include <simdjson.h>

#include "connectors/okx/account_facts.hpp"
#include "connectors/okx/questions.hpp"
#include "engine/connect/channel_news.hpp"
#include "engine/connect/private_socket.hpp"

namespace arb::okx {

class AccountSession {
  public:
    AccountSession(const VenueSetup& setup, const AccountFacts& facts, const Questions& questions,
                   Inquiries& inquiries);

    void start(Timestamp now, FactSink& sink, Outbox& outbox);
    PrivateSocket::Event on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                                 Outbox& outbox);
    PrivateSocket::Event heard(ConnectionId connection, Timestamp now)
    {
        return socket_.heard(connection, now);
    }
    /// A message with an `event`: an answer to the log-on or a subscription, or a notice.
    void on_event(const simdjson::dom::element& message, Timestamp now, FactSink& sink, Outbox& outbox);
    /// The account's settings were asked for: what came of it.
    void on_mode(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);
    PrivateSocket::Event on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_lost_dial(Timestamp now, Outbox& outbox) { socket_.on_lost_dial(now, outbox); }
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

    void set_clock_offset(Duration offset) { offset_ = offset; }
    /// By the venue's clock.
    Timestamp stamp(Timestamp now) const { return now + offset_; }
    bool takes_orders() const { return channels_.wants(Channel::order_entry); }
    bool can_order() const { return channels_.is_up(Channel::order_entry); }
    /// What the account is set to, once orders can go out.
    const AccountMode& mode() const { return mode_; }
    ConnectionId connection() const { return socket_.connection(); }

  private:
    void log_on(Timestamp now, FactSink& sink, Outbox& outbox);
    void subscribe(Timestamp now, Outbox& outbox);
    void tell_channels(Timestamp now, FactSink& sink, Outbox& outbox);
    void on_subscribed(std::string_view channel, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_crowded(std::string_view channel, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_refused(std::string_view code, std::string_view text, Timestamp now, FactSink& sink,
                    Outbox& outbox);
    void ask_mode(Timestamp now, FactSink& sink, Outbox& outbox);
    void wake_timers(Timestamp now, FactSink& sink, Outbox& outbox);
    void arm_dead_man(Timestamp now, FactSink& sink, Outbox& outbox);

    const VenueSetup& setup_;
    const AccountFacts& facts_;
    const Questions& questions_;
    Inquiries& inquiries_;
    Duration offset_;
    bool shut_ = false;  ///< the key or the account's mode was refused: no log-on until the next start
    PrivateSocket socket_;
    bool subscribed_ = false;  ///< what is wanted is confirmed
    unsigned confirmed_ = 0;   ///< private channels, a bit each
    ChannelNews channels_;
    bool mode_known_ = false;
    AccountMode mode_;
    Timestamp dead_man_due_;
    Timestamp mode_due_;      ///< the account's mode is asked again
    Timestamp crowded_due_;   ///< the venue ended a subscription: then a new socket is tried
    Timestamp crowded_at_;    ///< when it last did
    Duration crowded_pause_;  ///< and how long was waited then
};

}  // namespace arb::okx
