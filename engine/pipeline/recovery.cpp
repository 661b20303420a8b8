#include "engine/pipeline/recovery.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb {
namespace {

// Recovery's questions are asked again when no whole answer came for so long.
constexpr Duration kAskAgain = seconds(5);
// Balances that differ are compared so often, so far apart, before trading there stops.
constexpr unsigned kComparisons = 4;
constexpr Duration kCompareAgain = seconds(1);
// A cancel of what an earlier run left resting is sent again after so long.
constexpr Duration kTakeBackAgain = seconds(2);

}  // namespace

Recovery::Recovery(const LiveContext& context, VenueStates& venues, OrderDesk& desk, MoneyRecord& money,
                   OwnersMoney& owners, MarketFlags& flags, StrangerWatch& strangers, RunPhase& phase,
                   const StateRecords& records)
    : context_(context),
      venues_(&venues),
      desk_(&desk),
      money_(&money),
      owners_(&owners),
      flags_(&flags),
      strangers_(&strangers),
      phase_(&phase),
      records_(&records),
      questions_(venues.count())
{
}

bool Recovery::recover(VenueId id, VenueState& state, Timestamp now)
{
    take_back_resting(id, now);
    ask(id, state, now);
    state.recovered = state.orders_known && state.fills_known && state.balances_known &&
                      venues_->fees_known(id) && judge_money(id, state, now);
    if (state.recovered && !state.ready_since.known()) state.ready_since = now;
    return state.recovered;
}

// Whoever made what rests there is gone. While it rests it may be filled, nothing hedges that before trading
// begins, and the money cannot be compared: trading would not begin.
void Recovery::take_back_resting(VenueId id, Timestamp now)
{
    Timestamp& taken_back = questions_[index(id)].taken_back;
    if (phase_->phase() >= Phase::trading || now - taken_back < kTakeBackAgain) return;
    taken_back = now;
    desk_->open().for_each([&](const DeskOrder& view) {
        const bool there = context_.table.listing(view.intent.listing).venue == id;
        if (there && !is_immediate(view.intent.time_in_force)) desk_->cancel(view.id, now);
    });
}

void Recovery::ask(VenueId id, VenueState& state, Timestamp now)
{
    // Balances come last: they must be younger than the fills they are compared with, and nothing may be
    // open that could still change them. Anything that stays without an answer is asked for again.
    Questions& questions = questions_[index(id)];
    const bool money_may_be_asked = state.orders_known && state.fills_known && !desk_->open().any_at(id);
    const bool balances_next = money_may_be_asked && !state.balances_asked;
    if (questions.begun && !balances_next && now - questions.asked < kAskAgain) return;
    const bool first = !questions.begun;
    questions.begun = true;
    questions.asked = now;
    Venue& venue = venues_->venue(id);
    FactSink& sink = venues_->sink(id);
    Outbox& outbox = venues_->outbox();
    if (!state.orders_known) {
        strangers_->runs().begin_list(id);
        venue.query_open_orders(state.listings, now, sink, outbox);
    }
    if (!state.fills_known)
        venue.query_fills(state.listings, venues_->fills_since(id, now), now, sink, outbox);
    if (first || !venues_->fees_known(id)) venue.query_fees(state.listings, now, sink, outbox);
    if (money_may_be_asked && !state.balances_known) money_->ask(id, now);
}

// False: the figures differ and are asked for once more, for a fill may still be on its way.
bool Recovery::judge_money(VenueId id, VenueState& state, Timestamp now)
{
    if (!state.adopted) {
        money_->begin(id, now);
        return true;
    }
    Questions& questions = questions_[index(id)];
    bool equal = money_->equal(id);
    if (!equal && ++questions.comparisons < kComparisons) {
        state.fills_known = state.balances_known = state.balances_asked = false;
        questions.asked = now - kAskAgain + kCompareAgain;
        return false;
    }
    questions.comparisons = 0;
    equal = equal || owners_->explains_comparison(id, now);
    money_->report(id, false, now);
    if (equal) return true;
    for (const ListingId listing : state.listings) {
        const MarketId market = context_.markets.market_of(listing);
        // Once is enough for as long as nobody cleared it.
        if (!flags_->says(market, MoneyRecord::kDiffer)) flags_->raise(market, id, MoneyRecord::kDiffer, now);
    }
    return true;
}

bool Recovery::advance_start(Timestamp now)
{
    bool all = true, any_ready = false;
    venues_->for_each_trading([&](VenueId id, VenueState& state) {
        if (questions_[index(id)].left_out) return;
        const bool open = state.all_open();
        any_ready |= open;
        if (!state.recovered && open && state.may_ask(now)) (void)recover(id, state, now);
        all &= state.recovered;
    });
    if (any_ready && phase_->phase() == Phase::connecting) phase_->set(Phase::recovering, now);
    if (!all && now - begun_ >= context_.limits.start_max) {
        all = true;
        leave_out_late(now);
    }
    // What a venue answered in the very call is judged first.
    return all && strangers_->runs().signs().empty();
}

void Recovery::leave_out_late(Timestamp now)
{
    venues_->for_each_trading([&](VenueId id, VenueState& state) {
        Questions& questions = questions_[index(id)];
        if (state.recovered || questions.left_out) return;
        questions.left_out = true;
        context_.listener.on_note(
            fmt::format("{}: not ready after {} s ({}); left out until it is", records_->label(id),
                        context_.limits.start_max.ns / seconds(1).ns, venues_->why_not(id, now)),
            now);
    });
}

void Recovery::recover_late(Timestamp now)
{
    venues_->for_each_trading([&](VenueId id, VenueState& state) {
        if (!state.recovered && state.all_open() && state.may_ask(now)) (void)recover(id, state, now);
    });
}

void Recovery::ask_missed_fills(Timestamp now)
{
    venues_->for_each_trading([&](VenueId id, VenueState& state) {
        Questions& questions = questions_[index(id)];
        const bool missed = state.is_open(Channel::private_stream) && state.recovered && !state.fills_known;
        if (!missed || now - questions.asked < kAskAgain || !state.may_ask(now)) return;
        questions.asked = now;
        venues_->venue(id).query_fills(state.listings,
                                       std::min(now - VenueStates::kFillsBack, venues_->fills_since(id, now)),
                                       now, venues_->sink(id), venues_->outbox());
    });
}

// In a quiet moment now and then. An order sent in between makes the answers worthless; a difference sends
// the venue through recovery's comparison again.
void Recovery::check_balances(bool quiet, Timestamp now)
{
    if (comparing_) {
        end_comparison(now);
        return;
    }
    if (now - checked_ < context_.limits.check_every || !quiet) return;
    checked_ = now;
    comparing_ = true;
    sent_before_ = desk_->counts().sent;
    venues_->for_each_trading([&](VenueId id, VenueState& state) {
        if (!state.recovered) return;
        state.balances_known = false;
        if (state.may_ask(now)) money_->ask(id, now);
    });
}

void Recovery::end_comparison(Timestamp now)
{
    if (desk_->counts().sent != sent_before_) {
        comparing_ = false;
        return;
    }
    bool whole = true;
    venues_->for_each_trading(
        [&](VenueId, const VenueState& state) { whole &= !state.recovered || state.balances_known; });
    if (!whole && now - checked_ < kAskAgain) return;
    comparing_ = false;
    venues_->for_each_trading([&](VenueId id, VenueState& state) {
        if (state.recovered && state.balances_known) state.recovered = judge_money(id, state, now);
    });
}

void Recovery::flag_old_unknowns(Timestamp now)
{
    desk_->open().for_each([&](const DeskOrder& view) {
        const bool doubtful = view.state == OrderState::unknown || view.state == OrderState::closing;
        if (!doubtful || now - view.sent < context_.limits.unknown_flag) return;
        flags_->raise_first(context_.markets.market_of(view.intent.listing),
                            context_.table.listing(view.intent.listing).venue,
                            "an order's outcome stays unknown", now);
    });
}

}  // namespace arb
