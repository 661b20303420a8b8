#pragma once
// What the steps of a rehearsal stand on: the venue under its keys, everything it said so far, and the
// engine's own parts that judge and guard (books, order desk, risk gate, portfolio). Steps ask through it and
// look at what was heard since; each fact is kept as a copy. One thread; the venue is never re-entered.
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/pipeline/keyed_venue.hpp"
#include "engine/pipeline/venue_clock.hpp"
#include "engine/rehearsal/checks.hpp"
#include "engine/rehearsal/feed_watch.hpp"
#include "engine/rehearsal/mask.hpp"
#include "engine/rehearsal/setup.hpp"
#include "engine/trading/order_desk.hpp"

namespace arb {

/// Owned copies of facts, with the time at which they were heard; their texts beside them.
struct HeardOrder {
    OrderReport report;
    std::string venue_id;
    Timestamp at;
};
struct HeardFill {
    FillReport report;
    std::string fee_asset, trade_id;
    Timestamp at;
};
struct HeardBalance {
    BalanceReport report;
    std::string asset;
};
struct HeardEnd {
    RequestEnd end;
    std::string code, text;
    Timestamp at;
};
struct HeardKey {
    KeyReport report;
    std::string label, text, foreign, missing, address_list;
    KeyReport whole() const;
};

/// What a venue told of the account's money in one answer, by asset.
using HeardMoney = std::map<std::string, BalanceReport, std::less<>>;

/// How much was heard until now: what comes behind it is news.
struct HeardMark {
    std::size_t orders = 0, fills = 0, balances = 0, ends = 0;
};

class Stage final : public FactSink, private OrderRequests, private OrderDeskListener {
  public:
    Stage(const RehearsalSetup& setup, Outbox& outbox);
    ~Stage() override;

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
    /// Where the venue said two things of one order that cannot both be true.
    std::vector<std::string> contradictions;
    struct KeyStanding {
        KeySlot slot = kNoSlot;
        bool accepted = false;
    };
    std::vector<KeyStanding> keys;  ///< by key of the setup, once they are asked about

    // What was heard.
    HeardMark mark() const;
    const HeardEnd* end_since(const HeardMark& mark, RequestKind kind, OrderId order = kForeignOrder) const;
    /// Of this order by that source, the last one.
    const HeardOrder* order_since(const HeardMark& mark, OrderId order, ReportSource source) const;
    const std::vector<HeardOrder>& orders() const { return orders_; }
    const std::vector<HeardFill>& fills() const { return fills_; }
    const std::vector<HeardKey>& key_reports() const { return key_reports_; }
    bool ready(Channel channel) const { return ready_[static_cast<std::size_t>(channel)]; }
    bool ready() const { return ready(Channel::order_entry) && ready(Channel::private_stream); }
    const VenueClock& clock() const { return clock_; }
    /// What answers about balances told since.
    HeardMoney money_since(const HeardMark& mark) const;
    const FeeReport* fee_of(ListingId listing) const;
    /// "done", or how else it ended, masked.
    std::string words(const HeardEnd& end) const;

    // Orders: through the gate, and kept by the desk until the venue's evidence ends them.
    std::optional<OrderId> send(const OrderIntent& intent, bool closing, std::string& refusal);
    /// False: the gate refuses it, or the order does not rest by the venue's word.
    bool amend(OrderId order, Price price, std::string& refusal);
    void cancel(OrderId order);
    OrderReference reference(OrderId order) const;
    bool over(OrderId order) const;
    bool open_orders() const { return desk_.open().count() > 0; }
    template <class Visit>
    void for_each_open(Visit&& visit) const
    {
        desk_.open().for_each(visit);
    }
    /// By its fills, each counted once.
    Quantity filled(OrderId order) const;
    /// The same, or more where a report about the order tells more than its fills do.
    Quantity most_filled(OrderId order) const;
    /// An order that was told as working and of whose end nothing was told: that it is in no answer any more
    /// proves nothing.
    bool vanished(OrderId order) const;
    /// An order that was told as over, and by a later answer to a question works.
    bool revived(OrderId order) const;
    template <class Visit>
    void for_each_sent(Visit&& visit) const
    {
        for (const Sent& sent : sent_) visit(sent.id, sent.intent);
    }
    /// The venue did not take an order as it was sent: none that fills is sent any more.
    bool distrusted = false;
    /// What the orders of this rehearsal left: base assets more (or less) than before.
    Amount left_over() const;
    /// The gate's money is what the venue told.
    void adopt_balances(const HeardMoney& money);
    bool money_known() const { return money_known_; }
    bool any_sent() const { return !sent_.empty(); }
    const OrderIntent* intent_of(OrderId order) const;
    const RiskGate& gate() const { return gate_; }

    // FactSink
    void on_book(const BookUpdate& update) override { feed_.on_book(update); }
    void on_quote(const BestQuote&) override {}
    void on_trade(const Trade&) override {}
    void on_connection_sequence(ConnectionId connection, std::uint64_t sequence) override;
    void on_acknowledged(ConnectionId, ListingId listing, bool subscribed) override;
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_undecoded(const Undecoded& undecoded) override { feed_.on_undecoded(undecoded, mask); }
    void on_order_report(const OrderReport& report) override;
    void on_fill_report(const FillReport& report) override;
    void on_balance_report(const BalanceReport& report) override;
    void on_fee_report(const FeeReport& report) override;
    void on_request_end(const RequestEnd& end) override;
    void on_channel(Channel channel, bool ready) override;
    void on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received) override;
    void on_key_report(const KeyReport& report) override;

  private:
    struct Sent {
        OrderId id{};
        OrderIntent intent;
        Timestamp at;
        std::string venue_id;
        bool over = false;
        Quantity filled;
    };
    Sent* find(OrderId order);
    const Sent* find(OrderId order) const;
    std::vector<SequenceRule> rules() const;
    // OrderRequests
    void place(const ApprovedOrder& order, Timestamp now) override;
    void amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now) override;
    void cancel(const OrderReference& order, Timestamp now) override;
    void query_order(const OrderReference& order, Timestamp now) override;
    void query_fills(ListingId listing, Timestamp since, Timestamp now) override;
    // OrderDeskListener
    void on_order_event(const OrderEvent& event, Timestamp now) override;
    void on_order_state(const OrderChange&, Timestamp) override {}
    void on_late_fill(const FillReport& fill, const Fill& counted, Timestamp now) override;
    void on_stranger(const Stranger& stranger, Timestamp now) override;
    void on_contradiction(OrderId order, ListingId listing, const char* what, bool money,
                          Timestamp now) override;
    void on_reopened(OrderId order, const OrderIntent& left, Timestamp now) override;
    void on_reopened_end(OrderId order) override;

    RehearsalSetup setup_;
    Outbox* outbox_;
    std::unique_ptr<KeyedVenue> venue_;
    std::vector<ListingId> listings_;
    FeedWatch feed_;
    Portfolio portfolio_;
    RiskGate gate_;
    OrderDesk desk_;
    VenueClock clock_;
    Timestamp begun_, now_;
    std::array<bool, static_cast<std::size_t>(Channel::count_)> ready_{};
    std::vector<HeardOrder> orders_;
    std::vector<HeardFill> fills_;
    std::vector<HeardBalance> balances_;
    std::vector<HeardEnd> ends_;
    std::vector<FeeReport> fees_;
    std::vector<HeardKey> key_reports_;
    std::vector<Sent> sent_;
    bool money_known_ = false;
};

}  // namespace arb
