#include "engine/rehearsal/step.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr Duration kAskAgain = milliseconds(700);
constexpr Duration kPatience = seconds(4);
constexpr std::int64_t kFarBps = 300;  // where nothing fills within seconds, and venues still take a limit
constexpr std::int64_t kFarLeastBps = 80;  // nearer than that it is no test but a bet
constexpr std::int64_t kTakingBps = 30;

Price on_tick(const Listing& listing, Int128 units, bool up)
{
    const Int128 tick = listing.tick.units;
    Int128 ticks = units / tick;
    if (up && units % tick != 0) ++ticks;
    return {static_cast<std::int64_t>(std::max<Int128>(ticks, 1) * tick)};
}

/// The gate's band is measured from the middle: a part of it stays as room for the market's moves.
std::int64_t far_bps(const Stage& stage)
{
    const std::int64_t band = stage.setup().risk.price_band.units / kRatePerBasisPoint;
    return std::min(kFarBps, band * 8 / 10);
}

}  // namespace

void QuestionStep::begin(Stage& stage)
{
    begun_ = asked_ = stage.now();
    mark_ = stage.heard().mark();
    ask(stage);
}

bool QuestionStep::done(Stage& stage)
{
    const HeardEnd* const last = end(stage);
    if (last == nullptr) return false;
    if (!timed_) stage.checks.took(fmt::format("{} question", name(kind())), last->at - asked_);
    timed_ = true;
    if (answered(stage) && satisfied(stage)) return true;
    if (stage.now() - begun_ >= kPatience) return true;
    if (stage.now() - last->at < kAskAgain) return false;
    mark_ = stage.heard().mark();
    asked_ = stage.now();
    ask(stage);
    return false;
}

std::string QuestionStep::trouble(const Stage& stage) const
{
    const HeardEnd* const last = end(stage);
    if (last == nullptr) return "no answer";
    if (last->end.outcome != Outcome::done) return stage.words(*last);
    return last->end.complete ? "" : "the answer is not whole";
}

std::string order_hindrance(const Stage& stage, bool fill)
{
    if (!stage.setup().orders) return "orders are sent with --orders alone";
    if (fill && !stage.setup().fill) return "orders that fill are sent with --fill alone";
    if (stage.setup().listing == kNoListing) return "no wanted instrument is traded there";
    if (fill && stage.distrusted) return "an order was not taken as it was sent, so none that fills is sent";
    if (!stage.ready()) return "there is no session";
    if (!stage.orders().money_known()) return "what the account holds is not known";
    if (!stage.feed().book(stage.setup().listing).tradable()) return "the book cannot be used";
    if (far_bps(stage) < kFarLeastBps) {
        return fmt::format(
            "the configuration's price band leaves no room for a price that cannot fill; set "
            "[risk] price_band_bps to {} at least",
            kFarLeastBps * 10 / 8 + 1);
    }
    return {};
}

bool send_trial(Stage& stage, Trial& trial, bool closing)
{
    trial.before = stage.heard().mark();
    trial.sent = stage.now();
    trial.id = stage.orders().send(trial.intent, closing, stage.now(), trial.refusal);
    if (trial.id) return true;
    trial.refusal = fmt::format("the risk gate refuses {} {}: {}", name(trial.intent.side),
                                text_of(stage, trial.intent.price, trial.intent.quantity), trial.refusal);
    return false;
}

bool send_either_side(Stage& stage, Trial& trial, Price (*price)(const Stage&, Side))
{
    std::string first;
    for (const Side side : {Side::buy, Side::sell}) {
        trial.intent.side = side;
        trial.intent.price = price(stage, side);
        trial.intent.quantity = least_quantity(stage, trial.intent.price);
        if (send_trial(stage, trial)) {
            trial.refusal.clear();
            return true;
        }
        if (side == Side::buy) first = trial.refusal;
    }
    trial.refusal = first + ", and to sell as well";
    return false;
}

Price far_price(const Stage& stage, Side side)
{
    const OrderBook& book = stage.feed().book(stage.setup().listing).book();
    const std::int64_t bps = far_bps(stage);
    if (side == Side::buy)
        return on_tick(stage.listing(), Int128{book.bids().best().price.units} * (10'000 - bps) / 10'000,
                       true);
    return on_tick(stage.listing(), Int128{book.asks().best().price.units} * (10'000 + bps) / 10'000, false);
}

Price taking_price(const Stage& stage, Side side)
{
    const OrderBook& book = stage.feed().book(stage.setup().listing).book();
    if (side == Side::buy)
        return on_tick(stage.listing(),
                       Int128{book.asks().best().price.units} * (10'000 + kTakingBps) / 10'000, true);
    return on_tick(stage.listing(), Int128{book.bids().best().price.units} * (10'000 - kTakingBps) / 10'000,
                   false);
}

Quantity least_quantity(const Stage& stage, Price price, bool keeps)
{
    const Listing& listing = stage.listing();
    const Instrument& instrument = stage.instrument();
    const auto enough = [&](Quantity quantity) {
        const std::optional<Amount> notional = instrument.notional(price, quantity);
        return quantity >= listing.quantity_min && notional && *notional >= listing.notional_min;
    };
    // From a step that is too small on, doubling, then back: minimums may be millions of lots.
    const std::int64_t lot = listing.lot.units;
    std::int64_t lots = 1;
    while (!enough({lots * lot}) && lots < INT64_MAX / lot / 4) lots *= 2;
    for (std::int64_t step = lots / 2; step > 0; step /= 2) {
        if (lots - step > 0 && enough({(lots - step) * lot})) lots -= step;
    }
    if (!keeps) return {lots * lot};
    // What is sold again is less by the fee, its price by what the market may move.
    const Rate fee = stage.orders().gate().fees().taker(listing.id);
    const Int128 more = Int128{lots} * (fee.units + kRateOne / 100) / kRateOne + 1;
    return {(lots + static_cast<std::int64_t>(more)) * lot};
}

std::string text_of(const Stage& stage, Price price, Quantity quantity)
{
    return fmt::format("{} {} at {}", stage.instrument().text(quantity), stage.instrument().base,
                       stage.instrument().text(price));
}

std::string report_text(const Stage& stage, const OrderReport& report)
{
    std::string text = name(report.status);
    if (report.reason != RejectReason::none) text += fmt::format(" ({})", name(report.reason));
    if (!report.quantity.zero())
        text += fmt::format(", {} {}", name(report.side), stage.instrument().text(report.quantity));
    if (report.price.units != 0) text += " at " + stage.instrument().text(report.price);
    if (report.has_filled && !report.filled.zero())
        text += fmt::format(", {} filled", stage.instrument().text(report.filled));
    return text;
}

bool same_amount(Amount a, Amount b)
{
    // Venues print eight decimals, and some compute in floating point.
    const Int128 most = std::max(absolute(a).units, absolute(b).units) / 1'000'000'000;
    return absolute(a - b).units <= std::max<Int128>(most, Int128{10'000'000'000});
}

void ask_by_client_id(Stage& stage, OrderId order)
{
    OrderReference reference = stage.orders().reference(order);
    if (stage.venue().trading_features().query_by_client_id) reference.venue_id = {};
    stage.requests().query_order(reference, stage.now());
}

}  // namespace arb
