#include "engine/base/instrument.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/hash.hpp"

namespace arb {

const char* name(InstrumentKind kind)
{
    switch (kind) {
        case InstrumentKind::spot:
            return "spot";
        case InstrumentKind::perpetual:
            return "perpetual";
        case InstrumentKind::future:
            return "future";
    }
    return "?";
}

const char* name(ListingStatus status)
{
    switch (status) {
        case ListingStatus::trading:
            return "trading";
        case ListingStatus::halted:
            return "halted";
        case ListingStatus::unknown:
            return "unknown";
    }
    return "?";
}

std::string ListingDefinition::instrument_name() const
{
    std::string result = base + "/" + quote;
    if (kind == InstrumentKind::perpetual) result += ":PERP";
    if (kind == InstrumentKind::future) result += ":" + expiry;
    return result;
}

namespace {

// Texts come from venues and may hold anything: a tab would end the field, so it is written as backslash and
// t.
std::string escaped(const std::string& text)
{
    std::string result;
    for (const char c : text) {
        if (c == '\\')
            result += "\\\\";
        else if (c == '\t')
            result += "\\t";
        else
            result.push_back(c);
    }
    return result;
}

std::string unescaped(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool pair = text[i] == '\\' && i + 1 < text.size();
        if (pair) ++i;
        result.push_back(pair && text[i] == 't' ? '\t' : text[i]);
    }
    return result;
}

}  // namespace

std::string ListingDefinition::to_line() const
{
    std::string line = fmt::format(
        "market={}\tsymbol={}\tbase={}\tquote={}\tkind={}\tinverse={}\texpiry={}\ttick={}\tlot={}\tquantity_"
        "min={}\t"
        "notional_min={}\tmultiplier={}\tstatus={}\tinferred={}",
        escaped(market), escaped(symbol), escaped(base), escaped(quote), name(kind), inverse ? 1 : 0,
        escaped(expiry), tick.text(), lot.text(), quantity_min.text(), notional_min.text(), multiplier.text(),
        name(status), inferred ? 1 : 0);
    if (!code.empty()) line += "\tcode=" + escaped(code);
    if (!price_unit.zero()) line += "\tprice_unit=" + price_unit.text();
    if (!quantity_unit.zero()) line += "\tquantity_unit=" + quantity_unit.text();
    if (fee_maker) line += "\tfee_maker=" + fee_maker->text();
    if (fee_taker) line += "\tfee_taker=" + fee_taker->text();
    return line;
}

namespace {

struct LineFields {
    ListingDefinition* out;

    bool set(std::string_view key, std::string_view value) const
    {
        if (key == "market")
            out->market = unescaped(value);
        else if (key == "symbol")
            out->symbol = unescaped(value);
        else if (key == "base")
            out->base = unescaped(value);
        else if (key == "quote")
            out->quote = unescaped(value);
        else if (key == "expiry")
            out->expiry = unescaped(value);
        else if (key == "code")
            out->code = unescaped(value);
        else if (key == "inverse")
            out->inverse = value == "1";
        else if (key == "inferred")
            out->inferred = value == "1";
        else if (key == "kind")
            return kind(value);
        else if (key == "status")
            out->status = status(value);
        else
            return number(key, value);
        return true;
    }
    bool kind(std::string_view value) const
    {
        for (const auto k : {InstrumentKind::spot, InstrumentKind::perpetual, InstrumentKind::future}) {
            if (value == name(k)) {
                out->kind = k;
                return true;
            }
        }
        return false;
    }
    static ListingStatus status(std::string_view value)
    {
        if (value == "trading") return ListingStatus::trading;
        return value == "halted" ? ListingStatus::halted : ListingStatus::unknown;
    }
    bool number(std::string_view key, std::string_view value) const
    {
        const std::optional<Decimal> decimal = Decimal::parse(value);
        if (!decimal) return false;
        if (key == "tick")
            out->tick = *decimal;
        else if (key == "lot")
            out->lot = *decimal;
        else if (key == "quantity_min")
            out->quantity_min = *decimal;
        else if (key == "notional_min")
            out->notional_min = *decimal;
        else if (key == "multiplier")
            out->multiplier = *decimal;
        else if (key == "price_unit")
            out->price_unit = *decimal;
        else if (key == "quantity_unit")
            out->quantity_unit = *decimal;
        else if (key == "fee_maker")
            out->fee_maker = *decimal;
        else if (key == "fee_taker")
            out->fee_taker = *decimal;
        else
            return false;
        return true;
    }
};

}  // namespace

Result<ListingDefinition> ListingDefinition::from_line(std::string_view line)
{
    ListingDefinition definition;
    while (!line.empty()) {
        const std::size_t tab = std::min(line.find('\t'), line.size());
        const std::string_view field = line.substr(0, tab);
        line.remove_prefix(std::min(tab + 1, line.size()));
        const std::size_t equals = field.find('=');
        if (equals == std::string_view::npos ||
            !LineFields{&definition}.set(field.substr(0, equals), field.substr(equals + 1))) {
            return Error{ExitCode::data, fmt::format("instrument line: cannot read the field '{}'", field)};
        }
    }
    if (definition.symbol.empty()) return Error{ExitCode::data, "instrument line: no symbol"};
    return definition;
}

std::optional<Amount> Instrument::notional(Price price, Quantity quantity) const
{
    if (inverse) return amount(quantity);
    Int128 units = Int128{price.units} * quantity.units;
    if (__builtin_mul_overflow(
            units, Int128{power_of_ten(kAmountDecimals - price_decimals - quantity_decimals)}, &units)) {
        return std::nullopt;
    }
    return Amount{units};
}

Amount Instrument::amount(Quantity quantity) const
{
    return {Int128{quantity.units} * power_of_ten(kAmountDecimals - quantity_decimals)};
}

namespace {

struct Draft {
    Instrument instrument;
    unsigned price_decimals = 0;
    unsigned quantity_decimals = 0;
    // With the finer units that a venue's books may need: kept as far as there is room.
    unsigned price_wish = 0;
    unsigned quantity_wish = 0;

    unsigned sum() const { return price_decimals + quantity_decimals; }
    void grant_wishes()
    {
        bool more = true;
        while (more && sum() < kAmountDecimals) {
            const bool price = price_decimals < price_wish;
            price_decimals += price ? 1 : 0;
            const bool quantity = quantity_decimals < quantity_wish && sum() < kAmountDecimals;
            quantity_decimals += quantity ? 1 : 0;
            more = price || quantity;
        }
    }
};

Error refuse(const VenueKey& venue, const ListingDefinition& d, std::string_view why)
{
    return {ExitCode::data, fmt::format("instrument {} of {}: {}", d.symbol, venue.label(), why)};
}

unsigned wire_quantity_decimals(const ListingDefinition& d)
{
    return std::max(d.lot.decimals(), d.quantity_min.decimals());
}

}  // namespace

Rate fee_rate(const Decimal& fee)
{
    if (const auto units = fee.scaled(8)) return {*units};
    const std::int64_t cut = power_of_ten(fee.decimals() > 8 ? fee.decimals() - 8 : 0);
    return {fee.mantissa() / cut + (fee.mantissa() > 0 ? 1 : 0)};
}

Result<InstrumentTable> InstrumentTable::build(const std::vector<VenueListings>& venues)
{
    InstrumentTable table;
    Places places;
    if (const std::optional<Error> error = table.add_instruments(venues, places)) return *error;
    table.by_instrument_.resize(table.instruments_.size());
    for (const VenueListings& venue : venues) {
        VenueEntry entry;
        entry.key = venue.key;
        std::size_t slots = 16;
        while (slots < venue.definitions.size() * 2) slots *= 2;
        entry.slots.resize(slots);
        table.venues_.push_back(std::move(entry));
        for (const ListingDefinition& d : venue.definitions) {
            const Instrument& instrument = table.instruments_[places.at(d.instrument_name())];
            if (const std::optional<Error> error = table.add_listing(d, instrument)) return *error;
        }
    }
    return table;
}

std::optional<Error> InstrumentTable::add_instruments(const std::vector<VenueListings>& venues,
                                                      Places& places)
{
    std::vector<Draft> drafts;
    for (const VenueListings& venue : venues) {
        for (const ListingDefinition& d : venue.definitions) {
            if (d.tick.mantissa() <= 0 || d.lot.mantissa() <= 0 || d.multiplier.mantissa() <= 0) {
                return refuse(venue.key, d, "tick, lot and contract multiplier must be above zero");
            }
            const auto [place, fresh] = places.try_emplace(d.instrument_name(), drafts.size());
            if (fresh) {
                Draft draft;
                draft.instrument.id = static_cast<InstrumentId>(drafts.size());
                draft.instrument.name = d.instrument_name();
                draft.instrument.base = d.base;
                draft.instrument.quote = d.quote;
                draft.instrument.kind = d.kind;
                draft.instrument.inverse = d.inverse;
                drafts.push_back(draft);
            }
            Draft& draft = drafts[place->second];
            if (draft.instrument.inverse != d.inverse) {
                return refuse(venue.key, d, "listed as inverse at one venue and as linear at another");
            }
            const unsigned contract = d.multiplier.decimals();
            draft.price_decimals = std::max(draft.price_decimals, d.tick.decimals());
            draft.quantity_decimals = std::max(draft.quantity_decimals, wire_quantity_decimals(d) + contract);
            draft.price_wish = std::max(draft.price_wish, d.price_unit.decimals());
            draft.quantity_wish = std::max(draft.quantity_wish, d.quantity_unit.decimals() + contract);
        }
    }
    for (Draft& draft : drafts) {
        if (draft.sum() > kAmountDecimals) {
            return Error{
                ExitCode::data,
                fmt::format("instrument {}: {} price and {} quantity decimals are more than {} together, so "
                            "money in it would not be exact",
                            draft.instrument.name, draft.price_decimals, draft.quantity_decimals,
                            kAmountDecimals)};
        }
        draft.grant_wishes();
        draft.instrument.price_decimals = static_cast<std::uint8_t>(draft.price_decimals);
        draft.instrument.quantity_decimals = static_cast<std::uint8_t>(draft.quantity_decimals);
        instruments_.push_back(draft.instrument);
    }
    return std::nullopt;
}

std::optional<Error> InstrumentTable::add_listing(const ListingDefinition& d, const Instrument& instrument)
{
    VenueEntry& venue = venues_.back();
    const auto venue_id = static_cast<VenueId>(venues_.size() - 1);
    if (find_symbol(venue_id, d.symbol) != nullptr) return refuse(venue.key, d, "the symbol is given twice");
    if (listings_.size() >= 65'000) return refuse(venue.key, d, "more than 65,000 listings");
    Listing listing;
    listing.id = static_cast<ListingId>(listings_.size());
    listing.venue = venue_id;
    listing.instrument = instrument.id;
    listing.market = d.market;
    listing.symbol = d.symbol;
    listing.code = d.code;
    listing.wire.price_decimals = instrument.price_decimals;
    listing.wire.quantity_decimals =
        static_cast<std::uint8_t>(instrument.quantity_decimals - d.multiplier.decimals());
    listing.wire.quantity_factor = d.multiplier.mantissa();
    const auto tick = d.tick.scaled(instrument.price_decimals);
    const auto lot = d.lot.times(d.multiplier);
    const auto minimum = d.quantity_min.times(d.multiplier);
    const auto lot_units = lot ? lot->scaled(instrument.quantity_decimals) : std::nullopt;
    const auto minimum_units = minimum ? minimum->scaled(instrument.quantity_decimals) : std::nullopt;
    if (!tick || !lot_units || !minimum_units) return refuse(venue.key, d, "its steps do not fit 64 bits");
    listing.tick = {*tick};
    // A step that old orders break cannot judge the book: then only the finest digit counts.
    listing.price_step = d.price_unit.zero() ? listing.tick : Price{1};
    listing.lot = {*lot_units};
    listing.quantity_min = {*minimum_units};
    listing.notional_min = *amount_of(d.notional_min);
    if (d.fee_maker) listing.fee_maker = fee_rate(*d.fee_maker);
    if (d.fee_taker) listing.fee_taker = fee_rate(*d.fee_taker);
    listing.fees_known = d.fee_taker.has_value();
    listing.status = d.status;
    listing.inferred = d.inferred;
    const std::uint64_t hash = hash_symbol(d.symbol);
    std::size_t at = hash & (venue.slots.size() - 1);
    while (venue.slots[at].listing != kNoListing) at = (at + 1) & (venue.slots.size() - 1);
    venue.slots[at] = {hash, listing.id};
    by_instrument_[index(instrument.id)].push_back(listing.id);
    listings_.push_back(std::move(listing));
    return std::nullopt;
}

std::optional<VenueId> InstrumentTable::find_venue(std::string_view label) const
{
    for (std::size_t i = 0; i < venues_.size(); ++i) {
        if (venues_[i].key.label() == label) return static_cast<VenueId>(i);
    }
    return std::nullopt;
}

std::optional<InstrumentId> InstrumentTable::find_instrument(std::string_view name) const
{
    for (const Instrument& instrument : instruments_) {
        if (instrument.name == name) return instrument.id;
    }
    return std::nullopt;
}

std::optional<ListingId> InstrumentTable::find_listing(VenueId venue, InstrumentId instrument) const
{
    for (const ListingId id : listings_of(instrument)) {
        if (listing(id).venue == venue) return id;
    }
    return std::nullopt;
}

const Listing* InstrumentTable::find_symbol(VenueId venue, std::string_view symbol) const
{
    const std::vector<Slot>& slots = venues_[index(venue)].slots;
    const std::uint64_t hash = hash_symbol(symbol);
    for (std::size_t at = hash & (slots.size() - 1);; at = (at + 1) & (slots.size() - 1)) {
        const Slot& slot = slots[at];
        if (slot.listing == kNoListing) return nullptr;
        if (slot.hash == hash && listings_[index(slot.listing)].symbol == symbol) {
            return &listings_[index(slot.listing)];
        }
    }
}

}  // namespace arb
