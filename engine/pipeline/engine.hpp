#pragma once
// The parts assembled: one deterministic function from inputs and time to decisions and bytes. A driver
// (replay, backtest, later live) hands in inputs in order of time and calls decide() after all inputs of one
// instant; the engine decodes, judges books, watches crossings, runs strategies, approves, executes and
// accounts. It has no clock, thread, file, socket or randomness. Everything runs on the caller's thread;
// nothing allocates after warm-up except the listener's own notes.
#include <memory>
#include <string>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/pipeline/driven.hpp"
#include "engine/pipeline/engine_config.hpp"
#include "engine/pipeline/fact_intake.hpp"
#include "engine/pipeline/instrument_watch.hpp"
#include "engine/pipeline/key_source.hpp"
#include "engine/pipeline/keyed_venue.hpp"
#include "engine/pipeline/live_trading.hpp"
#include "engine/pipeline/report_queue.hpp"
#include "engine/pipeline/strategy_runner.hpp"
#include "engine/trading/package_executor.hpp"
#include "engine/trading/portfolio.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

struct EngineParts {
    const EngineConfig* config = nullptr;
    const InstrumentTable* table = nullptr;
    InstrumentTable* rules = nullptr;  ///< the same table, for what venues change; null: nothing changes
    /// By venue; empty where only normalised records exist.
    std::vector<std::unique_ptr<Venue>> venues;
    std::vector<bool> has_credentials;  ///< by venue: it may trade; empty: none does
    std::vector<KeyedVenue*>
        keyed;                  ///< by venue, of `venues`: those whose keys the gate guards; null: others
    KeySource* keys = nullptr;  ///< where `key` commands find their keys
    std::vector<MarketDefinition> markets;
    std::vector<Rate> fees_taker;                 ///< by listing
    std::vector<Rate> fees_maker;                 ///< by listing; empty: the taker's
    std::vector<bool> fees_known;                 ///< by listing; empty: all are
    std::vector<const StrategyType*> strategies;  ///< by entry of config->strategies
    TakenLiquidity* taken = nullptr;
    OrderSender* sender = nullptr;                ///< where orders go in simulation; null: to the venues
    Outbox* outbox = nullptr;                     ///< where venues' wishes go; null: nowhere
    StateLog* log = nullptr;                      ///< live only, may be null
    TradingListener* trading_listener = nullptr;  ///< live only, may be null
    PackageListener* listener = nullptr;          ///< the report's side, may be null
    DecisionSink* decisions = nullptr;            ///< may be null
};

class Engine final : public Driven {
  public:
    explicit Engine(EngineParts parts);
    ~Engine() override;

    void on_open(VenueId venue, ConnectionId connection, std::string_view url, Timestamp now) override;
    void on_frame(VenueId venue, ConnectionId connection, PaddedText frame, Timestamp now) override;
    void on_http(VenueId venue, const HttpReply& reply, Timestamp now) override;
    /// `over`: not the connection ended but the recording of it.
    void on_close(VenueId venue, ConnectionId connection, Timestamp now, bool over = false) override;
    /// A timer of this venue; kNoVenue: one of the engine's own.
    void on_wake(VenueId venue, Timestamp now) override;
    /// For live trading: "begin" (sessions start at every venue that has credentials), an operator's word
    /// ("release ID": what that package holds is given back), or a line of restored state (state_lines.hpp);
    /// for both a line of what a venue lists now (instrument_watch.hpp). False: not understood.
    bool on_command(std::string_view text, Timestamp now) override;
    /// A normalised book record, where no wire frames exist.
    void on_levels(const BookUpdate& update);
    /// A normalised record that holds impossible numbers: counted, and the book is doubted.
    void on_bad_levels(ListingId listing, Timestamp now);
    /// The normalised records of this book are over.
    void on_levels_end(ListingId listing, Timestamp now);
    void on_order_event(const OrderEvent& event, Timestamp now) override;
    /// All inputs of this instant are applied: count, decide, retry.
    void decide(Timestamp now) override;
    /// When a strategy wishes to be asked at the latest; 0: it does not.
    Timestamp next_wake() const { return strategies_->next_wake(); }
    /// The inputs are over.
    void finish(Timestamp now);

    const Markets& markets() const { return *markets_; }
    const Portfolio& portfolio() const { return portfolio_; }
    const CrossingMonitor& crossings() const { return *crossings_; }
    const RiskGate& risk() const { return *risk_; }
    const FactIntake& intake() const { return *intake_; }
    std::uint64_t decision_hash() const { return decisions_.hash(); }
    const std::vector<ConnectionPlan>& plans(VenueId venue) const override { return plans_[index(venue)]; }
    /// Null in simulation.
    const LiveTrading* live() const { return live_.get(); }
    const PackageExecutor& executor() const { return *executor_; }
    /// What no open package has and nobody closes yet.
    const ExposureBook& exposure() const { return *exposure_; }
    /// What packages keep that meant to hold.
    const HeldPositions& held() const { return *held_; }
    const InstrumentWatch& instruments() const { return instruments_; }
    /// The lists of instruments should be read again; asking resets it.
    bool take_instruments_wish() { return instruments_.take_wish(); }
    std::uint64_t commands_refused() const { return commands_refused_; }
    /// Why an operator's last word was refused; empty: it was not, or the text says all.
    const std::string& refusal() const { return refusal_; }

    /// Hears clock offsets of venue messages (audit); null: nobody.
    void set_clock_listener(std::vector<std::vector<std::int64_t>>* offsets_by_listing)
    {
        intake_->set_clock_listener(offsets_by_listing);
    }

  private:
    void begin(Timestamp now);
    LiveTrading::Parts live_parts();
    bool pause_simulated(std::string_view text);
    bool change_listing(std::string_view line);
    void judge_open_result(Timestamp now);
    void tell_book_states(MarketId market, Timestamp now);

    EngineParts parts_;
    InstrumentWatch instruments_;
    std::unique_ptr<Markets> markets_;
    std::unique_ptr<FactIntake> intake_;
    Portfolio portfolio_;
    std::unique_ptr<RiskGate> risk_;
    std::unique_ptr<CrossingMonitor> crossings_;
    std::vector<std::vector<ConnectionPlan>> plans_;  // by venue
    std::unique_ptr<ReportQueue> reports_;
    std::unique_ptr<LiveTrading> live_;
    std::unique_ptr<ExposureBook> exposure_;
    std::unique_ptr<HeldPositions> held_;
    DecisionTrail decisions_;
    std::unique_ptr<PackageNews> news_;
    std::unique_ptr<PackageExecutor> executor_;
    std::unique_ptr<StrategyRunner> strategies_;
    Timestamp open_judged_;
    std::uint64_t commands_refused_ = 0;
    std::string refusal_;
    std::vector<BookState> known_state_;  // by listing: what decisions last said
};

}  // namespace arb
