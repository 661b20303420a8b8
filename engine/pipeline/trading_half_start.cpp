// Start-up is recovery: what the state log says, what each venue says of open orders, fills and balances, and
// only then trading.
#include <algorithm>

#include <fmt/format.h>

#include "engine/pipeline/trading_half.hpp"

namespace arb {
namespace {

// Recovery's questions are asked again when no whole answer came for so long.
constexpr Duration kAskAgain = seconds(5);
// A first run knows of no order of its own; fills of the last hour cannot be its own either, but strangers
// show.
constexpr Duration kFillsBack = seconds(60);
// Never fills of earlier than this: venues keep days, not years.
constexpr Duration kFillsBackMost = seconds(7 * 86'400);

}  // namespace

// Why this venue may get no new risk now; empty: it may.
const char* TradingHalf::judge_venue(const VenueState& state, Timestamp now) const
{
    if (state.key_trouble) return "the venue refused the key";
    if (now < state.shut_until) return "the venue told us to wait";
    if (!state.ready[static_cast<std::size_t>(Channel::order_entry)]) return "order entry is down";
    if (!state.ready[static_cast<std::size_t>(Channel::private_stream)]) return "the private stream is down";
    if (!state.clock.known()) return "the venue's clock is not known";
    const Duration offset = state.clock.offset();
    if (Duration{offset.ns < 0 ? -offset.ns : offset.ns} > parts_.limits.clock_stop)
        return "the clocks are more than a second apart";
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
            venue(id).query_fills(state.listings, now - kFillsBack, now, *parts_.sink, *parts_.outbox);
        }
    }
}

void TradingHalf::ask_clocks(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        if (!state.trading || state.key_trouble || now < state.shut_until) continue;
        // The first samples come quickly, so that the estimate soon rests on several.
        const Duration every = state.clock.known() ? parts_.limits.clock_every : seconds(2);
        if (state.clock_asked.known() && now - state.clock_asked < every) continue;
        state.clock_asked = now;
        venue(static_cast<VenueId>(v)).query_time(now, *parts_.sink, *parts_.outbox);
    }
}

void TradingHalf::ask_recovery(VenueId id, VenueState& state, Timestamp now)
{
    // The balances follow the rest at once; anything that stays without an answer is asked for again.
    const bool balances_next = state.orders_known && state.fills_known && !state.balances_asked;
    if (state.recovering && !balances_next && now - state.asked < kAskAgain) return;
    const bool first = !state.recovering;
    state.recovering = true;
    state.asked = now;
    Venue& v = venue(id);
    if (!state.orders_known) v.query_open_orders(state.listings, now, *parts_.sink, *parts_.outbox);
    if (!state.fills_known) {
        Timestamp since = now - kFillsBack;
        if (state.fills_since.known()) since = std::min(since, state.fills_since - kFillsBack);
        since = std::max(since, now - kFillsBackMost);
        v.query_fills(state.listings, since, now, *parts_.sink, *parts_.outbox);
    }
    if (first) v.query_fees(state.listings, now, *parts_.sink, *parts_.outbox);
    // Balances last: they must be younger than the fills they are compared with.
    if (state.orders_known && state.fills_known && !state.balances_known) {
        for (Truth& t : truths_) {
            if (t.venue == id) t.fresh = false;
        }
        state.balances_asked = true;
        v.query_balances(now, *parts_.sink, *parts_.outbox);
    }
}

void TradingHalf::adopt_balances(VenueId id)
{
    for (const Truth& t : truths_) {
        if (t.venue != id || !t.fresh || t.total.zero()) continue;
        if (!parts_.portfolio->set_start(id, t.asset, t.total))
            parts_.portfolio->restore(id, t.asset, t.total, {}, {});
    }
}

bool TradingHalf::compare_balances(VenueId id, bool final, Timestamp now)
{
    bool equal = true;
    // A venue with derivatives tells a wallet, not what positions cost on paper: positions alone are compared
    // there.
    const bool derivatives =
        std::any_of(venues_[index(id)].listings.begin(), venues_[index(id)].listings.end(),
                    [&](ListingId l) { return parts_.table->instrument_of(l).kind != InstrumentKind::spot; });
    for (const Account& account : parts_.portfolio->accounts()) {
        if (account.venue != id || (derivatives && !account.position)) continue;
        const Truth& told = truth(id, account.asset);
        // An asset that the venue does not list is one we have none of.
        const Amount theirs = told.fresh ? told.total : Amount{};
        if (theirs != account.end()) {
            equal = false;
            ++mismatches_;
            note(fmt::format("{}: {} should be {}, the venue says {}", lines_.label(id), account.asset,
                             account.end().text(), theirs.text()),
                 now);
        }
        if (parts_.listener != nullptr)
            parts_.listener->on_balance(id, account.asset, account.end(), theirs, final, now);
    }
    return equal;
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
        if (!state.recovered && roads && now >= state.shut_until) {
            ask_recovery(static_cast<VenueId>(v), state, now);
            state.recovered = state.orders_known && state.fills_known && state.balances_known;
        }
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
    // Orders of an earlier run whose fate is open keep the gate closed, but not for ever.
    if (!all || (desk_.open_count() > 0 && !late)) return;
    finish_recovery(now);
}

void TradingHalf::finish_recovery(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        const auto id = static_cast<VenueId>(v);
        if (!venues_[v].recovered) continue;
        if (!had_history_) {
            adopt_balances(id);
        } else if (!compare_balances(id, false, now)) {
            for (const ListingId listing : venues_[v].listings)
                flag(market_of(listing), id, "balances differ from what this engine's own record says", now);
        }
    }
    set_phase(Phase::trading, now);
    executor_->resume(now);
    // What the earlier run's fills left open beside its packages is closed as well.
    flatten_wanted_ = had_history_;
    parts_.risk->set_paused(operator_pause_ || log_failed_);
}

// A venue that became ready after the start recovers on its own; while all is quiet balances are compared now
// and then.
void TradingHalf::check_balances(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        VenueState& state = venues_[v];
        const bool roads = std::all_of(state.ready.begin(), state.ready.end(), [](bool up) { return up; });
        if (!state.trading || state.recovered || !roads || now < state.shut_until) continue;
        ask_recovery(static_cast<VenueId>(v), state, now);
        if (!(state.orders_known && state.fills_known && state.balances_known)) continue;
        state.recovered = true;
        if (!had_history_) adopt_balances(static_cast<VenueId>(v));
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
        executor_->on_event(event, now);
    }
    events_.clear();
}

void TradingHalf::work(Timestamp now)
{
    if (phase_ == Phase::stopped || !begun_.known()) return;
    desk_.on_time(now);
    drain(now);
    for (const LateFill& late : late_) {
        const MarketId market = market_of(late.listing);
        const VenueId venue = parts_.table->listing(late.listing).venue;
        if (index(market) < flags_.size() && phase_ >= Phase::trading)
            flag(market, venue, "a fill came after its order was thought to be over", now);
        flatten_wanted_ |= phase_ == Phase::trading;
    }
    late_.clear();
    ask_clocks(now);
    judge_venues(now);
    switch (phase_) {
        case Phase::connecting:
        case Phase::recovering:
            advance_start(now);
            break;
        case Phase::trading:
            check_balances(now);
            flag_old_unknowns(now);
            if (flatten_wanted_ && executor_->open_count() == 0) {
                flatten_wanted_ = false;
                flatten_markets(now);
            }
            break;
        case Phase::stopping:
            advance_stop(now);
            break;
        case Phase::stopped:
            break;
    }
}

}  // namespace arb
