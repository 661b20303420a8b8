#pragma once
// The trading side of one Binance market, spot or USD-M: order entry and private stream (websockets),
// questions and the dead-man timer (REST), put together behind the calls of engine/venue/venue.hpp. Owned by
// BinanceVenue when it has credentials; core thread, sans-I/O. Every request ends in one RequestEnd.
#include <span>

#include "connectors/binance/dead_man_timers.hpp"
#include "connectors/binance/order_socket.hpp"
#include "connectors/binance/position_watch.hpp"
#include "connectors/binance/private_stream.hpp"

namespace arb::binance {

TradingFeatures trading_features(Market market);

class Account {
  public:
    Account(const VenueSetup& setup, Market market);

    /// What market data is subscribed for: the listings to trade.
    void plan(std::span<const ListingId> listings) { planned_.assign(listings.begin(), listings.end()); }
    void start(Timestamp now, FactSink& sink, Outbox& outbox);
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    /// Any other question, and cancel_all.
    void query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
               FactSink& sink, Outbox& outbox);
    void set_clock_offset(Duration offset);

    // Each true when the input was meant for this half.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    void ask_own(RequestKind kind, Timestamp now, FactSink& sink, Outbox& outbox);
    void about_order(RequestKind kind, const OrderReference& order, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    void begin(Inquiry inquiry, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_own_end(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);
    void mind_position_mode(Timestamp now, FactSink& sink, Outbox& outbox);

    AccountTools tools_;
    std::vector<ListingId> planned_;
    OrderSocket orders_;
    Questions questions_;
    Inquiries inquiries_;
    PrivateStream stream_;
    DeadManTimers timers_;
    PositionWatch positions_;
};

}  // namespace arb::binance
