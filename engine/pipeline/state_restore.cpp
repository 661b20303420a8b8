#include "engine/pipeline/state_restore.hpp"

#include <algorithm>

#include "engine/trading/package_legs.hpp"

namespace arb {

bool StateRestore::restore_money(LineReader& line, Timestamp now)
{
    const std::string_view word = line.word();
    if (word == "late") return restore_late(line, now);
    const VenueId venue = line.venue();
    const std::string_view asset = word == "adopted" ? std::string_view{} : line.field();
    if (word == "adopted") {
        if (line.failed()) return false;
        parts_.venues.of(venue).adopted = true;
        return true;
    }
    const Amount amount = line.amount();
    if (word == "account") {
        const Amount fills = line.amount(), fees = line.amount();
        const Amount carried = line.over() ? Amount{} : line.amount();
        if (line.failed()) return false;
        // A run's figures begin anew where the last one's ended; what its fills changed stays known.
        (void)parts_.money.truth(venue, asset);
        context_.portfolio.restore(venue, asset, amount + fills - fees, carried + fills);
        return true;
    }
    const std::uint64_t transfer = line.over() ? 0 : line.number();
    if (line.failed() || !context_.portfolio.adjust(venue, asset, amount)) return false;
    if (transfer != 0) (void)parts_.owners.transfers().see(transfer, amount.units < 0);
    return true;
}

bool StateRestore::restore_late(LineReader& line, Timestamp now)
{
    const ListingId listing = line.listing();
    const Side side = line.side();
    const Fill fill = line.fill(listing);
    if (line.failed() || !restore_trade(line, fill, listing, {}, now)) return false;
    context_.portfolio.apply(listing, side, fill);
    parts_.news.add_late(listing, side, fill, now);
    return true;
}

bool StateRestore::restore_transfer(LineReader& line)
{
    AnnouncedTransfers::Transfer transfer;
    transfer.number = line.number();
    transfer.from = line.venue();
    transfer.to = line.venue();
    transfer.asset = line.field();
    transfer.amount = line.amount();
    transfer.said = {line.signed_number()};
    transfer.left = line.number() != 0;
    transfer.arrived = line.number() != 0;
    if (!line.failed()) parts_.owners.transfers().restore(transfer);
    return !line.failed();
}

// A line of an earlier version does not say when: not later than now.
bool StateRestore::restore_trade(LineReader& line, const Fill& fill, ListingId listing, OrderId order,
                                 Timestamp now)
{
    const Timestamp time{line.over() ? 0 : line.signed_number()};
    if (line.failed()) return false;
    const VenueId venue = context_.table.listing(listing).venue;
    parts_.desk.restore().trade({fill.trade_id, venue, order, time.known() ? time : now, fill.quantity},
                                time.known());
    return true;
}

bool StateRestore::restore_trades(LineReader& line, Timestamp now)
{
    if (line.word() == "trade") {
        parts_.desk.restore().trade({line.hex(), kNoVenue, {}, now, {}}, false);
        return !line.failed();
    }
    const VenueId venue = line.venue();
    const Timestamp time{line.signed_number()};
    if (line.word() == "since") {
        const Timestamp floor{line.signed_number()};
        if (line.failed()) return false;
        parts_.desk.fills().restore_watermark(venue, time, floor);
        parts_.watermarks.restore(venue, time);
        return true;
    }
    while (!line.failed() && !line.over()) {
        const std::uint64_t key = line.hex();
        const Timestamp at{time.ns + line.signed_number()};
        if (!line.failed()) parts_.desk.restore().trade({key, venue, {}, at, {}}, true);
    }
    return !line.failed();
}

// A package that is over has had its result; one of an unknown order has it when that is known.
bool StateRestore::restore_end(LineReader& line)
{
    const auto package = static_cast<PackageId>(line.number());
    const bool flagged = line.field() == "flagged";
    // A line of an earlier version does not tell the result.
    const bool told = !line.over();
    const Amount realised = told ? line.amount() : Amount{};
    const Timestamp finished{told ? line.signed_number() : 0};
    if (line.failed()) return false;
    const bool over = executor_->restore_end(package, flagged, finished);
    if (over && told) (void)context_.risk.day().on_realised(realised, finished);
    return !line.failed();
}

bool StateRestore::restore_package(LineReader& line)
{
    const auto restored = line.package(context_.markets);
    if (!restored) return false;
    const Package& package = restored->package;
    if (!belongs_together(package, context_.markets)) return false;
    executor_->restore().package(package, restored->orders);
    for (std::size_t i = 0; i < package.count; ++i) {
        const OrderId order = restored->orders[i];
        const OrderIntent& intent = package.legs[i].intent;
        if (order == OrderId{}) continue;  // a hedging leg
        context_.risk.restore(order, intent);
        parts_.desk.restore().order(order, intent, package.decided);
        VenueState& state = parts_.venues.of(context_.table.listing(intent.listing).venue);
        if (!state.fills_since.known() || package.decided < state.fills_since)
            state.fills_since = package.decided;
    }
    return true;
}

bool StateRestore::restore_order(LineReader& line, bool unwind)
{
    const auto package = static_cast<PackageId>(line.number());
    const auto order = static_cast<OrderId>(line.number());
    OrderIntent intent;
    intent.listing = line.listing();
    if (line.failed()) return false;
    const Instrument& instrument = context_.table.instrument_of(intent.listing);
    intent.side = line.side();
    intent.time_in_force = line.tif();
    intent.price = {line.scaled(instrument.price_decimals)};
    intent.quantity = {line.scaled(instrument.quantity_decimals)};
    const Timestamp sent{line.signed_number()};
    const std::optional<Amount> rate = unwind && !line.over() ? std::optional(line.amount()) : std::nullopt;
    if (line.failed()) return false;
    if (unwind)
        executor_->restore().unwind(package, order, intent, sent, rate);
    else
        executor_->restore().next_order(package, order, intent, sent);
    context_.risk.restore(order, intent);
    parts_.desk.restore().order(order, intent, sent);
    return true;
}

bool StateRestore::restore_amend(LineReader& line)
{
    const auto package = static_cast<PackageId>(line.number());
    const auto order = static_cast<OrderId>(line.number());
    const ListingId listing = line.listing();
    if (line.failed()) return false;
    const Price price{line.scaled(context_.table.instrument_of(listing).price_decimals)};
    if (line.failed()) return false;
    executor_->restore().amend(package, order, price);
    context_.risk.restore_amend(order, price);
    parts_.desk.restore().amend(order, price);
    return true;
}

bool StateRestore::restore_closing(LineReader& line, Timestamp now)
{
    Package package;
    package.id = static_cast<PackageId>(line.number());
    package.market = line.market(context_.markets);
    if (line.failed()) return false;
    ExposureLine exposure;
    exposure.quantity =
        line.scaled(context_.markets.consolidated(package.market).definition().quantity_decimals);
    exposure.cost = line.amount();
    package.decided = exposure.since = {line.signed_number()};
    if (!line.over()) exposure.rest = line.amount();
    if (line.failed()) return false;
    // The lines it was made of have another owner now.
    (void)context_.exposure.take(package.market);
    executor_->close_exposure(package, exposure, now);
    return true;
}

bool StateRestore::restore_line(LineReader& line)
{
    const MarketId market = line.market(context_.markets);
    if (line.failed()) return false;
    const ExposureCause cause = line.exposure_cause();
    const std::int64_t quantity =
        line.scaled(context_.markets.consolidated(market).definition().quantity_decimals);
    const Amount cost = line.amount();
    const Timestamp since{line.signed_number()};
    const Amount rest = line.over() ? Amount{} : line.amount();
    if (line.failed()) return false;
    context_.exposure.add(market, cause, quantity, cost, since, rest);
    return true;
}

bool StateRestore::restore_joined(LineReader& line)
{
    const MarketId from = line.market(context_.markets);
    const MarketId into = line.market(context_.markets);
    const Amount rate = line.amount();
    if (!line.failed()) context_.exposure.move(from, into, rate);
    return !line.failed();
}

bool StateRestore::restore_held(LineReader& line)
{
    HeldPosition held;
    held.package = static_cast<PackageId>(line.number());
    held.market = line.market(context_.markets);
    if (line.failed()) return false;
    const MarketDefinition& market = context_.markets.consolidated(held.market).definition();
    held.strategy = static_cast<std::uint8_t>(line.number());
    held.cost = line.amount();
    held.since = {line.signed_number()};
    while (!line.failed() && !line.over()) {
        const ListingId listing = line.listing();
        const std::int64_t quantity = line.scaled(market.quantity_decimals);
        if (line.failed() || !held.changes.add(listing, quantity)) return false;
    }
    if (line.failed() || context_.held.full()) return false;
    context_.held.add(held);
    return true;
}

bool StateRestore::restore_fill(LineReader& line, bool money, Timestamp now)
{
    const auto order = static_cast<OrderId>(line.number());
    const ListingId listing = line.listing();
    const Side side = line.side();
    const Fill fill = line.fill(listing);
    if (line.failed() || !restore_trade(line, fill, listing, order, now)) return false;
    if (money) context_.portfolio.apply(listing, side, fill);
    parts_.desk.restore().fill(order, fill.quantity);
    executor_->on_event({order, OrderEventKind::fill, RejectReason::none, fill, now}, now);
    return true;
}

bool StateRestore::restore_order_end(LineReader& line, Timestamp now)
{
    const auto order = static_cast<OrderId>(line.number());
    if (line.word() == "over") {
        parts_.desk.restore().over(order, line.field());
        return !line.failed();
    }
    OrderEvent event;
    event.order = order;
    event.kind = OrderEventKind::done;
    (void)line.field();
    parts_.desk.restore().end(order, line.rest().empty() ? line.rest() : line.field());
    executor_->on_event(event, now);
    return !line.failed();
}

bool StateRestore::restore_run(LineReader& line)
{
    const std::string_view word = line.word();
    const auto number = static_cast<std::uint32_t>(line.number());
    if (word == "epoch") {
        parts_.records.set_epoch(number);
        context_.risk.set_epoch(number);
        parts_.desk.epochs().begin(number);
        executor_->begin_restore();
    } else if (word == "ran") {
        parts_.desk.epochs().know(number);
    } else if (word == "taken") {
        parts_.strangers.runs().take(number);
    }  // "settled" is said for whoever starts the next run
    return !line.failed();
}

bool StateRestore::restore(LineReader& line, Timestamp now)
{
    const std::string_view word = line.word();
    if (word == "package") return restore_package(line);
    if (word == "unwind" || word == "next") return restore_order(line, word == "unwind");
    if (word == "amend") return restore_amend(line);
    if (word == "closing") return restore_closing(line, now);
    if (word == "line") return restore_line(line);
    if (word == "joined") return restore_joined(line);
    if (word == "held") return restore_held(line);
    if (word == "fill" || word == "counted") return restore_fill(line, word == "fill", now);
    if (word == "trade" || word == "trades" || word == "since") return restore_trades(line, now);
    if (word == "end") return restore_end(line);
    if (word == "done" || word == "over") return restore_order_end(line, now);
    if (word == "key") return parts_.keys.add(line, now);
    if (word == "epoch" || word == "settled" || word == "ran" || word == "taken") return restore_run(line);
    if (word == "account" || word == "adopt" || word == "adopted" || word == "late")
        return restore_money(line, now);
    if (word == "transfer") return restore_transfer(line);
    if (word == "lapsed") {
        parts_.owners.transfers().drop(line.number());
    } else if (word == "day") {
        const std::int64_t day = line.signed_number();
        const Amount realised = line.amount();
        if (!line.failed()) context_.risk.day().restore(day, realised);
    } else if (word == "flag") {
        parts_.flags.restore(line);
    } else if (word == "cleared") {
        parts_.flags.restore_cleared(line.field());
    } else {
        return false;
    }
    return !line.failed();
}

}  // namespace arb
