#pragma once
// What a simulated exchange does in a backtest, done with real venues: it owns OrderDesk and the parts that
// watch the venues, the money, the keys and strangers, recover at the start and climb the kill ladder. It
// hands facts to them as they come and turns them once an instant, in decide(), so that no venue is ever
// called from inside its own frame. Part of Engine; deterministic; core thread.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/pipeline/checkpoint.hpp"
#include "engine/pipeline/key_watch.hpp"
#include "engine/pipeline/kill_ladder.hpp"
#include "engine/pipeline/money_watch.hpp"
#include "engine/pipeline/order_news.hpp"
#include "engine/pipeline/order_routes.hpp"
#include "engine/pipeline/package_records.hpp"
#include "engine/pipeline/recovery.hpp"
#include "engine/pipeline/state_restore.hpp"

namespace arb {

class LiveTrading final : public OrderSender {
  public:
    struct Parts {
        const InstrumentTable* table = nullptr;
        const Markets* markets = nullptr;
        VenueStates::Parts venues;
        std::vector<KeyedVenue*> keyed;  ///< by venue: whose keys are guarded; null: started as they are
        KeySource* keys = nullptr;       ///< where `key` lines find their keys
        Portfolio* portfolio = nullptr;
        RiskGate* risk = nullptr;
        ExposureBook* exposure = nullptr;
        HeldPositions* held = nullptr;
        StateLog* log = nullptr;  ///< null: nothing is kept (replay)
        TradingListener* listener = nullptr;
        TradingLimits limits;
        OrderDeskLimits desk;
    };
    explicit LiveTrading(const Parts& parts);
    ~LiveTrading() override;
    void connect(PackageExecutor& executor);

    /// Every venue that has credentials starts its session, once the gate has judged the keys.
    void begin(Timestamp now);
    /// An operator's word or a line of restored state; false: not understood (the text says what is).
    bool command(std::string_view text, Timestamp now);
    /// Works off what the last input brought; then clocks, questions, ladder. Called by Engine::decide.
    void work(Timestamp now);
    /// Hands the executor what became of its orders.
    void drain(Timestamp now) { news_.drain(now); }

    // Facts of the input being handled.
    void on_order_report(const OrderReport& report, Timestamp now) { desk_.on_report(report, now); }
    void on_fill_report(const FillReport& report, Timestamp now) { desk_.on_fill(report, now); }
    void on_balance_report(VenueId venue, const BalanceReport& report) { money_.on_report(venue, report); }
    void on_fee_report(const FeeReport& report) { venues_.on_fee_report(report); }
    void on_request_end(VenueId venue, const RequestEnd& end, Timestamp now);
    void on_channel(VenueId venue, Channel channel, bool ready, Timestamp now);
    void on_clock_sample(VenueId venue, Timestamp venue_time, Timestamp sent, Timestamp received,
                         Timestamp now)
    {
        venues_.on_clock_sample(venue, venue_time, sent, received, now);
    }
    void on_key_report(VenueId venue, const KeyReport& report, Timestamp now)
    {
        keys_.on_report(venue, report, now);
    }

    void send(const ApprovedOrder& order, Timestamp now) override;
    void cancel(OrderId order, Timestamp now) override { desk_.cancel(order, now); }
    /// An order that gets another price is a new risk: none where the log cannot be written.
    bool amendable(OrderId order) const override { return !records_.failed() && desk_.amendable(order); }
    void amend(const ApprovedAmend& amend, Timestamp now) override;
    void ask(OrderId order, Timestamp now) override { desk_.ask_early(order, now); }

    /// What the executor tells, written ahead.
    PackageRecords& packages() { return packages_; }
    const OrderDesk& desk() const { return desk_; }
    const KeyWatch& keys() const { return keys_; }
    const MarketFlags& flags() const { return flags_; }
    const MoneyRecord& money() const { return money_; }
    const OwnersMoney& owners() const { return owners_; }
    const StateRecords& records() const { return records_; }
    const StrangerWatch& strangers() const { return strangers_; }
    const VenueStates& venues() const { return venues_; }
    Phase phase() const { return phase_.phase(); }
    /// Why nothing new is risked anywhere; empty: it is.
    const char* paused_why() const { return phase_.paused_why(); }
    bool desk_full() const { return desk_.open().count() + 4 >= OpenOrders::kMost; }
    /// Nothing is open.
    bool quiet() const { return desk_.open().count() == 0 && executor_->open_count() == 0; }
    /// What a new state log begins with, so that it means the same as the old one, whose lines `log` shows.
    void checkpoint(const std::function<void(const LineVisit&)>& log, const LineVisit& write) const;

  private:
    bool operate(std::string_view text, Timestamp now);
    void stop_without_log(Timestamp now);
    void flag_late_fills(Timestamp now);
    void advance(Timestamp now);
    void begin_trading(Timestamp now);

    TradingLimits limits_;
    LiveContext context_;
    StateRecords records_;
    MarketFlags flags_;
    RunPhase phase_;
    VenueStates venues_;
    StrangerWatch strangers_;
    OrderRoutes routes_;
    OrderNews news_;
    OrderDesk desk_;
    Watermarks watermarks_;
    MoneyRecord money_;
    OwnersMoney owners_;
    MoneyWatch money_watch_;
    KeyWatch keys_;
    Recovery recovery_;
    KillLadder ladder_;
    PackageRecords packages_;
    StateRestore restore_;
    PackageExecutor* executor_ = nullptr;
};

}  // namespace arb
