#pragma once
// The emulated Bybit in one class, its work spread over emulated_*.cpp: dispatch and lifetime, proof of
// identity and limits, market data, orders, accounts, sockets, private events. Only those files see it.
// Sans-I/O, one thread; errors are Bybit's codes in answers.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/emulate/answer_text.hpp"
#include "engine/emulate/emulated_venue.hpp"
#include "engine/emulate/pages.hpp"
#include "engine/emulate/params.hpp"
#include "engine/emulate/public_tape.hpp"
#include "engine/emulate/rate_counts.hpp"

namespace arb::bybit {

/// What a call says: a result, or Bybit's code and text.
struct Answer {
    std::string result = "{}";
    int code = 0;
    std::string text = "OK";
    std::string extra = "{}";  ///< retExtInfo
};

/// The number of the first public trade.
inline constexpr std::uint64_t kPublicTrades = 2'280'000'001'739'247'417;

Answer good(std::string result);
Answer refuse(int code, std::string text);
/// The members of a JSON object that are texts, numbers or truth values; false: not an object.
bool read_params(std::string_view json, Params& out);
/// The digits a cursor begins with, as the id of the last entry that was told; the greatest number without
/// one.
std::uint64_t cursor_id(std::string_view cursor);
/// The entries of `request`, up to one more than any batch may have; false: there are none, or one is no
/// object.
bool read_batch(std::string_view json, std::vector<Params>& out);

class EmulatedBybit final : public EmulatedVenue {
  public:
    explicit EmulatedBybit(const EmulatedVenueSetup& setup);

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
    enum class Security : std::uint8_t { none, read, trade };
    enum class Door : std::uint8_t { open, personal, trade };
    struct Session {
        Door door = Door::open;
        std::string remote, key_id;  ///< the key it logged on with
        AccountId account{};
        std::set<std::string> topics;
        std::set<std::string> requests;  ///< reqIds seen on the trade socket
        int orders = 0;                  ///< how many requests about orders it made
        Timestamp heard;
    };
    struct Limit {
        int limit = 0, left = 0;
        std::int64_t reset_ms = 0;
    };
    struct Call {
        Params params;
        std::vector<Params> batch;  ///< of a request about several orders
        RateLeft* limit = nullptr;  ///< where it is told how many more there may be
        const EmulatedKey* key = nullptr;
        Timestamp now;
        std::string_view get(std::string_view name) const { return value_of(params, name); }
        AccountId account() const { return key->account; }
    };
    using Handler = Answer (EmulatedBybit::*)(const Call&);
    struct Endpoint {
        const char* method;
        const char* path;
        Security security;
        int per_second;  ///< 0: not counted by account
        Handler handler;
    };
    /// One depth of one book as its subscribers have it.
    struct Feed {
        std::vector<Level> bids, asks;
        std::int64_t update = 18'521'287;
        int changes = 0;
        bool known = false;
        Timestamp told;
    };
    /// What a client asked for beside what the matching knows.
    struct Asked {
        int position = 0;
        bool market = false, quote_units = false, reduce_only = false;
        std::string prevention = "None";
        std::string quantity;     ///< as it was asked for, in `quote_units`
        bool would_take = false;  ///< post-only: it ended because its new price would have taken
    };
    using FeedKey = std::pair<ListingId, std::uint32_t>;
    struct DeadMan {
        Duration window;
        bool armed = false;
    };

    bool spot() const { return setup_.market == "spot"; }
    std::span<const Endpoint> endpoints() const;
    ServerReply envelope(const Answer& answer, Timestamp now, const RateLeft& limit) const;
    int code(int linear, int spot_code) const { return spot() ? spot_code : linear; }

    // emulated_auth.cpp
    Answer prove(const ServerRequest& request, const Endpoint& endpoint, Timestamp now,
                 const EmulatedKey*& key) const;
    Answer check_key(std::string_view key_id, std::string_view remote, Timestamp now,
                     const EmulatedKey*& key) const;
    static Answer check_time(std::string_view stamp, std::string_view window, Timestamp now);
    static bool signature_good(const EmulatedKey& key, std::string_view payload, std::string_view signature);
    /// One count for both ways of asking.
    Answer count_call(const Endpoint& endpoint, const Call& call, RateLeft& limit);
    bool count_address(const std::string& remote, Timestamp now);

    // emulated_market.cpp: public questions.
    Answer time(const Call&);
    Answer instruments(const Call&);
    Answer order_book(const Call&);
    Answer no_funding(const Call&);
    const Listing* find_listing(std::string_view symbol) const;
    std::string levels_json(const Listing& listing, std::span<const Level> levels, std::size_t most) const;

    // emulated_tape.cpp: what was traded.
    Answer recent_trades(const Call&);
    Answer tickers(const Call&);
    Answer service(const Call&);
    std::string public_trade_id(std::uint64_t id) const;
    std::string ticker_fields(const Listing& listing, bool best) const;
    std::string ticker_message(const Listing& listing, Timestamp now);
    Price hour_ago(ListingId listing, Price otherwise) const;

    // emulated_feed.cpp: public topics.
    bool book_topic(std::string_view topic, const Listing*& listing, std::uint32_t& depth) const;
    bool public_topic(std::string_view topic) const;
    Feed& feed(ListingId listing, std::uint32_t depth);
    std::string book_message(const Listing& listing, std::uint32_t depth, bool snapshot,
                             std::span<const Level> bids, std::span<const Level> asks, const Feed& feed,
                             Timestamp now);
    void snapshot(SessionId session, const std::string& topic, Timestamp now, SessionOutbox& out);
    void publish(const std::string& topic, const std::string& text, SessionOutbox& out) const;

    // emulated_orders.cpp
    Answer create(const Call&);
    Answer cancel(const Call&);
    Answer cancel_all(const Call&);
    Answer realtime(const Call&);
    Answer history(const Call&);
    Answer read_order(const Call&, PlaceOrder& order) const;
    Answer read_numbers(const Call&, const Listing& listing, PlaceOrder& order) const;
    Answer read_price(const Call&, const Listing& listing, Price& price) const;
    Answer read_size(const Call&, Decimal& size) const;
    Answer fit_quantity(Decimal size, const Listing& listing, Quantity& quantity) const;
    Answer read_market_order(const Call&, const Listing& listing, Decimal size, PlaceOrder& order) const;
    bool quote_units(const Call&) const;
    Answer check_terms(const Call&) const;
    Answer place_error(PlaceError error, Side side) const;
    Answer check_category(const Call&) const;
    Answer order_list(const Call&, bool open) const;
    const EmulatedOrder* find_order(const Call&) const;
    Answer read_asked(const Call&, Asked& asked) const;
    bool state_wanted(const Call&, const EmulatedOrder& order) const;
    bool wanted(const Call&, ListingId listing) const;
    bool bad_scope(const Call&) const;
    /// The open order that a change is about.
    Answer find_open(const Call&, const EmulatedOrder*& order) const;
    std::string order_names(const EmulatedOrder& order) const;

    // emulated_batches.cpp
    Answer create_batch(const Call&);
    Answer amend_batch(const Call&);
    Answer cancel_batch(const Call&);
    Answer batch(const Call&, Handler each, std::string_view verb);

    // emulated_amends.cpp
    Answer amend(const Call&);
    Answer read_amend(const Call&, const EmulatedOrder& order, Price& price, Quantity& quantity) const;

    // emulated_account.cpp
    Answer executions(const Call&);
    Answer wallet(const Call&);
    Answer fee_rates(const Call&);
    Answer key_information(const Call&);
    Answer account_information(const Call&);
    Answer coins(const Call&);
    Answer set_dead_man(const Call&);
    Answer dead_man_information(const Call&);
    Answer settings(const Call&);
    Amount in_dollars(std::string_view coin, Amount amount) const;

    // emulated_positions.cpp
    Answer switch_mode(const Call&);
    bool hedged(AccountId account) const { return hedged_.count(account) > 0; }
    Answer positions(const Call&);
    std::string position_rows(AccountId account, const Listing& listing, const EmulatedBalance& held,
                              Timestamp now) const;
    Price mark(const Listing& listing) const;
    Amount unrealised(const Listing& listing, const EmulatedBalance& held) const;
    Amount unrealised_of(AccountId account, std::string_view coin) const;

    // emulated_words.cpp
    std::string price_text(const Listing& listing, Price price) const;
    std::string quantity_text(const Listing& listing, Quantity quantity) const;
    std::string order_id(std::uint64_t id) const;
    std::uint64_t order_number(std::string_view id) const;
    std::string trade_id(std::uint64_t id) const;
    std::string order_json(const EmulatedOrder& matched) const;
    /// The money of a market order that bought or sold no further lot.
    Amount left_over(const EmulatedOrder& order, const Asked& asked) const;
    std::string fast_json(const EmulatedTrade& trade, const EmulatedOrder& order) const;
    std::string trade_json(const EmulatedTrade& trade, const EmulatedOrder* order) const;
    std::string coin_json(AccountId account, const EmulatedBalance& balance) const;
    std::string position_json(const Listing& listing, int side, const EmulatedBalance& held,
                              Timestamp now) const;

    // emulated_sockets.cpp
    void public_frame(SessionId id, Session& session, std::string_view op, std::string_view request,
                      const std::vector<std::string>& args, Timestamp now, SessionOutbox& out);
    void private_frame(SessionId id, Session& session, std::string_view op, std::string_view request,
                       const std::vector<std::string>& args, Timestamp now, SessionOutbox& out);
    void trade_frame(SessionId id, Session& session, std::string_view text, Timestamp now,
                     SessionOutbox& out);
    void order_frame(SessionId id, Session& session, std::string_view op, const Params& root,
                     const Params& header, Call call, SessionOutbox& out);
    Answer log_on(Session& session, const std::vector<std::string>& args, Timestamp now) const;
    static bool private_topic(std::string_view topic);
    static std::string connection_name(SessionId id);
    void reply(SessionId id, bool success, std::string_view text, std::string_view op,
               std::string_view request, SessionOutbox& out) const;

    // emulated_private.cpp
    void tell(AccountId account, std::string_view topic, const std::string& data, Timestamp now,
              SessionOutbox& out);
    void watch_dead_man(AccountId account);

    EmulatedVenueSetup setup_;
    std::unique_ptr<class Emulator> words_;  ///< instrument lists
    PublicTape tape_;
    std::map<SessionId, Session> sessions_;
    std::map<FeedKey, Feed> feeds_;
    RateCounts counts_;  ///< by account and path, or by address
    std::map<std::string, Timestamp> shut_out_;
    std::map<AccountId, DeadMan> dead_men_;
    std::set<AccountId> hedged_;            ///< accounts in hedge mode
    std::map<std::uint64_t, Asked> asked_;  ///< by the matching's order id
    std::uint64_t invented_ = 0;
    std::int64_t cross_sequence_ = 7'961'638'724;
    Timestamp now_;
};

}  // namespace arb::bybit
