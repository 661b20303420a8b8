#pragma once
// The websocket API: log-on, order entry, and on spot the private stream, which runs on the same connection.
// Keeps it up: logs on again after a close, replaces it before the venue's 24 hours are over, notices
// silence. Part of Account, core thread, sans-I/O. place, amend and cancel neither allocate after warm-up
// nor throw; each ends in one RequestEnd, `unknown` when the answer does not come or the connection dies.
#include <array>

#include "connectors/binance/order_counts.hpp"
#include "connectors/binance/socket_pair.hpp"
#include "engine/connect/order_flights.hpp"

namespace arb::binance {

class OrderSocket {
  public:
    explicit OrderSocket(AccountTools& tools);

    /// Called again after the key was refused, it logs on anew.
    void start(Timestamp now, FactSink& sink, Outbox& outbox);

    void place(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
               Outbox& outbox);
    /// False when the channel is closed: nothing was sent.
    bool cancel(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);

    /// Tells what changed of the channels that are wanted.
    void tell_channels(FactSink& sink);

    // Each true when the connection is one of these.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    /// What is on its way on one connection.
    struct Line {
        explicit Line(VenueId venue) : flights(venue) {}
        /// A new connection; what was on its way is told before.
        void reset();

        OrderFlights flights;
        bool logged_on = false;    ///< what remains is the subscription, or another proof of the key
        std::uint64_t log_on = 0;  ///< the request of either; 0: none waits for an answer
        std::uint64_t probe = 0;
        Timestamp again;  ///< to log on, on the same connection
    };

    bool subscribes() const;
    void dial(Timestamp now, Outbox& outbox);
    /// An order may be placed or amended now; else the request has ended.
    bool may_send(RequestKind kind, ListingId listing, OrderId order, Timestamp now, FactSink& sink);
    /// False: too many requests wait for an answer.
    bool send(RequestKind kind, std::string_view text, OrderId order, std::string_view method, Timestamp now,
              Outbox& outbox);
    void log_on(std::size_t which, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_reply(const simdjson::dom::object& object, std::size_t which, Timestamp now, FactSink& sink,
                  Outbox& outbox);
    void on_log_on(std::size_t which, const Refusal& refusal, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_order_reply(const OrderFlight& flight, const simdjson::dom::object& object,
                        const Refusal& refusal, ConnectionId connection, FactSink& sink);
    void on_nameless(const Refusal& refusal, std::size_t which, FactSink& sink);
    void key_refused(const Refusal& refusal, FactSink& sink);

    AccountTools* tools_;
    bool wanted_ = false;
    bool shut_ = false;  ///< the venue refused the key: asking again would not help
    SocketPair sockets_;
    OrderCounts counts_;
    std::array<Line, 2> lines_;
    std::uint64_t next_id_ = 1;
};

}  // namespace arb::binance
