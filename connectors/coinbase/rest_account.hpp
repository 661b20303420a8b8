#pragma once
// The trading half's REST requests, which at Coinbase are all there are besides the user channel: placing,
// amending and cancelling, questions, and the fills behind totals that grew. Each is a job of one request at
// a time, found again by tag; it ends in one RequestEnd (jobs of our own in none). A request whose token was
// refused is sent again, once, with a new one (what has a price is not); a list that was told to slow down
// waits and goes on where it stopped. Part of Account, core thread, sans-I/O. Allocates.
#include <list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/coinbase/account_tools.hpp"
#include "connectors/coinbase/hour_quota.hpp"

namespace arb::coinbase {

/// What the start of a session has found out; taken by Account.
struct SessionNews {
    bool time_over = false;    ///< the clock was asked: answered or not
    bool key_checked = false;  ///< the key's permissions were asked; the verdict tells how that went
    bool key_trouble = false;  ///< a request was refused because of the key
    bool suspect = false;      ///< a request was refused, and the key may be the reason: worth asking
    Verdict verdict;
    std::string code, text;
};

class RestAccount {
  public:
    explicit RestAccount(AccountTools& tools) : tools_(&tools) {}

    void query_time(bool told, Timestamp now, FactSink& sink, Outbox& outbox);
    /// What the key may do: for the session's own start. `patience`: so many refused tokens in a row are told
    /// as a refused key.
    void check_key(int patience, Timestamp now, FactSink& sink, Outbox& outbox);
    /// The same question for whoever asks: one KeyReport.
    void query_key(Timestamp now, FactSink& sink, Outbox& outbox);
    void place(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
               Outbox& outbox);
    void cancel(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void query(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    /// cancel_all, open_orders, fills (since then), balances, fees.
    void ask(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
             FactSink& sink, Outbox& outbox);
    /// The order's total grew on the stream: its fills are fetched, until they add up or patience ends.
    void chase(std::string_view venue_id, Timestamp now, FactSink& sink, Outbox& outbox);

    /// A message of an amended order told no limit: the order is fetched, once at a time.
    void ask_price(std::string_view venue_id, Timestamp now, FactSink& sink, Outbox& outbox);

    /// True when the tag is one of ours.
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    /// Late replies and chases that are due; the time of the next, if any.
    Timestamp on_wake(Timestamp now, FactSink& sink, Outbox& outbox);
    SessionNews take_news() { return std::exchange(news_, {}); }

  private:
    static constexpr std::size_t kOwnersMax = 50;  ///< order ids in one question
    enum class Step : std::uint8_t {
        single,       ///< one request and its reply
        order_by_id,  ///< query: by the venue's id
        order_list,   ///< pages of orders
        cancel_list,  ///< cancel_all: what the pages held
        fill_list,
        fill_orders,  ///< whose fills are they: many orders at once
        fill_order,   ///< and those that were not in that list, one by one
        account_list,
    };
    /// Which orders a list of live ones asks for. The venue leaves out those of its simple app unless they
    /// are asked for; and it may not take OPEN beside other states.
    enum class Round : std::uint8_t { live, open_alone, other_live, simple_app };
    /// What is asked, without a token: it can be sent again.
    struct Call {
        bool post = false;
        bool open = false;  ///< public, no token
        std::string path, query, body;
        std::string_view endpoint;  ///< for the audit of the key's uses
    };
    struct Job {
        std::uint64_t tag = 0;
        RequestKind kind{};
        Step step = Step::single;
        Round round = Round::live;
        bool told = true;  ///< ends in a RequestEnd
        Call call;
        Timestamp sent;               ///< the request in flight
        Timestamp again;              ///< nothing is in flight: it is to be sent then
        int refused = 0;              ///< tokens of this request, in a row
        int patience = kRefusalsMax;  ///< session, key_info: how many of them are enough
        Timestamp refused_since;      ///< the first of them
        int waits = 0;                ///< how often this request was told to slow down
        bool withheld = false;        ///< the venue wants a proof token before it tells all
        OrderId order = kForeignOrder;
        ListingId listing = kNoListing;
        Timestamp order_sent, since;
        std::string venue_id;
        std::vector<ListingId> listings;
        std::string cursor;
        int pages = 0;
        bool complete = true;
        std::vector<std::string> ids;   ///< to cancel; to look up
        std::vector<std::string> left;  ///< to look up one by one
        std::string page;               ///< of fills, kept while their orders are looked up
        Quantity sum;                   ///< of a chase's fills
        std::map<std::string, std::pair<Amount, Amount>, std::less<>> balances;  ///< total and free
    };
    struct Chase {
        std::string venue_id;
        Timestamp due;
        Duration pause;
        int tries = 0;
        bool asking = false;
    };
    using Jobs = std::list<Job>;

    // rest_sending.cpp
    Job& add(RequestKind kind);
    Job* find_job(std::uint64_t tag);
    void get(Job& job, std::string path, std::string query, Timestamp now, FactSink& sink, Outbox& outbox);
    void post(Job& job, std::string path, std::string body, Timestamp now, FactSink& sink, Outbox& outbox);
    void send(Job& job, Call call, Timestamp now, FactSink& sink, Outbox& outbox);
    void transmit(Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    void wait(Job& job, Timestamp until, Outbox& outbox);
    /// True: the hour's requests are used up, and the job waits or has ended.
    bool held_back(Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    bool goes_again(Job& job, Answer& answer, Timestamp now, FactSink& sink, Outbox& outbox);
    bool token_refused(Job& job, Answer& answer, Timestamp now, FactSink& sink, Outbox& outbox);
    static bool may_wait(const Job& job);
    void finish(Job& job, const Answer& answer, FactSink& sink);
    void done(Job& job, FactSink& sink);
    void refuse(RequestKind kind, RejectReason reason, OrderId order, std::string_view text, FactSink& sink);

    // rest_account.cpp
    bool hour_over(RequestKind kind, OrderId order, Timestamp now, FactSink& sink) const;
    void ask_page(Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    void ask_orders(Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    void ask_fills(Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    void ask_order(Job& job, std::string_view venue_id, Timestamp now, FactSink& sink, Outbox& outbox);
    void send_cancels(Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    void ask_owners(Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    std::string products(const Job& job) const;
    Chase* find_chase(std::string_view venue_id);
    void start_chase(Chase& chase, Timestamp now, FactSink& sink, Outbox& outbox);
    void end_chase(std::string_view venue_id, bool whole, Timestamp now, Outbox& outbox);

    // rest_replies.cpp
    void answered(Job& job, const Answer& answer, const HttpReply& reply, Timestamp now, FactSink& sink,
                  Outbox& outbox);
    void time_reply(Job& job, const Answer& answer, Timestamp now, FactSink& sink);
    void key_reply(Job& job, const Answer& answer, FactSink& sink);
    void key_info_reply(Job& job, Answer answer, const HttpReply& reply, FactSink& sink);
    void tell_key(KeyReport report, FactSink& sink) const;
    void place_reply(Job& job, Answer answer, FactSink& sink);
    void amend_reply(Job& job, Answer answer, FactSink& sink);
    void cancel_reply(Job& job, Answer answer, FactSink& sink);
    void fees_reply(Job& job, Answer answer, FactSink& sink);

    // rest_pages.cpp
    bool next_page(Job& job, PrivateFields& fields, bool more);
    bool next_round(Job& job);
    void order_reply(Job& job, Answer answer, Timestamp now, FactSink& sink, Outbox& outbox);
    void orders_page(Job& job, Answer answer, Timestamp now, FactSink& sink, Outbox& outbox);
    bool read_order(Job& job, simdjson::dom::object order, FactSink& sink);
    void listed(Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancelled_page(Job& job, Answer answer, Timestamp now, FactSink& sink, Outbox& outbox);
    void fills_page(Job& job, Answer answer, std::string_view body, Timestamp now, FactSink& sink,
                    Outbox& outbox);
    void owners_reply(Job& job, Answer answer, Timestamp now, FactSink& sink, Outbox& outbox);
    void owners_told(Job& job, Timestamp now, FactSink& sink, Outbox& outbox);
    void fill_order_reply(Job& job, const Answer& answer, Timestamp now, FactSink& sink, Outbox& outbox);
    void tell_fills(Job& job, simdjson::dom::object body, Timestamp now, FactSink& sink, Outbox& outbox);
    void accounts_page(Job& job, Answer answer, Timestamp now, FactSink& sink, Outbox& outbox);

    AccountTools* tools_;
    Jobs jobs_;
    std::vector<Chase> chases_;
    std::uint64_t next_tag_ = 1;
    Timestamp second_;  ///< requests are counted since then, for a second
    int in_second_ = 0;
    HourQuota quota_;
    SessionNews news_;
};

}  // namespace arb::coinbase
