#pragma once
// Order entry over wss://stream.bybit.com/v5/trade: log-on, place, amend and cancel, replies matched by the
// number in front of reqId. A reply is an acknowledgement alone; what became of an order comes on the private
// stream. Part of Account, core thread, sans-I/O. Requests on a socket that dies, or that stay unanswered for
// 10 s, end as unknown. No allocation on the way of an order.
#include "connectors/bybit/account_tools.hpp"
#include "engine/connect/order_flights.hpp"

namespace arb::bybit {

inline constexpr std::string_view kTradeUrl = "wss://stream.bybit.com/v5/trade";

class OrderSocket {
  public:
    explicit OrderSocket(AccountTools& tools)
        : tools_(&tools),
          socket_(tools.setup.id, socket_rules(kTradeUrl), tools.shut),
          flights_(tools.setup.id)
    {
    }

    PrivateSocket& socket() { return socket_; }
    bool is_open() const { return socket_.is_open(); }

    void place(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend(const ApprovedAmend& amend, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);

    /// True when the connection is this socket's.
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    /// Empty: the request has ended here, because the channel is down or too many wait for an answer.
    OrderFlight* take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now,
                             FactSink& sink);
    void send(const OrderFlight& flight, std::string_view frame, Outbox& outbox);
    void log_on_reply(std::int64_t code, std::string_view text, Timestamp now, FactSink& sink,
                      Outbox& outbox);
    void reply(const simdjson::dom::object& root, std::int64_t code, std::string_view text, FactSink& sink,
               Outbox& outbox);
    void acknowledge(const simdjson::dom::object& root, ListingId listing, FactSink& sink) const;

    AccountTools* tools_;
    PrivateSocket socket_;
    OrderFlights flights_;
};

}  // namespace arb::bybit
