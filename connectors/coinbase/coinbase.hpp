#pragma once
// Coinbase Advanced Trade: the venue state machine. It subscribes heartbeats, level2 and market_trades on
// open, watches for silence, and renews single books by unsubscribing and subscribing them, within the
// venue's eight messages a second. With credentials an Account does the trading side. Called by the engine,
// one thread; sends through the Outbox only. Market facts come from Decoder.
#include <memory>
#include <string>
#include <vector>

#include "connectors/coinbase/account.hpp"
#include "connectors/coinbase/decoder.hpp"
#include "engine/connect/feed_sockets.hpp"
#include "engine/connect/trading_venue.hpp"
#include "engine/venue/venue.hpp"

namespace arb::coinbase {

inline constexpr Duration kSilence = seconds(10);  ///< heartbeats come once a second
inline constexpr std::size_t kProductsPerConnection = 20;
inline constexpr unsigned kMessagesPerSecond = 8;  ///< unauthenticated, per address

class Coinbase final : public TradingVenue<Account> {
  public:
    explicit Coinbase(const VenueSetup& setup);

    SequenceRule sequence_rule(const Listing& listing) const override;
    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) override;
    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink&, Outbox&) override;
    void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink&, Outbox&) override;
    void on_http(const HttpReply& reply, Timestamp now, FactSink&, Outbox&) override;
    void on_close(ConnectionId connection, Timestamp now, FactSink&, Outbox&) override;
    void on_wake(Timestamp now, FactSink&, Outbox&) override;
    void resync(ListingId listing, Timestamp now, Outbox&) override;

    TradingFeatures trading_features() const override { return features(); }

  private:
    std::string message(std::string_view type, std::string_view channel,
                        std::span<const ListingId> listings) const;
    bool may_send(unsigned messages, Timestamp now);
    void renew(ConnectionId id, std::span<const ListingId> listings, Outbox& outbox) const;
    void flush_pending(Timestamp now, Outbox& outbox);

    VenueId id_;
    const InstrumentTable& table_;
    Decoder decoder_;
    FeedSockets feeds_;
    std::vector<ListingId> pending_;  ///< books to renew once messages may be sent again
    Timestamp window_begin_;
    unsigned window_sent_ = 0;
};

const ConnectorType& type();

}  // namespace arb::coinbase
