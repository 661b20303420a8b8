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

#include "engine/venue/emulated_venue.hpp"

namespace arb::okx {

/// What a call says: data entries, or OKX's code and text.
struct Answer {
    std::string data;  ///< JSON entries, comma-separated
    std::string code = "0";
    std::string text;
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
    struct Session {
        bool personal = false;  ///< the private socket
        std::string key_id;     ///< after the log-on; looked up each time, since keys change
        std::string remote;
        std::set<std::string> channels;  ///< "books:BTC-USDT", "trades:BTC-USDT", "orders", "account", ...
        std::map<ListingId, std::int64_t> sequence;
        Timestamp alive;  ///< when anything went either way
        Window requests;  ///< subscribe, unsubscribe, login
    };

    // emulated_venue.cpp
    Answer authenticate(const ServerRequest& request, Timestamp now, const EmulatedKey*& key) const;
    const EmulatedKey* find_key(std::string_view id) const;
    /// The key a session logged on with, while it is good.
    const EmulatedKey* key_of(const Session& session, Timestamp now) const;
    static bool counted_out(Window& window, Duration length, std::uint32_t max, Timestamp now);
    bool too_fast(AccountId account, std::string_view what, std::uint32_t max, Timestamp now);
    void say(SessionId id, Session& session, std::string text, SessionOutbox& out) const;
    void control_frame(SessionId id, Session& session, const simdjson::dom::array& arguments,
                       std::string_view op, Timestamp now, SessionOutbox& out);
    std::string log_on(Session& session, const Json& argument, Timestamp now) const;
    void subscribe(SessionId id, Session& session, const Json& argument, std::string_view op, Timestamp now,
                   SessionOutbox& out);
    void order_frame(SessionId id, Session& session, const Json& message, std::string_view op, Timestamp now,
                     SessionOutbox& out);
    // emulated_feed.cpp
    void start_channel(SessionId id, Session& session, std::string_view channel, const Listing* listing,
                       const EmulatedKey* key, const std::string& argument, Timestamp now,
                       SessionOutbox& out);
    void tell_account(AccountId account, const std::string& channel, const std::string& data,
                      SessionOutbox& out);
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
    Answer batch(const EmulatedKey& key, const Json& body, bool placing, bool by_code, Timestamp now);
    Answer dead_man(const EmulatedKey& key, const Json& body, Timestamp now);
    // emulated_orders.cpp
    Answer place(const EmulatedKey& key, const Json& argument, bool by_code, Timestamp now);
    Answer cancel(const EmulatedKey& key, const Json& argument, bool by_code, Timestamp now);
    Answer orders_list(const EmulatedKey& key, const ServerRequest& request, bool open) const;
    Answer instruments(std::string_view kind) const;
    Answer one_order(const EmulatedKey& key, const ServerRequest& request) const;
    Answer fills(const EmulatedKey& key, const ServerRequest& request) const;
    Answer balance(const EmulatedKey& key) const;
    Answer fee(const ServerRequest& request) const;
    Answer config(const EmulatedKey& key) const;
    Answer positions(const EmulatedKey& key, const ServerRequest& request) const;
    Answer currencies() const;
    Answer ticker(const ServerRequest& request) const;
    Answer book(const ServerRequest& request) const;
    std::string order_json(const EmulatedOrder& order, const EmulatedTrade* trade) const;
    std::string detail_json(const EmulatedBalance& balance, Timestamp now) const;
    std::string position_json(const EmulatedBalance& balance, Timestamp now) const;
    std::string levels(std::span<const Level> side, const Listing& listing) const;
    std::string price(Price price, const Listing& listing) const;
    std::string size(Quantity quantity, const Listing& listing) const;

    EmulatedVenueSetup setup_;
    std::map<SessionId, Session> sessions_;
    std::map<std::pair<AccountId, std::string>, Window> windows_;
    std::map<ListingId, std::int64_t> sequence_;
    std::int64_t trade_number_ = 130'639'470;
    Timestamp now_;
};

/// A text member of an object; empty when it is absent or none.
std::string_view member(const simdjson::dom::element& object, std::string_view key);
/// SPOT, SWAP or FUTURES.
std::string_view kind_of(const Listing& listing);
constexpr std::int64_t milliseconds_of(Timestamp time)
{
    return time.ns / 1'000'000;
}
/// The value of `key` in a query; empty when absent.
std::string query_text(std::string_view query, std::string_view key);

}  // namespace arb::okx
