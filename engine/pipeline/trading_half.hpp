#pragma once
// The live half of the engine: what a simulated exchange does in a backtest, done with real venues. It owns
// OrderDesk, knows which roads to each venue stand, keeps the venues' clocks, recovers at start, closes the
// gate when anything is in doubt and climbs the kill ladder. Part of Engine: fed the private facts of each
// input, worked off in decide(), so that no venue is ever called from inside its own frame. Deterministic;
// core thread.
//
//   connecting -> recovering -> trading <-> paused -> stopping (cancel, flatten, settle) -> stopped
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/pipeline/announced_transfers.hpp"
#include "engine/pipeline/foreign_runs.hpp"
#include "engine/pipeline/key_gate.hpp"
#include "engine/pipeline/key_source.hpp"
#include "engine/pipeline/state_lines.hpp"
#include "engine/pipeline/trading_limits.hpp"
#include "engine/pipeline/venue_clock.hpp"
#include "engine/trading/order_desk.hpp"
#include "engine/trading/package_executor.hpp"
#include "engine/trading/portfolio.hpp"
#include "engine/trading/risk_gate.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

enum class Phase : std::uint8_t { connecting, recovering, trading, stopping, stopped };
const char* name(Phase phase);

/// What happens beside packages, for ledger, log and status. Report's side: may allocate, decides nothing.
class TradingListener {
  public:
    virtual ~TradingListener() = default;
    virtual void on_order_state(OrderId, OrderState, RejectReason, Quantity /*filled*/, Timestamp) {}
    virtual void on_phase(Phase, Timestamp) {}
    virtual void on_channel(VenueId, Channel, bool /*ready*/, Timestamp) {}
    virtual void on_request_end(VenueId, const RequestEnd&, Timestamp) {}
    /// Our figure beside the venue's word for one asset; `final`: the last of the run.
    virtual void on_balance(VenueId, std::string_view /*asset*/, Amount /*ours*/, Amount /*theirs*/,
                            bool /*final*/, Timestamp)
    {
    }
    /// Trading in the market stopped and somebody must look. kNoVenue where it is no single venue's.
    virtual void on_flag(MarketId, VenueId, std::string_view /*why*/, Timestamp) {}
    /// The operator let trading in the market go on.
    virtual void on_flag_cleared(MarketId, Timestamp) {}
    /// One sentence for the operator; text of venues in it is hostile.
    virtual void on_note(std::string_view /*text*/, Timestamp) {}
    /// Nothing new is risked at the venue until the next start, for this reason.
    virtual void on_halt(VenueId, std::string_view /*why*/, Timestamp) {}
    /// What halted it is explained.
    virtual void on_halt_over(VenueId, Timestamp) {}
    /// A key was judged, took over, or went.
    virtual void on_key(const KeyNews&, Timestamp) {}
    /// A fill beside the packages (late, or of an earlier run).
    virtual void on_late_fill(ListingId, Side, const Fill&, OrderId, Timestamp) {}
};

class TradingHalf final : public OrderSender,
                          private OrderRoads,
                          private OrderDeskListener,
                          private KeyGateListener {
  public:
    struct Parts {
        const InstrumentTable* table = nullptr;
        const Markets* markets = nullptr;
        std::vector<std::unique_ptr<Venue>>* venues = nullptr;
        const std::vector<bool>* has_credentials = nullptr;  ///< by venue
        std::vector<KeyedVenue*> keyed;  ///< by venue: whose keys are guarded; null: started as they are
        KeySource* keys = nullptr;       ///< where `key` lines find their keys
        Portfolio* portfolio = nullptr;
        RiskGate* risk = nullptr;
        ExposureBook* exposure = nullptr;
        HeldPositions* held = nullptr;
        StateLog* log = nullptr;              ///< null: nothing is kept (replay)
        TradingListener* listener = nullptr;  ///< may be null
        FactSink* sink = nullptr;
        Outbox* outbox = nullptr;
        /// Set to the venue that is called, for a connector may answer in the call itself: what the sink then
        /// hears is that venue's.
        VenueId* speaking = nullptr;
        std::vector<bool> fees_known;  ///< by listing, before any venue was asked; empty: all are
        TradingLimits limits;
        OrderDeskLimits desk;
    };
    explicit TradingHalf(const Parts& parts);
    ~TradingHalf() override;
    void connect(PackageExecutor& executor) { executor_ = &executor; }

    /// Every venue that has credentials starts its session, once the gate has judged the keys.
    void begin(Timestamp now);
    /// An operator's word or a line of restored state; false: not understood (the text says what is).
    bool command(std::string_view text, Timestamp now);
    /// Works off what the last input brought; then clocks, questions, ladder. Called by Engine::decide.
    void work(Timestamp now);
    /// Hands the executor what became of its orders.
    void drain(Timestamp now);

    // Facts of the input being handled.
    void on_order_report(const OrderReport& report, Timestamp now) { desk_.on_report(report, now); }
    void on_fill_report(const FillReport& report, Timestamp now) { desk_.on_fill(report, now); }
    void on_balance_report(VenueId venue, const BalanceReport& report, Timestamp now);
    void on_fee_report(const FeeReport& report);
    void on_request_end(VenueId venue, const RequestEnd& end, Timestamp now);
    void on_channel(VenueId venue, Channel channel, bool ready, Timestamp now);
    void on_clock_sample(VenueId venue, Timestamp venue_time, Timestamp sent, Timestamp received,
                         Timestamp now);
    void on_key_report(VenueId venue, const KeyReport& report, Timestamp now)
    {
        gate_.on_report(venue, report, now);
    }

    // What the executor tells, written ahead.
    void on_package(const Package& package, const LegOrders& orders);
    void on_next_order(const ApprovedOrder& order, Timestamp now) { log(lines_.next_order(order, now)); }
    void on_unwind(const ApprovedOrder& order, Timestamp now);
    void on_exposure(const Package& package, const ExposureLine& line) { log(lines_.closing(package, line)); }
    void on_stuck(const Package& package, const Residual& excess, const char* why, Timestamp now);
    /// What is open has lost more than a day may.
    void on_loss_limit(Timestamp now);
    void on_fill(ListingId listing, Side side, const Fill& fill);
    void on_refused_often(ListingId listing, Timestamp until, Timestamp now);
    void on_end(const PackageEnd& end);

    void send(const ApprovedOrder& order, Timestamp now) override;
    void cancel(OrderId order, Timestamp now) override { desk_.cancel(order, now); }

    Phase phase() const { return phase_; }
    const OrderDesk& desk() const { return desk_; }
    bool desk_full() const { return desk_.open_count() + 4 >= OrderDesk::kOrdersMax; }
    std::uint64_t flagged() const { return flagged_; }
    std::uint64_t mismatches() const { return mismatches_; }
    std::uint32_t epoch() const { return epoch_; }
    const KeyGate& gate() const { return gate_; }
    /// A key was refused, at the start or while it served.
    bool key_refused() const { return key_refused_; }
    struct VenueView {
        bool trading = false;  ///< has credentials
        bool order_entry = false, private_stream = false, recovered = false, stopped = false;
        Duration clock_offset;
        bool clock_known = false;
        std::string_view why;  ///< why new risk is refused there; empty: it is not
    };
    VenueView venue_view(VenueId venue) const;
    using LineVisit = std::function<void(std::string_view)>;
    /// What a new state log begins with, so that it means the same as the old one, whose lines `log` shows.
    /// At any moment between two inputs, also with packages open.
    void checkpoint(const std::function<void(const LineVisit&)>& log, const LineVisit& write) const;
    /// A line could not be kept: it stops, and closes what is open.
    bool log_failed() const { return log_failed_; }
    /// Why nothing new is risked anywhere; empty: it is.
    const char* paused_why() const;
    /// Why the last word of the operator was refused; empty: it was not, or the text says all.
    const std::string& refusal() const { return refusal_; }
    /// Why nothing was begun: others trade on these accounts. Empty: the start went on.
    const std::vector<std::string>& start_refusals() const { return start_refusals_; }
    const AnnouncedTransfers& transfers() const { return transfers_; }
    /// Nothing is open.
    bool quiet() const { return desk_.open_count() == 0 && executor_->open_count() == 0; }
    /// Up to this venue time every fill of ours is known and kept; 0: nothing is.
    Timestamp watermark(VenueId venue) const { return venues_[index(venue)].watermark; }

  private:
    static constexpr const char* kMoneyMoved = "money moved there that this engine did not move";
    static constexpr std::string_view kDiffer = "balances differ from what this engine's own record says";

    struct VenueState {
        bool trading = false;
        std::array<bool, static_cast<std::size_t>(Channel::count_)> ready{};
        bool recovered = false, recovering = false, left_out = false;
        bool adopted = false;      ///< our record of the money there has begun, in this run or before
        unsigned comparisons = 0;  ///< in a row that found a difference
        bool orders_known = false, fills_known = false, balances_known = false, balances_asked = false;
        bool key_trouble = false;
        Timestamp key_due;                   ///< key_trouble: when the venue is asked about its keys again
        Duration key_pause;                  ///< and how long after that
        std::vector<std::string> good_keys;  ///< key_trouble: the keys that the venue took since
        const char* halted = "";  ///< why nothing new is risked here until the next start; empty: it may be
        bool cancel_wanted =
            false;               ///< everything there shall be cancelled, and the venue has not said it is
        Timestamp cancel_asked;  ///< when that was last asked for
        Timestamp looked;        ///< when the stream's word on the money was last compared
        Timestamp shut_until;    ///< banned or told to slow down
        Timestamp taken_back;    ///< recovering: when what rests there was last cancelled
        Timestamp fills_since;
        Timestamp ready_since;    ///< it was recovered for the first time in this run
        Timestamp cancelled_one;  ///< when an order of a run that was taken over was last cancelled
        Timestamp watermark;      ///< as told in the log
        Timestamp asked;          ///< when recovery's questions were last asked
        VenueClock clock;
        Timestamp clock_asked;
        const char* why = "";
        std::vector<ListingId> listings;
    };
    struct Truth {
        VenueId venue{};
        std::string asset;
        Amount total;
        bool fresh = false;     ///< told since the last question
        bool streamed = false;  ///< the private stream tells it
        Timestamp differs;      ///< since when it is not what we think; 0: it is
        bool asked = false;     ///< the venue was asked about that
        bool told = false;      ///< and so was the operator, of a deposit
        Amount moved;           ///< the difference that most looks find
        unsigned votes = 0;     ///< how many more did than did not
    };
    struct LateFill {
        ListingId listing = kNoListing;
        Side side{};
        Fill fill;
    };

    // OrderRoads
    void place(const ApprovedOrder& order, Timestamp now) override;
    void cancel(const OrderReference& order, Timestamp now) override;
    void query_order(const OrderReference& order, Timestamp now) override;
    void query_fills(ListingId listing, Timestamp since, Timestamp now) override;
    // KeyGateListener
    void on_key(const KeyNews& news, Timestamp now) override;
    // OrderDeskListener
    void on_order_event(const OrderEvent& event, Timestamp now) override;
    void on_order_state(OrderId order, OrderState state, RejectReason reason, Quantity filled,
                        Timestamp now) override;
    void on_late_fill(const FillReport& report, const Fill& counted, Timestamp now) override;
    void on_old_fill(const FillReport& report, Timestamp now) override;
    void on_stranger(const Stranger& stranger, Timestamp now) override;
    void on_contradiction(OrderId order, ListingId listing, const char* what, bool money,
                          Timestamp now) override;
    void on_reopened(OrderId order, const OrderIntent& left, Timestamp now) override;
    void on_reopened_end(OrderId order) override;
    Amount value_fee(ListingId listing, const Fill& fill) override;

    Venue& venue(VenueId id)
    {
        *parts_.speaking = id;
        return *(*parts_.venues)[index(id)];
    }
    void log(const LineWriter& line);
    void note(std::string_view text, Timestamp now);
    void flag(MarketId market, VenueId venue, std::string_view why, Timestamp now);
    MarketId market_of(ListingId listing) const;
    /// Says at the start which markets an earlier run stopped.
    void tell_kept_flags(Timestamp now);
    void set_phase(Phase phase, Timestamp now);
    void judge_venues(Timestamp now);
    const char* judge_venue(const VenueState& state, Timestamp now) const;
    void ask_recovery(VenueId id, VenueState& state, Timestamp now);
    void advance_start(Timestamp now);
    void finish_recovery(Timestamp now);
    /// Asks for what is missing; true: the venue's word on orders, fills and money is known and judged.
    bool recover(VenueId id, VenueState& state, Timestamp now);
    void take_back_resting(VenueId id, VenueState& state, Timestamp now);
    Timestamp fills_since(const VenueState& state, Timestamp now) const;
    bool may_ask(const VenueState& state, Timestamp now) const
    {
        return !state.key_trouble && now >= state.shut_until;
    }
    bool judge_money(VenueId id, VenueState& state, Timestamp now);
    bool fees_known(const VenueState& state) const;
    Amount told(VenueId id, const std::string& asset);
    bool comparable(const Account& account) const;
    /// Our record and a venue's word are the same money: they differ by at most 10^-9 of the larger one, and
    /// by at most the smallest step by which an order of ours can move that asset there (the finest lot of
    /// what is bought, the finest tick times lot of what is paid; 10^-9 of the asset where nothing of ours
    /// moves it). Venues print balances from doubles (106.44801351999999 is 106.44801352) or cut them; a
    /// fill, a fee or a transfer worth naming is larger.
    bool same_money(const Account& account, Amount theirs) const;
    bool balances_equal(VenueId id);
    void report_balances(VenueId id, bool final, Timestamp now);
    void adopt_balances(VenueId id, Timestamp now);
    bool orders_open_at(VenueId id) const;
    void ask_balances(VenueId id, VenueState& state, Timestamp now);
    void recover_late_venues(Timestamp now);
    Truth& truth(VenueId venue, std::string_view asset);
    void ask_clocks(Timestamp now);
    void check_balances(Timestamp now);
    /// True: sessions have begun.
    bool begin_sessions(Timestamp now);
    /// The kill ladder of one venue: no new risk, everything there cancelled; for good.
    void halt_venue(VenueId id, const char* why, Timestamp now);
    void halt_for_keys(Timestamp now);
    void halt_for_strangers(Timestamp now);
    /// True: it is of another run, and that is all that is to be said of it now.
    bool meet_foreign_run(const Stranger& stranger, VenueId id, Timestamp now);
    bool refuse_start(Timestamp now);
    void cancel_taken_orders(Timestamp now);
    /// The venue refused a key: left alone but for a question about the key now and then.
    void begin_key_trouble(VenueId id, const RequestEnd& end, Timestamp now);
    void ask_about_keys(Timestamp now);
    /// The venue takes this key ("" where keys are not guarded); with all of them the trouble is over.
    void on_good_key(VenueId id, std::string_view label, Timestamp now);
    void end_key_trouble(VenueId id, Timestamp now);
    void watch_money(Timestamp now);
    bool doubtful_at(VenueId id) const;
    bool add_key(LineReader& line, Timestamp now);
    void begin_stop(Timestamp now, bool flatten);
    void hurry_stop(Timestamp now);
    void advance_stop(Timestamp now);
    /// True: the venues' last word on the money was heard, or is not waited for any longer; it is told.
    bool settle_stop(bool late, Timestamp now);
    void stop_without_log(Timestamp now);
    void pause_or_resume();
    void notice_stall(Timestamp now);
    Timestamp venue_time(const Fill& fill) const;
    void keep_watermarks(Timestamp now);
    void begin_watermark(VenueId id, Timestamp now);
    LineWriter watermark_line(VenueId venue, Timestamp watermark) const;
    void write_trades(VenueId venue, const LineVisit& write) const;
    void add_late(ListingId listing, Side side, const Fill& fill, Timestamp now);
    void want_flatten();
    bool flatten_wanted() const;
    void flatten_markets(Timestamp now);
    void flag_exposure(Timestamp now);
    void cancel_everything(Timestamp now);
    /// Asks a venue to cancel all, and again while its roads are down or it does not say that it did.
    void send_cancels(Timestamp now);
    void cancel_all(VenueId id, Timestamp now);
    void ask_fees(Timestamp now);
    void flag_old_unknowns(Timestamp now);
    bool restore(LineReader& line, Timestamp now);
    bool restore_money(LineReader& line, Timestamp now);
    bool restore_trades(LineReader& line, Timestamp now);
    bool restore_end(LineReader& line);
    bool restore_package(LineReader& line);
    bool restore_order(LineReader& line, bool unwind);
    bool restore_closing(LineReader& line, Timestamp now);
    bool restore_line(LineReader& line);
    bool restore_held(LineReader& line);
    bool restore_fill(LineReader& line, bool money, Timestamp now);
    bool restore_trade(LineReader& line, const Fill& fill, ListingId listing, OrderId order, Timestamp now);
    void restore_flag(LineReader& line);
    bool operate(std::string_view text, Timestamp now);
    bool adopt(std::string_view words, Timestamp now);
    void take_in(VenueId id, const std::string& asset, const AnnouncedTransfers::End& end);
    void explain_money(VenueId id, Timestamp now);
    bool announce_transfer(std::string_view words, Timestamp now);
    AnnouncedTransfers::Explanation explanation_of(const Account& account, Amount theirs) const;
    void see_transfers(const Account& account, const AnnouncedTransfers::Explanation& seen, Timestamp now);
    /// True: what was announced explains the stream's word, or will once that stands still.
    bool explains_stream(Truth& truth, const Account& account, Timestamp now);
    /// What a comparison found and an announcement explains becomes part of the record.
    bool explains_comparison(VenueId id, Timestamp now);
    void lapse_transfers(Timestamp now);
    bool is_deposit(const Account& account, Amount theirs) const;
    bool clear_flag(std::string_view market, Timestamp now);
    bool clear_key(std::string_view label, Timestamp now);

    Parts parts_;
    OrderDesk desk_;
    StateLines lines_;
    KeyGate gate_;
    bool sessions_begun_ = false, key_refused_ = false;
    PackageExecutor* executor_ = nullptr;
    Phase phase_ = Phase::connecting;
    std::vector<VenueState> venues_;
    std::vector<Truth> truths_;
    std::vector<OrderEvent> events_;
    std::vector<LateFill> late_;
    std::vector<VenueId> strangers_;  ///< where somebody else's order or fill was just seen
    std::vector<bool> flatten_left_;  ///< by market: its lines of exposure are still to be closed
    std::vector<std::string> flags_;  ///< by market: the line that says why it stopped; empty: it did not
    std::string refusal_;
    AnnouncedTransfers transfers_;
    ForeignRuns foreign_;
    std::vector<std::string> start_refusals_;
    bool cleans_up_ = false;  ///< this run begins nothing: whoever else trades, what is ours is ended
    bool log_failed_ = false;
    bool log_low_ = false;  ///< what room the log has is kept for closing
    OrderId closing_{};     ///< the last order that closes
    bool operator_pause_ = false;
    Timestamp turned_;         ///< the last turn of the loop
    Timestamp stalled_until_;  ///< it stood still: nothing new is risked until then
    std::uint32_t epoch_ = 0;
    std::uint64_t next_extra_package_ = 0;
    Timestamp begun_, stop_begun_, stop_checked_, checked_, watermarks_kept_;
    Timestamp hurried_;                ///< stopping: since when nothing but cancels is sent
    unsigned stop_looks_ = 0;          ///< stopping: comparisons that found a difference
    bool checking_ = false;            ///< balances were asked for, to be compared
    std::uint64_t sent_at_check_ = 0;  ///< orders sent until then: one more, and the answer says nothing
    std::uint64_t flagged_ = 0, mismatches_ = 0;
};

}  // namespace arb
