#pragma once
// The trading side of one Bybit instance: which route each call takes, and two sockets plus REST behind it.
// Made by BybitVenue when there are credentials; same rules as Venue (sans-I/O, core thread, nothing throws).
#include <span>

#include "connectors/bybit/order_socket.hpp"
#include "connectors/bybit/private_stream.hpp"
#include "connectors/bybit/questions.hpp"

namespace arb::bybit {

TradingFeatures trading_features(bool spot);

class Account {
  public:
    explicit Account(const VenueSetup& setup);

    void start(Timestamp now, FactSink& sink, Outbox& outbox);
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    /// Each other question, and cancel_all; `listings` for it, open_orders, fills (`since` then) and fees.
    void query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
               FactSink& sink, Outbox& outbox);
    void set_clock_offset(Duration offset);

    // True: the input was the trading side's.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    /// A connection that nobody knows is gone: a dial that came to nothing.
    void on_lost_dial(Timestamp now, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    /// A key that only reads, or an account in which no order of ours can stand: the request has ended
    /// here.
    bool refused_here(RequestKind kind, OrderId order, FactSink& sink) const;
    void begin(RequestKind kind, const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    /// A question of our own: what the log-on's silence meant.
    void on_own_end(const Inquiry& asked, FactSink& sink);

    AccountTools tools_;
    OrderSocket orders_;
    PrivateStream stream_;
    Questions questions_;
    Inquiries inquiries_;
};

}  // namespace arb::bybit
