#pragma once
// The trading half of Kraken spot: one authenticated websocket (v2) for orders and account news, for which a
// token is asked by REST; questions by REST, one or several requests each. Owned by Kraken when it has
// credentials; core thread, sans-I/O. Every request ends in one RequestEnd. Orders out and private frames in
// allocate nothing after warm-up; REST does.
#include <array>
#include <map>
#include <string>
#include <vector>

#include <simdjson.h>

#include "connectors/kraken/encoder.hpp"
#include "connectors/kraken/errors.hpp"
#include "connectors/kraken/pairs.hpp"
#include "connectors/kraken/private_decoder.hpp"
#include "engine/venue/venue.hpp"

namespace arb::kraken {

TradingFeatures trading_features();

class Account {
  public:
    explicit Account(const VenueSetup& setup);

    void start(Timestamp now, FactSink& sink, Outbox& outbox);
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel_all(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_open_orders(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_fills(Timestamp since, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_balances(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_time(Timestamp now, FactSink& sink, Outbox& outbox);
    void set_clock_offset(Duration offset) { offset_ = offset; }

    // Each true when the input was meant for this half.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    /// A connection that never stood has ended.
    void on_lost_dial(Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    using Json = simdjson::dom::element;
    /// dropped: a reconnect was asked for, the close is awaited.
    enum class Stage : std::uint8_t { closed, token, connecting, subscribing, ready, dropped };
    /// A request on the websocket that waits for its reply.
    struct Flight {
        bool used = false;
        std::uint64_t number = 0;
        RequestKind kind = RequestKind::place;
        OrderId order{};
        ListingId listing = kNoListing;
        Timestamp sent, due;
    };
    /// A fill by REST, which knows its order by the venue's id alone.
    struct LooseFill {
        FillReport report;
        std::string trade_id, venue_id;
    };
    /// Which list a question is at.
    enum class Step : std::uint8_t { only, by_id, open, closed, owners };
    struct Job {
        RequestKind kind = RequestKind::session;
        std::uint64_t tag = 0;
        Timestamp due;
        OrderReference order;  ///< venue_id is kept below
        std::string venue_id;
        Step step = Step::only;
        std::string path, body;  ///< body without nonce
        std::size_t offset = 0;  ///< of a list's page
        std::size_t pages = 0;
        bool complete = true;
        std::vector<LooseFill> fills;
        std::map<std::string, OrderId, std::less<>> owners;  ///< of the fills, by the venue's order id
    };
    enum class Next : std::uint8_t { request, over, unreadable };
    enum class Told : std::uint8_t { told, elsewhere, unreadable };

    // account.cpp
    void end(RequestKind kind, Verdict verdict, OrderId order, FactSink& sink,
             std::string_view text = {}) const;
    void set_ready(bool ready, FactSink& sink);
    void end_flights(FactSink& sink, std::string_view why);
    void drop(std::string_view why, FactSink& sink, Outbox& outbox);
    Flight* take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now, FactSink& sink);
    void launch(Flight& flight, std::string_view text, std::string_view endpoint, FactSink& sink,
                Outbox& outbox);
    void arm_dead_man(Timestamp now, FactSink& sink, Outbox& outbox);
    void on_answer(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_subscribed(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_reply(const Flight& flight, const Json& message, Timestamp now, FactSink& sink, Outbox& outbox);
    void wake_socket(Timestamp now, FactSink& sink, Outbox& outbox);

    // account_rest.cpp
    void ask(Job job, Timestamp now, FactSink& sink, Outbox& outbox);
    void ask_token(Timestamp now, FactSink& sink, Outbox& outbox);
    void finish(const Job& job, Verdict verdict, Timestamp now, FactSink& sink, Outbox& outbox,
                std::string_view text = {}, Duration retry_after = {});
    void wake_jobs(Timestamp now, FactSink& sink, Outbox& outbox);

    // account_replies.cpp
    Next read(Job& job, const Json& result, FactSink& sink, Outbox& outbox);
    Next read_token(const Json& result, Outbox& outbox);
    Next read_balances(Job& job, const Json& result, FactSink& sink) const;
    Next read_fees(const Json& result, FactSink& sink) const;
    Told read_order(std::string_view id, const Json& entry, FactSink& sink);
    Next read_open_orders(Job& job, const Json& result, FactSink& sink);
    Next read_queried(Job& job, const Json& result, FactSink& sink);
    Next next_list(Job& job) const;
    Next read_trades(Job& job, const Json& result) const;
    Next read_owners(Job& job, const Json& result, FactSink& sink) const;
    Next ask_owners(Job& job, FactSink& sink) const;

    VenueSetup setup_;
    PairNames pairs_;
    PrivateDecoder decoder_;
    Duration offset_;
    ConnectionId connection_ = kNoConnection;
    Stage stage_ = Stage::closed;
    bool shut_ = false;       ///< the key was refused: no more log-ons until the next start
    unsigned confirmed_ = 0;  ///< private channels, a bit each
    std::string token_;
    Timestamp heard_, ping_due_, stage_due_, dead_man_due_, token_due_;
    Duration token_wait_;
    simdjson::dom::parser parser_;
    std::string quoted_;
    LineBuffer line_{};
    std::array<Flight, 512> flights_{};
    std::vector<Job> jobs_;
    std::int64_t last_nonce_ = 0;
    std::uint64_t next_number_ = 1, next_tag_ = 1;
};

}  // namespace arb::kraken
