#pragma once
// The emulated Coinbase in one class, its work spread over emulated_*.cpp: dispatch and limits, tokens,
// public calls and accounts, orders, amends, websockets, unusual manners, the venue's wording. Only those
// files see it. Sans-I/O, one thread; errors are Coinbase's words in replies.
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/coinbase/emulated_call.hpp"
#include "connectors/coinbase/emulated_identity.hpp"
#include "connectors/coinbase/emulated_lists.hpp"
#include "connectors/coinbase/emulated_manners.hpp"
#include "connectors/coinbase/emulated_orders.hpp"
#include "connectors/coinbase/emulated_preview.hpp"
#include "connectors/coinbase/emulated_words.hpp"
#include "engine/emulate/public_tape.hpp"

namespace arb::coinbase {

/// The number of the first public trade.
inline constexpr std::uint64_t kFirstTrade = 700'000'001;

class EmulatedCoinbase final : public EmulatedVenue {
  public:
    explicit EmulatedCoinbase(const EmulatedVenueSetup& setup)
        : setup_(setup), tape_(*setup.table, kFirstTrade)
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
    using Handler = CoinbaseAnswer (*)(EmulatedCoinbase&, const EmulatedCall&);
    template <auto kMethod>
    static CoinbaseAnswer own(EmulatedCoinbase& venue, const EmulatedCall& call)
    {
        return (venue.*kMethod)(call);
    }
    /// What a part of the venue answers.
    template <auto kPart, auto kMethod>
    static CoinbaseAnswer by(EmulatedCoinbase& venue, const EmulatedCall& call)
    {
        return (venue.*kPart.*kMethod)(call);
    }
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

    // emulated_venue.cpp
    static std::span<const Endpoint> endpoints();

    // emulated_rest.cpp
    CoinbaseAnswer server_time(const EmulatedCall&);
    CoinbaseAnswer products(const EmulatedCall&);
    CoinbaseAnswer product(const EmulatedCall&);
    CoinbaseAnswer product_book(const EmulatedCall&);
    CoinbaseAnswer best_bid_ask(const EmulatedCall&);
    CoinbaseAnswer currencies(const EmulatedCall&);
    CoinbaseAnswer old_time(const EmulatedCall&);
    CoinbaseAnswer exchange_rates(const EmulatedCall&);

    // emulated_tape.cpp
    CoinbaseAnswer market_trades(const EmulatedCall&);
    std::string trade_json(const TapeTrade& one) const;
    std::string ticker_json(const Listing& listing, bool best, Timestamp now) const;
    std::string day_json(ListingId listing, Timestamp now) const;

    // emulated_json.cpp
    std::string product_json(const ListingDefinition& definition, bool target = false,
                             bool post_only = false) const;
    std::string book_json(const Listing& listing, std::size_t depth, Timestamp now) const;
    std::string shop_window() const;
    std::string level_updates(const Listing& listing, std::span<const Level> bids,
                              std::span<const Level> asks, Timestamp now) const;

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
    EmulatedWords words_{setup_};
    EmulatedManners manners_{setup_};
    EmulatedIdentity identity_{setup_};
    EmulatedOrderNotes notes_{setup_, words_};
    EmulatedOrders orders_{setup_, words_, notes_};
    EmulatedPreview preview_{setup_, words_};
    EmulatedLists lists_{setup_, words_, notes_, manners_};
    std::map<SessionId, Session> sessions_;
    std::set<std::uint64_t> hidden_;  ///< refused by the matching
    PublicTape tape_;
    Timestamp now_;  ///< of the latest call
};

}  // namespace arb::coinbase
