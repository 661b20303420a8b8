#pragma once
// The trading half of Kraken spot: one authenticated websocket (v2) for orders and account news (which of
// them, VenueSetup::roads says), for which a token is asked by REST; questions by REST. Owned by Kraken when
// it has credentials; core thread, sans-I/O. Every request ends in one RequestEnd.
#include <array>
#include <map>
#include <string>
#include <vector>

#include <simdjson.h>

#include "connectors/kraken/errors.hpp"
#include "engine/venue/venue.hpp"

namespace arb::kraken {

TradingFeatures trading_features();

class Account {
  public:
    explicit Account(const VenueSetup& setup);

    void start(Timestamp now, Outbox& outbox);
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel_all(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, Outbox& outbox);
    void query_open_orders(Timestamp now, Outbox& outbox);
    void query_fills(Timestamp since, Timestamp now, Outbox& outbox);
    void query_balances(Timestamp now, Outbox& outbox);
    void query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_key(Timestamp now, Outbox& outbox);
    void query_time(Timestamp now, FactSink& sink, Outbox& outbox);

    // Each true when the input was meant for this half.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    /// A dial that was given up before it stood: a fresh token, and again.
    void on_lost_dial(Timestamp now, Outbox& outbox)
    {
        if (stage_ == Stage::closed && !token_again_.known()) ask_token(now, outbox);
    }
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    using Json = simdjson::dom::element;
    enum class Stage : std::uint8_t { closed, subscribing, ready };
    struct Flight {
        bool used = false;
        std::uint64_t number = 0;
        RequestKind kind = RequestKind::place;
        OrderId order{};
        ListingId listing = kNoListing;
        Timestamp sent, due;
    };
    struct Question {
        std::uint64_t tag = 0;
        RequestKind kind = RequestKind::session;
        OrderReference order{};
        Timestamp since;
        std::string path, body;  ///< body without nonce
        std::size_t offset = 0;  ///< of a list's page
        bool closed = false;     ///< query_order: the closed orders are looked through
        bool refused = false;    ///< by the signer: nothing has left
        Timestamp due;           ///< key_info: given up then
        Duration retry_after;
        KeyAnswer key_answer = KeyAnswer::none;
    };
    /// A fill by REST, which knows its order by the venue's id alone.
    struct Homeless {
        FillReport report;
        std::string trade_id, venue_id, fee_asset;
    };

    void end(RequestKind kind, Verdict verdict, OrderId order, FactSink& sink, std::string_view text = {},
             bool complete = true, Duration retry_after = {});
    bool has_orders() const { return setup_.roads != Roads::account; }
    bool has_stream() const { return setup_.roads != Roads::orders; }
    /// A key for the account alone: the request has ended here.
    bool refused_here(RequestKind kind, OrderId order, FactSink& sink);
    void give_up(std::string_view error, std::string_view why, Timestamp now, FactSink& sink, Outbox& outbox);
    void set_ready(bool ready, FactSink& sink);
    void ask_token(Timestamp now, Outbox& outbox);
    void ask(Question question, Timestamp now, Outbox& outbox);
    void conclude(const Question& question, Verdict verdict, std::string_view text, bool complete,
                  Timestamp now, FactSink& sink, Outbox& outbox);
    void read_key(Question& question, const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    void tell_no_key(const Question& question, std::string_view text, FactSink& sink) const;
    void wake_questions(Timestamp now, FactSink& sink, Outbox& outbox);
    Flight* take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now);
    void on_answer(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox);
    void read_execution(const Json& entry, FactSink& sink);
    void read_balance(const Json& entry, FactSink& sink);
    bool read_result(const Question& question, const Json& result, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    void read_order(std::string_view id, const Json& entry, FactSink& sink);
    bool read_orders(const Question& question, const Json& result, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    bool read_trades(const Question& question, const Json& result, Timestamp now, FactSink& sink,
                     Outbox& outbox);
    void place_fills(FactSink& sink);
    void arm_dead_man(Timestamp now, Outbox& outbox);
    void remember(std::string_view venue_id, OrderId order);
    const Listing* by_altname(std::string_view name) const;

    VenueSetup setup_;
    ConnectionId connection_{};
    Stage stage_ = Stage::closed;
    bool asking_token_ = false;
    std::string token_;
    std::size_t confirmed_ = 0;
    Timestamp heard_, ping_due_, stage_due_, dead_man_due_, token_again_;
    simdjson::dom::parser parser_;
    std::string quoted_;
    std::array<char, 1024> line_{};
    std::array<Flight, 512> flights_{};
    std::vector<Question> questions_;
    std::vector<Homeless> homeless_;
    std::map<std::string, OrderId, std::less<>> known_;
    std::vector<std::pair<std::string, ListingId>> altnames_;
    std::int64_t last_nonce_ = 0;
    std::uint64_t next_number_ = 1'000'000, next_tag_ = 1;
};

}  // namespace arb::kraken
