#pragma once
// The trading side of OKX: orders and account news on one private websocket (which of them, VenueSetup::scope
// says), whose life is AccountSession's, and questions by REST. Owned by OkxVenue when it has credentials;
// core thread, sans-I/O. Every request ends in one RequestEnd. Orders out and private frames in allocate
// nothing after warm-up; REST does.
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/okx/account_facts.hpp"
#include "connectors/okx/account_session.hpp"
#include "connectors/okx/errors.hpp"
#include "connectors/okx/questions.hpp"
#include "engine/connect/order_flights.hpp"
#include "engine/venue/venue.hpp"

namespace arb::okx {

TradingFeatures trading_features();

class Account {
  public:
    explicit Account(const VenueSetup& setup);

    void start(Timestamp now, FactSink& sink, Outbox& outbox) { session_.start(now, sink, outbox); }
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    /// Each other question, and cancel_all; `listings` for cancel_all and fees, `since` for fills.
    void query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
               FactSink& sink, Outbox& outbox);
    void set_clock_offset(Duration offset);

    // Each true when the input was meant for this half.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink, Outbox& outbox)
    {
        return session_.on_open(connection, url, now, sink, outbox) != PrivateSocket::Event::not_ours;
    }
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    /// A connection that never stood has ended.
    void on_lost_dial(Timestamp now, Outbox& outbox) { session_.on_lost_dial(now, outbox); }
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    using Json = simdjson::dom::element;
    OrderFlight* take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now,
                             FactSink& sink);
    void send_line(const OrderFlight& flight, std::size_t size, std::string_view op, Outbox& outbox);
    void on_reply(const Json& message, FactSink& sink);

    VenueSetup setup_;
    AccountFacts facts_;
    Questions questions_;
    Inquiries inquiries_;
    AccountSession session_;
    simdjson::dom::parser parser_;
    std::array<char, 1024> line_{};
    OrderFlights flights_;
    std::uint64_t next_number_ = 1;
};

}  // namespace arb::okx
