#pragma once
// The life of our orders at real venues. Every order we send lives here until the venue's own evidence ends
// it: reports and fills (in any order, any number of times), queries, or proof of absence. What comes out is
// the word PackageExecutor understands: fills counted once, and one terminal word per order, said only when
// the venue's total and the counted fills agree. An order of unknown outcome is asked for by client id, then
// by fills, until the venue's certainty window is over; until then it stays open here and reserved in
// RiskGate. Nothing is ever sent twice. A word that contradicts what the venue said before is told, never
// dropped: an order thought to be over opens again and its fills are asked for. An order or fill under one of
// our ids whose venue id is not that order's is somebody else's. Core thread; a fixed number of orders; no
// allocation after construction.
//
//   sent --> pending --> working --> closing --> ended (filled, cancelled, rejected)
//     \________\___________\___ unknown ___/         closing: the terminal word came, a fill is still missing
#include <array>
#include <cstdint>
#include <span>
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

/// An order or fill in this account that was not made by us. The text is good during the call.
struct Stranger {
    ListingId listing = kNoListing;
    OrderId order = kForeignOrder;  ///< what its client id says; kForeignOrder: it is none of our kind
    std::string_view venue_id;
    bool our_id = false;  ///< under an id that an order of ours had, which nobody uses by accident
    bool works = false;   ///< an order that may still fill; else a fill, or an order that ended
    Timestamp time;       ///< the venue's; 0: not told
};

/// What the desk concludes.
class OrderDeskListener {
  public:
    virtual ~OrderDeskListener() = default;
    virtual void on_order_event(const OrderEvent& event, Timestamp now) = 0;
    /// The state of an order changed (ledger, journal); `end` texts are good during the call.
    virtual void on_order_state(OrderId order, OrderState state, RejectReason reason, Quantity filled,
                                Timestamp now) = 0;
    /// A fill of an order that was already ended or is open again, or of ours from a run before: money moved
    /// that no package expects.
    virtual void on_late_fill(const FillReport& fill, const Fill& counted, Timestamp now) = 0;
    /// A fill of an order of ours that is over or was, from before what is remembered: it may have been
    /// counted, so it is not counted now. Told once.
    virtual void on_old_fill(const FillReport& /*fill*/, Timestamp /*now*/) {}
    virtual void on_stranger(const Stranger& stranger, Timestamp now) = 0;
    /// The venue said two things of one order that cannot both be true; told once an order. `money`: what is
    /// counted may be wrong by it. (A trade told again with another quantity was counted once, as first
    /// told.)
    virtual void on_contradiction(OrderId order, ListingId listing, const char* what, bool money,
                                  Timestamp now) = 0;
    /// An order that was thought to be over is open again: `left` is what of it may still be filled. Its
    /// fills come as late ones, and no event of it will follow but on_reopened_end.
    virtual void on_reopened(OrderId order, const OrderIntent& left, Timestamp now) = 0;
    virtual void on_reopened_end(OrderId order) = 0;
    /// What the fee of this fill, taken from a third asset (fee_name, fee_paid), costs in quote currency.
    virtual Amount value_fee(ListingId /*listing*/, const Fill& /*fill*/) { return {}; }
};

struct OrderDeskLimits {
    Duration answer_max = seconds(2);          ///< no word of an order for so long: ask
    Duration fills_grace = milliseconds(250);  ///< after a terminal word, before missing fills are asked for
    Duration query_first = milliseconds(100);  ///< after an unknown outcome
    Duration query_most = seconds(5);          ///< the pause between questions doubles up to this
    std::size_t trades_kept = TradeMemory::kKept;
};

struct OrderDeskCounts {
    std::uint64_t sent = 0, ended = 0,
                  unknown = 0;  ///< unknown: orders whose outcome was unknown at some time
    std::uint64_t unknown_executed = 0, unknown_absent = 0, unknown_refused = 0;
    std::uint64_t queries = 0, duplicate_fills = 0, late_fills = 0, old_fills = 0, strangers = 0;
    std::uint64_t contradictions = 0, reopened = 0;
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

    // Recovery (before the first input): an order of an earlier run whose end is not known, and what was
    // counted for it.
    /// Orders of this run's epoch, and of each earlier one in the log, were made here. An id of ours from any
    /// other epoch is of another engine, or of a log that is gone: a stranger's.
    void know_epoch(std::uint32_t epoch);
    /// The epoch of this run: of its ids only those that were sent are ours.
    void begin_epoch(std::uint32_t epoch)
    {
        know_epoch(epoch);
        own_epoch_ = epoch;
    }
    std::span<const std::uint32_t> epochs() const { return epochs_; }
    void restore(OrderId order, const OrderIntent& intent, Timestamp sent);
    /// A trade counted in an earlier run: never counted again. `time_known`: its time is the venue's.
    void restore_trade(const TradeMemory::Trade& trade, bool time_known);
    /// Earlier runs knew every fill up to this venue time (watermark), and the trades from `floor` on are
    /// restored.
    void restore_watermark(VenueId venue, Timestamp watermark, Timestamp floor);
    void restore_fill(OrderId order, Quantity quantity);
    /// `venue_id`: the venue's id of it, empty when it was never heard.
    void restore_end(OrderId order, std::string_view venue_id);
    /// An order of an earlier run that is over and of which no more is known than the venue's id of it.
    void restore_over(OrderId order, std::string_view venue_id);
    /// Every fill of ours up to this venue time was counted, as far as the orders' own ends say so; 0: none
    /// was.
    Timestamp watermark(VenueId venue) const;
    /// The venue's id of an order that ended, while it is remembered; empty: never heard.
    std::string_view ended_venue_id(OrderId order) const;
    /// Ended orders that are remembered with the venue's ids of them, oldest first.
    template <class Visit>
    void for_each_over(Visit&& visit) const
    {
        for (std::size_t i = 0; i < kEndedKept; ++i) {
            const Over& over = over_[(ended_at_ + i) % kEndedKept];
            if (over.venue_id.size > 0) visit(over.id, over.venue_id.view());
        }
    }

    struct View {
        OrderId id{};
        OrderIntent intent;
        OrderState state{};
        Quantity filled;
        Timestamp sent;
        bool was_unknown = false;
        bool asked = false;  ///< the venue's word on it is waited for
    };
    std::size_t open_count() const { return open_count_; }
    std::size_t unknown_count() const;
    /// Orders not ended, in no order.
    template <class Visit>
    void for_each_open(Visit&& visit) const
    {
        for (const Entry& e : entries_) {
            if (!e.used) continue;
            visit(View{e.id, e.intent, e.state, e.counted, e.sent, e.was_unknown, e.ask_at.known()});
        }
    }
    /// An order is open at the venue.
    bool open_at(VenueId venue) const;
    /// And its outcome is open: it can still explain any figure there.
    bool doubtful_at(VenueId venue) const;
    const OrderDeskCounts& counts() const { return counts_; }
    const TradeMemory& trades() const { return trades_; }

  private:
    enum class Word : std::uint8_t { none, filled, cancelled, rejected };
    /// A venue's id of an order, kept. One that is too long or not plain text is none.
    struct VenueId64 {
        std::array<char, 64> text{};
        std::uint8_t size = 0;
        std::string_view view() const { return {text.data(), size}; }
        void set(std::string_view id);
        /// Both are known and differ: not the same order.
        bool differs(std::string_view id) const { return size > 0 && !id.empty() && view() != id; }
    };
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
        bool absent = false;           ///< the last query by client id found nothing
        bool absent_for_good = false;  ///< and told so after the certainty window
        bool fills_proven =
            false;  ///< a whole list of fills since `sent` was read after the word or the absence
        bool asking_fills = false;
        Timestamp fills_asked;
        Timestamp ask_at;  ///< 0: nothing to ask
        Duration pause;
        bool reopened = false;  ///< it was thought to be over
        bool contradicted = false;
        Timestamp doubted;  ///< absence counts from here: when it was sent or opened again
        VenueId64 venue_id;
    };
    /// What is kept of an order that ended.
    struct Over {
        OrderId id = kForeignOrder;
        OrderIntent intent;  ///< quantity zero: not known
        Timestamp sent, ended;
        Quantity counted;
        bool absent = false;  ///< by proof of absence alone
        bool contradicted = false;
        VenueId64 venue_id;
    };

    Entry* find(OrderId id);
    Entry& take_slot();
    OrderReference reference(const Entry& entry) const;
    void set_state(Entry& entry, OrderState state, Timestamp now);
    void doubt(Entry& entry, Timestamp now);
    void note_taken(Entry& entry, OrderState state, Timestamp now);
    void ask_at(Entry& entry, Timestamp time);
    void ask(Entry& entry, Timestamp now);
    void settle(Entry& entry, Timestamp now);
    void finish(Entry& entry, OrderEventKind kind, Timestamp now);
    void finish_whole(Entry& entry, Timestamp now);
    /// Its place among the ended that are remembered; kEndedKept: none.
    bool made_here(OrderId order) const;
    std::size_t place_of_ended(OrderId id) const;
    void keep_ended(const Entry& entry, Timestamp now);
    void on_report_of_ended(const OrderReport& report, Timestamp now);
    void note_word(Entry& entry, const OrderReport& report, Timestamp now);
    void reopen(Over& over, const OrderReport& report, Timestamp now);
    void contradict(bool& told, OrderId order, ListingId listing, const char* what, Timestamp now,
                    bool money = true);
    const char* contradiction(const Entry& entry, const OrderReport& report) const;
    bool strange_fill(const FillReport& report, std::uint64_t key, Timestamp now);
    void on_known_fill(const FillReport& report, std::uint64_t key, Timestamp now);
    void tell_stranger(const OrderReport& report, bool our_id, Timestamp now);
    bool remember(const TradeMemory::Trade& trade)
    {
        return trades_.remember(trade, [this](OrderId order) { return find(order) != nullptr; });
    }
    void on_placed(Entry& entry, const RequestEnd& end, Timestamp now);
    bool proves_absence(const Entry& entry, Timestamp now) const;
    bool window_over(const Entry& entry, Timestamp now) const;
    Fill fill_of(const FillReport& report) const;

    const InstrumentTable* table_;
    OrderDeskLimits limits_;
    OrderRoads* roads_;
    OrderDeskListener* listener_;
    std::vector<TradingFeatures> features_;  // by venue
    std::vector<Entry> entries_;
    std::size_t open_count_ = 0;
    std::vector<OrderId> ended_;  // ring; its own, for it is searched
    std::vector<Over> over_;      // the same places
    std::size_t ended_at_ = 0;
    TradeMemory trades_;
    TradeMemory strangers_{0, kStrangersKept};  // their fills, to tell each once
    std::vector<Timestamp> counted_;            // by venue: time of its latest fill that was counted
    std::vector<Timestamp> watermarks_;         // by venue: of earlier runs
    std::vector<std::uint32_t> epochs_;         // whose orders were made here
    std::uint32_t own_epoch_ = 0;               // of this run; 0: not told
    std::uint32_t last_sent_ = 0;               // the highest counter of an order of this run
    OrderDeskCounts counts_;
};

}  // namespace arb
