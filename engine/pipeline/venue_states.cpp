#include "engine/pipeline/venue_states.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/pipeline/foreign_runs.hpp"

namespace arb {
namespace {

// A venue that did not say that it cancelled all is asked again so often.
constexpr Duration kCancelAgain = seconds(2);
// Never fills of earlier than this: venues keep days, not years.
constexpr Duration kFillsBackMost = seconds(7 * 86'400);
// Asked for from so long before the watermark: venues round, and cut off at or after the time they are asked
// for.
constexpr Duration kWatermarkOverlap = seconds(1);

}  // namespace

bool VenueState::all_open() const
{
    return std::all_of(ready.begin(), ready.end(), [](bool open) { return open; });
}

VenueStates::VenueStates(const LiveContext& context, const Parts& parts, StateRecords& records)
    : context_(context), parts_(parts), records_(&records), states_(context.table.venue_count())
{
    for (const Listing& listing : context_.table.listings())
        states_[index(listing.venue)].listings.push_back(listing.id);
    for (std::size_t v = 0; v < states_.size(); ++v)
        states_[v].trading = v < parts_.has_credentials->size() && (*parts_.has_credentials)[v];
}

void VenueStates::on_channel(VenueId id, Channel channel, bool ready, Timestamp now)
{
    VenueState& state = of(id);
    state.ready[static_cast<std::size_t>(channel)] = ready;
    // What happened while nobody listened is asked for.
    if (ready && channel == Channel::private_stream && state.recovered) state.fills_known = false;
    context_.listener.on_channel(id, channel, ready, now);
}

void VenueStates::on_clock_sample(VenueId id, Timestamp venue_time, Timestamp sent, Timestamp received,
                                  Timestamp now)
{
    VenueState& state = of(id);
    const bool first = !state.clock.known();
    state.clock.add(venue_time, sent, received);
    const Duration offset = state.clock.offset();
    venue(id).set_clock_offset(offset);
    const Duration size{offset.ns < 0 ? -offset.ns : offset.ns};
    if (first && size > context_.limits.clock_doubt) {
        context_.listener.on_note(
            fmt::format("{}: its clock is {} ms {} ours; synchronise this machine's (NTP)",
                        records_->label(id), size.ns / 1'000'000, offset.ns < 0 ? "behind" : "ahead of"),
            now);
    }
}

void VenueStates::on_fee_report(const FeeReport& report)
{
    if (!parts_.fees_known.empty()) parts_.fees_known[index(report.listing)] = true;
    // Assumed fees that are lower than the venue's would make edges of nothing.
    context_.risk.fees().set_taker(report.listing, report.taker);
    context_.risk.fees().set_maker(report.listing, report.maker);
}

void VenueStates::on_request_end(VenueId id, const RequestEnd& end, Timestamp now)
{
    VenueState& state = of(id);
    const bool whole = end.outcome == Outcome::done && end.complete;
    if (end.kind == RequestKind::open_orders) state.orders_known = whole;
    if (end.kind == RequestKind::fills) state.fills_known = whole;
    if (end.kind == RequestKind::balances) state.balances_known = whole;
    if (end.kind == RequestKind::cancel_all && whole) state.cancel_wanted = false;
    if (end.outcome == Outcome::rate_limited || end.outcome == Outcome::banned) {
        const Duration least = end.outcome == Outcome::banned ? seconds(60) : seconds(1);
        const Duration pause = end.retry_after.ns > 0 ? end.retry_after : least;
        state.shut_until = std::max(state.shut_until, now + pause);
        context_.listener.on_note(
            fmt::format("{}: {} ({}); nothing new is sent there for {} ms", records_->label(id),
                        name(end.outcome), end.text, pause.ns / 1'000'000),
            now);
    }
}

bool VenueStates::fees_known(VenueId id) const
{
    const std::vector<ListingId>& listings = of(id).listings;
    return parts_.fees_known.empty() || std::all_of(listings.begin(), listings.end(), [&](ListingId l) {
               return bool{parts_.fees_known[index(l)]};
           });
}

void VenueStates::ask_fees(Timestamp now)
{
    for_each_trading([&](VenueId id, VenueState& state) {
        if (state.recovered && state.may_ask(now))
            venue(id).query_fees(state.listings, now, sink(id), outbox());
    });
}

void VenueStates::ask_clocks(Timestamp now)
{
    for_each_trading([&](VenueId id, VenueState& state) {
        if (!state.is_open(Channel::order_entry) || !state.may_ask(now)) return;
        // The first samples come quickly, so that the estimate soon rests on several.
        const bool soon = !state.clock.known() || state.clock.doubted();
        const Duration every = soon ? seconds(2) : context_.limits.clock_every;
        if (state.clock_asked.known() && now - state.clock_asked < every) return;
        state.clock_asked = now;
        venue(id).query_time(now, sink(id), outbox());
    });
}

Timestamp VenueStates::fills_since(VenueId id, Timestamp now) const
{
    const VenueState& state = of(id);
    // No fill of before our record can be ours, but whoever else trades here shows.
    Timestamp since = now - (state.adopted ? kFillsBack : ForeignRuns::kYoung);
    if (state.watermark.known())
        since = state.watermark - kWatermarkOverlap;
    else if (state.fills_since.known())
        since = std::min(since, state.fills_since - kFillsBack);
    return std::max(since, now - kFillsBackMost);
}

void VenueStates::cancel_all(VenueId id, Timestamp now)
{
    VenueState& state = of(id);
    state.cancel_wanted = true;
    if (!state.is_open(Channel::order_entry)) return;
    state.cancel_asked = now;
    venue(id).cancel_all(state.listings, now, sink(id), outbox());
}

void VenueStates::send_cancels(Timestamp now)
{
    for_each_trading([&](VenueId id, VenueState& state) {
        if (state.cancel_wanted && state.may_ask(now) && now - state.cancel_asked >= kCancelAgain)
            cancel_all(id, now);
    });
}

void VenueStates::halt(VenueId id, const char* why, Timestamp now)
{
    VenueState& state = of(id);
    if (*state.halted != '\0') return;
    state.halted = why;
    context_.risk.set_venue_stopped(id, true);
    context_.listener.on_note(
        fmt::format("ALARM {}: {}; nothing new is risked there, its orders are being cancelled",
                    records_->label(id), why),
        now);
    // Strangers' orders too: whoever placed them used this account's keys.
    cancel_all(id, now);
    context_.listener.on_halt(id, why, now);
}

const char* VenueStates::why_not(VenueId id, Timestamp now) const
{
    const VenueState& state = of(id);
    if (*state.halted != '\0') return state.halted;
    if (state.key_trouble) return "the venue refused the key";
    if (now < state.shut_until) return "the venue told us to wait";
    if (!state.is_open(Channel::order_entry)) return "order entry is down";
    if (!state.is_open(Channel::private_stream)) return "the private stream is down";
    if (!state.clock.known()) return "the venue's clock is not known";
    if (state.clock.farthest() > context_.limits.clock_stop) return "the clocks are more than a second apart";
    if (!fees_known(id)) return "its fees are not known; give it taker_fee_bps";
    if (!state.recovered) return "not recovered";
    return "";
}

void VenueStates::judge(bool tell, Timestamp now)
{
    for_each_trading([&](VenueId id, VenueState& state) {
        const char* why = why_not(id, now);
        const bool stopped = *why != '\0';
        if (std::string_view(why) != state.why && tell) {
            context_.listener.on_note(stopped ? fmt::format("{}: no new risk: {}", records_->label(id), why)
                                              : fmt::format("{}: ready", records_->label(id)),
                                      now);
        }
        state.why = why;
        context_.risk.set_venue_stopped(id, stopped);
    });
}

VenueView VenueStates::view(VenueId id) const
{
    const VenueState& state = of(id);
    VenueView view;
    view.trading = state.trading;
    view.order_entry = state.is_open(Channel::order_entry);
    view.private_stream = state.is_open(Channel::private_stream);
    view.recovered = state.recovered;
    view.clock_known = state.clock.known();
    if (view.clock_known) view.clock_offset = state.clock.offset();
    view.stopped = context_.risk.venue_stopped(id);
    view.why = state.why;
    return view;
}

}  // namespace arb
