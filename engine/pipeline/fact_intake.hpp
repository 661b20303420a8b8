#pragma once
// What venues say, handed on: books to the markets, the state of listings to their watch, private facts to
// live trading. Each venue speaks through a sink of its own, so that every private fact carries its venue.
// Counts what no book keeps, for audits. Core thread; nothing here allocates after warm-up.
#include <array>
#include <cstdint>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/pipeline/instrument_watch.hpp"
#include "engine/pipeline/live_trading.hpp"

namespace arb {

/// Counts of facts that no book keeps.
struct ListingFacts {
    std::uint64_t frames = 0;  ///< frames or replies that spoke of this listing's book, quotes or trades
    std::uint64_t quotes = 0;
    std::uint64_t trades = 0;
};

class FactIntake {
  public:
    FactIntake(Markets& markets, InstrumentWatch& instruments);
    /// Who hears private facts (null in simulation), and who hears trades (null where orders are real).
    void connect(LiveTrading* live, OrderSender* simulated)
    {
        live_ = live;
        simulated_ = simulated;
    }

    /// The next input, and the connection it came on. What follows belongs to it.
    void begin(ConnectionId connection, Timestamp now);
    FactSink& of(VenueId venue) { return venues_[index(venue)]; }
    std::vector<FactSink*> sinks();

    // Facts of no particular venue's, from normalised records.
    void on_book(const BookUpdate& update);
    void on_undecoded(const Undecoded& undecoded);

    ConnectionId connection() const { return connection_; }
    const ListingFacts& facts(ListingId id) const { return facts_[index(id)]; }
    std::uint64_t undecoded(UndecodedReason reason) const
    {
        return undecoded_[static_cast<std::size_t>(reason)];
    }
    std::uint64_t undecoded_total() const;
    /// A message of a venue that has no connector.
    void count_unknown() { ++undecoded_[static_cast<std::size_t>(UndecodedReason::unknown_message)]; }
    /// Hears clock offsets of venue messages (audit); null: nobody.
    void set_clock_listener(std::vector<std::vector<std::int64_t>>* offsets_by_listing)
    {
        offsets_ = offsets_by_listing;
    }

  private:
    class Sink final : public FactSink {
      public:
        Sink(FactIntake& intake, VenueId venue) : intake_(&intake), venue_(venue) {}
        void on_book(const BookUpdate& update) override { intake_->on_book(update); }
        void on_quote(const BestQuote& quote) override;
        void on_trade(const Trade& trade) override;
        void on_connection_sequence(ConnectionId connection, std::uint64_t sequence) override;
        void on_acknowledged(ConnectionId, ListingId, bool) override {}
        void on_venue_time(Timestamp, Timestamp) override {}
        void on_undecoded(const Undecoded& undecoded) override { intake_->on_undecoded(undecoded); }
        void on_listing_status(ListingId listing, ListingStatus status) override;
        void on_order_report(const OrderReport& report) override;
        void on_fill_report(const FillReport& report) override;
        void on_balance_report(const BalanceReport& report) override;
        void on_fee_report(const FeeReport& report) override;
        void on_request_end(const RequestEnd& end) override;
        void on_channel(Channel channel, bool ready) override;
        void on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received) override;
        void on_key_report(const KeyReport& report) override;

      private:
        FactIntake* intake_;
        VenueId venue_;
    };
    void touch(ListingId listing);

    Markets* markets_;
    InstrumentWatch* instruments_;
    LiveTrading* live_ = nullptr;
    OrderSender* simulated_ = nullptr;
    std::vector<Sink> venues_;
    ConnectionId connection_{};
    Timestamp now_;
    bool frame_in_past_ = false;
    std::uint64_t input_ = 0;
    std::vector<ListingFacts> facts_;
    std::vector<std::uint64_t> last_input_;  // by listing: input that last touched it
    std::array<std::uint64_t, static_cast<std::size_t>(UndecodedReason::count_)> undecoded_{};
    std::vector<std::vector<std::int64_t>>* offsets_ = nullptr;
};

}  // namespace arb
