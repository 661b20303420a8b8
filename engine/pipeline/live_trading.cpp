#include "engine/pipeline/live_trading.hpp"

#include <fmt/format.h>

namespace arb {
namespace {

constexpr std::string_view kAnnounce = "transfer announce ";

}  // namespace

LiveTrading::LiveTrading(const Parts& parts)
    : limits_(parts.limits),
      context_{*parts.table,    *parts.markets, *parts.portfolio, *parts.risk,
               *parts.exposure, *parts.held,    *parts.listener,  limits_},
      records_(context_, parts.log),
      flags_(context_, records_),
      phase_(context_, records_),
      venues_(context_, parts.venues, records_),
      strangers_(context_, venues_, flags_, records_, phase_),
      routes_(context_, venues_),
      news_(context_, strangers_, flags_, records_),
      desk_(*parts.table, parts.desk, routes_, news_),
      watermarks_(venues_, desk_, records_),
      money_(context_, venues_, watermarks_, records_),
      owners_(context_, venues_, money_, flags_, desk_, records_),
      money_watch_(context_, venues_, money_, owners_, desk_, records_),
      keys_(context_, venues_, phase_, records_, parts.keyed, parts.keys),
      recovery_(context_, venues_, desk_, money_, owners_, flags_, strangers_, phase_, records_),
      ladder_(context_, venues_, desk_, money_, owners_, flags_, phase_, records_),
      packages_(context_, flags_, watermarks_, records_),
      restore_(context_,
               {venues_, flags_, strangers_, news_, desk_, watermarks_, money_, owners_, keys_, records_})
{
    venues_.for_each_trading([&](VenueId id, VenueState&) {
        const TradingFeatures features = venues_.venue(id).trading_features();
        desk_.set_features(id, features);
        context_.risk.pace().set_budget(id, features.orders_per_second, features.cancels_reserved);
    });
}

LiveTrading::~LiveTrading() = default;

void LiveTrading::connect(PackageExecutor& executor)
{
    executor_ = &executor;
    news_.connect(executor, desk_, watermarks_);
    ladder_.connect(executor);
    restore_.connect(executor);
}

void LiveTrading::begin(Timestamp now)
{
    recovery_.begin(now);
    executor_->end_restore();
    flags_.tell_kept(now);
    if (context_.risk.day().loss_reached(now)) packages_.on_loss_limit(now);
    for (const std::string& currency : context_.risk.rates().unknown()) {
        context_.listener.on_note(
            fmt::format(
                "no book tells what {} is worth in the currency of limits: nothing is opened in its markets; "
                "add a spot instrument of the two, or say it in [rates]",
                currency),
            now);
    }
    venues_.for_each_trading([&](VenueId id, VenueState&) { context_.risk.set_venue_stopped(id, true); });
    keys_.begin(now);
    if (keys_.begin_sessions(now)) recovery_.sessions_began(now);
}

void LiveTrading::send(const ApprovedOrder& order, Timestamp now)
{
    if (!records_.failed() || packages_.closes(order.id())) {
        desk_.send(order, now);
        return;
    }
    OrderEvent event;
    event.order = order.id();
    event.kind = OrderEventKind::rejected;
    event.reason = RejectReason::other;
    event.time = now;
    news_.on_order_event(event, now);
}

// Its line could not be kept: the order stays as it is.
void LiveTrading::amend(const ApprovedAmend& amend, Timestamp now)
{
    if (!records_.failed()) return desk_.amend(amend, now);
    OrderEvent event;
    event.order = amend.id();
    event.kind = OrderEventKind::amend_failed;
    event.time = now;
    news_.on_order_event(event, now);
}

void LiveTrading::on_channel(VenueId id, Channel channel, bool ready, Timestamp now)
{
    desk_.on_channel(id, channel, ready, now);
    venues_.on_channel(id, channel, ready, now);
}

void LiveTrading::on_request_end(VenueId id, const RequestEnd& end, Timestamp now)
{
    desk_.on_end(id, end, now);
    if (end.kind == RequestKind::open_orders && end.outcome == Outcome::done && end.complete)
        strangers_.runs().end_list(id);
    venues_.on_request_end(id, end, now);
    if (end.kind == RequestKind::open_orders && strangers_.runs().lists_any(id))
        venues_.of(id).orders_known = false;
    keys_.on_request_end(id, end, now);
    context_.listener.on_request_end(id, end, now);
}

// A restart would not know what is done from here on: nothing new is begun, and what is open is closed while
// there is somebody who knows of it.
void LiveTrading::stop_without_log(Timestamp now)
{
    if (phase() == Phase::stopping || phase() == Phase::stopped) return;
    context_.listener.on_note(
        "ALARM the state log cannot be written: stopping; what is open is cancelled and closed", now);
    ladder_.begin_stop(now, true);
}

void LiveTrading::flag_late_fills(Timestamp now)
{
    news_.take_late([&](ListingId listing) {
        const MarketId market = context_.markets.market_of(listing);
        if (index(market) >= context_.markets.market_count() || phase() < Phase::trading) return;
        flags_.raise(market, context_.table.listing(listing).venue,
                     "a fill came after its order was thought to be over", now);
        if (phase() == Phase::trading) ladder_.want_flat(market);
    });
}

void LiveTrading::work(Timestamp now)
{
    if (phase() == Phase::stopped || !recovery_.begun() || strangers_.refuse_start(now)) return;
    phase_.notice_stall(now);
    desk_.on_time(now);
    drain(now);
    flag_late_fills(now);
    keys_.work(now);
    if (records_.failed()) stop_without_log(now);
    if (!keys_.sessions_begun()) {
        if (!keys_.begin_sessions(now)) return;
        recovery_.sessions_began(now);
    }
    keys_.halt(now);
    strangers_.halt(now);
    venues_.send_cancels(now);
    keys_.ask(now);
    venues_.ask_clocks(now);
    owners_.lapse(now);
    strangers_.cancel_taken_orders(now);
    venues_.judge(phase() == Phase::trading, now);
    recovery_.ask_missed_fills(now);
    watermarks_.keep(now);
    advance(now);
}

void LiveTrading::advance(Timestamp now)
{
    switch (phase()) {
        case Phase::connecting:
        case Phase::recovering:
            if (recovery_.advance_start(now)) begin_trading(now);
            break;
        case Phase::trading:
            recovery_.recover_late(now);
            recovery_.check_balances(quiet(), now);
            if (!recovery_.comparing()) money_watch_.watch(now);
            recovery_.flag_old_unknowns(now);
            ladder_.flatten(now);
            break;
        case Phase::stopping:
            // One that comes late may be where something is open, or where it can be closed.
            recovery_.recover_late(now);
            ladder_.advance_stop(now);
            break;
        case Phase::stopped:
            break;
    }
}

void LiveTrading::begin_trading(Timestamp now)
{
    recovery_.end_start(now);
    phase_.set(Phase::trading, now);
    executor_->resume(true, now);
    // What an earlier run left open beside its packages is closed as well.
    ladder_.want_flat();
    phase_.judge();
}

bool LiveTrading::command(std::string_view text, Timestamp now)
{
    if (text.find('\t') == std::string_view::npos) return operate(text, now);
    LineReader line(text, context_.table);
    return restore_.restore(line, now) && !line.failed();
}

bool LiveTrading::operate(std::string_view text, Timestamp now)
{
    // Said by the program, not by a person: not repeated to him.
    if (text == "log low" || text == "log room") {
        phase_.set_log_low(text == "log low");
        return true;
    }
    if (text == "log failed") {
        records_.fail();
        return true;
    }
    if (text == "fees") {
        venues_.ask_fees(now);
        return true;
    }
    if (text == "clean up") {
        strangers_.set_cleans_up();
        phase_.pause(true);
        return true;
    }
    if (text == "pause" || (text == "resume" && !strangers_.cleans_up())) {
        phase_.pause(text == "pause");
    } else if (text == "cancel" || text == "flatten") {
        phase_.pause(true);
        ladder_.cancel_everything(now);
        if (text == "flatten") ladder_.want_flat();
    } else if (text == "stop" || text == "kill") {
        ladder_.begin_stop(now, text == "stop");
    } else if (text.starts_with("adopt ")) {
        if (!owners_.adopt(text.substr(6), now)) return false;
    } else if (text.starts_with(kAnnounce)) {
        if (!owners_.announce(text.substr(kAnnounce.size()), now)) return false;
    } else if (text.starts_with("clear ")) {
        if (!flags_.clear(text.substr(6), now) && !keys_.ask_now(text.substr(6), now)) return false;
    } else {
        return false;
    }
    context_.listener.on_note(fmt::format("command: {}", text), now);
    return true;
}

void LiveTrading::checkpoint(const std::function<void(const LineVisit&)>& log, const LineVisit& write) const
{
    write_checkpoint(
        {context_, venues_, flags_, strangers_, desk_, watermarks_, owners_, records_, *executor_}, log,
        write);
}

}  // namespace arb
