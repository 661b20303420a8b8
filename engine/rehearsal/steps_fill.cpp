// A smallest buy and its sale: what the stream told of the fills beside the venue's answers, the fees beside
// the rates that it told, and the money beside all of that.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/rehearsal/step.hpp"

namespace arb {
namespace {

struct FillFigures {
    std::map<std::string, FillReport> by_trade;  // each once
    Quantity quantity;
    Amount notional;
    bool with_fees = true;
};

/// What was told of the order's fills, by the stream (and replies) or by question.
FillFigures fills_of(const Stage& stage, const Trial& trial, bool asked)
{
    FillFigures figures;
    for (std::size_t i = trial.before.fills; i < stage.heard().fills().size(); ++i) {
        const HeardFill& heard = stage.heard().fills()[i];
        if (heard.report.order != trial.id || (heard.report.source == ReportSource::query) != asked) continue;
        FillReport& kept = figures.by_trade[heard.trade_id];
        if (kept.quantity.zero() || heard.report.has_fee) kept = heard.report;
    }
    for (const auto& [id, fill] : figures.by_trade) {
        figures.quantity = figures.quantity + fill.quantity;
        figures.notional += stage.instrument().notional(fill.price, fill.quantity).value_or(Amount{});
        figures.with_fees = figures.with_fees && fill.has_fee;
    }
    return figures;
}

class FillTrialStep : public QuestionStep {
  public:
    explicit FillTrialStep(SharedTrial trial) : trial_(std::move(trial)) {}
    std::string hindrance(const Stage& stage) const override
    {
        if (!trial_->id) {
            if (!trial_->refusal.empty()) return trial_->refusal;
            const std::string why = order_hindrance(stage, true);
            return why.empty() ? "the order was not sent" : why;
        }
        if (!stage.ready()) return "the session was lost";
        return stage.orders().most_filled(*trial_->id).zero() ? "nothing was filled" : "";
    }

  protected:
    std::string row(std::string_view what) const { return fmt::format("{}: {}", trial_->name, what); }
    SharedTrial trial_;
};

class MoneyBeforeStep final : public QuestionStep {
  public:
    explicit MoneyBeforeStep(SharedTrial trial) : trial_(std::move(trial)) {}
    std::string hindrance(const Stage& stage) const override { return order_hindrance(stage, true); }
    void judge(Stage& stage) override { trial_->money = stage.heard().money_since(mark_); }

  private:
    RequestKind kind() const override { return RequestKind::balances; }
    void ask(Stage& stage) override { stage.venue().query_balances(stage.now(), stage, stage.outbox()); }
    SharedTrial trial_;
};

/// The order itself: all of it fills at once. The sale sells what the buy left, or as much of it as is a lot.
class TakeStep final : public Step {
  public:
    TakeStep(SharedTrial trial, SharedTrial bought) : trial_(std::move(trial)), bought_(std::move(bought)) {}
    std::vector<Row> rows(const Stage&) const override
    {
        return {{trial_->name + ": filled", "all of it at once"}};
    }
    std::string hindrance(const Stage& stage) const override
    {
        if (bought_ != nullptr && (!bought_->id || stage.orders().filled(*bought_->id).zero()))
            return "nothing was bought";
        if (stage.orders().any_open()) return "an order that was to be over is still open";
        return order_hindrance(stage, true);
    }
    void begin(Stage& stage) override { send(stage); }
    // The market may have gone on while the order was under way: then a new one goes after it.
    bool done(Stage& stage) override
    {
        if (!trial_->id) return true;
        if (!stage.orders().over(*trial_->id)) return false;
        const HeardEnd* const end = stage.heard().end_since(trial_->before, RequestKind::place, *trial_->id);
        const bool refused = end != nullptr && end->end.outcome != Outcome::done;
        if (refused || !stage.orders().most_filled(*trial_->id).zero() || tries_ >= kTriesMost) return true;
        send(stage);
        return !trial_->id;
    }
    void judge(Stage& stage) override
    {
        if (!trial_->id) {
            skip(stage, trial_->refusal);
            return;
        }
        const Quantity filled = stage.orders().most_filled(*trial_->id);
        const bool over = stage.orders().over(*trial_->id);
        if (!over) stage.orders().cancel(*trial_->id, stage.now());
        if (over) stage.checks.took(trial_->name + " to its end", stage.now() - trial_->sent);
        const HeardEnd* const end = stage.heard().end_since(trial_->before, RequestKind::place, *trial_->id);
        std::string found = fmt::format("{} of {}", stage.instrument().text(filled),
                                        text_of(stage, trial_->intent.price, trial_->intent.quantity));
        if (!over)
            found += stage.orders().filled(*trial_->id) == filled ? ", not over" : ", its fills are not told";
        if (end != nullptr && end->end.outcome != Outcome::done) found += "; " + stage.words(*end);
        tell(stage, 0, over && filled == trial_->intent.quantity, found);
    }

  private:
    void send(Stage& stage)
    {
        ++tries_;
        trial_->intent.listing = stage.setup().listing;
        trial_->intent.time_in_force = TimeInForce::ioc;
        trial_->intent.side = bought_ == nullptr ? Side::buy : Side::sell;
        trial_->intent.price = taking_price(stage, trial_->intent.side);
        if (bought_ == nullptr) {
            trial_->intent.quantity = least_quantity(stage, taking_price(stage, Side::sell), true);
        } else {
            const Instrument& instrument = stage.instrument();
            const Int128 unit = power_of_ten(kAmountDecimals - instrument.quantity_decimals);
            const auto held = static_cast<std::int64_t>(stage.orders().left_over().units / unit);
            trial_->intent.quantity = {held - held % stage.listing().lot.units};
        }
        (void)send_trial(stage, *trial_, bought_ != nullptr);
    }
    static constexpr unsigned kTriesMost = 3;
    SharedTrial trial_, bought_;
    unsigned tries_ = 0;
};

/// The list of fills has those of the stream, and the fees are those that the venue told.
class FillListStep final : public FillTrialStep {
  public:
    using FillTrialStep::FillTrialStep;
    std::vector<Row> rows(const Stage& stage) const override
    {
        const FeeReport* const fee =
            stage.setup().listing == kNoListing ? nullptr : stage.heard().fee_of(stage.setup().listing);
        return {{row("on the stream"), "every fill is told with its trade id"},
                {row("fills by question"), "the fills that the stream told"},
                {row("fee"), fee == nullptr ? std::string("as the fee question told")
                                            : fmt::format("maker {}, taker {} bps, as the fee question told",
                                                          format_scaled(fee->maker.units, 4),
                                                          format_scaled(fee->taker.units, 4))}};
    }
    void judge(Stage& stage) override
    {
        const FillFigures stream = fills_of(stage, *trial_, false), asked = fills_of(stage, *trial_, true);
        const auto text = [&](const FillFigures& figures) {
            return fmt::format("{} fills, {} {}", figures.by_trade.size(),
                               stage.instrument().text(figures.quantity), stage.instrument().base);
        };
        if (stage.venue().trading_features().fills_on_stream)
            tell(stage, 0, stream.quantity == stage.orders().most_filled(*trial_->id), text(stream));
        else
            stage.checks.not_tried(rows(stage)[0].name, rows(stage)[0].expected,
                                   "the venue's stream tells totals, single fills have to be asked for");
        const std::string why = trouble(stage);
        tell(stage, 1, answered(stage) && satisfied(stage),
             why.empty() ? text(asked) : why + "; " + text(asked));
        judge_fee(stage, asked.by_trade.empty() || !asked.with_fees ? stream : asked);
    }

  private:
    RequestKind kind() const override { return RequestKind::fills; }
    void ask(Stage& stage) override
    {
        stage.requests().query_fills(stage.setup().listing, trial_->sent - seconds(5), stage.now());
    }
    bool satisfied(const Stage& stage) const override
    {
        const FillFigures stream = fills_of(stage, *trial_, false), asked = fills_of(stage, *trial_, true);
        bool all = asked.quantity == stage.orders().most_filled(*trial_->id);
        for (const auto& [id, fill] : stream.by_trade) {
            const auto same = asked.by_trade.find(id);
            all = all && same != asked.by_trade.end() && same->second.quantity == fill.quantity &&
                  same->second.price == fill.price;
        }
        return all;
    }
    void judge_fee(Stage& stage, const FillFigures& figures) const
    {
        const FeeReport* const told = stage.heard().fee_of(stage.setup().listing);
        if (told == nullptr || figures.by_trade.empty() || !figures.with_fees) {
            stage.checks.not_tried(rows(stage)[2].name, rows(stage)[2].expected,
                                   told == nullptr ? "the fee question told none" : "the fills tell no fee");
            return;
        }
        bool good = true;
        std::string found;
        const Instrument& instrument = stage.instrument();
        for (std::size_t i = trial_->before.fills; i < stage.heard().fills().size(); ++i) {
            const HeardFill& heard = stage.heard().fills()[i];
            const FillReport& fill = heard.report;
            if (fill.order != trial_->id || !fill.has_fee) continue;
            const bool base = heard.fee_asset == instrument.base;
            if (!base && heard.fee_asset != instrument.quote) {
                stage.checks.not_tried(rows(stage)[2].name, rows(stage)[2].expected,
                                       "the fee is taken in " + stage.mask.hidden(heard.fee_asset));
                return;
            }
            const Amount of = base ? instrument.amount(fill.quantity)
                                   : instrument.notional(fill.price, fill.quantity).value_or(Amount{});
            const Amount expected = apply_rate(of, fill.maker ? told->maker : told->taker);
            const Amount off = absolute(fill.fee - expected);
            const bool fits = off.units <= absolute(expected).units / 50 || same_amount(fill.fee, expected);
            if (good || !fits)
                found = fmt::format("{} {} for {} as {}, {} expected", fill.fee.text(), heard.fee_asset,
                                    text_of(stage, fill.price, fill.quantity), fill.maker ? "maker" : "taker",
                                    expected.text());
            good = good && fits;
        }
        tell(stage, 2, good, found);
    }
};

class TotalStep final : public FillTrialStep {
  public:
    using FillTrialStep::FillTrialStep;
    std::vector<Row> rows(const Stage&) const override
    {
        return {{row("total by client id"), "over, with the total of its fills"}};
    }
    void judge(Stage& stage) override
    {
        const HeardOrder* const told = stage.heard().order_since(mark_, *trial_->id, ReportSource::query);
        tell(stage, 0, answered(stage) && satisfied(stage),
             told == nullptr
                 ? trouble(stage)
                 : fmt::format(
                       "{}, {} filled; the fills say {}", name(told->report.status),
                       told->report.has_filled ? stage.instrument().text(told->report.filled) : "not told",
                       stage.instrument().text(stage.orders().filled(*trial_->id))));
    }

  private:
    RequestKind kind() const override { return RequestKind::query_order; }
    OrderId order() const override { return *trial_->id; }
    void ask(Stage& stage) override { ask_by_client_id(stage, *trial_->id); }
    bool satisfied(const Stage& stage) const override
    {
        const HeardOrder* const told = stage.heard().order_since(mark_, *trial_->id, ReportSource::query);
        const bool over = told != nullptr && (told->report.status == OrderStatus::filled ||
                                              told->report.status == OrderStatus::cancelled);
        return over && told->report.has_filled &&
               told->report.filled == stage.orders().most_filled(*trial_->id);
    }
};

/// Balances changed by the fills and their fees, and by nothing else.
class MoneyAfterStep final : public FillTrialStep {
  public:
    using FillTrialStep::FillTrialStep;
    std::vector<Row> rows(const Stage& stage) const override
    {
        if (stage.setup().listing == kNoListing)
            return {{row("balances"), "follow the fills and their fees"}};
        const Instrument& instrument = stage.instrument();
        if (instrument.kind != InstrumentKind::spot)
            return {{row("balance of " + instrument.name), "the position follows the fills"}};
        return {{row("balance of " + instrument.base), "follows the fills and their fees"},
                {row("balance of " + instrument.quote), "follows the fills and their fees"}};
    }
    void judge(Stage& stage) override
    {
        const std::vector<std::string> assets = assets_of(stage);
        const HeardMoney now = stage.heard().money_since(mark_);
        for (std::size_t i = 0; i < assets.size(); ++i) {
            const Amount expected = change(stage, assets[i]),
                         found = amount(now, assets[i]) - amount(trial_->money, assets[i]);
            tell(stage, i, answered(stage) && same_amount(expected, found),
                 answered(stage)
                     ? fmt::format("changed by {}, the fills say {}", found.text(), expected.text())
                     : trouble(stage));
        }
    }

  private:
    RequestKind kind() const override { return RequestKind::balances; }
    void ask(Stage& stage) override { stage.venue().query_balances(stage.now(), stage, stage.outbox()); }
    bool satisfied(const Stage& stage) const override
    {
        const HeardMoney now = stage.heard().money_since(mark_);
        const std::vector<std::string> assets = assets_of(stage);
        return std::all_of(assets.begin(), assets.end(), [&](const std::string& asset) {
            return same_amount(change(stage, asset), amount(now, asset) - amount(trial_->money, asset));
        });
    }
    static std::vector<std::string> assets_of(const Stage& stage)
    {
        const Instrument& instrument = stage.instrument();
        if (instrument.kind != InstrumentKind::spot) return {instrument.name};
        return {instrument.base, instrument.quote};
    }
    // An asset that is not told is one that the account has none of.
    static Amount amount(const HeardMoney& money, const std::string& asset)
    {
        const auto found = money.find(asset);
        return found == money.end() ? Amount{} : found->second.total;
    }
    Amount change(const Stage& stage, const std::string& asset) const
    {
        const Instrument& instrument = stage.instrument();
        Amount change;
        std::vector<std::string> counted;
        for (std::size_t i = trial_->before.fills; i < stage.heard().fills().size(); ++i) {
            const HeardFill& heard = stage.heard().fills()[i];
            const bool known = std::find(counted.begin(), counted.end(), heard.trade_id) != counted.end();
            if (heard.report.order != trial_->id || !heard.report.has_fee || known) continue;
            counted.push_back(heard.trade_id);
            const bool quote = asset == instrument.quote;
            const Amount moved =
                quote ? instrument.notional(heard.report.price, heard.report.quantity).value_or(Amount{})
                      : instrument.amount(heard.report.quantity);
            change += (heard.report.side == Side::buy) != quote ? moved : -moved;
            if (heard.fee_asset == asset) change -= heard.report.fee;
        }
        return change;
    }
};

void add_one(Walk& walk, const SharedTrial& trial, const SharedTrial& bought)
{
    walk.push_back(std::make_unique<PauseStep>());
    walk.push_back(std::make_unique<MoneyBeforeStep>(trial));
    walk.push_back(std::make_unique<TakeStep>(trial, bought));
    walk.push_back(std::make_unique<FillListStep>(trial));
    walk.push_back(std::make_unique<TotalStep>(trial));
    walk.push_back(std::make_unique<MoneyAfterStep>(trial));
}

}  // namespace

void add_fill_steps(Walk& walk)
{
    const auto buy = std::make_shared<Trial>(), sell = std::make_shared<Trial>();
    buy->name = "buy";
    sell->name = "sell";
    add_one(walk, buy, nullptr);
    add_one(walk, sell, buy);
}

}  // namespace arb
