// Start-up is recovery: what the state log says, what each venue says of open orders, fills and balances, and
// only then trading.
#include <algorithm>

#include <fmt/format.h>

#include "engine/pipeline/trading_half.hpp"

namespace arb {
namespace {

// Recovery's questions are asked again when no whole answer came for so long.
constexpr Duration kAskAgain = seconds(5);
// Balances that differ are compared so often, so far apart, before trading there stops.
constexpr unsigned kComparisons = 4;
constexpr Duration kCompareAgain = seconds(1);
// Without a watermark so long before now, or before the oldest package that is open.
constexpr Duration kFillsBack = seconds(60);
// Never fills of earlier than this: venues keep days, not years.
constexpr Duration kFillsBackMost = seconds(7 * 86'400);
// Asked for from so long before the watermark: venues round, and cut off at or after the time they are asked
// for.
constexpr Duration kWatermarkOverlap = seconds(1);

}  // namespace

// Why this venue may get no new risk now; empty: it may.
const char* TradingHalf::judge_venue(const VenueState& state, Timestamp now) const
{
    if (*state.halted != '\0') return state.halted;
    if (state.key_trouble) return "the venue refused the key";
    if (now < state.shut_until) return "the venue told us to wait";
    if (!state.ready[static_cast<std::size_t>(Channel::order_entry)]) return "order entry is down";
    if (!state.ready[static_cast<std::size_t>(Channel::private_stream)]) return "the private stream is down";
    if (!state.clock.known()) return "the venue's clock is not known";
    if (state.clock.farthest() > parts_.limits.clock_stop) return "the clocks are more than a second apart";
    if (!fees_known(state)) return "its fees are not known; give it taker_fee_bps";
    if (!state.recovered) return "not recovered";
    return "";
}

void TradingHalf::judge_venues(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        if (!state.trading) continue;
        const char* why = judge_venue(state, now);
        const bool stopped = *why != '\0';
        const auto id = static_cast<VenueId>(v);
        if (std::string_view(why) != state.why && phase_ == Phase::trading) {
            note(stopped ? fmt::format("{}: no new risk: {}", lines_.label(id), why)
                         : fmt::format("{}: ready", lines_.label(id)),
                 now);
        }
        state.why = why;
        parts_.risk->set_venue_stopped(id, stopped);
        // A private stream that came back: what it did not tell is asked for.
        const bool up = state.ready[static_cast<std::size_t>(Channel::private_stream)];
        if (up && state.recovered && !state.fills_known && now - state.asked >= kAskAgain &&
            !state.key_trouble && now >= state.shut_until) {
            state.asked = now;
            venue(id).query_fills(state.listings, std::min(now - kFillsBack, fills_since(state, now)), now,
                                  *parts_.sink, *parts_.outbox);
        }
    }
}

void TradingHalf::ask_clocks(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        const bool road = state.ready[static_cast<std::size_t>(Channel::order_entry)];
        if (!state.trading || !road || state.key_trouble || now < state.shut_until) continue;
        // The first samples come quickly, so that the estimate soon rests on several.
        const bool soon = !state.clock.known() || state.clock.doubted();
        const Duration every = soon ? seconds(2) : parts_.limits.clock_every;
        if (state.clock_asked.known() && now - state.clock_asked < every) continue;
        state.clock_asked = now;
        venue(static_cast<VenueId>(v)).query_time(now, *parts_.sink, *parts_.outbox);
    }
}

bool TradingHalf::orders_open_at(VenueId id) const
{
    bool open = false;
    desk_.for_each_open(
        [&](const OrderDesk::View& view) { open |= parts_.table->listing(view.intent.listing).venue == id; });
    return open;
}

void TradingHalf::ask_balances(VenueId id, VenueState& state, Timestamp now)
{
    for (Truth& t : truths_) {
        if (t.venue == id) t.fresh = false;
    }
    state.balances_known = false;
    state.balances_asked = true;
    venue(id).query_balances(now, *parts_.sink, *parts_.outbox);
}

Timestamp TradingHalf::fills_since(const VenueState& state, Timestamp now) const
{
    // No fill of before our record can be ours, but whoever else trades here shows.
    Timestamp since = now - (state.adopted ? kFillsBack : ForeignRuns::kYoung);
    if (state.watermark.known())
        since = state.watermark - kWatermarkOverlap;
    else if (state.fills_since.known())
        since = std::min(since, state.fills_since - kFillsBack);
    return std::max(since, now - kFillsBackMost);
}

void TradingHalf::ask_recovery(VenueId id, VenueState& state, Timestamp now)
{
    // Balances come last: they must be younger than the fills they are compared with, and nothing may be
    // open that could still change them. Anything that stays without an answer is asked for again.
    const bool money_may_be_asked = state.orders_known && state.fills_known && !orders_open_at(id);
    const bool balances_next = money_may_be_asked && !state.balances_asked;
    if (state.recovering && !balances_next && now - state.asked < kAskAgain) return;
    const bool first = !state.recovering;
    state.recovering = true;
    state.asked = now;
    Venue& v = venue(id);
    if (!state.orders_known) {
        foreign_.begin_list(id);
        v.query_open_orders(state.listings, now, *parts_.sink, *parts_.outbox);
    }
    if (!state.fills_known) {
        v.query_fills(state.listings, fills_since(state, now), now, *parts_.sink, *parts_.outbox);
    }
    if (first || !fees_known(state)) v.query_fees(state.listings, now, *parts_.sink, *parts_.outbox);
    if (money_may_be_asked && !state.balances_known) ask_balances(id, state, now);
}

bool TradingHalf::fees_known(const VenueState& state) const
{
    return parts_.fees_known.empty() ||
           std::all_of(state.listings.begin(), state.listings.end(),
                       [&](ListingId l) { return bool{parts_.fees_known[index(l)]}; });
}

bool TradingHalf::recover(VenueId id, VenueState& state, Timestamp now)
{
    take_back_resting(id, state, now);
    ask_recovery(id, state, now);
    state.recovered = state.orders_known && state.fills_known && state.balances_known && fees_known(state) &&
                      judge_money(id, state, now);
    if (state.recovered && !state.ready_since.known()) state.ready_since = now;
    return state.recovered;
}

// False: the figures differ and are asked for once more, for a fill may still be on its way.
bool TradingHalf::judge_money(VenueId id, VenueState& state, Timestamp now)
{
    if (!state.adopted) {
        adopt_balances(id, now);
        return true;
    }
    bool equal = balances_equal(id);
    if (!equal && ++state.comparisons < kComparisons) {
        state.fills_known = state.balances_known = state.balances_asked = false;
        state.asked = now - kAskAgain + kCompareAgain;
        return false;
    }
    state.comparisons = 0;
    equal = equal || explains_comparison(id, now);
    report_balances(id, false, now);
    if (!equal) {
        for (const ListingId listing : state.listings) {
            const MarketId market = market_of(listing);
            // Once is enough for as long as nobody cleared it.
            if (index(market) < flags_.size() && flags_[index(market)].ends_with(kDiffer)) continue;
            flag(market, id, kDiffer, now);
        }
    }
    return true;
}

void TradingHalf::advance_start(Timestamp now)
{
    bool all = true;
    bool any_ready = false;
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        if (!state.trading || state.left_out) continue;
        const bool roads = std::all_of(state.ready.begin(), state.ready.end(), [](bool up) { return up; });
        any_ready |= roads;
        if (!state.recovered && roads && may_ask(state, now))
            (void)recover(static_cast<VenueId>(v), state, now);
        all &= state.recovered;
    }
    if (any_ready && phase_ == Phase::connecting) set_phase(Phase::recovering, now);
    const bool late = now - begun_ >= parts_.limits.start_max;
    if (late && !all) {
        all = true;
        for (std::size_t v = 0; v < venues_.size(); ++v) {
            VenueState& state = venues_[v];
            if (!state.trading || state.recovered || state.left_out) continue;
            state.left_out = true;
            note(fmt::format("{}: not ready after {} s ({}); left out until it is",
                             lines_.label(static_cast<VenueId>(v)),
                             parts_.limits.start_max.ns / seconds(1).ns, judge_venue(state, now)),
                 now);
        }
    }
    // What a venue answered in the very call is judged first.
    if (all && foreign_.signs().empty()) finish_recovery(now);
}

void TradingHalf::finish_recovery(Timestamp now)
{
    checked_ = now;
    set_phase(Phase::trading, now);
    executor_->resume(true, now);
    // What an earlier run left open beside its packages is closed as well.
    want_flatten();
    pause_or_resume();
}

// A venue that became ready after the start recovers on its own.
void TradingHalf::recover_late_venues(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        const bool roads = std::all_of(state.ready.begin(), state.ready.end(), [](bool up) { return up; });
        if (!state.trading || state.recovered || !roads || !may_ask(state, now)) continue;
        (void)recover(static_cast<VenueId>(v), state, now);
    }
}

// In a quiet moment now and then the venues' word on the money is compared with ours. An order sent in
// between makes the answers worthless; a difference sends the venue through recovery's comparison again.
void TradingHalf::check_balances(Timestamp now)
{
    if (checking_) {
        if (desk_.counts().sent != sent_at_check_) {
            checking_ = false;
            return;
        }
        bool whole = true;
        for (const VenueState& state : venues_) whole &= !state.recovered || state.balances_known;
        if (!whole && now - checked_ < kAskAgain) return;
        checking_ = false;
        for (std::size_t v = 0; v < venues_.size(); ++v) {
            VenueState& state = venues_[v];
            if (!state.recovered || !state.balances_known) continue;
            state.recovered = judge_money(static_cast<VenueId>(v), state, now);
        }
        return;
    }
    if (now - checked_ < parts_.limits.check_every || !quiet()) return;
    checked_ = now;
    checking_ = true;
    sent_at_check_ = desk_.counts().sent;
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        if (!venues_[v].recovered) continue;
        venues_[v].balances_known = false;
        if (may_ask(venues_[v], now)) ask_balances(static_cast<VenueId>(v), venues_[v], now);
    }
}

void TradingHalf::flag_old_unknowns(Timestamp now)
{
    desk_.for_each_open([&](const OrderDesk::View& view) {
        const bool doubtful = view.state == OrderState::unknown || view.state == OrderState::closing;
        const MarketId market = market_of(view.intent.listing);
        if (!doubtful || now - view.sent < parts_.limits.unknown_flag || index(market) >= flags_.size())
            return;
        if (flags_[index(market)].empty())
            flag(market, parts_.table->listing(view.intent.listing).venue, "an order's outcome stays unknown",
                 now);
    });
}

void TradingHalf::drain(Timestamp now)
{
    // Handling an event may send an order, and a connector may refuse it at once: until nothing is left.
    for (std::size_t i = 0; i < events_.size(); ++i) {
        const OrderEvent event = events_[i];
        // Its fills have their lines by now: a run that dies in between finds the order open, and asks.
        if (event.kind == OrderEventKind::done || event.kind == OrderEventKind::rejected) {
            LineWriter line("done");
            log(line.number(static_cast<std::uint64_t>(event.order))
                    .field(name(event.reason))
                    .field(desk_.ended_venue_id(event.order)));
        }
        executor_->on_event(event, now);
    }
    events_.clear();
}

void TradingHalf::work(Timestamp now)
{
    if (phase_ == Phase::stopped || !begun_.known() || refuse_start(now)) return;
    notice_stall(now);
    desk_.on_time(now);
    drain(now);
    for (const LateFill& late : late_) {
        const MarketId market = market_of(late.listing);
        const VenueId venue = parts_.table->listing(late.listing).venue;
        if (index(market) >= flags_.size() || phase_ < Phase::trading) continue;
        flag(market, venue, "a fill came after its order was thought to be over", now);
        if (phase_ == Phase::trading) flatten_left_[index(market)] = true;
    }
    late_.clear();
    gate_.work(now);
    if (log_failed_) stop_without_log(now);
    if (!begin_sessions(now)) return;
    halt_for_keys(now);
    halt_for_strangers(now);
    send_cancels(now);
    ask_about_keys(now);
    ask_clocks(now);
    lapse_transfers(now);
    cancel_taken_orders(now);
    judge_venues(now);
    keep_watermarks(now);
    switch (phase_) {
        case Phase::connecting:
        case Phase::recovering:
            advance_start(now);
            break;
        case Phase::trading:
            recover_late_venues(now);
            check_balances(now);
            watch_money(now);
            flag_old_unknowns(now);
            flatten_markets(now);
            break;
        case Phase::stopping:
            // One that comes late may be where something is open, or where it can be closed.
            recover_late_venues(now);
            advance_stop(now);
            break;
        case Phase::stopped:
            break;
    }
}

}  // namespace arb
