#include "engine/app/run/ledger_keeper.hpp"

#include <fmt/format.h>

#include "engine/pipeline/state_names.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr std::size_t kNotesKept = 200;

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

LedgerKeeper::LedgerKeeper(const InstrumentTable& table, const EngineConfig& config, Ledger* ledger,
                           std::function<void(std::string_view)> log)
    : table_(&table), config_(&config), ledger_(ledger), log_(std::move(log))
{
}

void LedgerKeeper::connect(const Engine& engine)
{
    engine_ = &engine;
}

std::string LedgerKeeper::label(VenueId venue) const
{
    return venue == kNoVenue ? std::string() : table_->label(venue);
}

void LedgerKeeper::on_package(const Package& package, const LegOrders&, Timestamp)
{
    ++figures_.packages;
    ++figures_.open_packages;
    if (ledger_ != nullptr) {
        const MarketDefinition& market = engine_->markets().consolidated(package.market).definition();
        ledger::PackageRow row;
        row.package = static_cast<std::uint64_t>(package.id);
        row.instrument = market.name;
        if (package.strategy < config_->strategies.size()) {
            const std::string& name = config_->strategies[package.strategy].name();
            row.strategy = name.substr(name.find('.') + 1);
        }
        row.buy_venue = venues_text(package, Side::buy, *table_);
        row.sell_venue = venues_text(package, Side::sell, *table_);
        row.quantity = format_scaled(package.quantity.units, market.quantity_decimals);
        row.outcome = "open";
        row.decided = package.decided;
        ledger_->record(row);
    }
}

void LedgerKeeper::on_exposure(const Package& package, const ExposureLine& line)
{
    ++figures_.packages;
    ++figures_.open_packages;
    if (ledger_ == nullptr) return;
    const MarketDefinition& market = engine_->markets().consolidated(package.market).definition();
    ledger::PackageRow row;
    row.package = static_cast<std::uint64_t>(package.id);
    row.instrument = market.name;
    row.strategy = "flatten";
    row.quantity = format_scaled(line.quantity, market.quantity_decimals);
    row.outcome = "open";
    row.decided = package.decided;
    ledger_->record(row);
}

void LedgerKeeper::add_order(const ApprovedOrder& order, std::string_view purpose, Timestamp now)
{
    const OrderIntent& intent = order.intent();
    const Listing& listing = table_->listing(intent.listing);
    const Instrument& instrument = table_->instrument(listing.instrument);
    OrderNote& note = orders_[order.id()];
    note.listing = intent.listing;
    ledger::OrderRow& row = note.row;
    row.order = static_cast<std::uint64_t>(order.id());
    row.client_id = client_order_id(order.id()).view();
    row.package = static_cast<std::uint64_t>(order.package());
    row.venue = label(listing.venue);
    row.instrument = instrument.name;
    row.side = intent.side;
    row.tif = kStateTifs[static_cast<std::size_t>(intent.time_in_force)];
    row.price = instrument.text(intent.price);
    row.quantity = instrument.text(intent.quantity);
    row.state = "sent";
    row.filled = "0";
    row.purpose = purpose;
    row.sent = now;
    if (ledger_ != nullptr) ledger_->record(row);
}

void LedgerKeeper::on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now)
{
    ++figures_.orders;
    figures_.unwound += purpose == OrderPurpose::close ? 1 : 0;
    add_order(order, name(purpose), now);
}

// The order's row tells the price that it has.
void LedgerKeeper::on_amended(OrderId order, Price price, Timestamp)
{
    const auto found = orders_.find(order);
    if (found == orders_.end()) return;
    found->second.row.price = table_->instrument_of(found->second.listing).text(price);
    if (ledger_ != nullptr) ledger_->record(found->second.row);
}

ledger::FillRow LedgerKeeper::fill_row(ListingId id, Side side, const Fill& fill, Timestamp now) const
{
    const Listing& listing = table_->listing(id);
    const Instrument& instrument = table_->instrument(listing.instrument);
    ledger::FillRow row;
    row.venue = label(listing.venue);
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

void LedgerKeeper::on_fill(const Package& package, const OrderIntent& intent, const Fill& fill,
                           OrderPurpose purpose, Timestamp now)
{
    ++figures_.fills;
    if (ledger_ == nullptr) return;
    ledger::FillRow row = fill_row(intent.listing, intent.side, fill, now);
    row.package = static_cast<std::uint64_t>(package.id);
    row.purpose = name(purpose);
    ledger_->record(row);
}

void LedgerKeeper::on_late_fill(ListingId listing, Side side, const Fill& fill, OrderId order, Timestamp now)
{
    ++figures_.fills;
    ++figures_.late_fills;
    if (ledger_ == nullptr) return;
    ledger::FillRow row = fill_row(listing, side, fill, now);
    row.order = static_cast<std::uint64_t>(order);
    row.purpose = "late";
    ledger_->record(row);
}

void LedgerKeeper::on_reject(const Package&, const OrderIntent&, RejectReason, Timestamp)
{
    ++figures_.rejects;
}

void LedgerKeeper::on_end(const PackageEnd& end)
{
    if (figures_.open_packages > 0) --figures_.open_packages;
    figures_.flagged += end.flagged;
    figures_.waterfall += end.waterfall;
    if (end.unhedged.ns > 0) figures_.unhedged.add(end.unhedged.ns);
    figures_.exposure += end.exposure;
    figures_.covered += end.covered ? 1 : 0;
    figures_.cover_reversed += end.cover_reversed ? 1 : 0;
    if (ledger_ == nullptr) return;
    const MarketDefinition& market = engine_->markets().consolidated(end.package.market).definition();
    ledger::PackageRow row;
    row.package = static_cast<std::uint64_t>(end.package.id);
    // A package of an earlier run keeps that run's number.
    const std::uint32_t epoch = static_cast<std::uint32_t>(row.package >> 16);
    if (epoch != epoch_ && epoch != 0 && row.package < (std::uint64_t{1} << 48)) row.epoch = epoch;
    row.instrument = market.name;
    const bool extra = row.package >= (std::uint64_t{1} << 48);
    if (extra) {
        row.strategy = "flatten";
    } else if (end.package.strategy < config_->strategies.size()) {
        const std::string& name = config_->strategies[end.package.strategy].name();
        row.strategy = name.substr(name.find('.') + 1);
    }
    if (!extra) {
        row.buy_venue = venues_text(end.package, Side::buy, *table_);
        row.sell_venue = venues_text(end.package, Side::sell, *table_);
    }
    row.quantity = format_scaled(end.package.quantity.units, market.quantity_decimals);
    row.outcome = outcome(end);
    row.detail = detail_text(end, engine_->markets());
    row.waterfall = end.waterfall;
    row.decided = end.package.decided;
    row.finished = end.finished;
    row.unhedged_ns = end.unhedged.ns;
    ledger_->record(row);
}

void LedgerKeeper::on_order_state(const OrderChange& change, Timestamp now)
{
    const auto found = orders_.find(change.order);
    // The first state is told before the order itself; that one is written by on_order.
    if (found == orders_.end() || change.state == OrderState::sent) return;
    OrderNote& note = found->second;
    const Instrument& instrument = table_->instrument_of(note.listing);
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

void LedgerKeeper::on_phase(Phase phase, Timestamp now)
{
    figures_.phase = phase;
    on_note(fmt::format("phase: {}", name(phase)), now);
    if (phase == Phase::trading) store_balances("start", now);
}

void LedgerKeeper::on_channel(VenueId venue, Channel channel, bool ready, Timestamp now)
{
    on_note(fmt::format("{}: {} {}", label(venue), name(channel), ready ? "up" : "down"), now);
}

void LedgerKeeper::on_request_end(VenueId venue, const RequestEnd& end, Timestamp now)
{
    if (end.outcome == Outcome::done || (end.kind == RequestKind::place && end.outcome == Outcome::refused))
        return;
    on_note(
        fmt::format("{}: {} {}: {} {}", label(venue), name(end.kind), name(end.outcome), end.code, end.text),
        now);
}

void LedgerKeeper::on_balance(VenueId venue, std::string_view asset, Amount ours, Amount theirs, bool final,
                              Timestamp now)
{
    theirs_[{venue, std::string(asset)}] = theirs;
    if (ledger_ == nullptr) return;
    ledger::BalanceRow row;
    row.time = now;
    row.venue = label(venue);
    row.asset = asset;
    row.ours = ours;
    row.theirs = theirs;
    if (const Account* account = engine_->portfolio().find(venue, asset)) {
        row.start = account->start;
        row.fills = account->fills;
        row.fees = account->fees;
    }
    row.kind = final ? "end" : "check";
    ledger_->record(row);
}

void LedgerKeeper::store_balances(std::string_view kind, Timestamp now)
{
    if (ledger_ == nullptr) return;
    for (const Account& account : engine_->portfolio().accounts()) {
        ledger::BalanceRow row;
        row.time = now;
        row.venue = label(account.venue);
        row.asset = account.asset;
        row.start = account.start;
        row.fills = account.fills;
        row.fees = account.fees;
        row.ours = row.theirs = account.end();
        row.kind = kind;
        ledger_->record(row);
    }
}

void LedgerKeeper::on_flag(MarketId market, VenueId venue, std::string_view why, Timestamp now)
{
    std::string instrument;
    if (index(market) < engine_->markets().market_count())
        instrument = engine_->markets().consolidated(market).definition().name;
    figures_.flags.push_back(fmt::format("{} {}: {}", instrument, label(venue), plain_text(why)));
    if (ledger_ != nullptr) {
        ledger::FlagRow row;
        row.time = now;
        row.venue = label(venue);
        row.instrument = instrument;
        row.reason = why;
        ledger_->record(row);
    }
    log_(fmt::format("FLAGGED {}", figures_.flags.back()));
}

void LedgerKeeper::on_flag_cleared(MarketId market, Timestamp now)
{
    const std::string instrument = engine_->markets().consolidated(market).definition().name;
    std::erase_if(figures_.flags, [&](const std::string& f) { return f.starts_with(instrument + " "); });
    on_note(fmt::format("{}: the flag was cleared by the operator", instrument), now);
}

void LedgerKeeper::on_note(std::string_view text, Timestamp now)
{
    if (figures_.notes.size() >= kNotesKept) figures_.notes.erase(figures_.notes.begin());
    figures_.notes.push_back(plain_text(text));
    log_(figures_.notes.back());
    if (ledger_ == nullptr) return;
    ledger::NoteRow row;
    row.time = now;
    row.level = "info";
    row.text = text;
    ledger_->record(row);
}

void LedgerKeeper::on_connection(VenueId venue, std::string_view url, bool open, std::string_view why)
{
    log_(fmt::format("{}: {} {}{}{}", label(venue), url, open ? "open" : "closed", why.empty() ? "" : ": ",
                     plain_text(why)));
}

void LedgerKeeper::connect(const KeyRing* keys, KeyAudit* audit)
{
    keys_ = keys;
    audit_ = audit;
}

void LedgerKeeper::on_key_use(VenueId venue, std::string_view used, std::string_view endpoint, Timestamp now)
{
    auto& use = key_uses_[{venue, std::string(used), std::string(endpoint)}];
    use = {use.first + 1, now};
    if (audit_ != nullptr) audit_->record(venue, used, endpoint, now);
}

void LedgerKeeper::store_key_uses(Timestamp)
{
    if (ledger_ != nullptr) {
        for (const auto& [key, use] : key_uses_) {
            ledger::KeyUseRow row;
            row.time = use.second;
            row.venue = label(key.venue);
            row.label = key.label;
            row.endpoint = key.endpoint;
            row.outcome = "sent";
            row.count = use.first;
            ledger_->record(row);
        }
    }
    key_uses_.clear();
}

}  // namespace arb
