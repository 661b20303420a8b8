#pragma once
// A whole venue to trade against, the other side of its wire protocol: public and private websockets, REST,
// signatures, permissions, precision, balances, rate limits, and the venue's own words for each refusal.
// Written from the protocol sheet, not from the connector, so that the two can disagree. Sans-I/O, one
// thread, no clock: a server with sockets, a test or the simulator drives it. Orders are matched by an
// EmulatedMarket (engine/world), which knows no protocol.
//
// Any client of that exchange can be pointed at it: paths, headers and messages are the venue's own, and one
// host and port serve REST and every websocket (told apart by path where the venue uses several hosts).
// Everything received is hostile.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/base/order.hpp"
#include "engine/base/time.hpp"
#include "engine/emulate/emulator.hpp"

namespace arb {

/// An account of the emulated venue; keys belong to one.
enum class AccountId : std::uint32_t {};
/// A websocket of a client.
enum class SessionId : std::uint64_t {};

/// A thrown-away key of the emulated venue. The venue knows secrets (it must check signatures).
struct EmulatedKey {
    std::string label;  ///< "trade", "read", "withdraw"
    std::string key_id;
    std::string secret;  ///< as the venue hands it out: text, base64 or PEM
    std::string passphrase;
    AccountId account{};
    bool can_read = true;
    bool can_trade = false;
    bool can_withdraw = false;
    bool can_transfer = false;
    bool revoked = false;
    std::vector<std::string> ip_allowed;  ///< empty: any
    Timestamp created, expires;           ///< 0: never
};

enum class EmulatedState : std::uint8_t { open, filled, cancelled, expired, rejected };

/// Why the matching refused or ended an order; the venue says it in its own codes.
enum class PlaceError : std::uint8_t {
    none,
    unknown_listing,
    halted,
    cancel_only,
    bad_price,     ///< off the tick, not positive
    price_limit,   ///< too far from the market
    bad_quantity,  ///< off the lot, not positive
    quantity_min,
    notional_min,
    balance,
    duplicate_id,  ///< the client id is used by an open order
    would_take,    ///< post-only
    unfilled,      ///< fill-or-kill
    self_trade,
    too_many_orders,
    reduce_only,  ///< there is no position that it would make smaller
};

/// What happens where an order would meet one of its own account: told with the order that comes second.
enum class SelfTrade : std::uint8_t {
    none,  ///< they trade
    cancel_taker,
    cancel_maker,
    cancel_both,
};

struct EmulatedOrder {
    std::uint64_t id = 0;
    AccountId account{};
    ListingId listing = kNoListing;
    std::string client_id;
    Side side = Side::buy;
    TimeInForce time_in_force = TimeInForce::gtc;
    Price price;
    Quantity quantity;
    Quantity filled;
    Amount filled_notional;  ///< quote currency
    Amount fees;             ///< in fee_asset
    std::string fee_asset;
    EmulatedState state = EmulatedState::open;
    PlaceError end_reason = PlaceError::none;  ///< why it ended before it was filled
    bool reduce_only = false;
    std::uint32_t trades = 0;
    std::uint32_t amends = 0;  ///< how often its terms were changed
    Timestamp created, updated;
};

struct EmulatedTrade {
    std::uint64_t id = 0;  ///< unique at the venue, growing
    std::uint64_t order = 0;
    AccountId account{};
    ListingId listing = kNoListing;
    Side side = Side::buy;  ///< of our client's order
    bool maker = false;
    Price price;
    Quantity quantity;
    Amount notional;
    Amount fee;  ///< positive: paid
    std::string fee_asset;
    Timestamp time;
};

struct EmulatedBalance {
    std::string asset;  ///< canonical; a derivative's position: the instrument's name
    bool position = false;
    /// As if everything were paid in full: a quote currency without what positions were entered for.
    Amount total;
    Amount held;  ///< bound by open orders of spot
    /// A position: what it was entered for, with its sign. A quote currency: the sum of that.
    Amount cost;
    Amount margin, order_margin;  ///< a quote currency: bound by positions and by orders of derivatives
    /// What a venue of derivatives tells as the wallet: money put in, fees, and what positions earned.
    Amount wallet() const { return total + cost; }
};

struct PlaceOrder {
    AccountId account{};
    ListingId listing = kNoListing;
    std::string client_id;
    Side side = Side::buy;
    TimeInForce time_in_force = TimeInForce::gtc;
    Price price;
    Quantity quantity;
    SelfTrade self_trade = SelfTrade::cancel_taker;
    /// Of a derivative: no more than what closes the position that there is.
    bool reduce_only = false;
};

struct PlaceResult {
    PlaceError error = PlaceError::none;
    std::uint64_t id = 0;  ///< of the order, when it was taken (also when it ended at once)
};

/// Matching, accounts and money of one emulated venue, in Arbiter's units. What happens (fills, changed
/// orders and balances) is handed to EmulatedVenue::on_* by the driver right after the call that caused it,
/// in the order it happened.
class EmulatedMarket {
  public:
    virtual ~EmulatedMarket() = default;
    virtual PlaceResult place(const PlaceOrder& order, Timestamp now) = 0;
    /// The order, which is open, gets another price and another quantity (what is filled is a part of it);
    /// one that was not only made smaller stands behind all others at its price. With an error it stays as it
    /// was (unknown_listing: no order of that id is open in this account).
    virtual PlaceError amend(AccountId account, std::uint64_t id, Price price, Quantity quantity,
                             Timestamp now) = 0;
    /// The order, cancelled; nullptr: not found in this account, or not open any more (find tells which).
    virtual const EmulatedOrder* cancel(AccountId account, std::uint64_t id, Timestamp now) = 0;
    virtual const EmulatedOrder* find(AccountId account, std::uint64_t id) const = 0;
    /// The latest order with that client id.
    virtual const EmulatedOrder* find_client(AccountId account, std::string_view client_id) const = 0;
    /// Oldest first; kNoListing: all. `open` alone, or every order ever.
    virtual std::vector<const EmulatedOrder*> orders(AccountId account, ListingId listing,
                                                     bool open) const = 0;
    /// Oldest first.
    virtual std::vector<const EmulatedTrade*> trades(AccountId account, ListingId listing,
                                                     Timestamp since) const = 0;
    virtual std::vector<EmulatedBalance> balances(AccountId account) const = 0;
    /// What clients see: the street's orders and the resting orders of accounts.
    virtual EmulatedBook book(ListingId listing) const = 0;
    virtual bool halted(ListingId listing) const = 0;
    virtual bool cancel_only(ListingId listing) const = 0;
    virtual Rate maker_fee(ListingId listing) const = 0;
    virtual Rate taker_fee(ListingId listing) const = 0;
    /// The dead-man switch of an account: at that time every open order of it (in that listing; kNoListing:
    /// all) is cancelled. A time of 0 switches it off.
    virtual void set_dead_man(AccountId account, ListingId listing, Timestamp when) = 0;
};

/// What one client's address asked for in a window of the venue's clock.
struct EmulatedWindow {
    std::int64_t start = 0;
    int used = 0;
    int refused = 0;
    Timestamp banned_until;
};
/// By the limit's name and the client's address. Markets of one exchange that count together share them.
using EmulatedWindows = std::map<std::string, EmulatedWindow>;

struct EmulatedVenueSetup {
    VenueId id{};
    const InstrumentTable* table = nullptr;  ///< outlives the venue; may hold other venues too
    std::string market;
    std::vector<ListingDefinition> definitions;      ///< of this venue, for its instrument lists
    EmulatedMarket* exchange = nullptr;              ///< outlives the venue
    const std::vector<EmulatedKey>* keys = nullptr;  ///< outlives the venue; may change (revoked)
    std::uint64_t seed = 1;                          ///< for tokens and ids the venue invents
    bool rate_limits = true;
    /// Of all markets of this exchange; null: this one counts alone.
    std::shared_ptr<EmulatedWindows> windows = nullptr;
    /// The exchange's documented ways that a quiet day does not show: short pages, restarts of a service,
    /// answers that name no request, numbers with the digits of doubles. Which ones is the venue's own.
    bool manners = false;
    /// How its accounts are set up, in the venue's own words ("posMode": "long_short_mode"); absent: as it
    /// comes.
    std::map<std::string, std::string, std::less<>> settings;
};

/// What is listed, with what stands still now as halted.
std::vector<ListingDefinition> current_definitions(const EmulatedVenueSetup& setup);
/// Where a position is held; nullptr: in no listing of this venue.
const Listing* listing_of_position(const EmulatedVenueSetup& setup, const EmulatedBalance& position);

struct ServerRequest {
    std::string method;
    std::string target;  ///< path and query as sent
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string remote;  ///< the client's address, for IP allow-lists
    /// The first header of that name, in any case; empty: none.
    std::string_view header(std::string_view name) const;
    std::string_view path() const;   ///< target up to '?'
    std::string_view query() const;  ///< what follows it, may be empty
};

struct ServerReply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// Where an emulated venue writes to its clients' websockets.
class SessionOutbox {
  public:
    virtual ~SessionOutbox() = default;
    virtual void send(SessionId session, std::string text) = 0;
    virtual void close(SessionId session, int code, std::string_view reason) = 0;
};

class EmulatedVenue {
  public:
    virtual ~EmulatedVenue() = default;

    virtual ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out) = 0;
    /// A client wants a websocket. False: the venue has none at that path (answered with 404).
    virtual bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now,
                            SessionOutbox& out) = 0;
    virtual void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                                  SessionOutbox& out) = 0;
    virtual void on_session_closed(SessionId session) = 0;

    /// The public book of a listing changed: levels with their new quantity (zero: gone); `book` is the state
    /// after.
    virtual void on_book(ListingId listing, std::span<const Level> bids, std::span<const Level> asks,
                         const EmulatedBook& book, Timestamp now, SessionOutbox& out) = 0;
    virtual void on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out) = 0;
    /// An order of an account was taken, amended, filled in part or whole, cancelled or expired. For a fill,
    /// `trade` is set and the order is as it stands after it.
    virtual void on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                          SessionOutbox& out) = 0;
    /// A balance of an account changed.
    virtual void on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                            SessionOutbox& out) = 0;
    /// At least every 100 ms: heartbeats, expiry of tokens.
    virtual void on_tick(Timestamp now, SessionOutbox& out) = 0;
    /// A key was revoked or changed: sessions that used it are treated as the venue would.
    virtual void on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out) = 0;

    // The venue's words for trouble that a fault plan causes.
    virtual ServerReply banned(Duration retry_after) const = 0;
    /// An overloaded or failing server, for which the request may have been executed.
    virtual ServerReply failed() const = 0;
    /// The answer to a websocket order request when the venue does not know what became of it; empty: the
    /// venue has none and stays silent. `text` is the request.
    virtual std::string failed_frame(std::string_view text) const = 0;

    /// Base addresses for people, given `host:port`: ("REST", "https://..."), ("public websocket",
    /// "wss://..."), ...
    virtual std::vector<std::pair<std::string, std::string>> addresses(std::string_view host_port) const = 0;
};

/// A JSON string with its quotes, in plain ASCII whatever the client sent.
std::string json_text(std::string_view text);

}  // namespace arb
