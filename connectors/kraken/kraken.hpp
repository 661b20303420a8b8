#pragma once
// Kraken spot, websocket v2: the venue state machine; the trading half is Account. It subscribes book and
// trade on open, pings, watches for silence, and renews a single book by unsubscribing and subscribing it.
// Recorded v1 frames are decoded too, but nothing is ever asked for in v1. Called by the engine, one thread;
// sends through the Outbox only.
#include <string>
#include <vector>

#include "connectors/kraken/account.hpp"
#include "connectors/kraken/decoder.hpp"
#include "engine/venue/venue.hpp"

namespace arb::kraken {

inline constexpr Duration kSilence = seconds(10);    ///< heartbeats come every second without other news
inline constexpr Duration kPingEvery = seconds(20);  ///< the venue closes after a minute without a request
inline constexpr std::size_t kSymbolsPerConnection = 50;

class Kraken final : public Venue {
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

    TradingFeatures trading_features() const override;
    void start_session(Timestamp now, FactSink&, Outbox&) override;
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink&, Outbox&) override;
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink&,
                     Outbox&) override;
    void cancel_order(const OrderReference& order, Timestamp now, FactSink&, Outbox&) override;
    void cancel_all(std::span<const ListingId>, Timestamp now, FactSink&, Outbox&) override;
    void query_order(const OrderReference& order, Timestamp now, FactSink&, Outbox&) override;
    void query_open_orders(std::span<const ListingId>, Timestamp now, FactSink&, Outbox&) override;
    void query_fills(std::span<const ListingId>, Timestamp since, Timestamp now, FactSink&, Outbox&) override;
    void query_balances(Timestamp now, FactSink&, Outbox&) override;
    void query_fees(std::span<const ListingId> listings, Timestamp now, FactSink&, Outbox&) override;
    void query_key(Timestamp now, FactSink&, Outbox&) override;
    void query_time(Timestamp now, FactSink&, Outbox&) override;

  private:
    void ask(Inquiry inquiry, Timestamp now, FactSink& sink, Outbox& outbox)
    {
        if (account_ != nullptr) account_->ask(std::move(inquiry), now, sink, outbox);
    }
    static constexpr std::size_t kNoPlan = ~std::size_t{0};
    struct Connection {
        bool open = false;
        bool giving_up = false;  ///< a reconnect was asked for
        std::size_t plan = kNoPlan;
        Timestamp last_frame, next_ping;
    };

    Connection& connection(ConnectionId id);
    bool served(std::size_t plan) const;
    std::size_t choose_plan(const Connection& chosen, std::string_view url) const;
    std::string book_message(std::string_view method, std::span<const ListingId> listings);
    std::string trade_message(std::span<const ListingId> listings);
    std::string symbols(std::span<const ListingId> listings) const;

    VenueId id_;
    const InstrumentTable& table_;
    Decoder decoder_;
    std::uint32_t depth_;
    std::uint64_t request_ = 0;
    std::vector<ConnectionPlan> plans_;
    std::vector<Connection> connections_;  ///< by ConnectionId
    std::unique_ptr<Account> account_;     ///< with credentials
};

const ConnectorType& type();

}  // namespace arb::kraken
