#pragma once
// The contract every connector fulfils: a venue is a sans-I/O state machine. Bytes and time come in, facts
// go to the FactSink, bytes to send go to the Outbox. It opens no socket, reads no clock, judges no gap
// (that is BookBuilder's work) and keeps no book. The same object runs live, in replay, in backtests, in the
// fuzzer and in benchmarks. All calls come from one thread, never re-entered; on_frame neither allocates
// after warm-up nor throws.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/base/padded_text.hpp"
#include "engine/base/result.hpp"
#include "engine/base/sequence_rule.hpp"
#include "engine/base/time.hpp"

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
};

struct HttpRequest {
    VenueId venue{};
    std::string method = "GET";
    std::string url;
    std::string body;
};

struct HttpReply {
    std::string_view url;  ///< as requested, query included
    int status = 200;
    PaddedText body;
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
};

struct VenueSetup {
    VenueId id{};
    const InstrumentTable* table = nullptr;  ///< outlives the venue
    std::uint32_t depth = 0;                 ///< levels to subscribe; 0: the connector's default
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
};

}  // namespace arb
