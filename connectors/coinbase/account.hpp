#pragma once
// The trading side of the connector: log-on (clock, key permissions, user channel), and each wish and
// question, checked here and handed to Inquiries: orders go by REST, too. Exists only with credentials.
// Owned by Coinbase, core thread, sans-I/O.
#include "connectors/coinbase/own_questions.hpp"
#include "connectors/coinbase/questions.hpp"
#include "connectors/coinbase/user_stream.hpp"

namespace arb::coinbase {

TradingFeatures features();

class Account {
  public:
    explicit Account(const VenueSetup& setup);
    Account(const Account&) = delete;
    Account& operator=(const Account&) = delete;

    void start(Timestamp now, FactSink& sink, Outbox& outbox);
    void set_clock_offset(Duration offset);

    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    /// cancel_all, open_orders, fills (since then), balances, fees, time, key_info.
    void query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
               FactSink& sink, Outbox& outbox);

    // True: it was the trading side's.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_lost_dial(Timestamp now, Outbox& outbox) { stream_.socket().on_lost_dial(now, outbox); }
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    /// False: the wish may not be sent, and has ended.
    bool may_send(const Inquiry& inquiry, Timestamp now, FactSink& sink) const;
    void begin(Inquiry inquiry, Timestamp now, FactSink& sink, Outbox& outbox);
    void take_news(Timestamp now, FactSink& sink, Outbox& outbox);
    void take_verdict(const Inquiry& check, Timestamp now, FactSink& sink, Outbox& outbox);
    void check_again(Timestamp now, Outbox& outbox);

    AccountTools tools_;
    Questions questions_;
    Inquiries inquiries_;
    OwnQuestions own_;
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
