// An order that rests far away: told by the stream, by question and in the list, cancelled, and its money
// free again.
#include <fmt/format.h>

#include "engine/rehearsal/step.hpp"

namespace arb {
namespace {

constexpr std::string_view kResting = "post-only order";

/// Reports carry price and quantity where the venue tells them.
bool same_terms(const OrderReport& report, const OrderIntent& intent)
{
    const bool price = report.price.units == 0 || report.price == intent.price;
    const bool quantity =
        report.quantity.zero() || (report.quantity == intent.quantity && report.side == intent.side);
    return price && quantity;
}

bool ended(const OrderReport& report)
{
    return report.status == OrderStatus::cancelled || report.status == OrderStatus::filled ||
           report.status == OrderStatus::rejected;
}

class TrialStep : public QuestionStep {
  public:
    explicit TrialStep(SharedTrial trial) : trial_(std::move(trial)) {}
    std::string hindrance(const Stage& stage) const override
    {
        if (trial_->id) return stage.ready() ? "" : "the session was lost";
        if (!trial_->refusal.empty()) return trial_->refusal;
        const std::string why = order_hindrance(stage, false);
        return why.empty() ? "the order was not sent" : why;
    }

  protected:
    std::string row(std::string_view what) const { return fmt::format("{}: {}", trial_->name, what); }
    SharedTrial trial_;
};

/// Sends it and waits for the answer and for the stream.
class RestStep final : public Step {
  public:
    explicit RestStep(SharedTrial trial) : trial_(std::move(trial)) {}
    std::vector<Row> rows(const Stage&) const override
    {
        return {{trial_->name + ": taken", "acknowledged"},
                {trial_->name + ": on the stream",
                 "told as working, with the side, price and quantity that were sent"}};
    }
    std::string hindrance(const Stage& stage) const override { return order_hindrance(stage, false); }
    void begin(Stage& stage) override
    {
        trial_->intent.listing = stage.setup().listing;
        trial_->intent.time_in_force = TimeInForce::post_only;
        (void)send_either_side(stage, *trial_, far_price);
    }
    bool done(Stage& stage) override
    {
        if (!trial_->id) return true;
        const HeardEnd* const end = stage.heard().end_since(trial_->before, RequestKind::place, *trial_->id);
        const HeardOrder* const told =
            stage.heard().order_since(trial_->before, *trial_->id, ReportSource::stream);
        const bool working = told != nullptr && told->report.status != OrderStatus::pending;
        if (end != nullptr && !answer_.ns) answer_ = end->at - trial_->sent;
        if (working && !stream_.ns) stream_ = told->at - trial_->sent;
        return stage.orders().over(*trial_->id) || (end != nullptr && working);
    }
    Duration within(const Stage& stage) const override { return times(stage, 1); }
    void judge(Stage& stage) override
    {
        if (!trial_->id) {
            skip(stage, trial_->refusal);
            return;
        }
        const HeardEnd* const end = stage.heard().end_since(trial_->before, RequestKind::place, *trial_->id);
        tell(stage, 0, end != nullptr && end->end.outcome == Outcome::done,
             end == nullptr ? "no answer" : stage.words(*end));
        const HeardOrder* const told =
            stage.heard().order_since(trial_->before, *trial_->id, ReportSource::stream);
        if (told != nullptr && !same_terms(told->report, trial_->intent)) stage.distrusted = true;
        tell(stage, 1,
             told != nullptr && told->report.status == OrderStatus::working &&
                 same_terms(told->report, trial_->intent),
             told == nullptr ? "nothing of it was told" : report_text(stage, told->report));
        if (stage.orders().over(*trial_->id) && stage.orders().filled(*trial_->id).zero()) {
            trial_->refusal = "the order was refused";
            trial_->id.reset();
        }
        if (answer_.ns) stage.checks.took("order to answer", answer_);
        if (stream_.ns) stage.checks.took("order to stream", stream_);
    }

  private:
    SharedTrial trial_;
    Duration answer_, stream_;
};

/// By client id: it works with the terms that were sent, or (`after`) it has ended.
class QueryStep final : public TrialStep {
  public:
    QueryStep(SharedTrial trial, bool after) : TrialStep(std::move(trial)), after_(after) {}
    std::vector<Row> rows(const Stage&) const override
    {
        return {{row(after_ ? "its end by client id" : "by client id"),
                 after_ ? "cancelled with nothing filled"
                        : "working, with the side, price and quantity that were sent"}};
    }
    void judge(Stage& stage) override
    {
        const HeardOrder* const told = stage.heard().order_since(mark_, *trial_->id, ReportSource::query);
        if (told != nullptr && !same_terms(told->report, trial_->intent)) stage.distrusted = true;
        tell(stage, 0, answered(stage) && satisfied(stage),
             told != nullptr ? report_text(stage, told->report) : trouble(stage));
    }

  private:
    RequestKind kind() const override { return RequestKind::query_order; }
    OrderId order() const override { return *trial_->id; }
    void ask(Stage& stage) override { ask_by_client_id(stage, *trial_->id); }
    bool satisfied(const Stage& stage) const override
    {
        const HeardOrder* const told = stage.heard().order_since(mark_, *trial_->id, ReportSource::query);
        if (told == nullptr) return false;
        const bool nothing = told->report.filled.zero();
        if (!after_) {
            return told->report.status == OrderStatus::working && nothing &&
                   same_terms(told->report, trial_->intent);
        }
        // Some forget what was cancelled with nothing filled; then the stream must have told its end.
        const bool forgotten =
            told->report.status == OrderStatus::absent && !stage.orders().vanished(*trial_->id);
        return (told->report.status == OrderStatus::cancelled || forgotten) && nothing;
    }
    bool after_;
};

class InListStep final : public TrialStep {
  public:
    using TrialStep::TrialStep;
    std::vector<Row> rows(const Stage&) const override
    {
        return {
            {row("in the list"), "among the open orders, with the side, price and quantity that were sent"}};
    }
    void judge(Stage& stage) override
    {
        const HeardOrder* const told = stage.heard().order_since(mark_, *trial_->id, ReportSource::query);
        const std::string why = trouble(stage);
        tell(stage, 0, answered(stage) && satisfied(stage),
             !why.empty()      ? why
             : told != nullptr ? report_text(stage, told->report)
                               : "not in it");
    }

  private:
    RequestKind kind() const override { return RequestKind::open_orders; }
    void ask(Stage& stage) override
    {
        stage.venue().query_open_orders(stage.listings(), stage.now(), stage, stage.outbox());
    }
    bool satisfied(const Stage& stage) const override
    {
        const HeardOrder* const told = stage.heard().order_since(mark_, *trial_->id, ReportSource::query);
        return told != nullptr && told->report.status == OrderStatus::working &&
               same_terms(told->report, trial_->intent);
    }
};

/// What is free follows the order: before it, while it rests, after it.
class FreeStep final : public TrialStep {
  public:
    enum class When : std::uint8_t { before, resting, after };
    FreeStep(SharedTrial trial, When when) : TrialStep(std::move(trial)), when_(when) {}
    std::string hindrance(const Stage& stage) const override
    {
        return when_ == When::before ? order_hindrance(stage, false) : TrialStep::hindrance(stage);
    }
    std::vector<Row> rows(const Stage&) const override
    {
        if (when_ == When::before) return {};
        return {{row(when_ == When::resting ? "reserved" : "balance back"),
                 when_ == When::resting ? "what it may cost is not free any more" : "free as before"}};
    }
    void judge(Stage& stage) override
    {
        if (when_ == When::before) {
            trial_->money = stage.heard().money_since(mark_);
            return;
        }
        if (stage.instrument().kind != InstrumentKind::spot) {
            skip(stage, "what a derivative's order binds follows the account's mode and its other positions");
            return;
        }
        const HeardMoney now = stage.heard().money_since(mark_);
        const auto told = now.find(asset(stage));
        const HeardMoney& then = trial_->money;
        const auto then_told = then.find(asset(stage));
        if (!answered(stage)) {
            tell(stage, 0, false, trouble(stage));
        } else if (then_told == then.end() || told == now.end() || !told->second.has_free ||
                   !then_told->second.has_free) {
            skip(stage, "the venue does not tell what is free");
        } else {
            tell(stage, 0, satisfied(stage),
                 fmt::format("{} {} free, {} before", told->second.free.text(), asset(stage),
                             then_told->second.free.text()));
        }
    }

  private:
    RequestKind kind() const override { return RequestKind::balances; }
    void ask(Stage& stage) override { stage.venue().query_balances(stage.now(), stage, stage.outbox()); }
    const std::string& asset(const Stage& stage) const
    {
        return trial_->intent.side == Side::buy ? stage.instrument().quote : stage.instrument().base;
    }
    bool satisfied(const Stage& stage) const override
    {
        if (when_ == When::before || stage.instrument().kind != InstrumentKind::spot) return true;
        const HeardMoney now = stage.heard().money_since(mark_);
        const auto told = now.find(asset(stage));
        const HeardMoney& then = trial_->money;
        const auto then_told = then.find(asset(stage));
        if (then_told == then.end() || told == now.end() || !told->second.has_free) return true;
        const Amount less = then_told->second.free - told->second.free;
        if (when_ == When::after) return same_amount(told->second.free, then_told->second.free);
        const Instrument& instrument = stage.instrument();
        const Amount cost =
            trial_->intent.side == Side::buy
                ? instrument.notional(trial_->intent.price, trial_->intent.quantity).value_or(Amount{})
                : instrument.amount(trial_->intent.quantity);
        // Some hold the fee beside the cost.
        const Amount most = cost + Amount{cost.units / 50};
        return (less >= cost || same_amount(less, cost)) && less <= most;
    }
    When when_;
};

/// Another price, a tick above, where the venue takes that: its stream shows it, under the ids that it had.
class AmendStep final : public TrialStep {
  public:
    using TrialStep::TrialStep;
    std::vector<Row> rows(const Stage& stage) const override
    {
        if (!stage.features().amends) return {};
        return {{row("another price"), "the change is taken"},
                {row("another price on the stream"), "told as working at the new price, under the same ids"}};
    }
    std::string hindrance(const Stage& stage) const override
    {
        return stage.features().amends ? TrialStep::hindrance(stage) : "the venue changes no prices";
    }
    void begin(Stage& stage) override
    {
        mark_ = stage.heard().mark();
        asked_ = stage.now();
        before_ = stage.orders().reference(*trial_->id).venue_id;
        price_ = {trial_->intent.price.units + stage.listing().tick.units};
        (void)stage.orders().amend(*trial_->id, price_, stage.now(), refusal_);
    }
    bool done(Stage& stage) override
    {
        if (!refusal_.empty()) return true;
        return stage.heard().end_since(mark_, RequestKind::amend, *trial_->id) != nullptr &&
               told(stage) != nullptr;
    }
    Duration within(const Stage& stage) const override { return times(stage, 1); }
    void judge(Stage& stage) override
    {
        if (!refusal_.empty()) {
            skip(stage, refusal_);
            return;
        }
        const HeardEnd* const taken = stage.heard().end_since(mark_, RequestKind::amend, *trial_->id);
        tell(stage, 0, taken != nullptr && taken->end.outcome == Outcome::done,
             taken == nullptr ? "no answer" : stage.words(*taken));
        const HeardOrder* const shown = told(stage);
        const HeardOrder* const last = stage.heard().order_since(mark_, *trial_->id, ReportSource::stream);
        const bool same_id = shown != nullptr && (shown->venue_id.empty() || shown->venue_id == before_);
        tell(stage, 1, same_id,
             last == nullptr ? "nothing of it was told"
             : same_id       ? report_text(stage, last->report)
                             : report_text(stage, last->report) + ", under another id");
        if (taken != nullptr) stage.checks.took("change to answer", taken->at - asked_);
        if (shown != nullptr) {
            trial_->intent.price = price_;
            stage.checks.took("change to stream", shown->at - asked_);
        }
    }

  private:
    RequestKind kind() const override { return RequestKind::amend; }
    void ask(Stage&) override {}
    const HeardOrder* told(const Stage& stage) const
    {
        const HeardOrder* const last = stage.heard().order_since(mark_, *trial_->id, ReportSource::stream);
        const bool shown = last != nullptr && last->report.status == OrderStatus::working &&
                           last->report.price == price_ && last->report.filled.zero();
        return shown ? last : nullptr;
    }
    Timestamp asked_;
    Price price_;
    std::string before_, refusal_;
};

class CancelStep final : public TrialStep {
  public:
    using TrialStep::TrialStep;
    std::vector<Row> rows(const Stage&) const override
    {
        return {{row("cancelled"), "the cancel is taken"},
                {row("its end on the stream"), "told as cancelled with nothing filled"}};
    }
    void begin(Stage& stage) override
    {
        mark_ = stage.heard().mark();
        asked_ = stage.now();
        stage.orders().cancel(*trial_->id, stage.now());
    }
    bool done(Stage& stage) override
    {
        const HeardEnd* const taken = stage.heard().end_since(mark_, RequestKind::cancel, *trial_->id);
        return taken != nullptr && told(stage) != nullptr && ended(told(stage)->report);
    }
    Duration within(const Stage& stage) const override { return times(stage, 1); }
    void judge(Stage& stage) override
    {
        const HeardEnd* const taken = stage.heard().end_since(mark_, RequestKind::cancel, *trial_->id);
        tell(stage, 0, taken != nullptr && taken->end.outcome == Outcome::done,
             taken == nullptr ? "no answer" : stage.words(*taken));
        const HeardOrder* const end = told(stage);
        tell(stage, 1,
             end != nullptr && end->report.status == OrderStatus::cancelled && end->report.filled.zero(),
             end == nullptr ? "nothing of it was told" : report_text(stage, end->report));
        if (taken != nullptr) stage.checks.took("cancel to answer", taken->at - asked_);
        if (end != nullptr && ended(end->report)) stage.checks.took("cancel to stream", end->at - asked_);
    }

  private:
    RequestKind kind() const override { return RequestKind::cancel; }
    void ask(Stage&) override {}
    // The end may come before the answer: since the order was sent.
    const HeardOrder* told(const Stage& stage) const
    {
        return stage.heard().order_since(trial_->before, *trial_->id, ReportSource::stream);
    }
    Timestamp asked_;
};

}  // namespace

void add_order_steps(Walk& walk)
{
    const auto trial = std::make_shared<Trial>();
    trial->name = kResting;
    walk.push_back(std::make_unique<FreeStep>(trial, FreeStep::When::before));
    walk.push_back(std::make_unique<RestStep>(trial));
    walk.push_back(std::make_unique<QueryStep>(trial, false));
    walk.push_back(std::make_unique<InListStep>(trial));
    walk.push_back(std::make_unique<FreeStep>(trial, FreeStep::When::resting));
    walk.push_back(std::make_unique<AmendStep>(trial));
    walk.push_back(std::make_unique<CancelStep>(trial));
    walk.push_back(std::make_unique<QueryStep>(trial, true));
    walk.push_back(std::make_unique<FreeStep>(trial, FreeStep::When::after));
}

}  // namespace arb
