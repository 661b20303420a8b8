#pragma once
// The life of our orders at real venues. Every order we send lives here until the venue's own evidence ends
// it: reports and fills (in any order, any number of times), queries, or proof of absence. What comes out is
// the word PackageExecutor understands: fills counted once, and one terminal word per order. An order of
// unknown outcome is asked for by client id, then by fills, until the venue's certainty window is over; until
// then it stays open here and reserved in RiskGate. Nothing is ever sent twice. Core thread; a fixed number
// of orders; no allocation after construction.
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/trading/fill_news.hpp"
#include "engine/trading/order_lifecycle.hpp"
#include "engine/trading/order_restore.hpp"

namespace arb {

class OrderDesk {
  public:
    OrderDesk(const InstrumentTable& table, const OrderDeskLimits& limits, OrderRequests& requests,
              OrderDeskListener& listener);
    // Its parts point at its tables.
    OrderDesk(const OrderDesk&) = delete;
    OrderDesk& operator=(const OrderDesk&) = delete;

    /// By venue; TradingFeatures::certainty_window and the like.
    void set_features(VenueId venue, const TradingFeatures& features)
    {
        tables_.features[index(venue)] = features;
    }
    void send(const ApprovedOrder& order, Timestamp now);
    void cancel(OrderId order, Timestamp now);
    /// It rests by the venue's word, and its price can be changed there.
    bool amendable(OrderId order) const;
    /// The venue's report with the price makes it an event.
    void amend(const ApprovedAmend& amend, Timestamp now);
    /// Asks about it now, whatever its turn; that alone is no doubt about it.
    void ask_early(OrderId order, Timestamp now);
    /// Something there is not explained: orders that rest are in doubt too, and asked about.
    void doubt_resting(VenueId venue, Timestamp now);

    void on_report(const OrderReport& report, Timestamp now);
    /// Counts a fill once by venue, listing, trade id, order and side. Without a fee it is not counted but
    /// asked for. A stranger's is told once and kept apart from ours.
    void on_fill(const FillReport& report, Timestamp now);
    void on_end(VenueId venue, const RequestEnd& end, Timestamp now);
    /// The venue's private stream fell or stood up: what is open there must be asked for.
    void on_channel(VenueId venue, Channel channel, bool ready, Timestamp now);
    void on_time(Timestamp now);

    /// Every fill of ours up to this venue time was counted, as far as the orders' own ends say so; 0: none
    /// was.
    Timestamp watermark(VenueId venue) const;
    const OpenOrders& open() const { return tables_.open; }
    const EndedOrders& ended() const { return tables_.ended; }
    KnownFills& fills() { return tables_.fills; }
    const KnownFills& fills() const { return tables_.fills; }
    OwnEpochs& epochs() { return tables_.epochs; }
    const OwnEpochs& epochs() const { return tables_.epochs; }
    OrderDeskCounts counts() const;
    /// Before the first input.
    OrderRestore& restore() { return restore_; }

  private:
    void note_price(DeskOrder& order, const OrderReport& report, Timestamp now);
    void tell_amend(const DeskOrder& order, OrderEventKind kind, Timestamp now);
    void on_fills_end(VenueId venue, bool whole, Timestamp now);

    OrderDeskLimits limits_;
    OrderRequests* requests_;
    DeskTables tables_;
    OrderQuestions questions_;
    FillNews fills_;
    OrderLifecycle lifecycle_;
    OrderRestore restore_;
};

}  // namespace arb
