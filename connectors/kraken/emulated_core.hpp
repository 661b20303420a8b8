#pragma once
// The emulated Kraken in one class, its work spread over emulated_*.cpp: sockets and market data, REST,
// orders and account news. Only those files see it. Sans-I/O, one thread; errors are Kraken's texts in
// answers.
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/kraken/emulated_limits.hpp"
#include "connectors/kraken/emulator.hpp"
#include "engine/emulate/answer_text.hpp"
#include "engine/emulate/emulated_venue.hpp"
#include "engine/emulate/params.hpp"
#include "engine/emulate/public_tape.hpp"

namespace arb::kraken {

/// What a call says: a result, or the error's text.
struct Answer {
    std::string result;
    std::string error;
};

class EmulatedKraken final : public EmulatedVenue {
  public:
    explicit EmulatedKraken(const EmulatedVenueSetup& setup);

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
    struct Session {
        bool is_v1 = false;
        std::set<std::string> channels;  ///< "book:BTC/USD", "trade:BTC/USD", "instrument", "executions", ...
        std::map<ListingId, Emulator> books;        ///< each cut to the depth asked for
        std::map<ListingId, bool> tickers;          ///< told of quotes; else of trades
        const EmulatedKey* key = nullptr;           ///< whose token was used here first
        std::set<std::string> tokens;               ///< that private channels were subscribed with
        std::int64_t executions = 0, balances = 0;  ///< sequences
        Timestamp said;
    };
    struct Amended {
        std::uint32_t times = 0;  ///< as told
        Timestamp last;
    };
    struct Token {
        const EmulatedKey* key = nullptr;
        Timestamp made;
    };
    struct PublicWish {
        std::string_view channel, depth = "10", trigger = "trades";
        bool snapshot = true;
    };
    /// What the matching does not know of an order.
    struct Terms {
        bool is_market = false;
        Amount money;  ///< to spend; zero: its volume is a quantity
        std::optional<std::int32_t> userref;
    };
    struct Wish {
        PlaceOrder order;
        Terms terms;
    };

    // emulated_venue.cpp
    void subscribe(SessionId id, Session& session, std::string_view method, const Json& parameters,
                   std::string_view request, Timestamp now, SessionOutbox& out);
    void subscribe_private(SessionId id, Session& session, std::string_view channel, const Json& parameters,
                           std::string_view request, Timestamp now, SessionOutbox& out);
    /// `symbol`: told with a refusal.
    std::string answer(std::string_view method, std::string_view request, const Answer& answer, Timestamp now,
                       std::string_view symbol = {}) const;
    const EmulatedKey* key_of_token(std::string_view token, Timestamp now);
    const Listing* listing(std::string_view symbol) const
    {
        return setup_.table->find_symbol(setup_.id, symbol);
    }
    void say(SessionId id, Session& session, std::string text, Timestamp now, SessionOutbox& out);
    // emulated_public.cpp
    void subscribe_public(SessionId id, Session& session, std::string_view method, const Json& parameters,
                          std::string_view request, Timestamp now, SessionOutbox& out);
    void begin_public(SessionId id, Session& session, const PublicWish& wish, const Listing& listing,
                      Timestamp now, SessionOutbox& out);
    std::string acknowledged(const PublicWish& wish, const Listing& listing, bool begins) const;
    std::string ticker_frame(std::string_view type, const Listing& listing, Timestamp now) const;
    void tell_ticker(const Listing& listing, bool of_quotes, Timestamp now, SessionOutbox& out);
    Answer depth(std::string_view form, Timestamp now) const;
    Answer recent_trades(std::string_view form, Timestamp now) const;
    Answer ticker(std::string_view form, Timestamp now) const;
    std::string ticker_row(const Listing& listing, Timestamp now) const;
    // emulated_v1.cpp
    void on_v1_frame(SessionId id, Session& session, const Json& message, Timestamp now, SessionOutbox& out);
    void subscribe_v1(SessionId id, Session& session, const Json& message, const Listing& listing,
                      Timestamp now, SessionOutbox& out);
    std::string v1_name(const Listing& listing) const;
    void tell_v1_book(SessionId id, Session& session, const Listing& listing, std::span<const Level> bids,
                      std::span<const Level> asks, const EmulatedBook& book, Timestamp now,
                      SessionOutbox& out);
    std::string v1_levels(const Listing& listing, std::span<const Level> levels, Timestamp now) const;
    std::string v1_trade(const Listing& listing, const Trade& trade) const;
    // emulated_states.cpp
    std::string_view state_of(const Listing& listing) const;
    std::string pair_row(const ListingDefinition& definition, const Listing& listing) const;
    std::string instrument_frame(std::string_view type, std::string_view pairs) const;
    void subscribe_instruments(SessionId id, Session& session, std::string_view method,
                               std::string_view request, Timestamp now, SessionOutbox& out);
    /// Pairs whose status is another one than what was told last.
    void tell_states(Timestamp now, SessionOutbox& out);
    // emulated_orders.cpp
    Answer add_order(const EmulatedKey& key, const Json& parameters, bool only_looked_at, Timestamp now);
    /// The refusal; empty: `wish` is what was asked for.
    std::string read_order(const EmulatedKey& key, const Listing& listing, const Json& parameters,
                           Wish& wish) const;
    std::string read_amounts(const Listing& listing, const Json& parameters, Wish& wish) const;
    /// What is found wrong before an order meets the market; empty: nothing.
    std::string_view judge(const Wish& wish) const;
    Answer submit(Wish wish, Timestamp now);
    const Terms& terms(std::uint64_t id) const;
    Answer amend_order(const EmulatedKey& key, const Json& parameters, Timestamp now);
    /// The refusal; nothing: it was done.
    Answer amend(const EmulatedOrder& order, const Json& parameters, Timestamp now);
    /// Since when it is as it is.
    Timestamp begin_of(const EmulatedOrder& order) const;
    void cancel_orders(SessionId id, Session& session, const EmulatedKey& key, const Json& parameters,
                       std::string_view request, Timestamp now, SessionOutbox& out);
    Answer cancel_order(const EmulatedKey& key, std::string_view id, bool by_client, Timestamp now);
    Answer cancel_all(const EmulatedKey& key, Timestamp now);
    Answer cancel_after(const EmulatedKey& key, std::int64_t timeout, Timestamp now);
    bool charge(AccountId account, ListingId listing, std::int64_t units, Timestamp now);
    /// Whatever there is left.
    void charge_anyway(AccountId account, ListingId listing, std::int64_t units, Timestamp now);
    bool charge_millionths(AccountId account, ListingId listing, std::int64_t wanted, Timestamp now);
    std::vector<const EmulatedOrder*> with_reference(AccountId account, std::string_view userref) const;
    std::string order_id(std::uint64_t id) const;
    std::uint64_t order_number(std::string_view id) const;
    std::string price(Price price, const Listing& listing) const;
    std::string size(Quantity quantity, const Listing& listing) const;
    // emulated_batches.cpp
    /// The refusal of them all, or one answer an order.
    std::string place_all(const EmulatedKey& key, const Listing* listing, const std::vector<Json>& orders,
                          bool only_looked_at, Timestamp now, std::vector<Answer>& answers);
    Answer batch_add(const EmulatedKey& key, const Json& parameters, Timestamp now);
    Answer batch_cancel(const EmulatedKey& key, const Json& parameters, Timestamp now);
    Answer add_batch_by_form(std::string_view form, const EmulatedKey& key, Timestamp now);
    Answer cancel_batch_by_form(std::string_view form, const EmulatedKey& key, Timestamp now);
    Answer cancel_many(const EmulatedKey& key, const std::set<std::string>& ids,
                       const std::set<std::string>& clients, Timestamp now);
    // emulated_news.cpp
    std::string kind_members(const EmulatedOrder& order) const;
    std::string order_row(const EmulatedOrder& order) const;
    std::string begin_row(const EmulatedOrder& order) const;
    std::string live_row(const EmulatedOrder& order) const;
    std::string amended_row(const EmulatedOrder& order) const;
    std::string trade_row(const EmulatedOrder& order, const EmulatedTrade& trade) const;
    std::string end_row(const EmulatedOrder& order) const;
    void say_order(const EmulatedOrder& order, const std::string& row, Timestamp now, SessionOutbox& out);
    std::string totals(const EmulatedOrder& order) const;
    std::string average(const EmulatedOrder& order) const;
    std::string wallets(const EmulatedBalance& balance) const;
    // emulated_rest.cpp
    Answer authenticate(const ServerRequest& request, std::string_view form, Timestamp now,
                        const EmulatedKey*& key);
    Answer get(std::string_view name, std::string_view form, Timestamp now) const;
    Answer post(std::string_view name, std::string_view form, const EmulatedKey& key, Timestamp now);
    Answer place(std::string_view form, const EmulatedKey& key, Timestamp now);
    Answer cancel_by_form(std::string_view form, const EmulatedKey& key, Timestamp now);
    /// An order of a form in the websocket's words; `prefix`: "orders[0]".
    std::string order_of(std::string_view form, const std::string& prefix, const Listing* listing) const;
    std::string description(std::string_view form, const std::string& prefix, const Listing* listing) const;
    Answer amend_by_form(std::string_view form, const EmulatedKey& key, Timestamp now);
    std::string altname(const Listing& listing) const;
    std::string pair_key(const Listing& listing) const;
    const Listing* by_name(std::string_view name) const;
    // emulated_lists.cpp
    Answer orders(const EmulatedKey& key, std::string_view form, bool open) const;
    Answer query_orders(const EmulatedKey& key, std::string_view form) const;
    Answer trades(const EmulatedKey& key, std::string_view form) const;
    Answer balances(const EmulatedKey& key, bool extended) const;
    Answer volume(std::string_view form) const;
    Answer key_info(const EmulatedKey& key) const;
    std::string order_json(const EmulatedOrder& order, bool with_trades) const;

    EmulatedVenueSetup setup_;
    VenueTier tier_;  ///< of every account
    PublicTape tape_;
    std::map<ListingId, std::pair<Price, Price>> best_;
    std::map<SessionId, Session> sessions_;
    std::map<std::string, Token, std::less<>> tokens_;
    std::map<std::string, std::uint64_t> nonces_;    ///< by key
    std::map<std::string, VenueCounter> questions_;  ///< by key
    std::map<std::pair<AccountId, ListingId>, VenueCounter> charges_;
    std::map<std::uint64_t, Amended> amended_;                  ///< open orders, by id
    std::map<std::uint64_t, Terms> terms_;                      ///< of orders that have any
    std::map<std::pair<AccountId, std::string>, Amount> told_;  ///< totals of balances
    std::map<ListingId, std::string> states_;                   ///< of pairs, as last told
    std::uint64_t announced_ = 0;                               ///< the last order that was told of
    std::uint64_t next_token_ = 1, next_amend_ = 1;
    Timestamp now_;
};

/// A text, or a number that was put into quotes; empty when absent.
std::string_view wire_text(const simdjson::dom::element& object, std::string_view key);
bool wire_flag(const simdjson::dom::element& object, std::string_view key);
/// Said, and neither "false" nor "0".
bool form_flag(std::string_view form, std::string_view key);
/// A JSON object as a form: {"a":{"b":1},"c":[2]} is a[b]=1&c[0]=2. nullopt: it is none.
std::optional<std::string> form_of_json(std::string_view json);
/// XBT for BTC, XDG for DOGE.
std::string old_asset(const std::string& asset);
/// The id of an asset: XXBT, ZUSD, SOL.
std::string asset_id(const std::string& asset);
/// The key of AssetPairs: XXBTZUSD, USDTZUSD, XBTUSDT.
std::string key_of_pair(const std::string& base, const std::string& quote);

}  // namespace arb::kraken
