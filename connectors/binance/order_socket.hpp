#pragma once
// The websocket API: log-on, order entry, and on spot the private stream, which runs on the same connection.
// Keeps it up: logs on again after a close, replaces it before the venue's 24 hours are over, notices
// silence. Part of Account, core thread, sans-I/O. place, amend and cancel neither allocate after warm-up nor
// throw; each ends in one RequestEnd, `unknown` when the answer does not come or the connection dies.
#include <optional>
#include <vector>

#include "connectors/binance/account_tools.hpp"

namespace arb::binance {

/// A websocket lives 24 hours at most.
inline constexpr Duration kLifeMax = seconds(23 * 3600 + 1800);

class OrderSocket {
  public:
    explicit OrderSocket(AccountTools& tools);

    /// Called again after the key was refused, it logs on anew.
    void start(Timestamp now, FactSink& sink, Outbox& outbox);
    bool ready() const;

    void place(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
               Outbox& outbox);
    /// False when the road is closed: nothing was sent.
    bool cancel(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);

    /// Tells what changed of the roads that are wanted.
    void tell_roads(FactSink& sink);

    // Each true when the connection is one of these.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    /// Does what is due; returns when to be called again.
    Timestamp on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    enum class Step : std::uint8_t { log_on, subscribe, waiting, ready, leaving };
    struct Link {
        ConnectionId connection{};
        Step step = Step::log_on;
        Timestamp opened, received, probed, again;
        bool replacing = false;  ///< another was asked for in its place
    };
    struct Pending {
        enum class Kind : std::uint8_t { log_on, probe, place, amend, cancel } kind{};
        std::uint64_t id = 0;
        ConnectionId connection{};
        OrderId order = kForeignOrder;
        Timestamp sent;
        /// What whoever asked calls it; empty: nobody did.
        std::optional<RequestKind> request() const;
    };

    Link* find(ConnectionId connection);
    Link* ready_link();
    /// A connection on which an order may be placed or amended now; without one the request has ended.
    Link* open_road(RequestKind kind, ListingId listing, OrderId order, Timestamp now, FactSink& sink);
    void log_on(Link& link, Timestamp now, FactSink& sink, Outbox& outbox);
    void stand(Link& link, FactSink& sink, Outbox& outbox);
    void leave(Link& link, std::string_view why, Outbox& outbox);
    void replace(Link& link, Timestamp now, Outbox& outbox);
    void connect(Timestamp now, Outbox& outbox);
    void send(Pending::Kind kind, const Link& link, std::string_view text, OrderId order, Timestamp now,
              Outbox& outbox);
    void give_up(const Pending& pending, FactSink& sink);
    bool subscribes() const;
    void read_limits(const simdjson::dom::object& reply, Timestamp now);
    void on_reply(const simdjson::dom::object& object, Link& link, Timestamp now, FactSink& sink,
                  Outbox& outbox);
    void on_log_on(Link& link, const Refusal& refusal, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_order_reply(const Pending& pending, RequestKind kind, const simdjson::dom::object& object,
                        const Refusal& refusal, FactSink& sink);
    void on_nameless(const Refusal& refusal, Link& link, FactSink& sink);
    void key_refused(const Refusal& refusal, FactSink& sink);

    AccountTools* tools_;
    std::vector<Link> links_;
    std::vector<Pending> pending_;
    std::uint64_t next_id_ = 1;
    bool wanted_ = false;
    bool shut_ = false;            ///< the venue refused the key: asking again would not help
    Timestamp orders_full_until_;  ///< the venue takes no more orders before
    Timestamp asked_;              ///< since when a connection is awaited
};

}  // namespace arb::binance
