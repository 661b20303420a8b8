#pragma once
// The emulated OKX in one class, its work spread over emulated_*.cpp: proof of identity, REST, sockets,
// market data, account news. Only those files see it. Sans-I/O, one thread; errors are OKX's codes in
// answers.
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "engine/emulate/answer_text.hpp"
#include "engine/emulate/emulated_venue.hpp"
#include "engine/emulate/params.hpp"
#include "engine/emulate/public_tape.hpp"

namespace arb::okx {

/// What a call says: data entries, or OKX's code and text.
struct Answer {
    std::string data;  ///< JSON entries, comma-separated
    std::string code = "0";
    std::string text;
};

/// A code and a text of OKX's; no code: all is well.
struct Refusal {
    std::string_view code, text;
};

/// What a market order said of itself: told as it came, never as the limit that it is inside.
struct MarketTerms {
    std::string size, unit;  ///< sz, tgtCcy
    bool in_money() const { return unit == "quote_ccy"; }
};

/// What a request does to an order; each has its own buckets.
enum class OrderVerb : std::uint8_t { place, amend, cancel };

/// What the orders channel says of an amend in the order's entry.
struct AmendNews {
    std::string_view result;  ///< amendResult; empty: the entry is about something else
    std::string request;      ///< reqId
    std::string_view code = "0", text;
};

class EmulatedOkx final : public EmulatedVenue {
  public:
    explicit EmulatedOkx(const EmulatedVenueSetup& setup);

    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out) override;
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now,
                    SessionOutbox& out) override;
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override;
    void on_session_closed(SessionId session) override;
    void on_book(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                 const EmulatedBook& book, Timestamp now, SessionOutbox& out) override;
    void on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out) override;
    void on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                  SessionOutbox& out) override;
    void on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                    SessionOutbox& out) override;
    void on_tick(Timestamp now, SessionOutbox& out) override;
    void on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out) override;
    ServerReply banned(Duration retry_after) const override;
    ServerReply failed() const override;
    std::string failed_frame(std::string_view text) const override;
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view host_port) const override;

  private:
    using Json = simdjson::dom::element;
    struct Window {
        Timestamp begun;
        std::uint32_t count = 0;
    };
    /// `argument` as the client wrote it: every push repeats it.
    struct Subscription {
        std::string channel, argument;
        std::string symbol, kind, asset;  ///< instId, instType, ccy; empty: all
    };
    struct BookState {
        std::int64_t sequence = 0;
        Timestamp told;
    };
    struct Session {
        bool personal = false;  ///< the private socket
        bool warned = false;    ///< of the upgrade that cuts it
        std::string key_id;     ///< after the log-on; looked up each time, since keys change
        std::string remote;
        std::vector<Subscription> subscriptions;
        std::map<ListingId, BookState> books;
        std::vector<std::string> late;  ///< replies that the news of their orders overtook
        Timestamp opened;
        Timestamp alive;  ///< when anything went either way
        Window requests;  ///< subscribe, unsubscribe, login
    };
    /// An amend that was taken and could not be granted, by order, with what the orders channel says of it.
    struct FailedAmend {
        AccountId account{};
        std::uint64_t order = 0;
        AmendNews news;
    };
    /// What the accounts of this venue are set to.
    struct AccountSettings {
        std::string level = "2", positions = "net_mode", fees = "0";
        std::string quote;  ///< "required": orders for spot must say tradeQuoteCcy
    };

    // emulated_venue.cpp
    Answer authenticate(const ServerRequest& request, Timestamp now, const EmulatedKey*& key) const;
    /// The key a session logged on with, while it is good.
    const EmulatedKey* key_of(const Session& session, Timestamp now) const;
    void say(SessionId id, Session& session, std::string text, SessionOutbox& out) const;
    void control_frame(SessionId id, Session& session, const simdjson::dom::array& arguments,
                       std::string_view op, Timestamp now, SessionOutbox& out);
    std::string log_on(Session& session, const Json& argument, Timestamp now) const;
    void order_frame(SessionId id, Session& session, const Json& message, std::string_view op, Timestamp now,
                     SessionOutbox& out);
    // emulated_limits.cpp
    static bool counted_out(Window& window, Duration length, std::uint32_t max, Timestamp now);
    bool too_fast(AccountId account, std::string_view what, std::uint32_t max, Timestamp now,
                  Duration span = seconds(2));
    bool request_too_fast(const ServerRequest& request, const EmulatedKey* key, Timestamp now);
    /// Counted an account, instrument and verb, in batches apart from single ones.
    bool orders_too_fast(const EmulatedKey& key, const Listing& listing, OrderVerb verb, bool batched,
                         Timestamp now);
    /// New orders and amends of an account together, whatever the instrument; spot is exempt.
    bool account_too_fast(const EmulatedKey& key, const Listing& listing, Timestamp now);
    // emulated_channels.cpp
    void subscribe(SessionId id, Session& session, const Json& argument, std::string_view op, Timestamp now,
                   SessionOutbox& out);
    void start_channel(SessionId id, Session& session, const Subscription& wanted, const Listing* listing,
                       Timestamp now, SessionOutbox& out);
    void start_personal(SessionId id, Session& session, const Subscription& wanted, const EmulatedKey& key,
                        Timestamp now, SessionOutbox& out);
    void start_both(SessionId id, Session& session, const Subscription& wanted, const EmulatedKey& key,
                    Timestamp now, SessionOutbox& out);
    /// How many other sockets of the account have that channel.
    std::size_t crowd_of(AccountId account, std::string_view channel, SessionId but, Timestamp now) const;
    /// True: the venue ended the subscription right after its confirmation.
    bool crowded(SessionId id, const Subscription& wanted, const EmulatedKey& key, Timestamp now,
                 SessionOutbox& out);
    /// OKX has one word for a market that takes nothing and for one that takes cancellations alone.
    bool suspended(ListingId listing) const
    {
        return setup_.exchange->halted(listing) || setup_.exchange->cancel_only(listing);
    }
    void watch_markets(Timestamp now, SessionOutbox& out);
    void keep_alive(Timestamp now, SessionOutbox& out);
    void upgrade(SessionId id, Session& session, Timestamp now, SessionOutbox& out);
    // emulated_feed.cpp
    /// News of an account to whoever subscribed them; `listing`: of an order or position.
    void tell_account(AccountId account, std::string_view channel, const Listing* listing,
                      std::string_view asset, const std::string& data, SessionOutbox& out);
    /// The channel that tells money and positions in one message, whenever one of them changed.
    void tell_both(AccountId account, const EmulatedBalance& balance, Timestamp now, SessionOutbox& out);
    std::string cash_json(const EmulatedBalance& balance, Timestamp now) const;
    std::string both_json(std::string_view event, std::string_view money, std::string_view positions,
                          std::string_view trades, Timestamp now) const;
    std::string top_frame(std::string_view channel, const Listing& listing, const EmulatedBook& book,
                          Timestamp now) const;
    std::int64_t code_of(const Listing& listing) const
    {
        return 10'000 + static_cast<std::int64_t>(index(listing.id));
    }
    const Listing* listing(std::string_view symbol) const
    {
        return setup_.table->find_symbol(setup_.id, symbol);
    }
    const Listing* listing_of_code(std::int64_t code) const;
    // emulated_rest.cpp
    Answer get(const ServerRequest& request, const EmulatedKey* key, Timestamp now);
    Answer post(const ServerRequest& request, const EmulatedKey& key, Timestamp now);
    Answer get_public(const ServerRequest& request, Timestamp now) const;
    Answer batch(const EmulatedKey& key, const Json& body, OrderVerb verb, bool by_code, Timestamp now);
    Answer dead_man(const EmulatedKey& key, const Json& body, Timestamp now);
    void run_dead_men(Timestamp now);
    // emulated_tape.cpp
    Answer book(const ServerRequest& request, bool full) const;
    Answer public_trades(const ServerRequest& request, bool history) const;
    std::string ticker_body(const Listing& listing) const;
    Answer ticker(const ServerRequest& request) const;
    std::string ticker_frame(const std::string& argument, const std::string& body) const;
    void tell_tickers(Timestamp now, SessionOutbox& out);
    std::string service_json(Timestamp now) const;
    Answer service(const ServerRequest& request) const;
    // emulated_market_orders.cpp
    /// Price, time in force and quantity of a market order.
    Refusal market_terms(const Json& argument, const Listing& listing, PlaceOrder& order, MarketTerms& terms);
    Refusal limit_terms(const Json& argument, const Listing& listing, PlaceOrder& order) const;
    static Refusal size_of(const std::string& text, const Listing& listing, PlaceOrder& order);
    /// A market order for money ends with an entry without a fill; the one of its last fill does not say it.
    bool closes_apart(const EmulatedOrder& order, const EmulatedTrade* trade) const;
    // emulated_amends.cpp
    Answer amend(const EmulatedKey& key, const Json& argument, bool by_code, bool batched, Timestamp now);
    Answer amend_to(const EmulatedOrder& order, Price limit, Quantity quantity, const Json& argument,
                    Timestamp now);
    /// The order as `argument` names it; nullptr: there is none.
    const EmulatedOrder* named_order(const EmulatedKey& key, const Json& argument) const;
    /// What an entry of the orders channel says of the amend that caused it, if one did.
    AmendNews amend_news(const EmulatedOrder& order, const EmulatedTrade* trade);
    void tell_failed_amends(SessionOutbox& out);
    // emulated_orders.cpp
    Answer place(const EmulatedKey& key, const Json& argument, bool by_code, bool batched, Timestamp now);
    Answer cancel(const EmulatedKey& key, const Json& argument, bool by_code, bool batched, Timestamp now);
    /// OKX's code where the account's settings do not allow the order; empty: they do.
    std::string_view unsettled(const Json& argument, const Listing& listing) const;
    std::string_view cancel_source(const EmulatedOrder& order) const;
    Answer orders_list(const EmulatedKey& key, const ServerRequest& request, bool open) const;
    Answer instruments(std::string_view kind, std::string_view symbol) const;
    Answer one_order(const EmulatedKey& key, const ServerRequest& request) const;
    Answer fills(const EmulatedKey& key, const ServerRequest& request) const;
    Answer balance(const EmulatedKey& key, std::string_view assets) const;
    Answer fee(const ServerRequest& request) const;
    Answer config(const EmulatedKey& key) const;
    Answer positions(const EmulatedKey& key, const ServerRequest& request) const;
    Answer currencies() const;
    /// So much in dollars, as the books say.
    Amount worth(std::string_view asset, Amount amount) const;
    Amount worth_of_all(AccountId account) const;
    /// An amount of the instrument's units, counted as orders count it.
    std::string contracts(Amount amount, const Listing& listing) const;
    /// In figures as the venue prints its doubles.
    std::string figure(Amount amount) const;
    std::string order_json(const EmulatedOrder& order, const EmulatedTrade* trade,
                           const AmendNews& amend = {}) const;
    std::string detail_json(const EmulatedBalance& balance, Timestamp now) const;
    std::string position_json(const EmulatedBalance& balance, Timestamp now) const;
    std::string levels(std::span<const Level> side, const Listing& listing) const;
    std::string price(Price price, const Listing& listing) const;
    std::string size(Quantity quantity, const Listing& listing) const;

    EmulatedVenueSetup setup_;
    AccountSettings settings_;
    std::map<SessionId, Session> sessions_;
    std::map<std::pair<AccountId, std::string>, Window> windows_;
    std::map<std::pair<AccountId, std::string>, Timestamp> timers_;  ///< dead-man timers, by tag
    std::map<std::uint64_t, std::string> tags_;                      ///< of orders
    std::map<std::uint64_t, std::string> prevention_;                ///< stpMode of orders that say one
    std::set<std::uint64_t> timed_out_;                              ///< orders that a timer cancelled
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::string>
        amend_requests_;                                  ///< reqId by order, amend
    std::map<std::uint64_t, std::uint32_t> amends_told_;  ///< by order
    std::vector<FailedAmend> failed_amends_;              ///< not told yet
    std::map<AccountId, std::uint64_t> order_streams_;    ///< subscriptions so far
    std::map<ListingId, bool> halted_;                    ///< as last told
    std::map<ListingId, std::int64_t> sequence_;
    std::map<std::uint64_t, MarketTerms> market_terms_;              ///< of market orders
    std::map<std::pair<AccountId, std::string>, Amount> cash_told_;  ///< on the channel that tells both
    std::map<AccountId, std::pair<Timestamp, std::string>> last_trade_;
    PublicTape tape_;
    std::map<ListingId, std::string> tickers_;  ///< as last told, without the time
    Timestamp tickers_told_;
    std::uint64_t updates_ = 0, replies_ = 0;
    Timestamp now_;
};

/// A text or number of an object as it is written there; empty when it is absent or neither.
std::string member(const simdjson::dom::element& object, std::string_view key);
/// Nothing but letters and digits, at most so many.
bool plain_text(std::string_view text, std::size_t max);
/// OKX's code and text of a refusal by the matching; "0": it is none of an order that is placed.
std::pair<std::string_view, std::string_view> refusal_words(PlaceError error);
/// SPOT, SWAP or FUTURES.
std::string_view kind_of(const Listing& listing);

}  // namespace arb::okx
