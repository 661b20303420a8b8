#pragma once
// What the steps of a rehearsal stand on: the venue under its keys, its books, what it said so far and the
// rehearsal's own orders. Hands what the venue says to them. One thread; the venue is never re-entered.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/pipeline/venue_clock.hpp"
#include "engine/rehearsal/checks.hpp"
#include "engine/rehearsal/feed_watch.hpp"
#include "engine/rehearsal/trial_orders.hpp"

namespace arb {

class Stage final : public FactSink {
  public:
    Stage(const RehearsalSetup& setup, Outbox& outbox);

    // Inputs, by the rehearsal.
    void begin_input(ConnectionId connection, Timestamp now);
    void on_time(Timestamp now);
    KeyedVenue& venue() { return *venue_; }
    TradingFeatures features() const { return venue_->trading_features(); }
    Outbox& outbox() { return *outbox_; }
    FeedWatch& feed() { return feed_; }
    const FeedWatch& feed() const { return feed_; }

    const RehearsalSetup& setup() const { return setup_; }
    const InstrumentTable& table() const { return *setup_.table; }
    Timestamp now() const { return now_; }
    Timestamp begun() const { return begun_; }  ///< the first input
    const std::vector<ListingId>& listings() const { return listings_; }
    const Instrument& instrument() const { return table().instrument_of(setup_.listing); }
    const Listing& listing() const { return table().listing(setup_.listing); }
    RehearsalChecks checks;
    Mask mask;
    /// What somebody must look at: orders or positions that may be left.
    std::vector<std::string> flags;
    struct KeyStanding {
        KeySlot slot = kNoSlot;
        bool accepted = false;
    };
    std::vector<KeyStanding> keys;  ///< by key of the setup, once they are asked about

    const HeardFacts& heard() const { return heard_; }
    TrialOrders& orders() { return orders_; }
    const TrialOrders& orders() const { return orders_; }
    VenueRequests& requests() { return requests_; }
    bool ready(Channel channel) const { return ready_[static_cast<std::size_t>(channel)]; }
    bool ready() const { return ready(Channel::order_entry) && ready(Channel::private_stream); }
    const VenueClock& clock() const { return clock_; }
    /// "done", or how else it ended, masked.
    std::string words(const HeardEnd& end) const;
    /// The venue did not take an order as it was sent: none that fills is sent any more.
    bool distrusted = false;

    // FactSink
    void on_book(const BookUpdate& update) override { feed_.on_book(update); }
    void on_quote(const BestQuote&) override {}
    void on_trade(const Trade&) override {}
    void on_connection_sequence(ConnectionId connection, std::uint64_t sequence) override
    {
        feed_.on_connection_sequence(connection, sequence);
    }
    void on_acknowledged(ConnectionId, ListingId listing, bool subscribed) override
    {
        feed_.on_acknowledged(listing, subscribed);
    }
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_undecoded(const Undecoded& undecoded) override { feed_.on_undecoded(undecoded, mask); }
    void on_order_report(const OrderReport& report) override;
    void on_fill_report(const FillReport& report) override;
    void on_balance_report(const BalanceReport& report) override { heard_.add(report); }
    void on_fee_report(const FeeReport& report) override;
    void on_request_end(const RequestEnd& end) override;
    void on_channel(Channel channel, bool ready) override;
    void on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received) override;
    void on_key_report(const KeyReport& report) override { heard_.add(report); }

  private:
    std::vector<SequenceRule> rules() const;

    RehearsalSetup setup_;
    Outbox* outbox_;
    std::unique_ptr<KeyedVenue> venue_;
    std::vector<ListingId> listings_;
    FeedWatch feed_;
    HeardFacts heard_;
    VenueRequests requests_;
    TrialOrders orders_;
    VenueClock clock_;
    Timestamp begun_, now_;
    std::array<bool, static_cast<std::size_t>(Channel::count_)> ready_{};
};

}  // namespace arb
