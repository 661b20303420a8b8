#include "engine/pipeline/state_lines.hpp"

#include <charconv>

#include "engine/market/markets.hpp"

namespace arb {
namespace {

constexpr std::string_view kTifNames[] = {"ioc", "fok", "gtc", "post_only"};
constexpr std::string_view kFeeNames[] = {"quote", "base", "other"};
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

void StateLines::leg(LineWriter& line, const Leg& leg, OrderId order, const MarketDefinition& market) const
{
    const Listing& listing = table_->listing(leg.intent.listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    line.number(static_cast<std::uint64_t>(order)).field(label(listing.venue)).field(listing.symbol);
    line.field(kTifNames[static_cast<std::size_t>(leg.intent.time_in_force)]);
    line.scaled(leg.intent.price.units, instrument.price_decimals);
    line.scaled(leg.intent.quantity.units, instrument.quantity_decimals);
    line.number(leg.member).scaled(leg.best.units, market.price_decimals).amount(leg.expected);
}

LineWriter StateLines::package(const Package& package, const LegOrders& orders) const
{
    const MarketDefinition& market = markets_->consolidated(package.market).definition();
    LineWriter line("package");
    line.number(static_cast<std::uint64_t>(package.id)).field(market.name);
    line.scaled(package.quantity.units, market.quantity_decimals).signed_number(package.edge.units);
    line.signed_number(package.decided.ns).number(package.strategy);
    leg(line, package.buy, orders.id(0), market);
    leg(line, package.sell, orders.id(1), market);
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
    line.field(kTifNames[static_cast<std::size_t>(intent.time_in_force)]);
    line.scaled(intent.price.units, instrument.price_decimals);
    line.scaled(intent.quantity.units, instrument.quantity_decimals).signed_number(sent.ns);
    return line;
}

void StateLines::fill_fields(LineWriter& line, ListingId listing, const Fill& fill,
                             Timestamp venue_time) const
{
    const Instrument& instrument = table_->instrument_of(listing);
    line.hex(fill.trade_id).scaled(fill.price.units, instrument.price_decimals);
    line.scaled(fill.quantity.units, instrument.quantity_decimals).amount(fill.notional).amount(fill.fee);
    line.field(kFeeNames[static_cast<std::size_t>(fill.fee_asset)]).amount(fill.fee_paid);
    line.field(fill.fee_name[0] == '\0' ? "-" : std::string_view(fill.fee_name.data()));
    line.number(fill.maker ? 1 : 0).signed_number(venue_time.ns);
}

LineWriter StateLines::closing(const Package& package, const ExposureLine& exposure) const
{
    const MarketDefinition& market = markets_->consolidated(package.market).definition();
    LineWriter line("closing");
    line.number(static_cast<std::uint64_t>(package.id)).field(market.name);
    line.scaled(exposure.quantity, market.quantity_decimals).amount(exposure.cost);
    line.signed_number(package.decided.ns);
    return line;
}

LineWriter StateLines::exposure(MarketId id, ExposureCause cause, const ExposureLine& exposure) const
{
    const MarketDefinition& market = markets_->consolidated(id).definition();
    LineWriter line("line");
    line.field(market.name).field(name(cause)).scaled(exposure.quantity, market.quantity_decimals);
    line.amount(exposure.cost).signed_number(exposure.since.ns);
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

ExposureCause LineReader::exposure_cause()
{
    const std::string_view text = field();
    for (std::size_t i = 0; i < static_cast<std::size_t>(ExposureCause::count_); ++i) {
        if (text == name(static_cast<ExposureCause>(i))) return static_cast<ExposureCause>(i);
    }
    failed_ = true;
    return ExposureCause::leftover;
}

LineReader::LineReader(std::string_view line, const InstrumentTable& table) : rest_(line), table_(&table)
{
    word_ = field();
}

std::string_view LineReader::field()
{
    if (rest_.data() == nullptr) {
        failed_ = true;
        return {};
    }
    const std::size_t tab = rest_.find('\t');
    const std::string_view value = rest_.substr(0, tab);
    rest_ = tab == std::string_view::npos ? std::string_view() : rest_.substr(tab + 1);
    return value;
}

std::uint64_t LineReader::number()
{
    const std::string_view value = field();
    std::uint64_t result = 0;
    const auto end = std::from_chars(value.data(), value.data() + value.size(), result);
    failed_ |= value.empty() || end.ec != std::errc() || end.ptr != value.data() + value.size();
    return result;
}

std::uint64_t LineReader::hex()
{
    const std::string_view value = field();
    std::uint64_t result = 0;
    const auto end = std::from_chars(value.data(), value.data() + value.size(), result, 16);
    failed_ |= value.empty() || end.ec != std::errc() || end.ptr != value.data() + value.size();
    return result;
}

std::int64_t LineReader::signed_number()
{
    return scaled(0);
}

std::int64_t LineReader::scaled(unsigned decimals)
{
    const ScaledNumber number = parse_scaled(field(), decimals);
    failed_ |= number.error != DecimalError::none;
    return number.value;
}

Amount LineReader::amount()
{
    std::string_view value = field();
    const bool negative = value.starts_with('-');
    if (negative) value.remove_prefix(1);
    Amount result;
    failed_ |= value.empty() || value.size() > 38;
    for (const char c : value) {
        if (failed_ || c < '0' || c > '9') {
            failed_ = true;
            return {};
        }
        result.units = result.units * 10 + (c - '0');
    }
    return negative ? -result : result;
}

Side LineReader::side()
{
    const std::string_view value = field();
    failed_ |= value != "buy" && value != "sell";
    return value == "sell" ? Side::sell : Side::buy;
}

TimeInForce LineReader::tif()
{
    const std::string_view value = field();
    for (std::size_t i = 0; i < std::size(kTifNames); ++i) {
        if (value == kTifNames[i]) return static_cast<TimeInForce>(i);
    }
    failed_ = true;
    return TimeInForce::ioc;
}

VenueId LineReader::venue()
{
    const std::optional<VenueId> id = table_->find_venue(field());
    failed_ |= !id;
    return id.value_or(kNoVenue);
}

ListingId LineReader::listing()
{
    const VenueId id = venue();
    const std::string_view symbol = field();
    if (failed_) return kNoListing;
    const Listing* listing = table_->find_symbol(id, symbol);
    failed_ |= listing == nullptr;
    return listing == nullptr ? kNoListing : listing->id;
}

Fill LineReader::fill(ListingId listing)
{
    Fill result;
    if (failed_) return result;
    const Instrument& instrument = table_->instrument_of(listing);
    result.trade_id = hex();
    result.price = {scaled(instrument.price_decimals)};
    result.quantity = {scaled(instrument.quantity_decimals)};
    result.notional = amount();
    result.fee = amount();
    const std::string_view asset = field();
    for (std::size_t i = 0; i < std::size(kFeeNames); ++i) {
        if (asset == kFeeNames[i]) result.fee_asset = static_cast<FeeAsset>(i);
    }
    result.fee_paid = amount();
    const std::string_view name = field();
    if (name != "-" && name.size() < result.fee_name.size()) name.copy(result.fee_name.data(), name.size());
    result.maker = number() == 1;
    return result;
}

MarketId LineReader::market(const Markets& markets)
{
    const std::string_view name = field();
    for (std::size_t i = 0; i < markets.market_count(); ++i) {
        const auto id = static_cast<MarketId>(i);
        if (markets.consolidated(id).definition().name == name) return id;
    }
    failed_ = true;
    return MarketId{};
}

void LineReader::leg(Leg& leg, OrderId& order, Side side, const MarketDefinition& market)
{
    order = static_cast<OrderId>(number());
    leg.intent.listing = listing();
    leg.intent.side = side;
    leg.intent.time_in_force = tif();
    if (failed_) return;
    const Instrument& instrument = table_->instrument_of(leg.intent.listing);
    leg.intent.price = {scaled(instrument.price_decimals)};
    leg.intent.quantity = {scaled(instrument.quantity_decimals)};
    leg.member = static_cast<std::uint32_t>(number());
    // The market may have other members today.
    for (std::size_t i = 0; i < market.members.size(); ++i) {
        if (market.members[i].listing == leg.intent.listing) leg.member = static_cast<std::uint32_t>(i);
    }
    failed_ |= leg.member >= market.members.size();
    leg.best = {scaled(market.price_decimals)};
    leg.expected = amount();
}

std::optional<LineReader::Restored> LineReader::package(const Markets& markets)
{
    Restored result;
    result.package.id = static_cast<PackageId>(number());
    result.package.market = market(markets);
    if (failed_) return std::nullopt;
    const MarketDefinition& definition = markets.consolidated(result.package.market).definition();
    result.package.quantity = {scaled(definition.quantity_decimals)};
    result.package.edge = {signed_number()};
    result.package.decided = {signed_number()};
    result.package.strategy = static_cast<std::uint8_t>(number());
    leg(result.package.buy, result.orders[0], Side::buy, definition);
    leg(result.package.sell, result.orders[1], Side::sell, definition);
    if (failed_) return std::nullopt;
    Leg& buy = result.package.buy;
    Leg& sell = result.package.sell;
    if (result.orders[0] == OrderId{}) buy.part = Part::hedge;
    if (result.orders[1] == OrderId{}) sell.part = Part::hedge;
    if (buy.part == Part::hedge) sell.part = Part::rest;
    if (sell.part == Part::hedge) buy.part = Part::rest;
    return result;
}

}  // namespace arb
