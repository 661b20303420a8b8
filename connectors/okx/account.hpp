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
#include "connectors/okx/account_mode.hpp"
#include "connectors/okx/errors.hpp"
#include "engine/venue/venue.hpp"

namespace arb::okx {

TradingFeatures trading_features();

class Account {
  public:
    explicit Account(const VenueSetup& setup);

    void start(Timestamp now, FactSink& sink, Outbox& outbox);
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend_order(const ApprovedAmend& amend, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_open_orders(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_fills(Timestamp since, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_balances(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_key(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_time(Timestamp now, FactSink& sink, Outbox& outbox);
    void set_clock_offset(Duration offset) { offset_ = offset; }

    // Each true when the input was meant for this half.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    /// A connection that never stood has ended.
    void on_lost_dial(Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    using Json = simdjson::dom::element;
    enum class Stage : std::uint8_t { closed, connecting, log_on, subscribing, ready };
    /// A request on the websocket that waits for its reply.
    struct Flight {
        bool used = false;
        std::uint64_t number = 0;
        RequestKind kind = RequestKind::place;
        OrderId order{};
        ListingId listing = kNoListing;
        Timestamp due;
    };
    /// A question to REST, answered by one request or by several, one after the other.
    struct Job {
        RequestKind kind = RequestKind::time;
        std::uint64_t tag = 0;
        OrderReference order;
        std::string venue_id;  ///< of a stranger's order that is asked for
        std::vector<ListingId> listings;
        Timestamp since, asked;
        Timestamp due;         ///< of a job without a request (tag 0): when it goes on
        std::size_t step = 0;  ///< which listing or part
        std::size_t from = 0;  ///< cancel_all: where in to_cancel the batch begins
        std::size_t pages = 0;
        std::size_t askers = 1;              ///< fees: how many questions this one answers
        std::size_t waits = 0;               ///< how often in a row it was told to slow down
        bool answered = false;               ///< a part of it is known
        bool fee_missing = false;            ///< fills
        bool mode_wrong = false;             ///< session
        AccountMode mode;                    ///< session
        std::string after;                   ///< the page's place; empty: the first
        std::vector<std::string> to_cancel;  ///< one JSON object an order
        std::vector<bool> seen;              ///< listings with a position
        Verdict verdict{Outcome::done, RejectReason::none};
        bool complete = true;
        Duration retry_after;
        KeyAnswer key_answer = KeyAnswer::none;  ///< key_info
        std::string code, text;
    };
    static constexpr std::size_t kBatch = 20;  ///< orders in one batch cancellation

    /// What one reply leads to.
    enum class Next : std::uint8_t { request, later, over };

    /// Fee questions may be asked five times in 2 s: when the last ones left.
    struct FeePace {
        static constexpr Duration kWindow = milliseconds(2200);
        std::array<Timestamp, 4> sent;
        std::size_t next = 0;
    };

    Timestamp stamp(Timestamp now) const { return now + offset_; }
    void end(RequestKind kind, Verdict verdict, OrderId order, FactSink& sink, std::string_view code = {},
             std::string_view text = {}) const;
    bool has_orders() const { return setup_.roads != Roads::account; }
    bool has_stream() const { return setup_.roads != Roads::orders; }
    Flight* take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now, FactSink& sink);
    void send_line(const Flight& flight, std::size_t size, std::string_view op, Outbox& outbox);
    void on_reply(const Json& message, FactSink& sink);

    // account_session.cpp
    void connect(Outbox& outbox);
    void subscribe(Timestamp now, Outbox& outbox);
    void tell_roads(Timestamp now, FactSink& sink, Outbox& outbox);
    void on_event(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_subscribed(std::string_view channel, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_crowded(std::string_view channel, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_refused(std::string_view code, std::string_view text, FactSink& sink, Outbox& outbox);
    void ask_mode(Timestamp now, FactSink& sink, Outbox& outbox);
    void on_mode(const Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    void wake_socket(Timestamp now, FactSink& sink, Outbox& outbox);
    void wake_timers(Timestamp now, FactSink& sink, Outbox& outbox);

    // account_rest.cpp
    HttpRequest signed_request(std::string method, const std::string& path, std::string body, Timestamp now,
                               bool& good) const;
    HttpRequest request_of(const Job& job, Timestamp now, std::string& endpoint, bool& good) const;
    std::string path_of(const Job& job) const;
    bool wants_history(const Job& job) const;
    void begin(Job job, Timestamp now, FactSink& sink, Outbox& outbox);
    void ask(Job job, Timestamp now, FactSink& sink, Outbox& outbox);
    void wait(Job job, Timestamp due, Outbox& outbox);
    void conclude(const Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    void finish(const Job& job, FactSink& sink) const;
    // account_key.cpp
    Next read_key(Job& job, const HttpReply& reply, FactSink& sink);
    void tell_no_key(const Job& job, FactSink& sink) const;
    // account_replies.cpp
    Next read(Job& job, const HttpReply& reply, Timestamp now, FactSink& sink);
    Next read_answer(Job& job, const simdjson::dom::array& data, Timestamp now, FactSink& sink);
    Next read_fills(Job& job, const simdjson::dom::array& data, Timestamp now, FactSink& sink) const;
    Next read_mode(Job& job, const simdjson::dom::array& data) const;
    Next trouble(Job& job, Verdict verdict, std::string_view code, std::string_view text) const;
    Next next_page(Job& job, std::string_view key, const simdjson::dom::array& data) const;
    Next read_balances(Job& job, const simdjson::dom::array& data, FactSink& sink) const;
    Next read_cancelled(Job& job, const simdjson::dom::array& data) const;
    Next collect_orders(Job& job, const simdjson::dom::array& data) const;
    Next read_fees(Job& job, const simdjson::dom::array& data, FactSink& sink) const;
    Next skip_fees(Job& job, Verdict verdict, std::string_view code, std::string_view text) const;
    Next read_time(Job& job, const simdjson::dom::array& data, Timestamp now, FactSink& sink) const;
    void wake_jobs(Timestamp now, FactSink& sink, Outbox& outbox);
    void arm_dead_man(Timestamp now, FactSink& sink, Outbox& outbox);

    VenueSetup setup_;
    AccountFacts facts_;
    Duration offset_;
    ConnectionId connection_ = kNoConnection;
    Stage stage_ = Stage::closed;
    bool shut_ = false;       ///< the key or the account's mode was refused: no log-on until the next start
    unsigned confirmed_ = 0;  ///< private channels, a bit each
    bool pinged_ = false;
    bool entry_up_ = false, stream_up_ = false, session_told_ = false;  ///< as told to the sink
    bool mode_known_ = false;
    AccountMode mode_;
    Timestamp heard_, stage_due_, dead_man_due_;
    Timestamp mode_due_;      ///< the account's mode is asked again
    Timestamp crowded_due_;   ///< the venue ended a subscription: then a new socket is tried
    Timestamp crowded_at_;    ///< when it last did
    Duration crowded_pause_;  ///< and how long was waited then
    FeePace fee_pace_;
    simdjson::dom::parser parser_;
    std::array<char, 1024> line_{};
    std::array<Flight, 512> flights_{};
    std::vector<Job> jobs_;
    std::uint64_t next_number_ = 1, next_tag_ = 1;
};

}  // namespace arb::okx
