// Runs of somebody else's on our accounts, seen at a start: one that may live refuses it before anything is
// sent; of one that the owner says is over, the orders are cancelled and the fills are nobody's.
#include <algorithm>

#include <fmt/format.h>

#include "engine/pipeline/trading_half.hpp"

namespace arb {
namespace {

// Orders of a run that was taken over are cancelled one by one, and no faster than any venue allows.
constexpr Duration kCancelTakenEvery = milliseconds(200);
// A venue's time of a fill may lie so far before ours.
constexpr Duration kTimesApart = seconds(5);

}  // namespace

bool TradingHalf::meet_foreign_run(const Stranger& stranger, VenueId id, Timestamp now)
{
    const std::uint32_t epoch = epoch_of(stranger.order);
    if (stranger.our_id || stranger.order == kForeignOrder) return false;
    if (!start_refusals_.empty()) return true;
    VenueState& state = venues_[index(id)];
    const Duration ahead = state.clock.known() ? state.clock.offset() : Duration{};
    if (foreign_.taken(epoch)) {
        // What comes after the venue was found in order is news: that run lives.
        const bool before = !stranger.works && stranger.time.known() &&
                            stranger.time < state.ready_since + ahead - kTimesApart;
        if (state.ready_since.known() && !before) return false;
        if (stranger.works) {
            foreign_.add_order(id, stranger.order, stranger.listing, stranger.venue_id);
            // The money is asked for when they are gone.
            state.orders_known = state.balances_known = state.balances_asked = false;
        }
        if (foreign_.first_at(id)) {
            note(fmt::format("{}: what run {} did here is not ours: it was taken over; its orders are "
                             "cancelled, its fills are not counted and what they left is not closed",
                             lines_.label(id), run_name(epoch)),
                 now);
        }
        return true;
    }
    if (phase_ >= Phase::trading || cleans_up_) return false;
    if (stranger.works) {
        foreign_.see_order(id, epoch);
        return true;
    }
    const Duration age = stranger.time.known() ? now + ahead - stranger.time : Duration{};
    if (age >= ForeignRuns::kYoung) return false;
    foreign_.see_fill(id, epoch, age);
    return true;
}

bool TradingHalf::refuse_start(Timestamp now)
{
    if (foreign_.signs().empty() || phase_ >= Phase::trading) return false;
    for (const ForeignRuns::Sign& sign : foreign_.signs()) {
        start_refusals_.push_back(ForeignRuns::text(sign, lines_.label(sign.venue)));
        note(fmt::format("{}: another engine trades on this account: the start is refused, nothing is sent",
                         lines_.label(sign.venue)),
             now);
    }
    set_phase(Phase::stopped, now);
    return true;
}

// Never all orders at once: the account may hold its owner's own.
void TradingHalf::cancel_taken_orders(Timestamp now)
{
    for (std::size_t v = 0; v < venues_.size() && phase_ <= Phase::trading; ++v) {
        VenueState& state = venues_[v];
        const auto id = static_cast<VenueId>(v);
        const bool road = state.ready[static_cast<std::size_t>(Channel::order_entry)];
        if (!state.trading || state.ready_since.known() || !road || !may_ask(state, now)) continue;
        if (now - state.cancelled_one < kCancelTakenEvery) continue;
        ForeignRuns::Order* const next = foreign_.to_cancel(id, now);
        if (next == nullptr) continue;
        next->cancelled = state.cancelled_one = now;
        // The answer may come in the call itself, and change the table.
        const ForeignRuns::Order order = *next;
        parts_.risk->on_request(id, now);
        venue(id).cancel_order({order.id, order.listing, order.venue_id, {}}, now, *parts_.sink,
                               *parts_.outbox);
    }
}

}  // namespace arb
