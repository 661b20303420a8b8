#pragma once
// The trading half of the connector: log-on (clock, key permissions, user channel), and the way of each call
// to the REST half. Exists only with credentials. Owned by Coinbase, core thread, sans-I/O.
#include "connectors/coinbase/account_tools.hpp"
#include "connectors/coinbase/rest_account.hpp"
#include "connectors/coinbase/user_stream.hpp"

namespace arb::coinbase {

TradingFeatures features();

class Account {
  public:
    explicit Account(const VenueSetup& setup) : tools_(setup), rest_(tools_), stream_(tools_, rest_) {}
    Account(const Account&) = delete;
    Account& operator=(const Account&) = delete;

    void start(Timestamp now, FactSink& sink, Outbox& outbox);
    void set_clock_offset(Duration offset) { tools_.offset = offset; }

    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void ask(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
             FactSink& sink, Outbox& outbox);
    void query_time(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_key(Timestamp now, FactSink& sink, Outbox& outbox);

    // True: it was the trading half's.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_lost_dial(Outbox& outbox) { stream_.on_lost_dial(outbox); }
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    /// False: nothing that is placed or amended may be sent, and the request has ended.
    bool may_order(RequestKind kind, OrderId order, FactSink& sink) const;
    void take_news(Timestamp now, FactSink& sink, Outbox& outbox);
    void take_verdict(const SessionNews& news, Timestamp now, FactSink& sink, Outbox& outbox);
    void check_again(Timestamp now, Outbox& outbox);

    AccountTools tools_;
    RestAccount rest_;
    UserStream stream_;
    bool started_ = false;
    bool streaming_ = false;
    bool checking_ = false;   ///< the question about the key is on its way
    bool check_due_ = false;  ///< it is asked once the clock was
    bool shut_ = false;       ///< the session ended because of the key, until a good answer
    bool forbidden_ = false;  ///< the key must not be used for orders
    Timestamp check_at_;      ///< the key is asked about again
    Duration pause_;
};

}  // namespace arb::coinbase
