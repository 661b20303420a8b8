// What a venue changes about a listing while we run.
#include <fmt/format.h>

#include "engine/base/instrument.hpp"

namespace arb {
namespace {

constexpr const char* kRestart = "restart to trade it";

// Whether `units` (10^-decimals each) is a whole multiple of the step that is told.
bool multiple_of(std::int64_t units, unsigned decimals, const Decimal& told)
{
    if (told.mantissa() <= 0) return false;
    Int128 ours = units;
    Int128 theirs = told.mantissa();
    if (told.decimals() > decimals)
        ours *= power_of_ten(told.decimals() - decimals);
    else
        theirs *= power_of_ten(decimals - told.decimals());
    return ours % theirs == 0;
}

std::string fee_words(Rate rate)
{
    return format_scaled(rate.units, 4) + " bps";
}

class Changing {
  public:
    explicit Changing(ListingChange& change) : change_(&change) {}

    void say(const std::string& what)
    {
        change_->text += (change_->text.empty() ? "" : ", ") + what;
        change_->any = true;
    }
    void halt(const std::string& why)
    {
        halted_ = true;
        if (why_.empty()) why_ = why;
    }
    bool halted() const { return halted_; }
    const std::string& why() const { return why_; }

    /// A step in units of the instrument; `text` prints such a number.
    template <class Text>
    void step(const char* what, const Decimal& told, unsigned decimals, std::int64_t& current, Text&& text)
    {
        const std::optional<std::int64_t> units = told.scaled(decimals);
        if (units && *units > 0) {
            if (*units == current) return;
            say(fmt::format("{} {} -> {}", what, text(current), text(*units)));
            current = *units;
        } else if (multiple_of(current, decimals, told)) {
            // Finer than this run's unit: what we send in the old step is still right.
            say(fmt::format("{} is {} now, finer than this run's unit: orders keep {}", what, told.text(),
                            text(current)));
        } else {
            halt(fmt::format("its {} is {} now, which this run cannot express: {}", what, told.text(),
                             kRestart));
        }
    }

  private:
    ListingChange* change_;
    bool halted_ = false;
    std::string why_;
};

}  // namespace

ListingChange Listing::change(const ListingDefinition& told, const Instrument& of)
{
    ListingChange change;
    Changing changing(change);
    const auto price = [&](std::int64_t units) { return of.text(Price{units}); };
    const auto quantity = [&](std::int64_t units) { return of.text(Quantity{units}); };
    if (told.instrument_name() != of.name || told.inverse != of.inverse ||
        told.multiplier.mantissa() != wire.quantity_factor ||
        told.multiplier.decimals() + wire.quantity_decimals != of.quantity_decimals) {
        changing.halt(fmt::format("the venue lists another contract under this symbol: {}", kRestart));
    } else {
        const Price old = tick;
        changing.step("tick", told.tick, of.price_decimals, tick.units, price);
        // Prices at the old tick rest in the book: only the finest digit can judge it from here on.
        if (tick != old) price_step = Price{1};
        const auto in_base = [&](const Decimal& size) { return size.times(told.multiplier); };
        if (const auto told_lot = in_base(told.lot))
            changing.step("lot", *told_lot, of.quantity_decimals, lot.units, quantity);
        const auto minimum = in_base(told.quantity_min);
        // A minimum that cannot be expressed is rounded up: never below what the venue takes.
        std::optional<std::int64_t> units = minimum ? minimum->scaled(of.quantity_decimals) : std::nullopt;
        if (minimum && !units && minimum->mantissa() > 0) {
            const std::int64_t cut = power_of_ten(minimum->decimals() - of.quantity_decimals);
            units = minimum->mantissa() / cut + 1;
        }
        if (units && *units != quantity_min.units) {
            changing.say(fmt::format("minimum {} -> {}", quantity(quantity_min.units), quantity(*units)));
            quantity_min = {*units};
        }
        const std::optional<Amount> notional = amount_of(told.notional_min);
        if (notional && *notional != notional_min) {
            changing.say(fmt::format("minimum value {} -> {}", notional_min.text(), notional->text()));
            notional_min = *notional;
        }
    }
    if (told.fee_taker && told.fee_maker) {
        const Rate maker = fee_rate(*told.fee_maker), taker = fee_rate(*told.fee_taker);
        if (maker != fee_maker || taker != fee_taker || !fees_known) {
            changing.say(fmt::format("fees {}/{} -> {}/{}", fee_words(fee_maker), fee_words(fee_taker),
                                     fee_words(maker), fee_words(taker)));
            fee_maker = maker;
            fee_taker = taker;
            fees_known = change.fees = true;
        }
    }
    const ListingStatus now = changing.halted() ? ListingStatus::halted : told.status;
    if (now != status) changing.say(fmt::format("{} -> {}", name(status), name(now)));
    status = now;
    if (status == ListingStatus::halted)
        change.why = changing.halted() ? changing.why() : "the venue has halted it";
    return change;
}

}  // namespace arb
