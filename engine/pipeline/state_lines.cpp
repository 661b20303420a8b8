#include "engine/pipeline/state_lines.hpp"

#include <charconv>

#include "engine/pipeline/state_names.hpp"

namespace arb {
namespace {

// A label or name that holds a tab or line end cannot break a line in two: such a character becomes a blank.
constexpr bool breaks(char c)
{
    return c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

void LineWriter::text(std::string_view value)
{
    if (size_ + value.size() > buffer_.size()) {
        overflow_ = true;
        return;
    }
    for (const char c : value) buffer_[size_++] = breaks(c) ? ' ' : c;
}

LineWriter& LineWriter::field(std::string_view value)
{
    if (size_ < buffer_.size()) buffer_[size_++] = '\t';
    text(value);
    return *this;
}

LineWriter& LineWriter::number(std::uint64_t value)
{
    char digits[24];
    return field({digits, print_integer(value, digits)});
}

LineWriter& LineWriter::signed_number(std::int64_t value)
{
    return scaled(value, 0);
}

LineWriter& LineWriter::hex(std::uint64_t value)
{
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, value, 16);
    return field({digits, static_cast<std::size_t>(end.ptr - digits)});
}

LineWriter& LineWriter::scaled(std::int64_t value, unsigned decimals)
{
    char digits[kDecimalTextMax];
    return field({digits, print_scaled_short(value, decimals, digits)});
}

// 128 bits as the count of 10^-18: exact, and without the allocation of a shorter text.
LineWriter& LineWriter::amount(Amount value)
{
    char digits[48];
    std::size_t at = sizeof digits;
    const bool negative = value.units < 0;
    unsigned __int128 rest =
        negative ? -static_cast<unsigned __int128>(value.units) : static_cast<unsigned __int128>(value.units);
    do {
        digits[--at] = static_cast<char>('0' + static_cast<int>(rest % 10));
        rest /= 10;
    } while (rest != 0);
    if (negative) digits[--at] = '-';
    return field({digits + at, sizeof digits - at});
}

StateLines::StateLines(const InstrumentTable& table, const Markets& markets)
    : table_(&table), markets_(&markets)
{
    for (std::size_t v = 0; v < table.venue_count(); ++v)
        labels_.push_back(table.label(static_cast<VenueId>(v)));
}

void StateLines::leg(LineWriter& line, const Leg& leg, OrderId order) const
{
    const Listing& listing = table_->listing(leg.intent.listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    const MarketDefinition& market = markets_->consolidated(leg.market).definition();
    line.number(static_cast<std::uint64_t>(order)).field(name(leg.part)).field(market.name);
    line.field(name(leg.intent.side)).field(label(listing.venue)).field(listing.symbol);
    line.field(kStateTifs[static_cast<std::size_t>(leg.intent.time_in_force)]);
    line.scaled(leg.intent.price.units, instrument.price_decimals);
    line.scaled(leg.intent.quantity.units, instrument.quantity_decimals);
    line.number(leg.member).scaled(leg.best.units, market.price_decimals).amount(leg.expected);
    line.amount(leg.rate);
}

LineWriter StateLines::package(const Package& package, const LegOrders& orders) const
{
    const MarketDefinition& market = markets_->consolidated(package.market).definition();
    LineWriter line("package");
    line.number(static_cast<std::uint64_t>(package.id)).field(market.name);
    line.scaled(package.quantity.units, market.quantity_decimals).signed_number(package.edge.units);
    line.signed_number(package.decided.ns).number(package.strategy);
    line.field(kStateLegs).number(package.count).field(name(package.aim));
    line.number(static_cast<std::uint64_t>(package.of)).signed_number(package.until.ns);
    for (std::size_t i = 0; i < package.count; ++i) leg(line, package.legs[i], orders.id(i));
    return line;
}

LineWriter StateLines::held(const HeldPosition& held) const
{
    const MarketDefinition& market = markets_->consolidated(held.market).definition();
    LineWriter line("held");
    line.number(static_cast<std::uint64_t>(held.package)).field(market.name).number(held.strategy);
    line.amount(held.cost).signed_number(held.since.ns);
    for (const ListingChanges::Entry& entry : held.changes) {
        if (entry.quantity == 0) continue;
        const Listing& listing = table_->listing(entry.listing);
        line.field(label(listing.venue)).field(listing.symbol);
        line.scaled(entry.quantity, market.quantity_decimals);
    }
    return line;
}

LineWriter StateLines::sent_order(std::string_view word, const ApprovedOrder& order, Timestamp sent) const
{
    const OrderIntent& intent = order.intent();
    const Listing& listing = table_->listing(intent.listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    LineWriter line(word);
    line.number(static_cast<std::uint64_t>(order.package())).number(static_cast<std::uint64_t>(order.id()));
    line.field(label(listing.venue)).field(listing.symbol).field(name(intent.side));
    line.field(kStateTifs[static_cast<std::size_t>(intent.time_in_force)]);
    line.scaled(intent.price.units, instrument.price_decimals);
    line.scaled(intent.quantity.units, instrument.quantity_decimals).signed_number(sent.ns);
    return line;
}

LineWriter StateLines::amend(const ApprovedAmend& amend) const
{
    const Listing& listing = table_->listing(amend.intent().listing);
    LineWriter line("amend");
    line.number(static_cast<std::uint64_t>(amend.package())).number(static_cast<std::uint64_t>(amend.id()));
    line.field(label(listing.venue)).field(listing.symbol);
    line.scaled(amend.intent().price.units, table_->instrument(listing.instrument).price_decimals);
    return line;
}

void StateLines::fill_fields(LineWriter& line, ListingId listing, const Fill& fill,
                             Timestamp venue_time) const
{
    const Instrument& instrument = table_->instrument_of(listing);
    line.hex(fill.trade_id).scaled(fill.price.units, instrument.price_decimals);
    line.scaled(fill.quantity.units, instrument.quantity_decimals).amount(fill.notional).amount(fill.fee);
    line.field(kStateFees[static_cast<std::size_t>(fill.fee_asset)]).amount(fill.fee_paid);
    line.field(fill.fee_name[0] == '\0' ? "-" : std::string_view(fill.fee_name.data()));
    line.number(fill.maker ? 1 : 0).signed_number(venue_time.ns);
}

LineWriter StateLines::closing(const Package& package, const ExposureLine& exposure) const
{
    const MarketDefinition& market = markets_->consolidated(package.market).definition();
    LineWriter line("closing");
    line.number(static_cast<std::uint64_t>(package.id)).field(market.name);
    line.scaled(exposure.quantity, market.quantity_decimals).amount(exposure.cost);
    line.signed_number(package.decided.ns).amount(exposure.rest);
    return line;
}

LineWriter StateLines::exposure(MarketId id, ExposureCause cause, const ExposureLine& exposure) const
{
    const MarketDefinition& market = markets_->consolidated(id).definition();
    LineWriter line("line");
    line.field(market.name).field(name(cause)).scaled(exposure.quantity, market.quantity_decimals);
    line.amount(exposure.cost).signed_number(exposure.since.ns).amount(exposure.rest);
    return line;
}

LineWriter StateLines::fill(ListingId listing, Side side, const Fill& fill, Timestamp venue_time) const
{
    const Listing& l = table_->listing(listing);
    LineWriter line("fill");
    line.number(static_cast<std::uint64_t>(fill.order))
        .field(label(l.venue))
        .field(l.symbol)
        .field(name(side));
    fill_fields(line, listing, fill, venue_time);
    return line;
}

LineWriter StateLines::late(ListingId listing, Side side, const Fill& fill, Timestamp venue_time) const
{
    const Listing& l = table_->listing(listing);
    LineWriter line("late");
    line.field(label(l.venue)).field(l.symbol).field(name(side));
    fill_fields(line, listing, fill, venue_time);
    return line;
}

LineWriter StateLines::account(const Account& account) const
{
    LineWriter line("account");
    line.field(label(account.venue)).field(account.asset);
    line.amount(account.start).amount(account.fills).amount(account.fees).amount(account.carried);
    return line;
}

LineWriter StateLines::transfer(const AnnouncedTransfers::Transfer& transfer) const
{
    LineWriter line("transfer");
    line.number(transfer.number).field(label(transfer.from)).field(label(transfer.to));
    line.field(transfer.asset).amount(transfer.amount).signed_number(transfer.said.ns);
    return line.number(transfer.left ? 1 : 0).number(transfer.arrived ? 1 : 0);
}

}  // namespace arb
