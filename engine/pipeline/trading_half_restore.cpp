// What an earlier run left, line by line: money, counted trades, and packages that had not ended.
#include <algorithm>

#include "engine/pipeline/trading_half.hpp"
#include "engine/trading/package_legs.hpp"

namespace arb {
namespace {

// A cancel of what an earlier run left resting is sent again after so long.
constexpr Duration kTakeBackAgain = seconds(2);

}  // namespace

bool TradingHalf::restore_money(LineReader& line, Timestamp now)
{
    const std::string_view word = line.word();
    if (word == "account") {
        const VenueId venue = line.venue();
        const std::string_view asset = line.field();
        const Amount start = line.amount(), fills = line.amount(), fees = line.amount();
        const Amount carried = line.over() ? Amount{} : line.amount();
        if (line.failed()) return false;
        // A run's figures begin anew where the last one's ended; what its fills changed stays known.
        (void)truth(venue, asset);
        parts_.portfolio->restore(venue, asset, start + fills - fees, carried + fills);
        return true;
    }
    if (word == "adopt") {
        const VenueId venue = line.venue();
        const std::string_view asset = line.field();
        const Amount amount = line.amount();
        const std::uint64_t transfer = line.over() ? 0 : line.number();
        if (line.failed() || !parts_.portfolio->adjust(venue, asset, amount)) return false;
        if (transfer != 0) (void)transfers_.see(transfer, amount.units < 0);
        return true;
    }
    if (word == "transfer") {
        AnnouncedTransfers::Transfer transfer;
        transfer.number = line.number();
        transfer.from = line.venue();
        transfer.to = line.venue();
        transfer.asset = line.field();
        transfer.amount = line.amount();
        transfer.said = {line.signed_number()};
        transfer.left = line.number() != 0;
        transfer.arrived = line.number() != 0;
        if (!line.failed()) transfers_.restore(transfer);
        return !line.failed();
    }
    if (word == "lapsed") {
        transfers_.drop(line.number());
        return !line.failed();
    }
    if (word == "late") {
        const ListingId listing = line.listing();
        const Side side = line.side();
        const Fill fill = line.fill(listing);
        if (line.failed() || !restore_trade(line, fill, listing, {}, now)) return false;
        parts_.portfolio->apply(listing, side, fill);
        add_late(listing, side, fill, now);
        return true;
    }
    return false;
}

// A line of an earlier version does not say when: not later than now.
bool TradingHalf::restore_trade(LineReader& line, const Fill& fill, ListingId listing, OrderId order,
                                Timestamp now)
{
    const Timestamp time{line.over() ? 0 : line.signed_number()};
    if (line.failed()) return false;
    const VenueId venue = parts_.table->listing(listing).venue;
    desk_.restore_trade({fill.trade_id, venue, order, time.known() ? time : now, fill.quantity},
                        time.known());
    return true;
}

bool TradingHalf::restore_trades(LineReader& line, Timestamp now)
{
    if (line.word() == "trade") {
        desk_.restore_trade({line.hex(), kNoVenue, {}, now, {}}, false);
        return !line.failed();
    }
    const VenueId venue = line.venue();
    const Timestamp time{line.signed_number()};
    if (line.word() == "since") {
        const Timestamp floor{line.signed_number()};
        if (line.failed()) return false;
        desk_.restore_watermark(venue, time, floor);
        venues_[index(venue)].watermark = std::max(venues_[index(venue)].watermark, time);
        return true;
    }
    while (!line.failed() && !line.over()) {
        const std::uint64_t key = line.hex();
        const Timestamp at{time.ns + line.signed_number()};
        if (!line.failed()) desk_.restore_trade({key, venue, {}, at, {}}, true);
    }
    return !line.failed();
}

// A package that is over has had its result; one of an unknown order has it when that is known.
bool TradingHalf::restore_end(LineReader& line)
{
    const auto package = static_cast<PackageId>(line.number());
    const bool flagged = line.field() == "flagged";
    // A line of an earlier version does not tell the result.
    const bool told = !line.over();
    const Amount realised = told ? line.amount() : Amount{};
    const Timestamp finished{told ? line.signed_number() : 0};
    if (line.failed()) return false;
    const bool over = executor_->restore_end(package, flagged, finished);
    if (over && told) (void)parts_.risk->on_realised(realised, finished);
    return !line.failed();
}

bool TradingHalf::restore_package(LineReader& line)
{
    const auto restored = line.package(*parts_.markets);
    if (!restored) return false;
    const Package& package = restored->package;
    if (!belongs_together(package, *parts_.markets)) return false;
    executor_->restore(package, restored->orders);
    for (std::size_t i = 0; i < package.count; ++i) {
        const OrderId order = restored->orders[i];
        const OrderIntent& intent = package.legs[i].intent;
        if (order == OrderId{}) continue;  // a hedging leg
        parts_.risk->restore(order, intent);
        desk_.restore(order, intent, package.decided);
        VenueState& state = venues_[index(parts_.table->listing(intent.listing).venue)];
        if (!state.fills_since.known() || package.decided < state.fills_since)
            state.fills_since = package.decided;
    }
    return true;
}

bool TradingHalf::restore_order(LineReader& line, bool unwind)
{
    const auto package = static_cast<PackageId>(line.number());
    const auto order = static_cast<OrderId>(line.number());
    OrderIntent intent;
    intent.listing = line.listing();
    if (line.failed()) return false;
    const Instrument& instrument = parts_.table->instrument_of(intent.listing);
    intent.side = line.side();
    intent.time_in_force = line.tif();
    intent.price = {line.scaled(instrument.price_decimals)};
    intent.quantity = {line.scaled(instrument.quantity_decimals)};
    const Timestamp sent{line.signed_number()};
    if (line.failed()) return false;
    if (unwind)
        executor_->restore_unwind(package, order, intent, sent);
    else
        executor_->restore_next_order(package, order, intent, sent);
    parts_.risk->restore(order, intent);
    desk_.restore(order, intent, sent);
    return true;
}

bool TradingHalf::restore_closing(LineReader& line, Timestamp now)
{
    Package package;
    package.id = static_cast<PackageId>(line.number());
    package.market = line.market(*parts_.markets);
    if (line.failed()) return false;
    ExposureLine exposure;
    exposure.quantity =
        line.scaled(parts_.markets->consolidated(package.market).definition().quantity_decimals);
    exposure.cost = line.amount();
    package.decided = exposure.since = {line.signed_number()};
    if (!line.over()) exposure.rest = line.amount();
    if (line.failed()) return false;
    // The lines it was made of have another owner now.
    (void)parts_.exposure->take(package.market);
    executor_->close_exposure(package, exposure, now);
    return true;
}

bool TradingHalf::restore_line(LineReader& line)
{
    const MarketId market = line.market(*parts_.markets);
    if (line.failed()) return false;
    const ExposureCause cause = line.exposure_cause();
    const std::int64_t quantity =
        line.scaled(parts_.markets->consolidated(market).definition().quantity_decimals);
    const Amount cost = line.amount();
    const Timestamp since{line.signed_number()};
    const Amount rest = line.over() ? Amount{} : line.amount();
    if (line.failed()) return false;
    parts_.exposure->add(market, cause, quantity, cost, since, rest);
    return true;
}

bool TradingHalf::restore_held(LineReader& line)
{
    HeldPosition held;
    held.package = static_cast<PackageId>(line.number());
    held.market = line.market(*parts_.markets);
    if (line.failed()) return false;
    const MarketDefinition& market = parts_.markets->consolidated(held.market).definition();
    held.strategy = static_cast<std::uint8_t>(line.number());
    held.cost = line.amount();
    held.since = {line.signed_number()};
    while (!line.failed() && !line.over()) {
        const ListingId listing = line.listing();
        const std::int64_t quantity = line.scaled(market.quantity_decimals);
        if (line.failed() || !held.changes.add(listing, quantity)) return false;
    }
    if (line.failed() || parts_.held->full()) return false;
    parts_.held->add(held);
    return true;
}

bool TradingHalf::restore_fill(LineReader& line, bool money, Timestamp now)
{
    const auto order = static_cast<OrderId>(line.number());
    const ListingId listing = line.listing();
    const Side side = line.side();
    const Fill fill = line.fill(listing);
    if (line.failed() || !restore_trade(line, fill, listing, order, now)) return false;
    if (money) parts_.portfolio->apply(listing, side, fill);
    desk_.restore_fill(order, fill.quantity);
    executor_->on_event({order, OrderEventKind::fill, RejectReason::none, fill, now}, now);
    return true;
}

// Whoever made what rests there is gone. While it rests it may be filled, nothing hedges that before trading
// begins, and the money cannot be compared: trading would not begin.
void TradingHalf::take_back_resting(VenueId id, VenueState& state, Timestamp now)
{
    if (phase_ >= Phase::trading || now - state.taken_back < kTakeBackAgain) return;
    state.taken_back = now;
    desk_.for_each_open([&](const OrderDesk::View& view) {
        const bool there = parts_.table->listing(view.intent.listing).venue == id;
        if (there && !is_immediate(view.intent.time_in_force)) desk_.cancel(view.id, now);
    });
}

void TradingHalf::restore_flag(LineReader& line)
{
    const std::string_view name = line.field();
    for (std::size_t m = 0; m < parts_.markets->market_count(); ++m) {
        const auto market = static_cast<MarketId>(m);
        if (parts_.markets->consolidated(market).definition().name != name) continue;
        parts_.risk->stop_market(market);
        LineWriter kept("flag");
        kept.field(name).field(line.field()).field(line.field());
        flags_[m] = std::string(kept.view());
    }
}

bool TradingHalf::restore(LineReader& line, Timestamp now)
{
    const std::string_view word = line.word();
    if (word == "package") return restore_package(line);
    if (word == "unwind" || word == "next") return restore_order(line, word == "unwind");
    if (word == "closing") return restore_closing(line, now);
    if (word == "line") return restore_line(line);
    if (word == "held") return restore_held(line);
    if (word == "fill" || word == "counted") return restore_fill(line, word == "fill", now);
    if (word == "trade" || word == "trades" || word == "since") return restore_trades(line, now);
    if (word == "end") return restore_end(line);
    if (word == "key") return add_key(line, now);
    if (word == "epoch") {
        epoch_ = static_cast<std::uint32_t>(line.number());
        parts_.risk->set_epoch(epoch_);
        desk_.know_epoch(epoch_);
        executor_->begin_restore();
    } else if (word == "settled") {
        (void)line.number();  // said for whoever starts the next run
    } else if (word == "ran") {
        desk_.know_epoch(static_cast<std::uint32_t>(line.number()));
    } else if (word == "taken") {
        foreign_.take(static_cast<std::uint32_t>(line.number()));
    } else if (word == "day") {
        const std::int64_t day = line.signed_number();
        const Amount realised = line.amount();
        if (!line.failed()) parts_.risk->restore_day(day, realised);
    } else if (word == "done") {
        OrderEvent event;
        event.order = static_cast<OrderId>(line.number());
        event.kind = OrderEventKind::done;
        (void)line.field();
        desk_.restore_end(event.order, line.rest().empty() ? line.rest() : line.field());
        executor_->on_event(event, now);
    } else if (word == "over") {
        const auto order = static_cast<OrderId>(line.number());
        desk_.restore_over(order, line.field());
    } else if (word == "flag") {
        restore_flag(line);
    } else if (word == "cleared") {
        const std::string_view market = line.field();
        for (std::size_t m = 0; m < flags_.size(); ++m) {
            const auto id = static_cast<MarketId>(m);
            if (parts_.markets->consolidated(id).definition().name != market) continue;
            flags_[m].clear();
            parts_.risk->open_market(id);
        }
    } else if (word == "adopted") {
        const VenueId venue = line.venue();
        if (line.failed()) return false;
        venues_[index(venue)].adopted = true;
    } else {
        return restore_money(line, now);
    }
    return !line.failed();
}

}  // namespace arb
