#pragma once
// The emulated Coinbase in one class, its work spread over emulated_*.cpp: dispatch and limits, tokens,
// public calls and accounts, orders, amends, websockets, unusual manners, the venue's wording. Only those
// files see it. Sans-I/O, one thread; errors are Coinbase's words in replies.
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "engine/emulate/emulated_venue.hpp"
#include "engine/emulate/params.hpp"
#include "engine/emulate/public_tape.hpp"
#include "engine/emulate/rate_counts.hpp"

namespace arb::coinbase {

using JsonBody = simdjson::dom::object;

struct CoinbaseAnswer {
    int status = 200;
    std::string body;
};

/// The venue's words for a refusal of the matching: of the order, and of its preview.
struct RefusalWords {
    std::string_view error, preview;
};

RefusalWords words_of(PlaceError error);
CoinbaseAnswer failure(int status, std::string_view error, std::string_view message);
/// The number behind a venue order id; 0: no such id was ever given out.
std::uint64_t order_number(std::string_view id);
std::string order_id_text(std::uint64_t number);
/// Under which product the book of a listing is published.
std::string_view book_name(const std::string& symbol, const std::string& code);

/// The number of the first public trade.
inline constexpr std::uint64_t kFirstTrade = 700'000'001;

class EmulatedCoinbase final : public EmulatedVenue {
  public:
    explicit EmulatedCoinbase(const EmulatedVenueSetup& setup)
        : setup_(setup), counts_(setup.rate_limits), tape_(*setup.table, kFirstTrade)
    {
    }

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
    /// Advanced Trade tells no balances on a stream.
    void on_balance(AccountId, const EmulatedBalance&, Timestamp, SessionOutbox&) override {}
    void on_tick(Timestamp now, SessionOutbox& out) override;
    void on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out) override;
    ServerReply banned(Duration retry_after) const override;
    ServerReply failed() const override;
    std::string failed_frame(std::string_view) const override { return {}; }
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view host_port) const override;

  private:
    enum class Need : std::uint8_t { nothing, key, view, trade };
    struct Call {
        const ServerRequest* request = nullptr;
        const EmulatedKey* key = nullptr;
        Params parameters;
        std::string tail;  ///< what stands in the place of "{}" in an endpoint's path
        Timestamp now;
        std::string_view get(std::string_view name) const { return value_of(parameters, name); }
        /// Every value of a name that may be repeated, and of its singular.
        std::vector<std::string_view> all(std::string_view name, std::string_view singular) const;
    };
    using Handler = CoinbaseAnswer (EmulatedCoinbase::*)(const Call&);
    struct Endpoint {
        const char* method;
        const char* path;
        Need need;
        Handler handler;
    };
    struct Session {
        bool user_host = false;
        std::string remote, key_id;
        AccountId account{};
        std::map<std::string, std::set<std::string>> channels;  ///< products; empty where it takes none
        std::uint64_t sequence = 0;
        std::uint64_t beats = 0;
        Timestamp opened, last_sent, beat_due, slow_due;
        EmulatedWindow messages;
    };
    /// What a market order said of itself.
    struct MarketTerms {
        bool market = false;
        std::string money;  ///< quote_size; empty: its size is the base's
    };
    struct Proof {
        const EmulatedKey* key = nullptr;
        bool good() const { return key != nullptr; }
    };

    // emulated_venue.cpp
    static std::span<const Endpoint> endpoints();
    bool spend(const Endpoint& endpoint, const Call& call, ServerReply& reply);

    // emulated_auth.cpp
    Proof prove(std::string_view token, const std::vector<std::string>& uris, std::string_view remote,
                Timestamp now);
    bool signature_good(const EmulatedKey& key, std::string_view algorithm, std::string_view input,
                        std::string_view signature);

    // emulated_rest.cpp
    CoinbaseAnswer server_time(const Call&);
    CoinbaseAnswer products(const Call&);
    CoinbaseAnswer product(const Call&);
    CoinbaseAnswer product_book(const Call&);
    CoinbaseAnswer best_bid_ask(const Call&);
    CoinbaseAnswer currencies(const Call&);
    CoinbaseAnswer old_time(const Call&);
    CoinbaseAnswer exchange_rates(const Call&);
    CoinbaseAnswer old_accounts(const Call&);
    CoinbaseAnswer accounts(const Call&);
    CoinbaseAnswer account(const Call&);
    CoinbaseAnswer transaction_summary(const Call&);
    CoinbaseAnswer key_permissions(const Call&);

    // emulated_orders.cpp
    CoinbaseAnswer place(const Call&);
    CoinbaseAnswer cancel(const Call&);
    CoinbaseAnswer order(const Call&);
    CoinbaseAnswer orders(const Call&);
    CoinbaseAnswer fills(const Call&);
    CoinbaseAnswer read_order(JsonBody body, const Call&, PlaceOrder& order, MarketTerms& said) const;
    CoinbaseAnswer read_product(JsonBody body, PlaceOrder& order, MarketTerms& said) const;
    CoinbaseAnswer read_terms(JsonBody terms, std::string_view kind, PlaceOrder& order,
                              MarketTerms& said) const;
    CoinbaseAnswer read_market(JsonBody terms, PlaceOrder& order, MarketTerms& said) const;
    CoinbaseAnswer placed(const EmulatedOrder& order) const;

    // emulated_tape.cpp
    CoinbaseAnswer market_trades(const Call&);
    std::string trade_json(const TapeTrade& one) const;
    std::string ticker_json(const Listing& listing, bool best, Timestamp now) const;
    std::string day_json(ListingId listing, Timestamp now) const;

    // emulated_preview.cpp
    CoinbaseAnswer preview(const Call&);
    PlaceError foreseen(const PlaceOrder& order, Amount total) const;
    std::string preview_json(const PlaceOrder& order, const MarketTerms& said, std::string_view refusal);

    // emulated_amends.cpp
    CoinbaseAnswer amend(const Call&);
    CoinbaseAnswer amend_terms(JsonBody body, const EmulatedOrder& order, Timestamp now);
    bool note_amend(const EmulatedOrder& order, Timestamp now);
    std::string amends_json(const EmulatedOrder& order) const;
    EmulatedOrder standing(const EmulatedOrder& order) const;

    // emulated_manners.cpp
    bool strikes(std::uint64_t one_in);
    std::string_view proof_wanted();
    std::string_view listed_word(const EmulatedOrder& order);
    void settle_in(const EmulatedOrder& order, Timestamp now);
    void settle_due(Timestamp now, SessionOutbox& out);
    std::string average_text(const EmulatedOrder& order) const;
    std::string money_text(Amount amount) const;
    std::string shop_window() const;

    // emulated_words.cpp
    std::string product_json(const ListingDefinition& definition, bool target = false,
                             bool post_only = false) const;
    std::string book_json(const Listing& listing, std::size_t depth, Timestamp now) const;
    std::string order_json(const EmulatedOrder& order, std::string_view word) const;
    std::string stream_order_json(const EmulatedOrder& order) const;
    std::string fill_json(const EmulatedTrade& trade) const;
    std::string account_json(const EmulatedBalance& balance, AccountId account) const;
    std::string configuration_json(const EmulatedOrder& order) const;
    std::string price_text(ListingId listing, Price price) const;
    std::string quantity_text(ListingId listing, Quantity quantity) const;
    std::string average_price(const EmulatedOrder& order) const;
    std::string hold_text(const EmulatedOrder& order) const;
    std::string level_updates(const Listing& listing, std::span<const Level> bids,
                              std::span<const Level> asks, Timestamp now) const;
    std::string_view status_word(const EmulatedOrder& order) const;
    const Listing* find_product(std::string_view product) const;
    const Listing* find_book(std::string_view product) const;

    // emulated_sockets.cpp
    void frame(SessionId id, Session& session, std::string_view channel, std::string_view events,
               Timestamp now, SessionOutbox& out);
    static void refuse(SessionId id, Session& session, std::string_view message, Timestamp now,
                       SessionOutbox& out);
    bool identify(SessionId id, Session& session, JsonBody message, bool required, Timestamp now,
                  SessionOutbox& out);
    void subscribe(SessionId id, Session& session, std::string_view channel,
                   const std::vector<std::string>& products, Timestamp now, SessionOutbox& out);
    void unsubscribe(SessionId id, Session& session, std::string_view channel,
                     const std::vector<std::string>& products, Timestamp now, SessionOutbox& out);
    void acknowledge(SessionId id, Session& session, Timestamp now, SessionOutbox& out);
    void snapshot(SessionId id, Session& session, const Listing& listing, Timestamp now, SessionOutbox& out);
    void user_snapshot(SessionId id, Session& session, Timestamp now, SessionOutbox& out);
    void tell_order(const EmulatedOrder& order, Timestamp now, SessionOutbox& out);
    void tell_slowly(SessionId id, Session& session, std::string_view only, Timestamp now,
                     SessionOutbox& out);

    EmulatedVenueSetup setup_;
    std::map<SessionId, Session> sessions_;
    RateCounts counts_;                                              ///< by account or address, and by key
    std::map<std::string, std::vector<unsigned char>> public_keys_;  ///< by secret
    std::set<std::uint64_t> hidden_;                                 ///< refused by the matching
    std::map<std::uint64_t, MarketTerms> market_orders_;
    PublicTape tape_;
    Timestamp now_;  ///< of the latest call
    std::uint64_t previews_ = 0;
    struct Settling {
        AccountId account{};
        std::string_view word;  ///< its status until then
        Timestamp until;
    };
    std::map<std::uint64_t, Settling> settling_;  ///< taken, not open yet; or an edit is under way: by order
    struct Terms {
        Price price;
        Quantity quantity;
        Timestamp accepted;
    };
    struct Amends {
        Terms before;  ///< the latest of them
        std::uint32_t count = 0;
        std::vector<Terms> latest;
    };
    std::map<std::uint64_t, Amends> amends_;  ///< by order
    std::uint64_t draws_ = 0;
};

}  // namespace arb::coinbase
