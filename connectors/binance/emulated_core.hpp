#pragma once
// The emulated Binance in one class, its work spread over emulated_*.cpp: dispatch and lifetime, proof of
// identity and limits, orders, accounts, market streams, websocket API, private events. Only those files see
// it. Sans-I/O, one thread; errors are Binance's codes in answers.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"
#include "engine/emulate/params.hpp"
#include "engine/emulate/public_tape.hpp"
#include "engine/emulate/rate_counts.hpp"

namespace arb::binance {

/// What a call says: JSON, or Binance's code and text.
struct Answer {
    int status = 200;
    std::string body;
    int code = 0;
    std::string text;
};

Answer good(std::string body);
Answer refuse(int code, std::string text, int status = 400);
Answer missing(std::string_view parameter);

class EmulatedBinance final : public EmulatedVenue {
  public:
    explicit EmulatedBinance(const EmulatedVenueSetup& setup);

    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out) override;
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now,
                    SessionOutbox& out) override;
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override;
    void on_session_closed(SessionId session) override { sessions_.erase(session); }
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
    enum class Security : std::uint8_t { none, key, read, trade };
    enum class Door : std::uint8_t { stream, api, personal };
    struct Subscription {
        int id = 0;
        AccountId account{};
        std::string key_id;
    };
    struct Session {
        Door door = Door::stream;
        bool combined = false;
        bool public_data = true, market_data = true;  ///< the futures route them apart
        std::set<std::string> streams;
        std::string remote, logged_on;  ///< key id
        std::string listen_key;
        std::vector<Subscription> subscriptions;
        int next_subscription = 0;
        EmulatedWindow messages;  ///< of a second
        Timestamp opened;
        bool shutdown_told = false;
    };
    struct Call {
        const Params* params = nullptr;
        const EmulatedKey* key = nullptr;
        std::string remote;
        Timestamp now;
        SessionOutbox* out = nullptr;
        Session* session = nullptr;  ///< websocket API only
        std::string_view get(std::string_view name) const { return value_of(*params, name); }
    };
    /// An order as it was read.
    struct Entry {
        PlaceOrder order;
        std::string response;
        bool market = false;
        std::optional<Amount> spend = std::nullopt;  ///< of a market order told by money
    };
    using Handler = Answer (EmulatedBinance::*)(const Call&);
    struct Endpoint {
        const char* method;
        const char* path;  ///< empty: by the websocket API alone
        const char* word;  ///< of the websocket API, may be empty
        Security security;
        int weight;
        bool order;  ///< counts as an order
        Handler handler;
        bool coinm = true;  ///< COIN-M answers it too, where it is public
    };
    using Window = EmulatedWindow;
    struct Amended {
        std::uint32_t told = 0;  ///< of its amends, on the stream
        std::string mark;        ///< "modifyId" of the last one; empty: it had none
    };
    struct ListenKey {
        AccountId account{};
        std::string key_id;
        Timestamp expires;
    };

    bool spot() const { return setup_.market == "spot"; }
    std::span<const Endpoint> endpoints() const;
    static std::span<const Endpoint> spot_endpoints();
    static std::span<const Endpoint> futures_endpoints();

    // emulated_auth.cpp
    Answer prove(const Endpoint& endpoint, Call& call, std::string_view key_id, std::string_view payload,
                 std::string_view signature, bool is_signed) const;
    Answer check_time(const Call& call) const;
    Answer check_key(const Endpoint& endpoint, Call& call, std::string_view key_id) const;
    bool signature_good(const EmulatedKey& key, std::string_view payload, std::string_view signature) const;
    int weight_of(const Endpoint& endpoint, const Params& params) const;
    int ticker_weight(std::string_view path, const Params& params) const;
    bool spend(int weight, const std::string& remote, Timestamp now, Answer& refusal, Duration& retry_after);
    /// `times`: what it counts for in the 10 s, once in the longer window; 0: only turns the windows.
    Answer count_order(AccountId account, Timestamp now, int times = 1);
    int used_weight(const std::string& remote) const;
    /// USD-M and COIN-M count an address' weight together.
    std::string pool_of(const std::string& remote) const { return (spot() ? "spot " : "futures ") + remote; }
    std::string limits_json(const std::string& remote, const EmulatedKey* orders_of) const;

    // emulated_rest.cpp: public calls and the account.
    Answer ping(const Call&);
    Answer time(const Call&);
    Answer exchange_info(const Call&);
    Answer depth(const Call&);
    std::string format_rate(Rate rate) const;
    Answer account(const Call&);
    Answer futures_balance(const Call&);
    Answer positions(const Call&);
    Answer commission(const Call&);
    Answer my_trades(const Call&);
    Answer restrictions(const Call&);
    Answer listen_key_start(const Call&);
    Answer listen_key_extend(const Call&);
    Answer listen_key_close(const Call&);
    Answer countdown(const Call&);

    // emulated_account.cpp
    Answer futures_account(const Call&);
    Answer leverage_brackets(const Call&);
    Answer one_asset_mode(const Call&);
    Answer trade_fees(const Call&);
    Answer order_counts(const Call&);
    Answer system_status(const Call&);
    Answer account_status(const Call&);
    std::string order_commission(ListingId listing) const;
    Amount worth_of(const EmulatedBalance& position, ListingId listing) const;
    static Amount bound_by(const EmulatedBalance& position);

    // emulated_tape.cpp
    Answer recent_trades(const Call&);
    Answer historical_trades(const Call&);
    Answer list_trades(const Call&, bool from) const;
    Answer aggregate_trades(const Call&);
    Answer average_of_minutes(const Call&);
    Answer pick_trades(const Call&, bool times, ListingId& id, std::vector<const TapeTrade*>& found) const;
    void open_tape(ListingId id, const EmulatedBook& book, Timestamp now);

    // emulated_tickers.cpp
    Answer best(const Call&);
    Answer price_ticker(const Call&);
    Answer day_ticker(const Call&);
    Answer premium_index(const Call&);
    Answer choose(const Call&, std::vector<ListingId>& listings, bool& one) const;
    template <class One>
    Answer each_chosen(const Call&, One entry) const;
    static std::string eight_decimals(Int128 value);
    static Int128 price_of(Amount money, Amount quantity, unsigned decimals);
    std::string money_text(Amount amount) const;
    std::string average_text(ListingId id, const TapeDay& day) const;
    std::string day_json(ListingId id, bool mini, Timestamp now) const;
    std::string day_event(ListingId id, bool mini, Timestamp now) const;
    std::string mark_price(ListingId id, Timestamp now) const;
    std::string mark_event(ListingId id, Timestamp now) const;
    std::string second_text(std::string_view name, std::int64_t second, Timestamp now) const;
    void tell_seconds(Timestamp now, SessionOutbox& out);

    // emulated_setup.cpp
    Answer position_mode(const Call&);
    Answer set_position_mode(const Call&);
    Answer account_config(const Call&);
    Answer coins(const Call&);
    Answer no_margin_pairs(const Call&);
    Answer check_position_side(const Call&) const;
    Answer read_prevention(const Call&, PlaceOrder& order) const;
    std::string_view prevention(std::uint64_t order) const;
    std::string position_numbers(const EmulatedBalance& balance, ListingId listing) const;
    bool hedged(AccountId account) const { return hedged_.count(account) > 0; }
    std::string_view position_side(std::uint64_t order) const;
    void book_position(const EmulatedTrade& trade);
    std::vector<std::pair<const char*, Amount>> position_rows(AccountId account, ListingId listing,
                                                              Amount total) const;

    // emulated_orders.cpp
    Answer place(const Call&);
    Answer test_order(const Call&);
    Answer enter(const Call&, Entry& entry);
    Answer read_order(const Call&, Entry& entry) const;
    Answer read_time_in_force(const Call&, bool maker, Entry& entry) const;
    Answer read_number(const Call&, const char* name, unsigned digits, Decimal& out) const;
    Answer read_quantity(const Call&, const Listing& listing, PlaceOrder& order) const;
    Answer read_numbers(const Call&, const Listing& listing, PlaceOrder& order) const;
    Answer place_error(PlaceError error, Side side) const;
    Answer cancel(const Call&);
    Answer cancel_found(const Call&, const EmulatedOrder* order, std::string_view cancel_id);
    Answer cancel_all(const Call&);
    Answer query(const Call&);
    Answer open_order(const Call&);
    Answer open_orders(const Call&);
    Answer all_orders(const Call&);
    const EmulatedOrder* find_order(const Call&, Answer& refusal, const char* by_id = "orderId",
                                    const char* by_client = "origClientOrderId") const;
    Answer find_listing(const Call&, ListingId& listing, bool required) const;
    std::string order_list(const Call&, ListingId listing, bool open) const;
    bool hidden(const EmulatedOrder& order) const { return hidden_.count(order.id) > 0; }

    // emulated_market.cpp
    Answer read_market(const Call&, Entry& entry) const;
    Answer price_market(Entry& entry) const;
    bool is_market(const EmulatedOrder& order) const { return market_orders_.count(order.id) > 0; }
    std::string shown_price(const EmulatedOrder& order) const;
    std::string shown_money(const EmulatedOrder& order) const;

    // emulated_replace.cpp
    Answer judge_filters(const Entry& entry) const;
    Answer replace(const Call&);

    // emulated_batch.cpp
    template <class Each>
    Answer batch(const Call&, Each each);
    Answer place_batch(const Call&);
    Answer amend_batch(const Call&);
    Answer cancel_batch(const Call&);

    // emulated_amend.cpp
    Answer amend(const Call&);
    Answer amend_counted(const Call&);
    Answer read_amend(const Call&, PlaceOrder& wish) const;
    Answer amend_error(PlaceError error, Side side) const;
    bool meets_own(const EmulatedOrder& order, Price price) const;
    bool tells_amend(const EmulatedOrder& order, const EmulatedTrade* trade);

    // emulated_words.cpp
    std::string number(std::int64_t units, std::int64_t step, unsigned decimals) const;
    std::string price_text(ListingId listing, Price price) const;
    std::string quantity_text(ListingId listing, Quantity quantity) const;
    static std::string amount_text(Amount amount);
    static std::string status_word(const EmulatedOrder& order);
    std::string_view type_word(const EmulatedOrder& order) const;
    std::string_view tif_word(const EmulatedOrder& order) const;
    std::string_view expiry_word(const EmulatedOrder& order) const;
    char expiry_digit(const EmulatedOrder& order) const;
    std::string average_price(const EmulatedOrder& order) const;
    std::string order_json(const EmulatedOrder& order) const;
    std::string order_reply(const EmulatedOrder& order, std::string_view response, Timestamp now) const;
    std::string cancel_reply(const EmulatedOrder& order, std::string_view cancel_id, Timestamp now) const;

    // emulated_sockets.cpp
    void stream_frame(SessionId id, Session& session, std::string_view text, SessionOutbox& out);
    void api_frame(SessionId id, Session& session, std::string_view text, Timestamp now, SessionOutbox& out);
    Answer api_call(std::string_view method, Call& call);
    Answer log_on(const Call&);
    Answer log_off(const Call&);
    Answer session_status(const Call&);
    Answer session_subscriptions(const Call&);
    Answer subscribe(const Call&);
    Answer subscribe_signed(const Call&);
    Answer unsubscribe(const Call&);
    Answer add_subscription(const Call&);
    static std::string stream_symbol(const Listing& listing);
    void publish_best_levels(const Listing& listing, std::string_view change, const EmulatedBook& book,
                             SessionOutbox& out);
    void publish(std::string_view stream, const std::string& text, SessionOutbox& out);
    void publish_messages(const Listing& listing, const std::vector<struct VenueMessage>& messages,
                          SessionOutbox& out);

    // emulated_states.cpp
    std::vector<ListingDefinition> current_definitions() const;
    /// Contracts whose status is another one than what was told last.
    void tell_contracts(Timestamp now, SessionOutbox& out);

    // emulated_manners.cpp
    std::string with_old_orders(const Listing& listing, std::string text);
    void restart_servers(Timestamp now, SessionOutbox& out);
    int others_weight() const;

    // emulated_private.cpp
    void tell(AccountId account, const std::string& event, SessionOutbox& out);
    std::string execution_report(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now) const;
    std::string order_update(const EmulatedOrder& order, const EmulatedTrade* trade, bool amended,
                             Timestamp now) const;

    EmulatedVenueSetup setup_;
    std::unique_ptr<class Emulator> feed_;
    std::map<SessionId, Session> sessions_;
    std::shared_ptr<EmulatedWindows> weights_;                     // the futures' are one
    std::map<AccountId, std::pair<Window, Window>> order_counts_;  // 10 s; day (spot) or minute
    std::map<std::string, ListenKey> listen_keys_;
    std::set<std::uint64_t>
        hidden_;  // refused orders that the matching knows and the venue's history does not
    std::set<AccountId> hedged_;
    std::map<ListingId, std::string_view> contracts_;      // status, as last told
    std::map<std::uint64_t, std::string> preventions_;     // of orders that named another than the default
    std::map<std::uint64_t, std::string> position_sides_;  // of orders in hedge mode
    std::map<std::pair<AccountId, ListingId>, std::pair<Amount, Amount>> positions_apart_;  // long, short
    std::map<std::uint64_t, Amended> amends_;
    std::map<std::uint64_t, Amount> market_orders_;  // by number; the money that was told, or none
    PublicTape tape_;
    std::int64_t told_second_ = 0;  // of the venue's clock, when tickers were told last
    std::uint64_t invented_ = 0;
    std::uint64_t old_orders_ = 0;  ///< changes of books so far
};

}  // namespace arb::binance
