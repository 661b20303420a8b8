#pragma once
// The trading half of OKX: one private websocket for log-on, orders and account news (which of them,
// VenueSetup::roads says), questions by REST. Owned by OkxVenue when it has credentials; core thread,
// sans-I/O. Every request ends in one RequestEnd. Orders out and private frames in allocate nothing after
// warm-up; REST does.
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/okx/account_facts.hpp"
#include "connectors/okx/errors.hpp"
#include "connectors/okx/questions.hpp"
#include "engine/connect/order_flights.hpp"
#include "engine/connect/private_socket.hpp"
#include "engine/connect/road_news.hpp"
#include "engine/venue/venue.hpp"

namespace arb::okx {

TradingFeatures trading_features();

class Account {
  public:
    explicit Account(const VenueSetup& setup);

    void start(Timestamp now, FactSink& sink, Outbox& outbox);
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
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    /// A connection that never stood has ended.
    void on_lost_dial(Timestamp now, Outbox& outbox) { socket_.on_lost_dial(now, outbox); }
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    using Json = simdjson::dom::element;
    Timestamp stamp(Timestamp now) const { return now + offset_; }
    OrderFlight* take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now,
                             FactSink& sink);
    void send_line(const OrderFlight& flight, std::size_t size, std::string_view op, Outbox& outbox);
    void on_reply(const Json& message, FactSink& sink);

    // account_session.cpp
    void log_on(Timestamp now, FactSink& sink, Outbox& outbox);
    void subscribe(Timestamp now, Outbox& outbox);
    void tell_roads(Timestamp now, FactSink& sink, Outbox& outbox);
    void on_event(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_subscribed(std::string_view channel, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_crowded(std::string_view channel, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_refused(std::string_view code, std::string_view text, Timestamp now, FactSink& sink,
                    Outbox& outbox);
    void ask_mode(Timestamp now, FactSink& sink, Outbox& outbox);
    void on_mode(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);
    void wake_socket(Timestamp now, FactSink& sink, Outbox& outbox);
    void wake_timers(Timestamp now, FactSink& sink, Outbox& outbox);

    void arm_dead_man(Timestamp now, FactSink& sink, Outbox& outbox);

    VenueSetup setup_;
    AccountFacts facts_;
    Duration offset_;
    bool shut_ = false;  ///< the key or the account's mode was refused: no log-on until the next start
    PrivateSocket socket_;
    bool subscribed_ = false;  ///< what is wanted is confirmed
    unsigned confirmed_ = 0;   ///< private channels, a bit each
    RoadNews roads_;
    bool mode_known_ = false;
    AccountMode mode_;
    Timestamp dead_man_due_;
    Timestamp mode_due_;      ///< the account's mode is asked again
    Timestamp crowded_due_;   ///< the venue ended a subscription: then a new socket is tried
    Timestamp crowded_at_;    ///< when it last did
    Duration crowded_pause_;  ///< and how long was waited then
    simdjson::dom::parser parser_;
    std::array<char, 1024> line_{};
    OrderFlights flights_;
    std::uint64_t next_number_ = 1;
    Questions questions_;
    Inquiries inquiries_;
};

}  // namespace arb::okx
