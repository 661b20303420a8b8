#pragma once
// Orders, amends and cancels on their way to Kraken by the account's websocket, how their requests end, and
// the counter of each pair that they raise. A cancel goes by REST where the websocket does not stand. Part
// of Account; core thread. Sending and hearing of an order allocate nothing.
#include <array>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/kraken/limits.hpp"
#include "connectors/kraken/order_memory.hpp"
#include "connectors/kraken/questions.hpp"
#include "connectors/kraken/session.hpp"
#include "engine/connect/order_flights.hpp"

namespace arb::kraken {

class OrderEntry {
  public:
    /// All outlive it.
    OrderEntry(const VenueSetup& setup, Session& session, OrderMemory& orders, Inquiries& inquiries);

    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel_all(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_time(Timestamp now, FactSink& sink, Outbox& outbox);

    /// How many orders the venue grants from now on.
    void set_tier(const Tier& tier, Timestamp now);

    /// The request that a reply of that method is about. `number` 0: it names none. Null: none of ours.
    OrderFlight* find(std::uint64_t number, std::string_view method, bool success);
    /// Its reply is here: the request is over for the websocket, and ends with on_reply.
    OrderFlight land(OrderFlight& flight) { return flights_.land(flight); }
    /// The venue's id of an order that was taken, told as news; empty: the reply tells none. It lives as long
    /// as the message.
    std::string_view name_order(const OrderFlight& ended, simdjson::dom::element message, bool success,
                                FactSink& sink);
    void on_reply(const OrderFlight& ended, simdjson::dom::element message, std::string_view error,
                  bool success, Timestamp now, FactSink& sink);
    void on_close(FactSink& sink) { flights_.end_all("the connection ended", sink); }
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox) { flights_.on_wake(now, sink, outbox); }

    /// An order of that pair (kNoListing: of any) is on its way and not answered.
    bool is_placing(ListingId listing);
    /// The request that places this order, not answered yet; null: there is none.
    const OrderFlight* placing(OrderId order);
    /// An order of ours may be one that the venue tells of only now.
    bool placed_lately(Timestamp now) const;

  private:
    OrderFlight* take_flight(RequestKind kind, OrderId order, ListingId listing, Side side, Timestamp now);
    /// The key only reads the account: the request has ended here.
    bool refused_here(RequestKind kind, OrderId order, FactSink& sink) const;
    bool may_cancel() const { return session_->is_open(); }
    void end_down(RequestKind kind, OrderId order, FactSink& sink) const;
    void end_full(RequestKind kind, OrderId order, Duration wait, FactSink& sink) const;
    /// How much of a pair's counter is for what may be left undone.
    std::int64_t spare() const { return tier_.orders_most * 3 / 4; }
    void tell_nearly_full(DecayingCounter& counter, Timestamp now, FactSink& sink) const;
    void send_line(const OrderFlight& flight, std::size_t size, std::string_view method, Outbox& outbox);

    VenueSetup setup_;
    Session* session_;
    OrderMemory* orders_;
    Inquiries* inquiries_;
    OrderFlights flights_;
    Tier tier_;
    std::vector<DecayingCounter> counters_;  ///< of orders, by listing
    AmendTimes amended_;
    Timestamp placed_;  ///< when an order last left
    std::array<char, 1024> line_{};
};

}  // namespace arb::kraken
