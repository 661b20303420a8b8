#pragma once
// The emulated Gate in one class, its work spread over emulated_*.cpp: the table of endpoints and its roads
// (venue), proof of identity and limits (auth), sessions and channels (sockets), public channels (feed),
// orders, accounts, the futures' own (usdt), texts (words). Only those files see it. Sans-I/O, one thread;
// errors are Gate's labels in answers.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "engine/emulate/answer_text.hpp"
#include "engine/emulate/emulated_venue.hpp"
#include "engine/emulate/pages.hpp"
#include "engine/emulate/params.hpp"
#include "engine/emulate/rate_counts.hpp"

namespace arb::gate {

/// What a call says: a body, or Gate's label and message.
struct VenueAnswer {
    std::string body = "{}";
    std::string label, message;
    int status = 200;
    bool good() const { return label.empty(); }
};

VenueAnswer say_done(std::string body, int status = 200);
VenueAnswer say_refused(std::string label, std::string message);

class EmulatedGate final : public EmulatedVenue {
  public:
    explicit EmulatedGate(const EmulatedVenueSetup& setup);
    ~EmulatedGate() override;

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
    enum class Right : std::uint8_t { none, read, trade };
    enum class Count : std::uint8_t { address, endpoint, orders, cancels };
    /// How texts are written: futures print sizes as text only for who asked so, and pushes as numbers.
    enum class Form : std::uint8_t { reply, push, whole_reply, whole_push };
    struct Call {
        Params fields;
        std::vector<Params> items;  ///< of a body that is a list
        const EmulatedKey* key = nullptr;
        bool list = false;
        bool by_socket = false;
        Form form = Form::reply;
        Timestamp now;
        std::string_view get(std::string_view name) const { return value_of(fields, name); }
        AccountId account() const { return key->account; }
    };
    using Handler = VenueAnswer (EmulatedGate::*)(const Call&);
    /// `{}` in a path stands for the order; `channel` is the name of the same call on the websocket.
    struct Endpoint {
        const char* method;
        const char* path;
        const char* channel;
        Right right;
        Count count;
        Handler handler;
    };
    /// One depth of one book as its subscribers have it: quantities by price.
    struct Feed {
        std::map<std::int64_t, std::int64_t> bids, asks;
        std::int64_t update = 0;
        int changes = 0;
        bool known = false;
    };
    struct Session {
        std::string remote;
        std::string key_id;                        ///< of the log-on for orders
        std::set<std::string> topics;              ///< "spot.obu ob.BTC_USDT.50"
        std::map<std::string, std::string> owned;  ///< the account's topics, with the key that signed
        std::vector<std::string> late;             ///< results that the news of their orders overtook
        Timestamp opened;
        bool decimal = false;  ///< sizes of contracts as text
        bool warned = false;   ///< of the upgrade that cuts it
    };
    /// A frame of a client.
    struct Frame {
        std::string channel, event, id, payload;
        Json message;
        std::int64_t time = 0;
    };
    /// What a client said with an order beside what the matching knows.
    struct Asked {
        std::string amend_text = "-";
        std::string act = "-";  ///< stp_act
    };
    struct Told {
        Amount total, held;
    };

    // emulated_venue.cpp
    bool spot() const { return setup_.market == "spot"; }
    std::string_view market_prefix() const { return spot() ? "spot" : "futures"; }
    std::span<const Endpoint> endpoints() const;
    /// The members of an object, or of each object of a list.
    static bool read_body(const Json& body, Call& call);
    static ServerReply envelope(const VenueAnswer& answer, const RateLeft& budget);
    VenueAnswer run(const Endpoint& endpoint, const Call& call, std::string_view expiry, RateLeft& budget);

    // emulated_auth.cpp
    VenueAnswer prove(const ServerRequest& request, Timestamp now, const EmulatedKey*& key) const;
    /// The key of that name, if it is good and asked from where it may be.
    VenueAnswer check_key(std::string_view key_id, std::string_view remote, Timestamp now,
                          const EmulatedKey*& key) const;
    static VenueAnswer check_right(const EmulatedKey& key, Right right);
    static bool signature_good(const EmulatedKey& key, std::string_view text, std::string_view signature);
    bool count_call(const Endpoint& endpoint, const Call& call, RateLeft& budget);

    // emulated_sockets.cpp
    void subscription(SessionId id, Session& session, const Frame& frame, Timestamp now, SessionOutbox& out);
    /// Why the account's channel is refused; empty: it is not.
    std::string owned_refusal(const Session& session, const Frame& frame, Timestamp now,
                              const EmulatedKey*& key) const;
    void log_on(SessionId id, Session& session, const Frame& frame, Timestamp now, SessionOutbox& out);
    void order_frame(SessionId id, Session& session, const Frame& frame, Timestamp now, SessionOutbox& out);
    std::string verdict(const Frame& frame, int code, std::string_view message, Timestamp now) const;
    std::string header(std::string_view channel, int status, const RateLeft& budget, Timestamp now) const;
    std::string request_error(const Frame& frame, const VenueAnswer& why, Timestamp now,
                              const RateLeft& budget) const;
    void upgrade(SessionId id, Session& session, Timestamp now, SessionOutbox& out);

    // emulated_feed.cpp
    const Listing* find_listing(std::string_view symbol) const;
    bool book_topic(std::string_view name, const Listing*& listing, std::uint32_t& depth) const;
    /// Gate's word against it; empty: there is such a stream.
    std::string public_refusal(std::string_view channel, std::string_view name) const;
    Feed& feed(ListingId listing, std::uint32_t depth);
    std::string side_json(const Listing& listing, const std::map<std::int64_t, std::int64_t>& levels,
                          bool best_last) const;
    std::string full_message(const Listing& listing, std::uint32_t depth, Timestamp now);
    void start_topic(SessionId id, std::string_view channel, const std::string& name, Timestamp now,
                     SessionOutbox& out);
    std::string top_message(const Listing& listing, Timestamp now);
    std::string ticker_message(const Listing& listing, Timestamp now) const;
    void publish(const std::string& topic, const std::string& text, SessionOutbox& out) const;
    VenueAnswer time(const Call&);
    VenueAnswer instruments(const Call&);
    VenueAnswer order_book(const Call&);
    VenueAnswer funding_rates(const Call&);

    // emulated_orders.cpp
    VenueAnswer place(const Call&);
    VenueAnswer place_many(const Call&);
    VenueAnswer cancel(const Call&);
    VenueAnswer cancel_ids(const Call&);
    VenueAnswer cancel_market(const Call&);
    VenueAnswer one_order(const Call&);
    VenueAnswer order_list(const Call&);
    /// How many entries of a list come before the page that is asked for.
    std::size_t skipped_entries(const Call&, std::size_t page) const;
    /// `status` empty: those that are open and those that have ended.
    VenueAnswer list_orders(const Call&, const Listing* listing, std::string_view status) const;
    /// A contract's order that was cancelled without a fill is forgotten after a while, sooner by its text.
    bool forgotten(const EmulatedOrder& order, bool by_text, Timestamp now) const;
    VenueAnswer amend(const Call&);
    VenueAnswer read_order(const Call&, PlaceOrder& order, Asked& asked) const;
    VenueAnswer read_spot(const Call&, const Listing& listing, PlaceOrder& order) const;
    VenueAnswer read_price(std::string_view text, const Listing& listing, Price& price) const;
    VenueAnswer read_size(std::string_view text, const Listing& listing, Quantity& quantity) const;
    VenueAnswer read_prevention(const Call&, PlaceOrder& order, Asked& asked) const;
    VenueAnswer place_error(PlaceError error) const;
    /// The market that a call names; nullptr with `why` said.
    const Listing* market_of(const Call&, VenueAnswer& why) const;
    /// By id or text; a text is forgotten after a while, sooner for cancelling.
    const EmulatedOrder* find_order(const Call&, std::string_view id, const Listing& listing,
                                    bool cancelling) const;
    /// It was refused, whatever the matching did with it.
    bool hidden(const EmulatedOrder& order) const;
    VenueAnswer gone(const EmulatedOrder* order) const;
    std::string cancel_entry(const Call&, const Params& item);

    // emulated_account.cpp
    VenueAnswer fills(const Call&);
    VenueAnswer list_fills(const Call&, bool by_span);
    VenueAnswer accounts(const Call&);
    VenueAnswer unified_accounts(const Call&);
    VenueAnswer unified_mode(const Call&);
    VenueAnswer key_list(const Call&);
    VenueAnswer account_detail(const Call&);
    VenueAnswer wallet_fee(const Call&);
    VenueAnswer dead_man(const Call&);
    std::string mode() const;
    bool unified() const { return mode() != "classic"; }
    std::string group() const;
    /// Contracts: "single", where the owner of the account did not choose another one.
    std::string position_mode() const;
    void tell(AccountId account, const std::string& channel, std::string_view symbol,
              const std::string& reply, const std::string& whole, Timestamp now, SessionOutbox& out) const;

    // emulated_usdt.cpp
    VenueAnswer read_contract(const Call&, const Listing& listing, PlaceOrder& order) const;
    VenueAnswer contract_fee(const Call&);
    VenueAnswer orders_of_span(const Call&);
    VenueAnswer fills_of_span(const Call&);
    VenueAnswer positions(const Call&);
    VenueAnswer contract_account(const Call&);
    VenueAnswer ledger(const Call&);
    std::string contract_order(const EmulatedOrder& order, Form form) const;
    std::string contract_trade(const EmulatedTrade& trade, Form form);
    std::string contract_trade_of_span(const EmulatedTrade& trade, Form form);
    std::string contract_size(const Listing& listing, Quantity quantity, Side side, Form form) const;
    static std::string contract_number(const std::string& text, Form form);
    std::string position_json(const Listing& listing, const EmulatedBalance& held, Form form) const;

    // emulated_words.cpp
    std::string price_text(const Listing& listing, Price price) const;
    std::string size_text(const Listing& listing, Quantity quantity) const;
    static std::string average_text(const EmulatedOrder& order, const Instrument& instrument);
    static std::string_view tif_words(TimeInForce tif);
    static std::string order_id(std::uint64_t id);
    static std::uint64_t order_number(std::string_view id);
    static std::int64_t user_of(AccountId account);
    std::uint64_t trade_number(const EmulatedTrade& trade);
    std::string_view finish_word(const EmulatedOrder& order) const;
    std::string_view event_word(const EmulatedOrder& order, const EmulatedTrade* trade) const;
    std::string order_json(const EmulatedOrder& order, Form form) const;
    std::string order_news(const EmulatedOrder& order, std::string_view event) const;
    std::string trade_json(const EmulatedTrade& trade);
    std::string trade_news(const EmulatedTrade& trade);
    std::string text_of_order(AccountId account, std::uint64_t id) const;

    EmulatedVenueSetup setup_;
    std::unique_ptr<class Emulator> words_;  ///< instrument lists and public trades
    std::map<SessionId, Session> sessions_;
    std::map<std::pair<ListingId, std::uint32_t>, Feed> feeds_;
    RateCounts counts_;
    std::map<std::uint64_t, Asked> asked_;  ///< by the matching's order id
    std::map<std::pair<AccountId, std::string>, Told> told_;
    std::map<std::uint64_t, std::uint64_t> trade_numbers_;  ///< Gate counts trades by market
    std::map<ListingId, std::uint64_t> last_trade_;
    std::uint64_t results_ = 0;
    Timestamp now_;
};

/// Scalars of an object; false: it is none.
bool read_fields(const simdjson::dom::element& object, Params& out);

}  // namespace arb::gate
