#pragma once
// One venue under several keys: a Venue made of several instances of its connector (venue_keys.hpp). One
// without a key serves market data; each key has an instance of its own, whose channels (VenueSetup::scope)
// follow the key's role: beside a read key the trade key opens order entry alone and the read key the private
// stream. Requests that change something go out under the trade key, questions under the read key where there
// is one. Core thread; no allocation on the way of frames and orders.
#include "engine/pipeline/venue_keys.hpp"

namespace arb {

class KeyedVenue final : public Venue {
  public:
    /// `setup` without credentials.
    KeyedVenue(VenueKeys::Make make, const VenueSetup& setup) : keys_(make, setup) {}

    VenueKeys& keys() { return keys_; }

    // Venue
    SequenceRule sequence_rule(const Listing& listing) const override;
    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) override;
    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox) override;
    void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                  Outbox& outbox) override;
    void on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox) override;
    void on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox) override;
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox) override;
    void resync(ListingId listing, Timestamp now, Outbox& outbox) override;
    TradingFeatures trading_features() const override;
    /// Nothing: keys are started one by one.
    void start_session(Timestamp, FactSink&, Outbox&) override {}
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox) override;
    void amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox) override;
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox) override;
    void cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                    Outbox& outbox) override;
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox) override;
    void query_open_orders(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                           Outbox& outbox) override;
    void query_fills(std::span<const ListingId> listings, Timestamp since, Timestamp now, FactSink& sink,
                     Outbox& outbox) override;
    void query_balances(Timestamp now, FactSink& sink, Outbox& outbox) override;
    void query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                    Outbox& outbox) override;
    void query_time(Timestamp now, FactSink& sink, Outbox& outbox) override;
    void set_clock_offset(Duration offset) override;

  private:
    VenueKeys keys_;
};

}  // namespace arb
