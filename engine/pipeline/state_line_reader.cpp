// Lines of state taken apart, field by field.
#include <charconv>

#include "engine/market/markets.hpp"
#include "engine/pipeline/state_lines.hpp"
#include "engine/pipeline/state_names.hpp"

namespace arb {

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
    for (std::size_t i = 0; i < std::size(kStateTifs); ++i) {
        if (value == kStateTifs[i]) return static_cast<TimeInForce>(i);
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
    for (std::size_t i = 0; i < std::size(kStateFees); ++i) {
        if (asset == kStateFees[i]) result.fee_asset = static_cast<FeeAsset>(i);
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

// Price, quantity and place of a leg's order in its market.
void LineReader::order_of(Leg& leg, const MarketDefinition& market)
{
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

template <class Enum>
Enum LineReader::one_of(std::size_t count)
{
    const std::string_view word = field();
    for (std::size_t i = 0; i < count; ++i) {
        if (word == name(static_cast<Enum>(i))) return static_cast<Enum>(i);
    }
    failed_ = true;
    return Enum{};
}

void LineReader::leg(Leg& leg, OrderId& order, const Markets& markets)
{
    order = static_cast<OrderId>(number());
    leg.part = one_of<Part>(3);
    leg.market = market(markets);
    leg.intent.side = side();
    leg.intent.listing = listing();
    leg.intent.time_in_force = tif();
    if (failed_) return;
    order_of(leg, markets.consolidated(leg.market).definition());
    leg.rate = amount();
}

void LineReader::legs(Restored& restored, const Markets& markets)
{
    Package& package = restored.package;
    const std::uint64_t count = number();
    package.aim = one_of<Aim>(3);
    package.of = static_cast<PackageId>(number());
    package.until = {signed_number()};
    failed_ |= count == 0 || count > Package::kLegsMost;
    for (std::size_t i = 0; i < count && !failed_; ++i)
        leg(package.add(Side::buy), restored.orders[i], markets);
}

// As earlier versions wrote it: one buys, one sells, and an order of 0 is a leg that hedges.
void LineReader::two_legs(Restored& restored, const Markets& markets)
{
    Package& package = restored.package;
    const MarketDefinition& definition = markets.consolidated(package.market).definition();
    for (const Side way : {Side::buy, Side::sell}) {
        Leg& leg = package.add(way);
        OrderId& order = restored.orders[package.count - 1];
        // The first one's id was read to see what form this is.
        if (way == Side::sell) order = static_cast<OrderId>(number());
        leg.intent.listing = listing();
        leg.intent.time_in_force = tif();
        if (failed_) return;
        order_of(leg, definition);
    }
    for (const std::size_t i : {0U, 1U}) {
        if (restored.orders[i] != OrderId{}) continue;
        package.legs[i].part = Part::hedge;
        package.legs[1 - i].part = Part::rest;
    }
}

std::optional<LineReader::Restored> LineReader::package(const Markets& markets)
{
    Restored result;
    Package& package = result.package;
    package.id = static_cast<PackageId>(number());
    package.market = market(markets);
    if (failed_) return std::nullopt;
    const MarketDefinition& definition = markets.consolidated(package.market).definition();
    package.quantity = {scaled(definition.quantity_decimals)};
    package.edge = {signed_number()};
    package.decided = {signed_number()};
    package.strategy = static_cast<std::uint8_t>(number());
    if (rest_.substr(0, rest_.find('\t')) == kStateLegs) {
        (void)field();
        legs(result, markets);
    } else {
        result.orders[0] = static_cast<OrderId>(number());
        two_legs(result, markets);
    }
    return failed_ ? std::nullopt : std::optional(result);
}

}  // namespace arb
