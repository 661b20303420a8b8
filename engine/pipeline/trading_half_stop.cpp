// The kill ladder (pause, cancel all, flatten inside the band, stop) and the words that operate it, and
// restoring what an earlier run left.
#include <algorithm>

#include <fmt/format.h>

#include "engine/pipeline/trading_half.hpp"

namespace arb {
namespace {

// Packages made to close exposure without a strategy count from here, far above the strategies'.
constexpr std::uint64_t kExtraPackages = std::uint64_t{1} << 48;
// While stopping, the venues' own word on balances is asked for so often.
constexpr Duration kStopCheck = seconds(2);

}  // namespace

void TradingHalf::cancel_everything(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        if (!state.trading || !state.ready[static_cast<std::size_t>(Channel::order_entry)]) continue;
        const auto id = static_cast<VenueId>(v);
        bool any = false;
        desk_.for_each_open([&](const OrderDesk::View& view) {
            any |= parts_.table->listing(view.intent.listing).venue == id;
        });
        // Only where something of ours may be open: the account may hold its owner's own orders.
        if (any) venue(id).cancel_all(state.listings, now, *parts_.sink, *parts_.outbox);
    }
}

// What all venues together hold more or less of a market's base than at the start, closed like a leftover
// leg.
void TradingHalf::flatten_markets(Timestamp now)
{
    for (std::size_t m = 0; m < parts_.markets->market_count(); ++m) {
        const auto market = static_cast<MarketId>(m);
        const ConsolidatedBook& book = parts_.markets->consolidated(market);
        if (book.best_bid() == ConsolidatedBook::kNone) continue;
        const MarketDefinition& definition = book.definition();
        Amount net;
        for (const MarketMember& member : definition.members)
            net += parts_.portfolio->base(member.listing).fills;
        const auto excess = static_cast<std::int64_t>(
            net.units / power_of_ten(kAmountDecimals - definition.quantity_decimals));
        if (excess == 0) continue;
        Package package;
        package.id =
            static_cast<PackageId>(kExtraPackages + (std::uint64_t{epoch_} << 16) + ++next_extra_package_);
        package.market = market;
        package.decided = now;
        const Price reference =
            excess > 0 ? book.quotes()[book.best_bid()].bid : book.quotes()[book.best_ask()].ask;
        package.buy.best = package.sell.best = reference;
        package.buy.intent.listing = package.sell.intent.listing = definition.members.front().listing;
        package.sell.intent.side = Side::sell;
        executor_->close_exposure(package, excess, now);
    }
}

void TradingHalf::begin_stop(Timestamp now, bool flatten)
{
    if (phase_ == Phase::stopping || phase_ == Phase::stopped) return;
    stop_begun_ = now;
    parts_.risk->set_paused(true);
    if (phase_ != Phase::trading) executor_->resume(now);
    set_phase(Phase::stopping, now);
    cancel_everything(now);
    flatten_wanted_ = flatten;
}

void TradingHalf::advance_stop(Timestamp now)
{
    const bool quiet = can_fold();
    const bool late = now - stop_begun_ >= parts_.limits.stop_max;
    if (quiet && flatten_wanted_ && !flattened_) {
        flattened_ = true;
        flatten_markets(now);
        return;
    }
    if (!quiet && !late) return;
    // The venues' own word on the balances, once all is quiet; asked again when it differs, for fills may
    // still be on their way.
    const bool asked = stop_checked_.known();
    if (quiet && asked) {
        bool whole = true;
        for (const VenueState& state : venues_) whole &= !state.recovered || state.balances_known;
        if (whole || now - stop_checked_ >= kStopCheck) {
            const std::uint64_t before = mismatches_;
            bool equal = true;
            for (std::size_t v = 0; v < venues_.size(); ++v) {
                if (venues_[v].recovered) equal &= compare_balances(static_cast<VenueId>(v), true, now);
            }
            if ((equal && whole) || late) {
                set_phase(Phase::stopped, now);
                return;
            }
            mismatches_ = before;
            if (now - stop_checked_ < kStopCheck) return;
        } else {
            return;
        }
    }
    if (late && !quiet) {
        desk_.for_each_open([&](const OrderDesk::View& view) {
            flag(market_of(view.intent.listing), parts_.table->listing(view.intent.listing).venue,
                 "stopped while the outcome of an order was unknown", now);
        });
        executor_->finish(now);
        set_phase(Phase::stopped, now);
        return;
    }
    stop_checked_ = now;
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        if (!state.recovered) continue;
        state.balances_known = false;
        for (Truth& t : truths_) {
            if (t.venue == static_cast<VenueId>(v)) t.fresh = false;
        }
        venue(static_cast<VenueId>(v)).query_balances(now, *parts_.sink, *parts_.outbox);
    }
}

bool TradingHalf::command(std::string_view text, Timestamp now)
{
    if (text.find('\t') == std::string_view::npos) return operate(text, now);
    LineReader line(text, *parts_.table);
    return restore(line, now) && !line.failed();
}

bool TradingHalf::operate(std::string_view text, Timestamp now)
{
    if (text == "pause" || text == "resume") {
        operator_pause_ = text == "pause";
        if (phase_ == Phase::trading) parts_.risk->set_paused(operator_pause_ || log_failed_);
    } else if (text == "cancel") {
        operator_pause_ = true;
        parts_.risk->set_paused(true);
        cancel_everything(now);
    } else if (text == "flatten") {
        operator_pause_ = true;
        parts_.risk->set_paused(true);
        cancel_everything(now);
        flatten_wanted_ = true;
    } else if (text == "stop") {
        begin_stop(now, true);
    } else if (text == "kill") {
        begin_stop(now, false);
    } else if (text == "restored") {
        had_history_ = true;
    } else {
        return false;
    }
    note(fmt::format("command: {}", text), now);
    return true;
}

bool TradingHalf::restore_money(LineReader& line)
{
    const std::string_view word = line.word();
    if (word == "account") {
        const VenueId venue = line.venue();
        const std::string_view asset = line.field();
        const Amount start = line.amount(), fills = line.amount(), fees = line.amount();
        if (line.failed()) return false;
        // A run's figures begin anew where the last one's ended.
        (void)truth(venue, asset);
        parts_.portfolio->restore(venue, asset, start + fills - fees, {}, {});
        return true;
    }
    if (word == "late") {
        const ListingId listing = line.listing();
        const Side side = line.side();
        const Fill fill = line.fill(listing);
        if (line.failed()) return false;
        desk_.restore_trade(fill.trade_id);
        parts_.portfolio->apply(listing, side, fill);
        return true;
    }
    return false;
}

bool TradingHalf::restore(LineReader& line, Timestamp now)
{
    const std::string_view word = line.word();
    if (word == "epoch") {
        epoch_ = static_cast<std::uint32_t>(line.number());
        parts_.risk->set_epoch(epoch_);
        executor_->begin_restore();
    } else if (word == "trade") {
        desk_.restore_trade(line.hex());
    } else if (word == "package") {
        const auto restored = line.package(*parts_.markets);
        if (!restored) return false;
        executor_->restore(restored->package, restored->orders);
        const Package& package = restored->package;
        for (const bool buy : {true, false}) {
            const OrderId order = restored->orders[buy ? 0 : 1];
            const OrderIntent& intent = buy ? package.buy.intent : package.sell.intent;
            parts_.risk->restore(order, intent);
            desk_.restore(order, intent, package.decided);
            VenueState& state = venues_[index(parts_.table->listing(intent.listing).venue)];
            if (!state.fills_since.known() || package.decided < state.fills_since)
                state.fills_since = package.decided;
        }
    } else if (word == "unwind") {
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
        executor_->restore_unwind(package, order, intent);
        parts_.risk->restore(order, intent);
        desk_.restore(order, intent, sent);
    } else if (word == "fill") {
        const auto order = static_cast<OrderId>(line.number());
        const ListingId listing = line.listing();
        const Side side = line.side();
        const Fill fill = line.fill(listing);
        if (line.failed()) return false;
        const OrderEvent event{order, OrderEventKind::fill, RejectReason::none, fill, now};
        parts_.portfolio->apply(listing, side, fill);
        desk_.restore_trade(fill.trade_id);
        desk_.restore_fill(order, fill.quantity);
        executor_->on_event(event, now);
    } else if (word == "done") {
        OrderEvent event;
        event.order = static_cast<OrderId>(line.number());
        event.kind = OrderEventKind::done;
        desk_.restore_end(event.order);
        executor_->on_event(event, now);
        (void)line.field();
    } else if (word == "exposure") {
        Package package;
        package.id = static_cast<PackageId>(line.number());
        package.market = line.market(*parts_.markets);
        if (line.failed()) return false;
        const MarketDefinition& market = parts_.markets->consolidated(package.market).definition();
        const std::int64_t excess = line.scaled(market.quantity_decimals);
        package.buy.best = package.sell.best = {line.scaled(market.price_decimals)};
        package.buy.intent.listing = package.sell.intent.listing = market.members.front().listing;
        package.decided = {line.signed_number()};
        executor_->close_exposure(package, excess, now);
    } else if (word == "end") {
        executor_->restore_end(static_cast<PackageId>(line.number()));
    } else if (word == "flag") {
        const std::string_view name = line.field();
        for (std::size_t m = 0; m < parts_.markets->market_count(); ++m) {
            const auto market = static_cast<MarketId>(m);
            if (parts_.markets->consolidated(market).definition().name != name) continue;
            parts_.risk->stop_market(market);
            LineWriter kept("flag");
            kept.field(name).field(line.field()).field(line.field());
            flags_[m] = std::string(kept.view());
        }
    } else {
        return restore_money(line);
    }
    return !line.failed();
}

}  // namespace arb
