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

ListingChange InstrumentTable::change(ListingId id, const ListingDefinition& told)
{
    Listing& listing = listings_[index(id)];
    const Instrument& instrument = instruments_[index(listing.instrument)];
    ListingChange change;
    Changing changing(change);
    const auto price = [&](std::int64_t units) { return instrument.text(Price{units}); };
    const auto quantity = [&](std::int64_t units) { return instrument.text(Quantity{units}); };
    if (told.instrument_name() != instrument.name || told.inverse != instrument.inverse ||
        told.multiplier.mantissa() != listing.wire.quantity_factor ||
        told.multiplier.decimals() + listing.wire.quantity_decimals != instrument.quantity_decimals) {
        changing.halt(fmt::format("the venue lists another contract under this symbol: {}", kRestart));
    } else {
        std::int64_t tick = listing.tick.units;
        changing.step("tick", told.tick, instrument.price_decimals, tick, price);
        // Prices at the old tick rest in the book: only the finest digit can judge it from here on.
        if (tick != listing.tick.units) listing.price_step = Price{1};
        listing.tick = {tick};
        const auto in_base = [&](const Decimal& size) { return size.times(told.multiplier); };
        if (const auto lot = in_base(told.lot))
            changing.step("lot", *lot, instrument.quantity_decimals, listing.lot.units, quantity);
        const auto minimum = in_base(told.quantity_min);
        // A minimum that cannot be expressed is rounded up: never below what the venue takes.
        std::optional<std::int64_t> units =
            minimum ? minimum->scaled(instrument.quantity_decimals) : std::nullopt;
        if (minimum && !units && minimum->mantissa() > 0) {
            const std::int64_t cut = power_of_ten(minimum->decimals() - instrument.quantity_decimals);
            units = minimum->mantissa() / cut + 1;
        }
        if (units && *units != listing.quantity_min.units) {
            changing.say(
                fmt::format("minimum {} -> {}", quantity(listing.quantity_min.units), quantity(*units)));
            listing.quantity_min = {*units};
        }
        const std::optional<Amount> notional = amount_of(told.notional_min);
        if (notional && *notional != listing.notional_min) {
            changing.say(
                fmt::format("minimum value {} -> {}", listing.notional_min.text(), notional->text()));
            listing.notional_min = *notional;
        }
    }
    if (told.fee_taker && told.fee_maker) {
        const Rate maker = fee_rate(*told.fee_maker), taker = fee_rate(*told.fee_taker);
        if (maker != listing.fee_maker || taker != listing.fee_taker || !listing.fees_known) {
            changing.say(fmt::format("fees {}/{} -> {}/{}", fee_words(listing.fee_maker),
                                     fee_words(listing.fee_taker), fee_words(maker), fee_words(taker)));
            listing.fee_maker = maker;
            listing.fee_taker = taker;
            listing.fees_known = change.fees = true;
        }
    }
    const ListingStatus status = changing.halted() ? ListingStatus::halted : told.status;
    if (status != listing.status) changing.say(fmt::format("{} -> {}", name(listing.status), name(status)));
    listing.status = status;
    if (status == ListingStatus::halted)
        change.why = changing.halted() ? changing.why() : "the venue has halted it";
    return change;
}

void InstrumentTable::set_status(ListingId id, ListingStatus status)
{
    listings_[index(id)].status = status;
}

}  // namespace arb
