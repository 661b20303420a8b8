// Orders that must be over by themselves with nothing filled: an immediate one that finds nobody, and one
// that must not take.
#include <algorithm>

#include <fmt/format.h>

#include "engine/rehearsal/step.hpp"

namespace arb {
namespace {

/// An order that must be over by itself, with nothing filled.
class NoFillStep final : public Step {
  public:
    explicit NoFillStep(TimeInForce tif) : tif_(tif) {}
    std::vector<Row> rows(const Stage&) const override
    {
        if (tif_ == TimeInForce::ioc)
            return {{"IOC that cannot fill", "over at once: cancelled, nothing filled"}};
        return {{"post-only order that would take", "refused, or over with nothing filled"}};
    }
    std::string hindrance(const Stage& stage) const override
    {
        const std::string why = order_hindrance(stage, false);
        return why.empty() && stage.orders().any_open() ? "an order that was to be over is still open" : why;
    }
    void begin(Stage& stage) override
    {
        trial_.intent.listing = stage.setup().listing;
        trial_.intent.time_in_force = tif_;
        (void)send_either_side(stage, trial_, tif_ == TimeInForce::ioc ? far_price : taking_price);
    }
    bool done(Stage& stage) override
    {
        return !trial_.id || stage.orders().over(*trial_.id) || !stage.orders().filled(*trial_.id).zero();
    }
    Duration within(const Stage& stage) const override { return times(stage, 1); }
    void judge(Stage& stage) override
    {
        if (!trial_.id) {
            skip(stage, trial_.refusal);
            return;
        }
        const Quantity filled = stage.orders().filled(*trial_.id);
        const bool over = stage.orders().over(*trial_.id);
        if (!over) stage.orders().cancel(*trial_.id, stage.now());
        if (over && filled.zero()) {
            stage.checks.took(tif_ == TimeInForce::ioc ? "IOC to its end" : "refusal",
                              stage.now() - trial_.sent);
            tell(stage, 0, for_that_reason(stage), last_word(stage));
        } else if (filled.zero() && tif_ == TimeInForce::post_only && moved_away(stage)) {
            skip(stage, "the market moved, and it did not take any more");
        } else if (tif_ == TimeInForce::post_only && !filled.zero() && all_made(stage)) {
            skip(stage, "the market moved before it arrived: it rested, and was filled as a maker");
        } else {
            tell(stage, 0, false,
                 !filled.zero() ? fmt::format("{} of {} filled", stage.instrument().text(filled),
                                              text_of(stage, trial_.intent.price, trial_.intent.quantity))
                                : "not over: " + last_word(stage));
        }
    }

  private:
    const HeardOrder* last_report(const Stage& stage) const
    {
        const HeardOrder* last = nullptr;
        for (std::size_t i = trial_.before.orders; i < stage.heard().orders().size(); ++i) {
            if (stage.heard().orders()[i].report.order == trial_.id) last = &stage.heard().orders()[i];
        }
        return last;
    }
    // Over because of what was tried, and not because something else was wrong with it.
    bool for_that_reason(const Stage& stage) const
    {
        RejectReason reason = RejectReason::none;
        if (const HeardEnd* const end =
                stage.heard().end_since(trial_.before, RequestKind::place, *trial_.id))
            reason = end->end.reason;
        if (const HeardOrder* const last = last_report(stage);
            last != nullptr && reason == RejectReason::none)
            reason = last->report.reason;
        return reason == RejectReason::none ||
               reason == (tif_ == TimeInForce::ioc ? RejectReason::unfilled : RejectReason::would_take);
    }
    std::string last_word(const Stage& stage) const
    {
        const HeardOrder* const last = last_report(stage);
        if (last != nullptr) return report_text(stage, last->report);
        const HeardEnd* const end = stage.heard().end_since(trial_.before, RequestKind::place, *trial_.id);
        return end == nullptr ? "no word of it" : stage.words(*end);
    }
    bool all_made(const Stage& stage) const
    {
        return std::all_of(
            stage.heard().fills().begin(), stage.heard().fills().end(),
            [&](const HeardFill& fill) { return fill.report.order != trial_.id || fill.report.maker; });
    }
    // Its price does not reach the other side any more.
    bool moved_away(const Stage& stage) const
    {
        const OrderBook& book = stage.feed().book(stage.setup().listing).book();
        if (!book.two_sided()) return true;
        return trial_.intent.side == Side::buy ? trial_.intent.price < book.asks().best().price
                                               : trial_.intent.price > book.bids().best().price;
    }
    TimeInForce tif_;
    Trial trial_;
};

}  // namespace

void add_no_fill_steps(Walk& walk)
{
    walk.push_back(std::make_unique<PauseStep>());
    walk.push_back(std::make_unique<NoFillStep>(TimeInForce::ioc));
    walk.push_back(std::make_unique<PauseStep>());
    walk.push_back(std::make_unique<NoFillStep>(TimeInForce::post_only));
}

}  // namespace arb
