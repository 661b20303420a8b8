#pragma once
// Kraken spot, websocket v2: the venue state machine; the trading side is Account. It subscribes book and
// trade on open, pings, watches for silence, and renews a single book by unsubscribing and subscribing it.
// Recorded v1 frames are decoded too, but nothing is ever asked for in v1. Called by the engine, one thread;
// sends through the Outbox only.
#include <string>
#include <vector>

#include "connectors/kraken/account.hpp"
#include "connectors/kraken/decoder.hpp"
#include "engine/connect/feed_sockets.hpp"
#include "engine/connect/trading_venue.hpp"
#include "engine/venue/venue.hpp"

namespace arb::kraken {

inline constexpr Duration kSilence = seconds(10);    ///< heartbeats come every second without other news
inline constexpr Duration kPingEvery = seconds(20);  ///< the venue closes after a minute without a request
inline constexpr std::size_t kSymbolsPerConnection = 50;

class Kraken final : public TradingVenue<Account> {
  public:
    explicit Kraken(const VenueSetup& setup);

    SequenceRule sequence_rule(const Listing& listing) const override;
    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) override;
    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink&, Outbox&) override;
    void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink&, Outbox&) override;
    void on_http(const HttpReply& reply, Timestamp now, FactSink&, Outbox&) override;
    void on_close(ConnectionId connection, Timestamp now, FactSink&, Outbox&) override;
    void on_wake(Timestamp now, FactSink&, Outbox&) override;
    void resync(ListingId listing, Timestamp now, Outbox&) override;

    TradingFeatures trading_features() const override { return kraken::trading_features(); }

  private:
    std::string book_message(std::string_view method, std::span<const ListingId> listings);
    std::string trade_message(std::span<const ListingId> listings);
    std::string symbols(std::span<const ListingId> listings) const;

    const InstrumentTable& table_;
    Decoder decoder_;
    std::uint32_t depth_;
    std::uint64_t request_ = 0;
    FeedSockets feeds_;
};

const ConnectorType& type();

}  // namespace arb::kraken
