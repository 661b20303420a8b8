#include "engine/pipeline/stranger_watch.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb {
namespace {

// Orders of a run that was taken over are cancelled one by one, and no faster than any venue allows.
constexpr Duration kCancelTakenEvery = milliseconds(200);
// A venue's time of a fill may lie so far before ours.
constexpr Duration kTimesApart = seconds(5);
constexpr const char* kStranger = "somebody else trades on this account";

}  // namespace

// Found while recovering it may be the owner's own order: it is flagged, and nothing of it is touched. But
// nobody uses an id of ours by accident.
void StrangerWatch::on_stranger(const Stranger& stranger, Timestamp now)
{
    if (stranger.listing == kNoListing) return;
    const Listing& listing = context_.table.listing(stranger.listing);
    const VenueId id = listing.venue;
    if (meet_run(stranger, id, now)) return;
    const std::uint32_t epoch = epoch_of(stranger.order);
    context_.listener.on_note(fmt::format("{}: order or fill '{}' in {} was not made by this engine{}",
                                          records_->label(id), stranger.venue_id, listing.symbol,
                                          stranger.our_id ? ", and carries the id of an order that was"
                                          : epoch != 0    ? ", but by run " + run_name(epoch)
                                                          : ""),
                              now);
    const MarketId market = context_.markets.market_of(stranger.listing);
    if (!flags_->raised(market))
        flags_->raise(market, id, "an order or fill at the venue that is not ours", now);
    if (stranger.our_id || phase_->phase() == Phase::trading || runs_.taken(epoch)) met_.push_back(id);
}

bool StrangerWatch::meet_run(const Stranger& stranger, VenueId id, Timestamp now)
{
    const std::uint32_t epoch = epoch_of(stranger.order);
    if (stranger.our_id || stranger.order == kForeignOrder) return false;
    if (!start_refusals_.empty()) return true;
    VenueState& state = venues_->of(id);
    const Duration ahead = state.clock.known() ? state.clock.offset() : Duration{};
    if (runs_.taken(epoch)) {
        // What comes after the venue was found in order is news: that run lives.
        const bool before = !stranger.works && stranger.time.known() &&
                            stranger.time < state.ready_since + ahead - kTimesApart;
        if (state.ready_since.known() && !before) return false;
        if (stranger.works) {
            runs_.add_order(id, stranger.order, stranger.listing, stranger.venue_id);
            // The money is asked for when they are gone.
            state.orders_known = state.balances_known = state.balances_asked = false;
        }
        if (runs_.first_at(id)) {
            context_.listener.on_note(
                fmt::format("{}: what run {} did here is not ours: it was taken over; its orders are "
                            "cancelled, its fills are not counted and what they left is not closed",
                            records_->label(id), run_name(epoch)),
                now);
        }
        return true;
    }
    if (phase_->phase() >= Phase::trading || cleans_up_) return false;
    if (stranger.works) {
        runs_.see_order(id, epoch);
        return true;
    }
    const Duration age = stranger.time.known() ? now + ahead - stranger.time : Duration{};
    if (age >= ForeignRuns::kYoung) return false;
    runs_.see_fill(id, epoch, age);
    return true;
}

void StrangerWatch::halt(Timestamp now)
{
    for (const VenueId id : met_) venues_->halt(id, kStranger, now);
    met_.clear();
}

bool StrangerWatch::refuse_start(Timestamp now)
{
    if (runs_.signs().empty() || phase_->phase() >= Phase::trading) return false;
    for (const ForeignRuns::Sign& sign : runs_.signs()) {
        start_refusals_.push_back(ForeignRuns::text(sign, records_->label(sign.venue)));
        context_.listener.on_note(
            fmt::format("{}: another engine trades on this account: the start is refused, nothing is sent",
                        records_->label(sign.venue)),
            now);
    }
    phase_->set(Phase::stopped, now);
    return true;
}

// Never all orders at once: the account may hold its owner's own.
void StrangerWatch::cancel_taken_orders(Timestamp now)
{
    if (phase_->phase() > Phase::trading) return;
    cancelled_one_.resize(venues_->count());
    venues_->for_each_trading([&](VenueId id, VenueState& state) {
        Timestamp& cancelled = cancelled_one_[index(id)];
        if (state.ready_since.known() || !state.is_open(Channel::order_entry) || !state.may_ask(now)) return;
        if (now - cancelled < kCancelTakenEvery) return;
        ForeignRuns::Order* const next = runs_.to_cancel(id, now);
        if (next == nullptr) return;
        next->cancelled = cancelled = now;
        // The answer may come in the call itself, and change the table.
        const ForeignRuns::Order order = *next;
        context_.risk.pace().on_request(id, now);
        venues_->venue(id).cancel_order({order.id, order.listing, order.venue_id, {}}, now, venues_->sink(id),
                                        venues_->outbox());
    });
}

}  // namespace arb
