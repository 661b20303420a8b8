#pragma once
// The trading half of Kraken spot: one authenticated websocket (v2) for orders and account news (which of
// them, VenueSetup::roads says), for which a token is asked by REST; questions by REST. Owned by Kraken when
// it has credentials; core thread, sans-I/O. Every request ends in one RequestEnd.
#include <array>
#include <string>
#include <vector>

#include <simdjson.h>

#include "connectors/kraken/errors.hpp"
#include "connectors/kraken/limits.hpp"
#include "connectors/kraken/order_memory.hpp"
#include "connectors/kraken/questions.hpp"
#include "connectors/kraken/rest_rows.hpp"
#include "engine/connect/order_flights.hpp"
#include "engine/venue/venue.hpp"

namespace arb::kraken {

inline constexpr std::string_view kAuthUrl = "wss://ws-auth.kraken.com/v2";

TradingFeatures trading_features();

class Account {
  public:
    explicit Account(const VenueSetup& setup);

    void start(Timestamp now, FactSink& sink, Outbox& outbox) { ask_token(now, sink, outbox); }
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
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
        if (!is_open_ && !token_again_.known()) ask_token(now, sink, outbox);
    }
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    using Json = simdjson::dom::element;
    static constexpr unsigned kWantedTries = 6;
    /// An order of which more must be known before its news mean anything.
    struct Wanted {
        std::string id;
        Timestamp ask_at;
        bool is_asked = false;
        bool is_alone = false;  ///< in a request of its own: with others it was refused
        unsigned tries = 0;
    };
    struct Held {
        std::string id, entry;
    };

    void end(RequestKind kind, Verdict verdict, OrderId order, FactSink& sink, std::string_view text = {},
             bool complete = true, Duration retry_after = {});
    bool has_orders() const { return setup_.roads != Roads::account; }
    bool has_stream() const { return setup_.roads != Roads::orders; }
    /// A key for the account alone: the request has ended here.
    bool refused_here(RequestKind kind, OrderId order, FactSink& sink);
    // account.cpp: the session
    void subscribe(std::string_view channel, Outbox& outbox);
    void on_subscribed(const Json& message, bool success, std::string_view error, Timestamp now,
                       FactSink& sink, Outbox& outbox);
    void on_dead_man(bool success, std::string_view error, Timestamp now, FactSink& sink, Outbox& outbox);
    void set_stream(bool ready, FactSink& sink);
    void judge_entry(FactSink& sink);
    void judge_session(FactSink& sink);
    void give_up(std::string_view error, std::string_view why, Timestamp now, FactSink& sink, Outbox& outbox);
    void renew(std::string_view why, Timestamp now, FactSink& sink, Outbox& outbox);
    void wake_session(Timestamp now, FactSink& sink, Outbox& outbox);
    void arm_dead_man(Timestamp now, Outbox& outbox);

    void cancel_all(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_time(Timestamp now, FactSink& sink, Outbox& outbox);

    // account_rest.cpp: questions
    void ask(Inquiry inquiry, Timestamp now, FactSink& sink, Outbox& outbox);
    void ask_token(Timestamp now, FactSink& sink, Outbox& outbox);
    void on_own_end(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_token(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wanted(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);

    // account_orders.cpp
    static std::string_view method_of(RequestKind kind);
    bool may_cancel() const { return is_open_ && !token_.empty(); }
    OrderFlight* take_flight(RequestKind kind, OrderId order, ListingId listing, Side side, Timestamp now);
    void end_down(RequestKind kind, OrderId order, FactSink& sink);
    void end_full(RequestKind kind, OrderId order, Duration wait, FactSink& sink);
    /// How much of a pair's counter is for what may be left undone.
    std::int64_t spare() const { return tier_.orders_most * 3 / 4; }
    void tell_nearly_full(DecayingCounter& counter, Timestamp now, FactSink& sink);
    void on_answer(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox);
    void end_flight(const OrderFlight& ended, const Json& message, std::string_view error, bool success,
                    Timestamp now, FactSink& sink, Outbox& outbox);

    // account_facts.cpp
    void read_execution(const Json& entry, bool snapshot, Timestamp now, FactSink& sink, Outbox& outbox);
    void read_fill(const Json& entry, const KnownOrder& known, Timestamp now, FactSink& sink, Outbox& outbox);
    void read_state(const Json& entry, const KnownOrder& known, Timestamp now, FactSink& sink,
                    Outbox& outbox);
    void read_balance(const Json& entry, bool snapshot, FactSink& sink);
    bool is_placing(ListingId listing);
    void hold(std::string_view id, const Json& entry, bool soon, Timestamp now, Outbox& outbox);
    void want(std::string_view id, Timestamp at, Outbox& outbox);
    void ask_wanted(Timestamp now, FactSink& sink, Outbox& outbox);
    /// What was held of this order is told; `fills_alone`: newer news of its state was told already.
    void release(std::string_view id, bool fills_alone, Timestamp now, FactSink& sink, Outbox& outbox);
    void undecoded(UndecodedReason reason, std::string_view text, FactSink& sink) const;

    VenueSetup setup_;
    ConnectionId connection_{};
    bool is_open_ = false;                                   ///< the websocket stands
    bool is_renewing_ = false;                               ///< it is being left for one with a new token
    unsigned subscribed_ = 0;                                ///< private channels that are confirmed
    bool is_armed_ = false;                                  ///< the dead-man timer is confirmed
    bool is_venue_online_ = true;                            ///< as its `status` says
    bool is_stream_ready_ = false, is_entry_ready_ = false;  ///< as told
    Verdict entry_trouble_;  ///< why this key may not trade: Outcome::key_trouble
    bool asking_token_ = false;
    std::string token_;
    Timestamp token_made_, token_again_, renewed_;
    Timestamp heard_, ping_due_, log_on_due_;
    std::uint64_t dead_man_number_ = 0;  ///< its request that is not answered yet
    Timestamp dead_man_due_, dead_man_sent_;
    Timestamp placed_;  ///< when an order last left
    Tier tier_;
    std::vector<DecayingCounter> counters_;  ///< of orders, by listing
    AmendTimes amended_;
    simdjson::dom::parser parser_;
    std::string quoted_;
    std::array<char, 1024> line_{};
    OrderFlights flights_;
    OrderMemory orders_;
    std::vector<Wanted> wanted_;
    std::vector<Held> held_;
    simdjson::dom::parser held_parser_;
    std::uint64_t next_number_ = 1'000'000;
    RestRows rows_;
    Questions questions_;
    Inquiries inquiries_;
};

}  // namespace arb::kraken
