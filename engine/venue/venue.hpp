#pragma once
// The contract every connector fulfils: a venue is a sans-I/O state machine. Bytes and time come in, facts
// go to the FactSink, bytes to send go to the Outbox. It opens no socket, reads no clock, judges no gap
// (that is BookBuilder's work), keeps no book and decides no order's fate (that is OrderDesk's work). The
// same object runs live, in replay, in backtests, in the fuzzer and in benchmarks. All calls come from one
// thread, never re-entered; on_frame and send_order neither allocate after warm-up nor throw.
//
// The trading side works only when VenueSetup::credentials is set. Addresses are always the venue's own; a
// driver that talks to an emulator puts another host and port under them.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/key_report.hpp"
#include "engine/base/market_data.hpp"
#include "engine/base/order_report.hpp"
#include "engine/base/padded_text.hpp"
#include "engine/base/result.hpp"
#include "engine/base/sequence_rule.hpp"
#include "engine/base/time.hpp"
#include "engine/keys/credentials.hpp"
#include "engine/keys/request_view.hpp"
#include "engine/venue/request_pool.hpp"

namespace arb {

/// Where decoded facts go. Facts of one frame arrive in frame order, before on_frame returns.
class FactSink {
  public:
    virtual ~FactSink() = default;
    virtual void on_book(const BookUpdate& update) = 0;
    virtual void on_quote(const BestQuote& quote) = 0;
    virtual void on_trade(const Trade& trade) = 0;
    /// The frame's number in a connection-wide counter (SequenceKind::connection), before the frame's other
    /// facts.
    virtual void on_connection_sequence(ConnectionId connection, std::uint64_t sequence) = 0;
    /// A subscription was confirmed (or ended) by the venue. `listing` may be kNoListing when it names none.
    virtual void on_acknowledged(ConnectionId connection, ListingId listing, bool subscribed) = 0;
    /// The venue's clock, from messages that carry it but belong to no book (heartbeats, server time).
    virtual void on_venue_time(Timestamp venue_time, Timestamp receive_time) = 0;
    virtual void on_undecoded(const Undecoded& undecoded) = 0;
    /// A status channel says whether the listing may be traded; unknown: what it said counts no more.
    virtual void on_listing_status(ListingId, ListingStatus) {}

    // The trading side. Each venue is given a sink of its own: whose sink it is says which venue speaks.
    virtual void on_order_report(const OrderReport&) {}
    virtual void on_fill_report(const FillReport&) {}
    virtual void on_balance_report(const BalanceReport&) {}
    virtual void on_fee_report(const FeeReport&) {}
    virtual void on_request_end(const RequestEnd&) {}
    /// A channel of the trading side is open (logged on, subscribed) or closed.
    virtual void on_channel(Channel, bool /*ready*/) {}
    /// The venue's clock by question and answer: asked at `sent`, heard at `received` (both ours).
    virtual void on_clock_sample(Timestamp /*venue_time*/, Timestamp /*sent*/, Timestamp /*received*/) {}
    /// The answer to query_key, exactly one a question, before its RequestEnd.
    virtual void on_key_report(const KeyReport&) {}
};

/// A sink for whoever hears the trading side alone: market data goes by.
class TradingSink : public FactSink {
  public:
    void on_book(const BookUpdate&) override {}
    void on_quote(const BestQuote&) override {}
    void on_trade(const Trade&) override {}
    void on_connection_sequence(ConnectionId, std::uint64_t) override {}
    void on_acknowledged(ConnectionId, ListingId, bool) override {}
    void on_venue_time(Timestamp, Timestamp) override {}
};

struct HttpHeader {
    std::string name, value;
};

struct HttpRequest {
    VenueId venue{};
    /// The connector's own mark: comes back with the reply. 0: the reply is found by its url.
    std::uint64_t tag = 0;
    std::string method = "GET";
    std::string url;
    std::vector<HttpHeader> headers;
    std::string body;
    /// Carries a signature or key: its query is never logged nor journaled.
    bool is_signed = false;
    /// A header of the reply whose number the connector wants to know; empty: none.
    std::string_view count_header;
    /// The reply holds a token or key: every long text value in it is masked in the journal.
    bool secret_reply = false;
};

/// What came back. Status 0: no reply that can be trusted (cut, late, unreadable): the outcome is unknown
/// when `sent`, and nothing happened when not even one byte can have left.
struct HttpReply {
    std::string_view url;  ///< as requested, query included (without it where is_signed)
    int status = 200;
    PaddedText body;
    std::uint64_t tag = 0;
    bool sent = true;
    Duration retry_after{};  ///< from the Retry-After header; zero: none
    /// The number in HttpRequest::count_header; -1: not there, or no number.
    std::int64_t count = -1;
};

/// Where a venue's wishes go. In replay and backtest they are counted and dropped: the recording holds what
/// came back.
class Outbox {
  public:
    virtual ~Outbox() = default;
    virtual void send(ConnectionId connection, std::string_view text) = 0;
    virtual void request(const HttpRequest& request) = 0;
    /// Call on_wake not before `time`. Several wishes may be merged; on_wake must look at what is due.
    virtual void wake_at(VenueId venue, Timestamp time) = 0;
    /// Close the connection and open it anew (with back-off).
    virtual void reconnect(ConnectionId connection, std::string_view why) = 0;
    /// Open a websocket of the trading side. It comes back as on_open with this url (in replay without its
    /// query). When it closes it stays closed: the venue asks again from on_close; the driver keeps the
    /// back-off. A fragment ("#2") behind the address is the caller's own mark: it comes back and never
    /// leaves.
    virtual void connect(VenueId /*venue*/, std::string_view /*url*/) {}
    /// A key was used: a signed request or log-on. `endpoint` is a path or method name, never a query.
    virtual void used_key(VenueId /*venue*/, std::string_view /*endpoint*/) {}
    /// The same from whoever knows which of the venue's keys it was.
    virtual void used_key_of(VenueId venue, std::string_view /*label*/, std::string_view endpoint)
    {
        used_key(venue, endpoint);
    }
};

/// One websocket a venue wants open, and the listings it will subscribe there.
struct ConnectionPlan {
    std::string url;
    std::vector<ListingId> listings;
};

class Venue {
  public:
    virtual ~Venue() = default;

    virtual SequenceRule sequence_rule(const Listing& listing) const = 0;

    /// The websockets for these listings. The order fixes which plan a later on_open with that url serves.
    virtual std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) = 0;

    /// The connection stands: subscribe what the plan put there, start heartbeats.
    virtual void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink&,
                         Outbox&) = 0;
    virtual void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink&, Outbox&) = 0;
    virtual void on_http(const HttpReply& reply, Timestamp now, FactSink&, Outbox&) = 0;
    virtual void on_close(ConnectionId connection, Timestamp now, FactSink&, Outbox&) = 0;
    virtual void on_wake(Timestamp now, FactSink&, Outbox&) = 0;

    /// Ask the venue for a fresh book of one listing: REST snapshot, or unsubscribe and subscribe.
    /// Called by the judge of gaps, which also keeps the back-off.
    virtual void resync(ListingId listing, Timestamp now, Outbox&) = 0;

    // The trading side, never called without credentials. Each call ends in a RequestEnd of its kind; what it
    // finds out comes as OrderReport, FillReport, BalanceReport or FeeReport before that end.

    virtual TradingFeatures trading_features() const { return {}; }
    /// Ask the time, connect private streams and order entry, log on, arm the dead-man switch. The venue
    /// keeps them up by itself from then on (on_close, on_wake) and tells on_channel when they stand or fall.
    virtual void start_session(Timestamp /*now*/, FactSink&, Outbox&) {}
    virtual void send_order(const ApprovedOrder&, Timestamp /*now*/, FactSink&, Outbox&) {}
    /// Only where TradingFeatures::amends. Its end says that the venue took the wish or refused it; that the
    /// order has the price is said by an OrderReport with it.
    virtual void amend_order(const OrderReference&, const ApprovedAmend&, Timestamp /*now*/, FactSink&,
                             Outbox&)
    {
    }
    virtual void cancel_order(const OrderReference&, Timestamp /*now*/, FactSink&, Outbox&) {}
    /// Every order of the account in these listings, ours or not.
    virtual void cancel_all(std::span<const ListingId> /*listings*/, Timestamp /*now*/, FactSink&, Outbox&) {}
    /// The order's state by client id (or the venue's id). Nothing found: an OrderReport `absent`.
    virtual void query_order(const OrderReference&, Timestamp /*now*/, FactSink&, Outbox&) {}
    /// All open orders in these listings, strangers' too.
    virtual void query_open_orders(std::span<const ListingId> /*listings*/, Timestamp /*now*/, FactSink&,
                                   Outbox&)
    {
    }
    /// All fills in these listings since then (venue time), page by page.
    virtual void query_fills(std::span<const ListingId> /*listings*/, Timestamp /*since*/, Timestamp /*now*/,
                             FactSink&, Outbox&)
    {
    }
    virtual void query_balances(Timestamp /*now*/, FactSink&, Outbox&) {}
    virtual void query_fees(std::span<const ListingId> /*listings*/, Timestamp /*now*/, FactSink&, Outbox&) {}
    virtual void query_time(Timestamp /*now*/, FactSink&, Outbox&) {}
    /// What the credentials may do (RequestKind::key_info). One request by REST, which needs no session: it
    /// is the first thing that is ever sent with a key.
    virtual void query_key(Timestamp /*now*/, FactSink&, Outbox&) {}
    /// How far the venue's clock is ahead of ours: signed timestamps are `now + offset`.
    virtual void set_clock_offset(Duration /*offset*/) {}
};

/// What start_session opens. Requests by REST work with each.
enum class SessionScope : std::uint8_t {
    both,
    orders,   ///< order entry alone (and the dead-man switch): of a key for orders
    account,  ///< the private stream alone: of a key that may only read
};

struct VenueSetup {
    VenueId id{};
    const InstrumentTable* table = nullptr;    ///< outlives the venue
    std::uint32_t depth = 0;                   ///< levels to subscribe; 0: the connector's default
    const Credentials* credentials = nullptr;  ///< null: market data only; outlives the venue
    SessionScope scope = SessionScope::both;
    std::shared_ptr<RequestPools> pools =
        nullptr;  ///< of all venues of this process; null: this one counts alone
};

/// A name under which the recordings that Tardis sells keep a market of this exchange.
struct TardisName {
    std::string_view name;
    std::string_view market;  ///< of ConnectorType::markets
};

/// Another place where the venue speaks the same protocol: its testnet, its demo, or the site of a region.
struct VenueEnvironment {
    struct Address {
        std::string_view own;      ///< beginning of an address as the connector writes it
        std::string_view instead;  ///< what stands in its place
    };
    std::string_view name;              ///< "live", "testnet" or "demo"
    std::string_view region;            ///< "": the venue's main site
    std::vector<Address> addresses;     ///< the longest that fits counts; what none fits is not there
    std::vector<HttpHeader> headers{};  ///< sent with every request by REST
};

/// What a connector folder offers, one constant object found through connectors/registry.hpp.
/// Cold path: these functions may allocate; none throws.
struct ConnectorType {
    std::string_view exchange;              ///< the folder's name
    std::vector<std::string_view> markets;  ///< one instance each ({""}: one instance serves all)
    std::unique_ptr<Venue> (*make)(const VenueSetup& setup) = nullptr;
    /// The instance market a websocket or REST address of this exchange belongs to; empty: not ours.
    std::optional<std::string> (*market_of_url)(std::string_view url) = nullptr;
    /// The public websocket address of an instance, for recordings that lack it.
    std::string (*stream_url)(std::string_view market) = nullptr;
    /// The REST address of a depth snapshot; empty where the venue sends snapshots on the websocket.
    std::string (*snapshot_url)(std::string_view market, std::string_view symbol) = nullptr;
    /// The listings in a REST reply. An empty vector when the reply is no instrument list; an error when it
    /// should be one and cannot be read. Listings that we cannot express (options) are left out.
    Result<std::vector<ListingDefinition>> (*read_instruments)(std::string_view market, std::string_view url,
                                                               std::string_view body) = nullptr;
    /// Base, quote and kind as the symbol tells them, everything else left at its default: for data
    /// without an instrument list. Empty when the symbol tells nothing.
    std::optional<ListingDefinition> (*guess_listing)(std::string_view market,
                                                      std::string_view symbol) = nullptr;
    /// The venue's side of public market data, for generated recordings and tests; see emulator.hpp.
    std::unique_ptr<class Emulator> (*make_emulator)(std::string_view market) = nullptr;

    // The trading side.

    /// `host` or `host:port` of every address this connector talks to: the only ones a driver connects to
    /// unless it was told an unsafe endpoint.
    std::vector<std::string_view> (*hosts)(std::string_view market) = nullptr;
    /// Public REST addresses whose replies read_instruments understands; several pages where the venue has
    /// them.
    std::vector<std::string> (*instrument_urls)(std::string_view market) = nullptr;
    /// Where else it can be reached, beside "live" at the main site, which are the connector's own addresses.
    /// Null: nowhere.
    std::vector<VenueEnvironment> (*environments)(std::string_view market) = nullptr;
    /// Sent when a websocket of this market is opened, public or of the trading side. Null: none.
    std::vector<HttpHeader> (*dial_headers)(std::string_view market) = nullptr;
    /// The address of the page behind this reply to one of them; empty: that was the last. Null: the venue's
    /// lists have no pages that have to be asked for in turn.
    std::string (*next_instrument_url)(std::string_view url, std::string_view body) = nullptr;
    /// A signer in this process from the secret as the venue hands it out. The error names no part of it.
    Result<std::unique_ptr<Signer>> (*make_signer)(const Secret& secret) = nullptr;
    /// What a text that is to be signed would authorise, for the signer process; see request_view.hpp.
    SignedTextParser read_signed_text = nullptr;
    /// Where the owner changes or revokes a key: a page of the venue for people.
    std::string_view key_page;
    /// A key of this venue has a passphrase beside its secret.
    bool needs_passphrase = false;
    /// A spot buyer's fee is taken from what is bought; else every fee is paid in quote currency.
    bool fees_from_received = false;
    /// Markets whose orders and books count contracts, each worth `multiplier` of the asset; else the asset.
    std::vector<std::string_view> contract_markets{};
    /// What ReplaySigner stands in for.
    KeyAlgorithm replay_algorithm = KeyAlgorithm::hmac_sha256;
    /// The whole venue to trade against; see emulated_venue.hpp.
    std::unique_ptr<class EmulatedVenue> (*make_emulated_venue)(const struct EmulatedVenueSetup& setup) =
        nullptr;
    /// Thrown-away keys of the emulated venue for one account: labels "trade", "read", "withdraw".
    std::vector<struct EmulatedKey> (*make_emulated_keys)(std::uint64_t seed,
                                                          std::uint32_t account) = nullptr;
    /// Where these names begin with the exchange's own but mean another market, only this table tells.
    std::vector<TardisName> tardis_names{};
};

}  // namespace arb
