#pragma once
// Binance spot, USD-M and COIN-M as one Venue class, one instance a market. Public market data: diff depth
// every 100 ms with REST snapshots, bookTicker, trades. With credentials spot and USD-M trade too (Account).
// Core thread, sans-I/O; see engine/venue/venue.hpp for what each call promises.
#include <memory>
#include <vector>

#include "connectors/binance/account.hpp"
#include "connectors/binance/decoder.hpp"
#include "connectors/binance/session.hpp"
#include "connectors/binance/snapshot_queue.hpp"
#include "engine/connect/trading_venue.hpp"
#include "engine/venue/venue.hpp"

namespace arb::binance {

/// What connectors/registry.hpp finds.
const ConnectorType& type();

class BinanceVenue final : public TradingVenue<Account> {
  public:
    explicit BinanceVenue(const VenueSetup& setup);

    SequenceRule sequence_rule(const Listing& listing) const override;
    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) override;
    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink&, Outbox&) override;
    void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink&, Outbox&) override;
    void on_http(const HttpReply& reply, Timestamp now, FactSink&, Outbox&) override;
    void on_close(ConnectionId connection, Timestamp now, FactSink&, Outbox&) override;
    void on_wake(Timestamp now, FactSink&, Outbox&) override;
    void resync(ListingId listing, Timestamp now, Outbox&) override;

    TradingFeatures trading_features() const override;

  private:
    struct Planned {
        ConnectionPlan plan;
        bool books = false;  // depth and bookTicker
        bool trades = false;
        bool taken = false;
        ConnectionId connection{};
    };
    Session* session(ConnectionId connection);
    Planned* planned(ConnectionId connection);
    void subscribe(Session& session, const Planned& planned, Timestamp now, FactSink& sink);
    void on_control(const Control& control, Session& session, Timestamp now, FactSink&, Outbox&);
    void request_snapshots(Timestamp now, Outbox&);

    VenueSetup setup_;  // with pools
    Market market_;
    RequestPool* pool_;
    Decoder decoder_;
    SnapshotQueue snapshots_;
    std::vector<Planned> planned_;
    std::vector<Session> sessions_;
    std::uint64_t next_id_ = 1;
};

}  // namespace arb::binance
