#pragma once
// The trading side of Kraken spot: one authenticated websocket (v2) for orders and account news (which of
// them, VenueSetup::scope says), for which a token is asked by REST; questions by REST. Owned by Kraken when
// it has credentials; core thread, sans-I/O. Every request ends in one RequestEnd.
#include <string>

#include <simdjson.h>

#include "connectors/kraken/dead_man.hpp"
#include "connectors/kraken/execution_news.hpp"
#include "connectors/kraken/order_entry.hpp"
#include "connectors/kraken/questions.hpp"
#include "connectors/kraken/rest_rows.hpp"
#include "connectors/kraken/session.hpp"

namespace arb::kraken {

TradingFeatures trading_features();

class Account {
  public:
    explicit Account(const VenueSetup& setup);

    void start(Timestamp now, FactSink& sink, Outbox& outbox);
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
    {
        entry_.send_order(order, now, sink, outbox);
    }
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox)
    {
        entry_.amend_order(order, amend, now, sink, outbox);
    }
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
    {
        entry_.cancel_order(order, now, sink, outbox);
    }
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    /// Each other question, and cancel_all; `listings` for fees, `since` for fills.
    void query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
               FactSink& sink, Outbox& outbox);

    // Each true when the input was meant for this half.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
    {
        return inquiries_.on_http(reply, now, sink, outbox);
    }
    /// A dial that was given up before it stood: a fresh token, and again.
    void on_lost_dial(Timestamp now, FactSink& sink, Outbox& outbox)
    {
        session_.socket.on_lost_dial(now, outbox);
        ask_token_if_due(now, sink, outbox);
    }
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    using Json = simdjson::dom::element;

    bool has_orders() const { return setup_.scope != SessionScope::account; }
    bool has_stream() const { return setup_.scope != SessionScope::orders; }
    void subscribe(std::string_view channel, Outbox& outbox);
    void on_answer(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_subscribed(const Json& message, bool success, std::string_view error, Timestamp now,
                       FactSink& sink, Outbox& outbox);
    void on_dead_man(bool success, std::string_view error, Timestamp now, FactSink& sink, Outbox& outbox);
    void set_stream(bool ready, FactSink& sink);
    void judge_entry(FactSink& sink);
    void judge_session(FactSink& sink);
    void give_up(std::string_view error, std::string_view why, Timestamp now, FactSink& sink, Outbox& outbox);
    void renew(std::string_view why, Timestamp now, FactSink& sink, Outbox& outbox);
    void wake_session(Timestamp now, FactSink& sink, Outbox& outbox);
    void ask_token_if_due(Timestamp now, FactSink& sink, Outbox& outbox);
    void ask_token(Timestamp now, FactSink& sink, Outbox& outbox);
    void on_own_end(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_token(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);

    VenueSetup setup_;
    Session session_;
    DeadMan dead_man_;
    unsigned subscribed_ = 0;       ///< private channels that are confirmed
    bool is_venue_online_ = true;   ///< as its `status` says
    bool is_stream_ready_ = false;  ///< as told
    bool asking_token_ = false;
    Timestamp token_made_, token_again_, renewed_;
    simdjson::dom::parser parser_;
    std::string quoted_;
    OrderMemory orders_;
    RestRows rows_;
    Questions questions_;
    Inquiries inquiries_;
    OrderEntry entry_;
    ExecutionNews news_;
};

}  // namespace arb::kraken
