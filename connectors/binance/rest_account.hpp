#pragma once
// The trading half's REST requests: questions (time, orders, fills, balances, fees), cancelling, the dead-man
// timer and listen keys. Replies are found by tag; questions about many listings run as one batch, a request
// at a time, page by page, and end in one RequestEnd. Part of Account, core thread, sans-I/O. Allocates; not
// on the path of an order.
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/binance/account_tools.hpp"

namespace arb::binance {

/// The venue's timer runs this long; it is set anew every kDeadManRefresh, and half as often for more
/// listings than kQuickTimers, because each time costs weight.
inline constexpr Duration kDeadManTimer = seconds(120);
inline constexpr Duration kDeadManRefresh = seconds(30);
inline constexpr std::size_t kQuickTimers = 30;
/// A reply that has not come by then is treated as lost.
inline constexpr Duration kReplyMax = seconds(20);

/// What a listen key's reply meant.
struct ListenKeyReply {
    bool renewal = false;
    std::string key;  ///< empty: refused
    Refusal refusal;
};

class RestAccount {
  public:
    explicit RestAccount(AccountTools& tools) : tools_(&tools) {}

    void query_time(bool told, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_key(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    /// cancel_all, open_orders, fills (since then), balances, fees.
    void batch(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
               FactSink& sink, Outbox& outbox);
    /// Asks for the balances by itself: their reports come without an end.
    void refresh_balances(Timestamp now, FactSink& sink, Outbox& outbox);
    void listen_key(bool renewal, Timestamp now, FactSink& sink, Outbox& outbox);
    /// USD-M: whether the account has one position a symbol; asked again until it has.
    void ask_position_mode(Timestamp now, FactSink& sink, Outbox& outbox);
    /// The account was heard to be in hedge mode.
    void hedge_heard(Timestamp now, FactSink& sink, Outbox& outbox);
    /// Arms the timer of a listing and keeps it armed from then on.
    void arm(ListingId listing, Timestamp now, FactSink& sink, Outbox& outbox);

    /// True when the tag is one of ours. A listen key's reply is handed to the caller.
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox,
                 std::optional<ListenKeyReply>& listen_key);
    Timestamp on_wake(Timestamp now, FactSink& sink, Outbox& outbox,
                      std::optional<ListenKeyReply>& listen_key);

  private:
    enum class Kind : std::uint8_t {
        time,
        time_untold,
        key_info,
        query_order,
        cancel_order,
        batch,
        lookup,
        dead_man,
        listen_key,
        renew_key,
        position_mode,
    };
    struct Call {
        std::uint64_t tag = 0;
        Kind kind{};
        Timestamp sent;
        OrderId order = kForeignOrder;
        ListingId listing = kNoListing;
        std::uint64_t batch = 0;
        std::int64_t number = 0;  ///< lookup: the venue's order id; 0: a list of orders
    };
    struct Batch {
        std::uint64_t id = 0;
        RequestKind kind{};
        std::vector<ListingId> listings;
        std::size_t next = 0;
        std::size_t asks = 1;  ///< questions that this answers: so many ends
        bool queued = false;   ///< waits for the same question, asked before
        bool waiting = false;  ///< for weight
        bool complete = true;
        Verdict verdict{Outcome::done, RejectReason::none};
        std::int64_t code = 0;
        std::string text;
        Duration retry_after;
        // Fills: the page's place, and a page kept while its orders' client ids are asked for.
        Timestamp since, window;
        std::int64_t from_id = -1;
        std::string page;
        std::vector<std::int64_t> lookups;
        bool listed = false;                     ///< this page's orders were asked for in one list
        std::map<std::int64_t, OrderId> orders;  ///< of this page, by the venue's number
    };

    void call(const Call& call, std::optional<HttpRequest> request, std::string_view endpoint, Timestamp now,
              FactSink& sink, Outbox& outbox);
    void reply(const Call& call, const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox,
               std::optional<ListenKeyReply>& listen_key);
    void order_reply(const Call& call, simdjson::dom::element body, Refusal refusal, FactSink& sink);
    void time_reply(const Call& call, simdjson::dom::element body, const Refusal& refusal, Timestamp now,
                    FactSink& sink);
    void position_mode_reply(simdjson::dom::element body, const Refusal& refusal, Timestamp now,
                             FactSink& sink, Outbox& outbox);
    void tell_hedge(FactSink& sink);
    void key_info_reply(const HttpReply& http, Refusal refusal, FactSink& sink);
    void key_reply(const Call& call, simdjson::dom::element body, const Refusal& refusal,
                   std::optional<ListenKeyReply>& listen_key);
    Batch* find_batch(std::uint64_t id);
    void batch_reply(Batch& batch, const Call& call, simdjson::dom::element body, const HttpReply& reply,
                     const Refusal& refusal, Timestamp now, FactSink& sink, Outbox& outbox);
    bool read_list(Batch& batch, simdjson::dom::element body, FactSink& sink);
    bool read_balances(Batch& batch, simdjson::dom::element body, FactSink& sink);
    bool lookup_reply(Batch& batch, const Call& call, simdjson::dom::element body, const Refusal& refusal);
    bool lookup_list(Batch& batch, simdjson::dom::element body, const Refusal& refusal);
    void keep_page(Batch& batch, simdjson::dom::element body, std::string_view text);
    void hand_on_page(Batch& batch, Timestamp now, FactSink& sink);
    void advance(Batch& batch, Timestamp now, FactSink& sink, Outbox& outbox);
    bool step(Batch& batch, Timestamp now, FactSink& sink, Outbox& outbox);
    void next_listing(Batch& batch);
    void finish(std::uint64_t id, Timestamp now, FactSink& sink, Outbox& outbox);
    void begin(Batch batch, Timestamp now, FactSink& sink, Outbox& outbox);
    bool joined(const Batch& batch);
    void tell_end(const Batch& batch, FactSink& sink) const;
    Timestamp go_on(Timestamp now, FactSink& sink, Outbox& outbox);
    Timestamp send_timers(Timestamp now, FactSink& sink, Outbox& outbox);
    std::string fills_query(const Batch& batch) const;
    std::string path(std::string_view spot, std::string_view futures) const;
    void send_dead_man(ListingId listing, Timestamp now, FactSink& sink, Outbox& outbox);

    AccountTools* tools_;
    std::uint64_t next_tag_ = 1;
    std::uint64_t next_batch_ = 1;
    std::vector<Call> calls_;
    std::deque<Batch> batches_;
    // Fees: where the venue told us to wait, the next question goes on.
    std::vector<ListingId> fees_of_;
    std::size_t fees_next_ = 0;
    std::vector<ListingId> armed_;
    std::deque<ListingId> arming_;  ///< timers to be set now
    Timestamp refresh_at_;
    Timestamp mode_again_;
    bool hedge_told_ = false;
    std::string text_;
};

}  // namespace arb::binance
