#pragma once
// The trading side of one of Gate's markets: one websocket for the log-on, orders and private channels (which
// of them, VenueSetup::scope says; AccountSession), questions by REST. Owned by GateVenue when it has
// credentials; core thread, sans-I/O. Every request ends in one RequestEnd. Orders out and private frames in
// allocate nothing after warm-up; REST does.
#include <array>
#include <span>
#include <string_view>

#include <simdjson.h>

#include "connectors/gate/account_session.hpp"
#include "connectors/gate/encoder.hpp"
#include "connectors/gate/private_decoder.hpp"
#include "connectors/gate/questions.hpp"
#include "engine/connect/order_flights.hpp"
#include "engine/venue/venue.hpp"

namespace arb::gate {

TradingFeatures trading_features(const MarketNames& words);

class Account {
  public:
    explicit Account(const VenueSetup& setup);

    void start(Timestamp now, FactSink& sink, Outbox& outbox) { session_.start(now, sink, outbox); }
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    /// Each other question, and cancel_all; `since` for fills.
    void query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
               FactSink& sink, Outbox& outbox);
    void set_clock_offset(Duration offset);

    // Each true when the input was meant for this half.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox)
    {
        return inquiries_.on_http(reply, now, sink, outbox);
    }
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    /// A connection that never stood has ended.
    void on_lost_dial(Timestamp now, Outbox& outbox) { session_.on_lost_dial(now, outbox); }
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    using Json = simdjson::dom::element;
    /// What a reply on the websocket says of its request; the texts live in the frame.
    struct Reply {
        std::string_view id, label, message;
        Verdict verdict;
        Duration retry_after;
        bool received = false;  ///< and no more than that: the outcome is still to come
    };
    void refuse_account_key(RequestKind kind, OrderId order, FactSink& sink) const;
    OrderFlight* take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now,
                             FactSink& sink);
    void launch(OrderFlight& flight, std::string_view frame, std::string_view channel, FactSink& sink,
                Outbox& outbox);
    Reply read_reply(const Json& message, Timestamp now) const;
    void on_reply(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_text(PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_channel_frame(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox);

    VenueSetup setup_;
    const MarketNames* words_;
    PrivateDecoder decoder_;
    Encoder encoder_;
    simdjson::dom::parser parser_;
    std::string quoted_;  ///< a frame with every number in quotes
    OrderFlights flights_;
    std::uint64_t next_number_ = 1;
    Questions questions_;
    Inquiries inquiries_;
    AccountSession session_;
};

}  // namespace arb::gate
