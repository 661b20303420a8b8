#pragma once
// The life of our orders at real venues. Every order we send lives here until the venue's own evidence ends
// it: reports and fills (in any order, any number of times), queries, or proof of absence. What comes out is
// the word PackageExecutor understands: fills counted once, and one terminal word per order, said only when
// the venue's total and the counted fills agree. An order of unknown outcome is asked for by client id, then
// by fills, until the venue's certainty window is over; until then it stays open here and reserved in
// RiskGate. Nothing is ever sent twice. Core thread; a fixed number of orders; no allocation after
// construction.
//
//   sent --> pending --> working --> closing --> ended (filled, cancelled, rejected)
//     \________\___________\___ unknown ___/         closing: the terminal word came, a fill is still missing
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/order_report.hpp"
#include "engine/trading/trade_memory.hpp"

namespace arb {

enum class OrderState : std::uint8_t { sent, pending, working, closing, unknown, ended };
const char* name(OrderState state);

/// What the desk wants of a venue. The engine passes it on to the connector.
class OrderRoads {
  public:
    virtual ~OrderRoads() = default;
    virtual void place(const ApprovedOrder& order, Timestamp now) = 0;
    virtual void cancel(const OrderReference& order, Timestamp now) = 0;
    virtual void query_order(const OrderReference& order, Timestamp now) = 0;
    virtual void query_fills(ListingId listing, Timestamp since, Timestamp now) = 0;
};

/// What the desk concludes.
class OrderDeskListener {
  public:
    virtual ~OrderDeskListener() = default;
    virtual void on_order_event(const OrderEvent& event, Timestamp now) = 0;
    /// The state of an order changed (ledger, journal); `end` texts are good during the call.
    virtual void on_order_state(OrderId order, OrderState state, RejectReason reason, Quantity filled,
                                Timestamp now) = 0;
    /// A fill of an order that was already ended, or of ours from a run before: money moved that no package
    /// expects.
    virtual void on_late_fill(const FillReport& fill, const Fill& counted, Timestamp now) = 0;
    /// Not made by us: an order or fill of somebody else in this account.
    virtual void on_stranger(ListingId listing, std::string_view venue_id, Timestamp now) = 0;
    /// What the fee of this fill, taken from a third asset (fee_name, fee_paid), costs in quote currency.
    virtual Amount value_fee(ListingId /*listing*/, const Fill& /*fill*/) { return {}; }
};

struct OrderDeskLimits {
    Duration answer_max = seconds(2);          ///< no word of an immediate order for so long: ask
    Duration fills_grace = milliseconds(250);  ///< after a terminal word, before missing fills are asked for
    Duration query_first = milliseconds(100);  ///< after an unknown outcome
    Duration query_most = seconds(5);          ///< the pause between questions doubles up to this
};

struct OrderDeskCounts {
    std::uint64_t sent = 0, ended = 0,
                  unknown = 0;  ///< unknown: orders whose outcome was unknown at some time
    std::uint64_t unknown_executed = 0, unknown_absent = 0, unknown_refused = 0;
    std::uint64_t queries = 0, duplicate_fills = 0, late_fills = 0, strangers = 0;
};

class OrderDesk {
  public:
    static constexpr std::size_t kOrdersMax = 512;
    static constexpr std::size_t kEndedKept = 4096;      ///< ended orders remembered, to know late news
    static constexpr std::size_t kStrangersKept = 1024;  ///< strangers' fills remembered, to tell each once

    OrderDesk(const InstrumentTable& table, const OrderDeskLimits& limits, OrderRoads& roads,
              OrderDeskListener& listener);

    /// By venue; TradingFeatures::certainty_window and the like.
    void set_features(VenueId venue, const TradingFeatures& features);
    bool full() const { return open_count_ == kOrdersMax; }

    void send(const ApprovedOrder& order, Timestamp now);
    void cancel(OrderId order, Timestamp now);
    void on_report(const OrderReport& report, Timestamp now);
    /// Counts a fill once by venue, listing, trade id, order and side. Without a fee it is not counted but
    /// asked for. A stranger's is told once and kept apart from ours.
    void on_fill(const FillReport& report, Timestamp now);
    void on_end(VenueId venue, const RequestEnd& end, Timestamp now);
    /// The venue's private stream fell or stood up: what is open there must be asked for.
    void on_channel(VenueId venue, Channel channel, bool ready, Timestamp now);
    void on_time(Timestamp now);

    // Recovery (before the first input): an order of an earlier run whose end is not known, and what was
    // counted for it.
    void restore(OrderId order, const OrderIntent& intent, Timestamp sent);
    /// A trade counted in an earlier run: never counted again.
    void restore_trade(std::uint64_t trade_key);
    void restore_fill(OrderId order, Quantity quantity);
    void restore_end(OrderId order);

    struct View {
        OrderId id{};
        OrderIntent intent;
        OrderState state{};
        Quantity filled;
        Timestamp sent;
        bool was_unknown = false;
    };
    std::size_t open_count() const { return open_count_; }
    std::size_t unknown_count() const;
    /// Orders not ended, in no order.
    template <class Visit>
    void for_each_open(Visit&& visit) const
    {
        for (const Entry& e : entries_) {
            if (e.used) visit(View{e.id, e.intent, e.state, e.counted, e.sent, e.was_unknown});
        }
    }
    const OrderDeskCounts& counts() const { return counts_; }
    const TradeMemory& trades() const { return trades_; }

  private:
    enum class Word : std::uint8_t { none, filled, cancelled, rejected };
    struct Entry {
        bool used = false;
        OrderId id{};
        OrderIntent intent;
        VenueId venue{};
        Timestamp sent;
        OrderState state = OrderState::sent;
        Word word = Word::none;  ///< terminal word heard
        RejectReason reason = RejectReason::none;
        bool told = false;  ///< the venue told the total at its terminal word
        Quantity total;     ///< largest cumulative total told
        Quantity counted;
        bool was_unknown = false;
        bool absent = false;  ///< the last query by client id found nothing
        bool fills_proven =
            false;  ///< a whole list of fills since `sent` was read after the word or the absence
        bool asking_fills = false;
        Timestamp ask_at;  ///< 0: nothing to ask
        Duration pause;
        std::array<char, 64> venue_id{};
        std::uint8_t venue_id_size = 0;
    };

    Entry* find(OrderId id);
    Entry& take_slot();
    OrderReference reference(const Entry& entry) const;
    void set_state(Entry& entry, OrderState state, Timestamp now);
    void doubt(Entry& entry, Timestamp now);
    void ask_at(Entry& entry, Timestamp time);
    void ask(Entry& entry, Timestamp now);
    void settle(Entry& entry, Timestamp now);
    void finish(Entry& entry, OrderEventKind kind, Timestamp now);
    bool recently_ended(OrderId id) const;
    void on_placed(Entry& entry, const RequestEnd& end, Timestamp now);
    bool proves_absence(const Entry& entry, Timestamp now) const;
    Fill fill_of(const FillReport& report) const;

    const InstrumentTable* table_;
    OrderDeskLimits limits_;
    OrderRoads* roads_;
    OrderDeskListener* listener_;
    std::vector<TradingFeatures> features_;  // by venue
    std::vector<Entry> entries_;
    std::size_t open_count_ = 0;
    std::vector<OrderId> ended_;  // ring
    std::size_t ended_at_ = 0;
    TradeMemory trades_;
    TradeMemory strangers_{kStrangersKept};
    OrderDeskCounts counts_;
};

}  // namespace arb
