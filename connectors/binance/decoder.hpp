#pragma once
// Binance's public messages to facts: diff depth, bookTicker, trade and aggTrade frames of the three markets,
// whether contracts trade, replies to our requests on the websocket, and REST depth snapshots. Called by the
// Venue of this folder on the core thread. Documented frames take the one-pass QuickReader; every other frame
// takes a general walk with simdjson, which knows why a frame cannot be used. A frame hands its facts on only
// after it was read to its end. Errors are Undecoded facts; nothing throws, and nothing allocates once the
// scratch memory has grown to the venue's frames.
#include <string>

#include <simdjson.h>

#include "connectors/binance/message.hpp"
#include "connectors/binance/quick_reader.hpp"
#include "engine/venue/level_reader.hpp"
#include "engine/venue/listing_statuses.hpp"
#include "engine/venue/venue.hpp"

namespace arb::binance {

struct Walk;

enum class Market : std::uint8_t { spot, usdm, coinm };

/// The market of an instance's name; spot unless it is "usdm" or "coinm".
Market market_of(std::string_view name);

/// How many levels a side the snapshot that this url asks for can hold: its limit=, else the venue's default.
std::uint32_t snapshot_limit(std::string_view url, Market market);

/// What a frame meant for the connection rather than for a market.
struct Control {
    enum class Kind : std::uint8_t { none, reply, error, shutdown };
    Kind kind = Kind::none;
    std::uint64_t id = 0;  ///< of our request that is answered; 0: none or not a number
};

class Decoder {
  public:
    explicit Decoder(const VenueSetup& setup);

    Control frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);
    /// The same result without the QuickReader: what its tests and benchmarks compare with.
    Control frame_general(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink);

    /// The stream of contracts begins anew, without a word on those that do not change.
    void forget_contracts(FactSink& sink) { statuses_.forget(sink); }

    /// A REST reply. Only /depth carries facts for books; its symbol stands in the url. Returns the listing
    /// it concerned.
    ListingId http(const HttpReply& reply, Timestamp now, FactSink& sink);

  private:
    Control general(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                    ListingId doubted);
    void judge_event(Walk& walk, ConnectionId connection, Timestamp now, FactSink& sink);
    void tell_contract(const Walk& walk, ConnectionId connection, FactSink& sink);
    void tell_finer(const Listing& listing, ConnectionId connection, FactSink& sink);
    std::string_view stale_list(const Listing& listing);
    void hand_on(const Message& message, Timestamp now, FactSink& sink);
    void snapshot(const Listing& listing, const HttpReply& reply, Timestamp now, FactSink& sink);

    VenueSetup setup_;
    Market market_;
    QuickReader quick_;
    ListingStatuses statuses_;
    simdjson::ondemand::parser parser_;
    LevelList bids_, asks_;
    std::size_t finer_ = 0;  ///< levels of this message that are finer than the listing's units
    std::string symbol_;
    std::string stale_;
};

}  // namespace arb::binance
