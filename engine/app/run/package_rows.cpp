#include "engine/app/run/package_rows.hpp"

#include <fmt/format.h>

#include "engine/pipeline/state_names.hpp"

namespace arb {
namespace {

// Packages that only close exposure have ids from here on.
constexpr std::uint64_t kExtraFrom = std::uint64_t{1} << 48;

std::string_view state_name(OrderState state, bool rejected, bool whole)
{
    switch (state) {
        case OrderState::sent:
        case OrderState::pending:
            return "sent";
        case OrderState::working:
        case OrderState::closing:
            return "accepted";
        case OrderState::unknown:
            return "unknown";
        case OrderState::ended:
            break;
    }
    return rejected ? "rejected" : whole ? "filled" : "cancelled";
}

}  // namespace

ledger::PackageRow PackageRows::package_row(const Package& package, std::int64_t quantity, bool extra) const
{
    const MarketDefinition& market = markets_->consolidated(package.market).definition();
    ledger::PackageRow row;
    row.package = static_cast<std::uint64_t>(package.id);
    row.instrument = market.name;
    if (extra) {
        row.strategy = "flatten";
    } else {
        if (package.strategy < config_->strategies.size()) {
            const std::string& name = config_->strategies[package.strategy].name();
            row.strategy = name.substr(name.find('.') + 1);
        }
        row.buy_venue = venues_text(package, Side::buy, markets_->table());
        row.sell_venue = venues_text(package, Side::sell, markets_->table());
    }
    row.quantity = format_scaled(quantity, market.quantity_decimals);
    row.outcome = "open";
    row.decided = package.decided;
    return row;
}

void PackageRows::begin(const Package& package, std::int64_t quantity, bool extra)
{
    ++figures_->packages;
    ++figures_->open_packages;
    if (ledger_ != nullptr) ledger_->record(package_row(package, quantity, extra));
}

void PackageRows::on_package(const Package& package, const LegOrders&, Timestamp)
{
    begin(package, package.quantity.units, false);
}

void PackageRows::on_exposure(const Package& package, const ExposureLine& line)
{
    begin(package, line.quantity, true);
}

void PackageRows::on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now)
{
    ++figures_->orders;
    figures_->unwound += purpose == OrderPurpose::close ? 1 : 0;
    const InstrumentTable& table = markets_->table();
    const OrderIntent& intent = order.intent();
    const Listing& listing = table.listing(intent.listing);
    const Instrument& instrument = table.instrument(listing.instrument);
    OrderNote& note = orders_[order.id()];
    note.listing = intent.listing;
    ledger::OrderRow& row = note.row;
    row.order = static_cast<std::uint64_t>(order.id());
    row.client_id = client_order_id(order.id()).view();
    row.package = static_cast<std::uint64_t>(order.package());
    row.venue = table.label(listing.venue);
    row.instrument = instrument.name;
    row.side = intent.side;
    row.tif = kStateTifs[static_cast<std::size_t>(intent.time_in_force)];
    row.price = instrument.text(intent.price);
    row.quantity = instrument.text(intent.quantity);
    row.state = "sent";
    row.filled = "0";
    row.purpose = name(purpose);
    row.sent = now;
    if (ledger_ != nullptr) ledger_->record(row);
}

// The order's row tells the price that it has.
void PackageRows::on_amended(OrderId order, Price price, Timestamp)
{
    const auto found = orders_.find(order);
    if (found == orders_.end()) return;
    found->second.row.price = markets_->table().instrument_of(found->second.listing).text(price);
    if (ledger_ != nullptr) ledger_->record(found->second.row);
}

ledger::FillRow PackageRows::fill_row(ListingId id, Side side, const Fill& fill, Timestamp now) const
{
    const InstrumentTable& table = markets_->table();
    const Listing& listing = table.listing(id);
    const Instrument& instrument = table.instrument(listing.instrument);
    ledger::FillRow row;
    row.venue = table.label(listing.venue);
    // As the venue's own statements have it; a simulated venue has numbers alone.
    const std::string_view trade(fill.trade_name.data());
    row.trade_id = trade.empty() ? fmt::format("{:x}", fill.trade_id) : std::string(trade);
    row.venue_time = fill.venue_time;
    row.order = static_cast<std::uint64_t>(fill.order);
    row.instrument = instrument.name;
    row.side = side;
    row.price = instrument.text(fill.price);
    row.quantity = instrument.text(fill.quantity);
    row.notional = fill.notional;
    row.fee = fill.fee_asset == FeeAsset::quote ? fill.fee : fill.fee_paid;
    row.fee_asset = fill.fee_asset == FeeAsset::quote  ? std::string_view(instrument.quote)
                    : fill.fee_asset == FeeAsset::base ? std::string_view(instrument.base)
                                                       : std::string_view(fill.fee_name.data());
    row.maker = fill.maker;
    row.time = now;
    return row;
}

void PackageRows::on_fill(const Package& package, const OrderIntent& intent, const Fill& fill,
                          OrderPurpose purpose, Timestamp now)
{
    ++figures_->fills;
    if (ledger_ == nullptr) return;
    ledger::FillRow row = fill_row(intent.listing, intent.side, fill, now);
    row.package = static_cast<std::uint64_t>(package.id);
    row.purpose = name(purpose);
    ledger_->record(row);
}

void PackageRows::on_late_fill(ListingId listing, Side side, const Fill& fill, OrderId order, Timestamp now)
{
    ++figures_->fills;
    ++figures_->late_fills;
    if (ledger_ == nullptr) return;
    ledger::FillRow row = fill_row(listing, side, fill, now);
    row.order = static_cast<std::uint64_t>(order);
    row.purpose = "late";
    ledger_->record(row);
}

void PackageRows::on_reject(const Package&, const OrderIntent&, RejectReason, Timestamp)
{
    ++figures_->rejects;
}

void PackageRows::on_end(const PackageEnd& end)
{
    if (figures_->open_packages > 0) --figures_->open_packages;
    figures_->flagged += end.flagged;
    figures_->waterfall += end.waterfall;
    if (end.unhedged.ns > 0) figures_->unhedged.add(end.unhedged.ns);
    figures_->exposure += end.exposure;
    figures_->covered += end.covered ? 1 : 0;
    figures_->cover_reversed += end.cover_reversed ? 1 : 0;
    if (ledger_ == nullptr) return;
    const auto id = static_cast<std::uint64_t>(end.package.id);
    const bool extra = id >= kExtraFrom;
    ledger::PackageRow row = package_row(end.package, end.package.quantity.units, extra);
    // A package of an earlier run keeps that run's number.
    const auto epoch = static_cast<std::uint32_t>(id >> 16);
    if (epoch != epoch_ && epoch != 0 && !extra) row.epoch = epoch;
    row.outcome = outcome(end);
    row.detail = detail_text(end, *markets_);
    row.waterfall = end.waterfall;
    row.finished = end.finished;
    row.unhedged_ns = end.unhedged.ns;
    ledger_->record(row);
}

void PackageRows::on_order_state(const OrderChange& change, Timestamp now)
{
    const auto found = orders_.find(change.order);
    // The first state is told before the order itself; that one is written by on_order.
    if (found == orders_.end() || change.state == OrderState::sent) return;
    OrderNote& note = found->second;
    const Instrument& instrument = markets_->table().instrument_of(note.listing);
    const std::string quantity = instrument.text(change.filled);
    const bool whole = std::string_view(quantity) == note.row.quantity.view();
    const bool rejected = change.filled.zero() && change.reason != RejectReason::none;
    note.row.state = state_name(change.state, rejected, whole);
    note.row.filled = quantity;
    note.row.reason = change.reason == RejectReason::none ? "" : name(change.reason);
    note.row.venue_order_id = change.venue_id.view();
    if (change.state == OrderState::ended) note.row.done = now;
    if (ledger_ != nullptr) ledger_->record(note.row);
    if (change.state == OrderState::ended) orders_.erase(found);
}

}  // namespace arb
