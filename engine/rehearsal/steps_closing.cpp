// The end of the walk: books watched for their time, and nothing left behind. The steps that clean up are
// made also when somebody stops the rehearsal.
#include <algorithm>

#include <fmt/format.h>

#include "engine/base/client_order_id.hpp"
#include "engine/rehearsal/step.hpp"

namespace arb {
namespace {

constexpr Duration kTryAgain = seconds(2);
constexpr unsigned kClosingOrders = 3;

/// What somebody who looks at the venue's page finds it by.
std::string client_ids(OrderId order)
{
    return fmt::format("client id {} (or {})", client_order_id(order).view(),
                       client_order_uuid(order).view());
}

/// Books are watched for their whole time, whatever else was over sooner.
class WatchStep final : public Step {
  public:
    void begin(Stage&) override {}
    bool done(Stage& stage) override { return stage.now() - stage.begun() >= stage.setup().watch; }
    Duration within(const Stage& stage) const override { return stage.setup().watch; }
    void judge(Stage&) override {}
};

/// Cancels what is open, asks for it, and again, until the venue's evidence ends it.
class CancelAllStep final : public Step {
  public:
    /// `last`: the one that tells.
    explicit CancelAllStep(bool last) : last_(last) {}
    std::vector<Row> rows(const Stage&) const override
    {
        if (!last_) return {};
        return {{"orders left", "none: each one's end is proved"}};
    }
    std::string hindrance(const Stage& stage) const override
    {
        return stage.orders().any_sent() ? "" : "no order was sent";
    }
    bool closes() const override { return true; }
    void begin(Stage& stage) override
    {
        tried_ = stage.now() - kTryAgain;
        // What was told as over and is not is cancelled once more.
        std::vector<OrderId> revived;
        stage.orders().for_each_sent([&](OrderId id, const OrderIntent&) {
            if (stage.orders().over(id) && stage.heard().revived(id)) revived.push_back(id);
        });
        for (const OrderId order : revived) {
            stage.orders().cancel(order, stage.now());
            stage.requests().query_order(stage.orders().reference(order), stage.now());
        }
    }
    bool done(Stage& stage) override
    {
        if (!stage.orders().any_open()) return true;
        if (stage.now() - tried_ < kTryAgain) return false;
        tried_ = stage.now();
        std::vector<OrderId> open;
        stage.orders().for_each_open([&](const DeskOrder& view) { open.push_back(view.id); });
        for (const OrderId order : open) {
            stage.orders().cancel(order, stage.now());
            if (stage.orders().over(order)) continue;
            stage.requests().query_order(stage.orders().reference(order), stage.now());
        }
        return !stage.orders().any_open();
    }
    Duration within(const Stage& stage) const override { return times(stage, 8); }
    void judge(Stage& stage) override
    {
        if (!last_) return;
        std::string found;
        const auto note = [&](std::string_view danger, OrderId id, const OrderIntent& intent,
                              std::string_view state) {
            const std::string order =
                fmt::format("{} {}: {}, {}", name(intent.side), text_of(stage, intent.price, intent.quantity),
                            state, client_ids(id));
            stage.flags.push_back(fmt::format("{}: {}", danger, order));
            found += (found.empty() ? "" : "; ") + order;
        };
        stage.orders().for_each_open([&](const DeskOrder& view) {
            if (view.state == OrderState::closing)
                note("A POSITION MAY BE LEFT", view.id, view.intent,
                     fmt::format("told as filled {}, but its fills are in no answer",
                                 stage.instrument().text(stage.orders().most_filled(view.id))));
            else
                note("AN ORDER MAY BE LEFT OPEN", view.id, view.intent,
                     fmt::format("state {}", name(view.state)));
        });
        stage.orders().for_each_sent([&](OrderId id, const OrderIntent& intent) {
            if (stage.orders().over(id) && stage.heard().revived(id))
                note("AN ORDER IS LEFT OPEN", id, intent, "told as over, and by question it works");
            else if (stage.orders().over(id) && stage.orders().vanished(id))
                note("AN ORDER MAY BE LEFT OPEN", id, intent,
                     "told as working and never as over; that no answer knows it any more proves nothing");
        });
        tell(stage, 0, found.empty(), found.empty() ? "none" : found);
    }

  private:
    bool last_;
    Timestamp tried_;
};

/// Whatever was bought (or sold) and is still there is given back.
class FlattenStep final : public Step {
  public:
    std::vector<Row> rows(const Stage&) const override
    {
        return {{"position left", "as before, but for less than a lot"}};
    }
    std::string hindrance(const Stage& stage) const override
    {
        return stage.orders().any_sent() ? "" : "no order was sent";
    }
    bool closes() const override { return true; }
    void begin(Stage&) override {}
    bool done(Stage& stage) override
    {
        const Quantity left = whole_lots(stage);
        if (left.zero() || refused_ || (order_ && !stage.orders().over(*order_)))
            return left.zero() || refused_;
        if (tries_ >= kClosingOrders || !stage.ready(Channel::order_entry)) return tries_ >= kClosingOrders;
        if (!stage.feed().book(stage.setup().listing).tradable()) return false;
        if (order_ && stage.now() - sent_ < kTryAgain) return false;
        OrderIntent intent;
        intent.listing = stage.setup().listing;
        intent.side = stage.orders().left_over().units > 0 ? Side::sell : Side::buy;
        intent.price = taking_price(stage, intent.side);
        intent.quantity = left;
        ++tries_;
        sent_ = stage.now();
        order_ = stage.orders().send(intent, true, stage.now(), refusal_);
        refused_ = !order_;
        return false;
    }
    Duration within(const Stage& stage) const override { return times(stage, 4); }
    void judge(Stage& stage) override
    {
        const Quantity left = whole_lots(stage);
        const std::string change = stage.orders().left_over().text() + " " + stage.instrument().base;
        if (left.zero()) {
            tell(stage, 0, true,
                 stage.orders().left_over().zero()
                     ? "as before"
                     : fmt::format("{} more than before, less than a lot", change));
            return;
        }
        std::string found = fmt::format("{} more than before", change);
        if (refused_) found += "; giving it back was refused by the risk gate: " + refusal_;
        stage.flags.push_back("A POSITION IS LEFT: " + found);
        tell(stage, 0, false, found);
    }

  private:
    static Quantity whole_lots(const Stage& stage)
    {
        const Int128 unit = power_of_ten(kAmountDecimals - stage.instrument().quantity_decimals);
        const auto units = static_cast<std::int64_t>(absolute(stage.orders().left_over()).units / unit);
        return {units - units % stage.listing().lot.units};
    }
    std::optional<OrderId> order_;
    Timestamp sent_;
    unsigned tries_ = 0;
    bool refused_ = false;
    std::string refusal_;
};

/// The venue's own list, last of all: none of the rehearsal's orders is in it.
class LastListStep final : public QuestionStep {
  public:
    std::vector<Row> rows(const Stage&) const override
    {
        return {{"open orders at the end", "none of the rehearsal's own"}};
    }
    std::string hindrance(const Stage& stage) const override
    {
        if (!stage.orders().any_sent()) return "no order was sent";
        return stage.ready(Channel::private_stream) ? "" : "there is no session";
    }
    bool closes() const override { return true; }
    void judge(Stage& stage) override
    {
        std::string found;
        for (std::size_t i = mark_.orders; i < stage.heard().orders().size(); ++i) {
            const OrderReport& report = stage.heard().orders()[i].report;
            if (!is_ours_open(stage, report)) continue;
            found += (found.empty() ? "" : "; ") + client_ids(report.order);
            // One that is still open for us, or was told twice, is flagged already.
            if (stage.orders().over(report.order) && !stage.heard().revived(report.order))
                stage.flags.push_back("AN ORDER IS LEFT OPEN that was told to be over: " +
                                      client_ids(report.order));
        }
        const std::string why = trouble(stage);
        tell(stage, 0, answered(stage) && found.empty(), !why.empty() ? why : found.empty() ? "none" : found);
    }

  private:
    static bool is_ours_open(const Stage& stage, const OrderReport& report)
    {
        return report.source == ReportSource::query && report.status == OrderStatus::working &&
               stage.orders().intent_of(report.order) != nullptr;
    }
    RequestKind kind() const override { return RequestKind::open_orders; }
    void ask(Stage& stage) override
    {
        stage.venue().query_open_orders(stage.listings(), stage.now(), stage, stage.outbox());
    }
    bool satisfied(const Stage& stage) const override
    {
        return std::none_of(stage.heard().orders().begin() + static_cast<std::ptrdiff_t>(mark_.orders),
                            stage.heard().orders().end(),
                            [&](const HeardOrder& heard) { return is_ours_open(stage, heard.report); });
    }
};

}  // namespace

void add_closing_steps(Walk& walk)
{
    walk.push_back(std::make_unique<WatchStep>());
    walk.push_back(std::make_unique<CancelAllStep>(false));
    walk.push_back(std::make_unique<FlattenStep>());
    // The order that gives back may itself be left.
    walk.push_back(std::make_unique<CancelAllStep>(true));
    walk.push_back(std::make_unique<LastListStep>());
}

}  // namespace arb
