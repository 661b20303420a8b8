#pragma once
// One step of a rehearsal's walk: it asks or sends something, waits until that is answered or its time is
// over, and makes its rows. Steps are called in turn by the rehearsal, each in this order: hindrance, then
// skip, or begin, done until it is true or late, judge. One thread.
#include <memory>
#include <string>
#include <vector>

#include "engine/rehearsal/stage.hpp"

namespace arb {

class Step {
  public:
    struct Row {
        std::string name, expected;
    };
    virtual ~Step() = default;

    /// Why it cannot be tried; empty: it can.
    virtual std::string hindrance(const Stage&) const { return {}; }
    virtual std::vector<Row> rows(const Stage&) const { return {}; }
    virtual void begin(Stage& stage) = 0;
    virtual bool done(Stage& stage) = 0;
    /// So long at most; the setup's patience is how long one answer may take.
    virtual Duration within(const Stage& stage) const { return times(stage, 2); }
    /// It is done, or late.
    virtual void judge(Stage& stage) = 0;
    /// It is made also when the rehearsal is told to stop.
    virtual bool closes() const { return false; }

    void skip(Stage& stage, const std::string& why) const
    {
        for (const Row& row : rows(stage)) stage.checks.not_tried(row.name, row.expected, why);
    }

  protected:
    static Duration times(const Stage& stage, std::int64_t count)
    {
        return {stage.setup().patience.ns * count};
    }
    void tell(Stage& stage, std::size_t row, bool good, std::string_view found) const
    {
        const std::vector<Row> all = rows(stage);
        stage.checks.judge(good, all[row].name, all[row].expected, found);
    }
};

using Walk = std::vector<std::unique_ptr<Step>>;

/// Between two orders: the venue's budget of requests, of which the gate lets orders have a share, fills
/// again.
class PauseStep final : public Step {
  public:
    void begin(Stage& stage) override { begun_ = stage.now(); }
    bool done(Stage& stage) override { return stage.now() - begun_ >= milliseconds(1200); }
    std::string hindrance(const Stage& stage) const override
    {
        return stage.orders().any_sent() ? "" : "there was no order";
    }
    void judge(Stage&) override {}

  private:
    Timestamp begun_;
};

/// A question to the venue, asked again for a while when the answer is not what is expected: lists and
/// balances follow what happened with some delay.
class QuestionStep : public Step {
  public:
    void begin(Stage& stage) override;
    bool done(Stage& stage) override;
    Duration within(const Stage& stage) const override { return times(stage, 4); }

  protected:
    virtual RequestKind kind() const = 0;
    virtual OrderId order() const { return kForeignOrder; }
    virtual void ask(Stage& stage) = 0;
    /// The last answer is as expected.
    virtual bool satisfied(const Stage&) const { return true; }
    /// How the last question ended; null: not yet.
    const HeardEnd* end(const Stage& stage) const { return stage.heard().end_since(mark_, kind(), order()); }
    /// It ended well, and its list is whole.
    bool answered(const Stage& stage) const
    {
        const HeardEnd* const last = end(stage);
        return last != nullptr && last->end.outcome == Outcome::done && last->end.complete;
    }
    /// In words, where it did not.
    std::string trouble(const Stage& stage) const;
    HeardMark mark_;

  private:
    Timestamp begun_, asked_;
    bool timed_ = false;
};

/// An order of the walk, shared by the steps that speak of it.
struct Trial {
    std::string name;  ///< "post-only", "buy": how its rows begin
    OrderIntent intent;
    std::optional<OrderId> id;
    HeardMark before;  ///< everything about it was heard behind this
    Timestamp sent;
    HeardMoney money;     ///< before it
    std::string refusal;  ///< of the gate: it was not sent
};
using SharedTrial = std::shared_ptr<Trial>;

/// Books, keys, session, clock and what the account tells.
void add_account_steps(Walk& walk, const RehearsalSetup& setup);
/// An order that rests far away and is cancelled.
void add_order_steps(Walk& walk);
/// Orders that are over by themselves, with nothing filled.
void add_no_fill_steps(Walk& walk);
/// A smallest buy, sold back.
void add_fill_steps(Walk& walk);
/// Books for as long as they are watched, and that nothing is left behind.
void add_closing_steps(Walk& walk);

/// What stands in the way of any order; `fill`: of one that fills.
std::string order_hindrance(const Stage& stage, bool fill);
/// Sends the trial's order; false: refused, the trial says why.
bool send_trial(Stage& stage, Trial& trial, bool closing = false);
/// The same with either side: the first for which there is money. `price` is asked for each.
bool send_either_side(Stage& stage, Trial& trial, Price (*price)(const Stage&, Side));
/// Asks for the order by its client id, where the venue takes that.
void ask_by_client_id(Stage& stage, OrderId order);
/// A price that far beyond the best of the own side (resting), or beyond that of the other (taking): on the
/// tick, inside the gate's band.
Price far_price(const Stage& stage, Side side);
Price taking_price(const Stage& stage, Side side);
/// The smallest quantity that the venue takes at that price; `keeps`: so much that after a taker's fee it can
/// be sold again.
Quantity least_quantity(const Stage& stage, Price price, bool keeps = false);
/// "1 LINK at 27.15".
std::string text_of(const Stage& stage, Price price, Quantity quantity);
/// "working, buy 1 at 27.15": what a report tells.
std::string report_text(const Stage& stage, const OrderReport& report);
/// Equal but for the venue's own rounding.
bool same_amount(Amount a, Amount b);

}  // namespace arb
