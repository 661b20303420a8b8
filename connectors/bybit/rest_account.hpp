#pragma once
// The trading half's REST questions: time, orders, fills, balances, fees, what the key may do,
// cancelling when the socket is down, cancel-all. Each question is a job: one request at a time, through its
// listings, steps and pages, until it ends in one RequestEnd. Where the venue says that there were too many
// requests, a list waits and goes on with the same one. Replies are found by tag. Part of Account, core
// thread, sans-I/O. Allocates; not on the path of an order.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/bybit/account_tools.hpp"
#include "connectors/bybit/key_report.hpp"

namespace arb::bybit {

class RestAccount {
  public:
    explicit RestAccount(AccountTools& tools) : tools_(&tools) {}

    /// `told`: ends in a RequestEnd (the session asks for itself as well).
    void query_time(bool told, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_key(Timestamp now, FactSink& sink, Outbox& outbox);
    /// A log-on was refused without a code: a key that the venue does not take ends all log-ons.
    void ask_why(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    /// cancel_all, open_orders, fills (since then), balances, fees.
    void batch(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
               FactSink& sink, Outbox& outbox);

    void on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    struct Job {
        RequestKind kind{};
        bool told = true;
        OrderReference order;  ///< query_order, cancel; its venue_id is not kept
        std::vector<ListingId> listings;
        std::vector<std::string> coins;  ///< balances: whose positions are asked for
        bool modes = false;              ///< balances: positions by listing, which tells each one's mode
        bool whole = false;              ///< fees: of the whole category in one answer
        std::size_t next = 0;            ///< listing, coin or step
        std::string cursor;
        unsigned pages = 0;
        unsigned tries = 0;
        Timestamp since, window;  ///< fills: asked from `window` on
        bool found = false;       ///< query_order
        bool complete = true;
        Verdict verdict = kDone;
        std::int64_t code = 0;
        std::string text;
        Duration retry_after;
        KeyReport key;          ///< key_info
        KeyTexts key_texts;     ///< of it
        std::uint64_t tag = 0;  ///< of the request that is out; 0: none
        Timestamp sent, resume;
    };
    /// What a reply says before anyone looks into its result.
    struct Judged {
        Verdict verdict;
        std::int64_t code = 0;
        std::string_view text;
        simdjson::dom::object result;
        bool has_result = false;
        Timestamp time;
        bool readable = false;  ///< there was a retCode
    };

    Job& add(RequestKind kind);
    void start(Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    bool request(Job& job, Timestamp now, Outbox& outbox);
    std::optional<HttpRequest> next_request(const Job& job, Timestamp now, std::string_view& path);
    std::optional<HttpRequest> fills_request(const Job& job, Timestamp now);
    Judged judge(const HttpReply& reply);
    void handle(Job& job, const HttpReply& reply, Timestamp now, FactSink& sink);
    void handle_key(Job& job, const HttpReply& reply, const Judged& judged) const;
    void tell_key(Job& job, FactSink& sink) const;
    void handle_why(Job& job, const Judged& judged, FactSink& sink) const;
    bool read(Job& job, const Judged& judged, Timestamp now, FactSink& sink);
    bool read_list(Job& job, const Judged& judged, FactSink& sink);
    bool read_entry(Job& job, simdjson::dom::element entry, Timestamp time, FactSink& sink);
    bool read_fee(Job& job, simdjson::dom::element entry, FactSink& sink) const;
    bool read_position(Job& job, simdjson::dom::element entry, Timestamp time, FactSink& sink);
    bool waits(Job& job, const Judged& judged, Duration wait, Timestamp now) const;
    void advance(Job& job, Timestamp now);
    void fail(Job& job, Verdict verdict, std::int64_t code, std::string_view text) const;
    bool finished(const Job& job) const;
    std::size_t steps(const Job& job) const;
    void finish(Job& job, FactSink& sink) const;

    AccountTools* tools_;
    std::vector<std::unique_ptr<Job>> jobs_;
    std::uint64_t next_tag_ = 0;
    bool one_way_ = false;  ///< every listing's position mode was told, and none is hedged
};

}  // namespace arb::bybit
