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
#include "connectors/kraken/limits.hpp"
#include "connectors/kraken/names.hpp"
#include "connectors/kraken/order_memory.hpp"
#include "engine/connect/order_flights.hpp"
#include "engine/venue/venue.hpp"

namespace arb::kraken {

inline constexpr std::string_view kAuthUrl = "wss://ws-auth.kraken.com/v2";

TradingFeatures trading_features();

class Account {
  public:
    explicit Account(const VenueSetup& setup);

    void start(Timestamp now, Outbox& outbox);
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox);
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
        if (!is_open_ && !token_again_.known()) ask_token(now, outbox);
    }
    bool on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    using Json = simdjson::dom::element;
    /// What a fill by REST, which names its order by the venue's id alone, waits with until its owner is
    /// known.
    struct Homeless {
        FillReport report;
        std::string trade_id, venue_id, fee_asset;
    };
    /// Which request of a question this is.
    enum class Step : std::uint8_t {
        first,
        by_id,   ///< query_order: under the venue's own id
        closed,  ///< query_order: the closed orders are looked through
        owners,  ///< fills: whose orders they belong to
    };
    /// Who wants to know: the engine, or the account itself (such a question has no RequestEnd unless it
    /// brings trouble that the engine must hear of).
    enum class Asker : std::uint8_t { engine, orders, assets, pair };
    struct Question {
        std::uint64_t tag = 0;  ///< 0: it has not left
        RequestKind kind = RequestKind::session;
        Asker asker = Asker::engine;
        Step step = Step::first;
        OrderReference order{};
        Timestamp since;
        Timestamp asked;                  ///< fills: when its first page was asked for
        std::string path, body;           ///< body without nonce
        std::size_t offset = 0;           ///< of a list's page
        bool is_whole = true;             ///< no row so far that could not be read or placed
        bool refused = false;             ///< by the signer: nothing has left
        unsigned copies = 1;              ///< how often it was asked before it left
        unsigned tries = 0;               ///< how often it was sent anew
        Timestamp not_before;             ///< the venue told it to wait
        Timestamp due;                    ///< given up then
        std::vector<Homeless> fills;      ///< read, not told yet
        std::vector<std::string> orders;  ///< ids that are asked for, or still to be
        std::size_t batch = 50;           ///< of these, how many go into one request
        std::vector<std::vector<ListingId>>
            pairs;  ///< fees: groups still to be asked, the first is under way
        Duration retry_after;
        KeyAnswer key_answer = KeyAnswer::none;
    };
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

    // account_rest.cpp: questions
    void ask_token(Timestamp now, Outbox& outbox);
    void ask(Question question, Timestamp now, Outbox& outbox);
    void ask_public(Question question, Timestamp now, Outbox& outbox);
    /// Sends what may leave now: one signed question at a time, so that nonces arrive in order.
    void pump(Timestamp now, Outbox& outbox);
    bool goes_before(RequestKind kind, RequestKind older) const;
    void send_signed(Question& question, Timestamp now, Outbox& outbox);
    bool ask_again(Question& question, Verdict verdict, std::string_view error, Timestamp now,
                   Outbox& outbox);
    void read_reply(Question& question, const HttpReply& reply, Timestamp now, FactSink& sink,
                    Outbox& outbox);
    /// After a refusal that a smaller or other request gets round. True: one was made.
    bool go_on_after(Question& question, Verdict verdict, std::string_view error, Timestamp now,
                     FactSink& sink, Outbox& outbox);
    void conclude(const Question& question, Verdict verdict, std::string_view text, bool complete,
                  Timestamp now, FactSink& sink, Outbox& outbox);
    void conclude_own(const Question& question, Verdict verdict, std::string_view text, Timestamp now,
                      FactSink& sink, Outbox& outbox);
    void read_key(Question& question, const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    void tell_no_key(const Question& question, std::string_view text, FactSink& sink) const;
    void wake_questions(Timestamp now, FactSink& sink, Outbox& outbox);

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

    // account_lists.cpp and account_money.cpp: replies of questions. False: a further request was made for
    // it.
    bool read_result(Question& question, const Json& result, Timestamp now, FactSink& sink, Outbox& outbox);
    const Listing* listing_of(std::string_view pair, Question& question, Timestamp now, FactSink& sink,
                              Outbox& outbox);
    /// True: it is the order that was asked for.
    bool read_order(std::string_view id, const Json& entry, Question& question, Timestamp now, FactSink& sink,
                    Outbox& outbox);
    bool read_orders(Question& question, const Json& result, Timestamp now, FactSink& sink, Outbox& outbox);
    void read_wanted(Question& question, const Json& result, Timestamp now, FactSink& sink, Outbox& outbox);
    bool read_trades(Question& question, const Json& result, Timestamp now, FactSink& sink, Outbox& outbox);
    void read_trade(std::string_view id, const Json& entry, Question& question, Timestamp now, FactSink& sink,
                    Outbox& outbox);
    /// False: whose they are is known of all.
    bool ask_owners(Question& question, Timestamp now, Outbox& outbox);
    void read_owners(Question& question, const Json& result);
    std::string fills_body(Timestamp since) const;
    void note_told(const Question& question);
    void place_fills(Question& question, FactSink& sink);
    void read_balances(Question& question, const Json& result, FactSink& sink);
    void ask_fees(Question& question, Timestamp now, Outbox& outbox);
    bool read_fees(Question& question, const Json& result, Timestamp now, FactSink& sink, Outbox& outbox);
    bool split_fees(Question& question, std::string_view error, Timestamp now, FactSink& sink,
                    Outbox& outbox);
    void read_names(const Question& question, const Json& result);
    bool read_token(Question& question, const Json& result, Timestamp now, FactSink& sink, Outbox& outbox);

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
    std::vector<Question> questions_;
    OrderMemory orders_;
    std::vector<Wanted> wanted_;
    std::vector<Held> held_;
    simdjson::dom::parser held_parser_;
    AssetNames assets_;
    PairNames pairs_;
    /// Whole lists told every fill from the one time to the other; 0: none did.
    Timestamp told_from_, told_until_;
    std::vector<std::string> asked_pairs_;          ///< the venue was asked what they are
    std::vector<std::string> rewarded_;             ///< assets with holdings that the stream counts apart
    DecayingCounter rest_{Tier{}.rest_decay};       ///< of questions
    RequestKind sent_kind_ = RequestKind::session;  ///< of the last signed question
    std::int64_t last_nonce_ = 0;
    std::uint64_t next_number_ = 1'000'000, next_tag_ = 1;
};

}  // namespace arb::kraken
