// OrderDesk's questions to the venues, and what an earlier run left to it.
#include <algorithm>

#include "engine/trading/order_desk.hpp"

namespace arb {
namespace {

// How far a venue's time of a fill may lie before our time of sending.
constexpr Duration kClocksApart = seconds(5);
// A list of fills that was asked for so long ago will not come. Until then it is not asked for again: a long
// list takes its time where questions are scarce, and every further one would queue behind it.
constexpr Duration kFillsMost = seconds(20);

}  // namespace

void OrderDesk::ask(Entry& entry, Timestamp now)
{
    ++counts_.queries;
    entry.ask_at = {};
    entry.pause = {std::clamp(entry.pause.ns * 2, limits_.query_first.ns, limits_.query_most.ns)};
    // Whatever is still missing after this answer is asked for again.
    ask_at(entry, now + entry.pause);
    const bool silent = is_immediate(entry.intent.time_in_force) ? entry.state != OrderState::working
                                                                 : entry.state == OrderState::sent;
    if (entry.word == Word::none && entry.state != OrderState::unknown && silent) {
        doubt(entry, now);
        entry.ask_at = {};
        ask_at(entry, now + entry.pause);
    }
    const bool missing_fills = entry.word != Word::none || entry.absent || entry.counted < entry.total;
    if (missing_fills && !entry.asking_fills) {
        entry.asking_fills = true;
        entry.fills_asked = now;
        // A little before it was sent: the venue's clock is not ours.
        roads_->query_fills(entry.intent.listing, entry.sent - kClocksApart, now);
    }
    // Told absent when it could not arrive any more: only its fills are still to be proven. Where questions
    // are scarce, asking for more would keep that answer back.
    if (entry.word == Word::none && !entry.absent_for_good) roads_->query_order(reference(entry), now);
}

void OrderDesk::ask_early(OrderId order, Timestamp now)
{
    const Entry* entry = find(order);
    // Once its outcome is unknown it is asked about in its turn.
    if (entry == nullptr || entry->word != Word::none || entry->state == OrderState::unknown) return;
    ++counts_.queries;
    roads_->query_order(reference(*entry), now);
}

bool OrderDesk::open_at(VenueId venue) const
{
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const Entry& entry) { return entry.used && entry.venue == venue; });
}

bool OrderDesk::doubtful_at(VenueId venue) const
{
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        if (!entry.used || entry.venue != venue) return false;
        // One that rests and is asked about may be gone: a cancel of it was refused, say.
        const bool asked = entry.ask_at.known() && !is_immediate(entry.intent.time_in_force);
        return entry.state == OrderState::unknown || entry.state == OrderState::closing || asked;
    });
}

void OrderDesk::on_time(Timestamp now)
{
    for (Entry& entry : entries_) {
        if (!entry.used || !entry.ask_at.known() || entry.ask_at > now) continue;
        if (now - entry.fills_asked >= kFillsMost) entry.asking_fills = false;
        ask(entry, now);
    }
}

void OrderDesk::on_channel(VenueId venue, Channel channel, bool ready, Timestamp now)
{
    if (channel != Channel::private_stream && !ready) return;  // the connector ends what was in flight there
    for (Entry& entry : entries_) {
        if (!entry.used || entry.venue != venue) continue;
        entry.pause = {};
        ask_at(entry, now + limits_.query_first);
    }
}

std::size_t OrderDesk::unknown_count() const
{
    return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [](const Entry& e) {
        return e.used && (e.state == OrderState::unknown || e.state == OrderState::closing);
    }));
}

void OrderDesk::know_epoch(std::uint32_t epoch)
{
    if (std::find(epochs_.begin(), epochs_.end(), epoch) == epochs_.end()) epochs_.push_back(epoch);
}

void OrderDesk::restore(OrderId order, const OrderIntent& intent, Timestamp sent)
{
    know_epoch(epoch_of(order));
    Entry& entry = take_slot();
    entry.id = order;
    entry.intent = intent;
    entry.venue = table_->listing(intent.listing).venue;
    entry.sent = entry.doubted = sent;
    entry.state = OrderState::unknown;
    entry.was_unknown = true;
    ++counts_.unknown;
    entry.ask_at = sent;  // due at the first chance
}

void OrderDesk::restore_trade(const TradeMemory::Trade& trade, bool time_known)
{
    if (trade.key == 0) return;
    (void)remember(trade);
    if (time_known && trade.venue != kNoVenue)
        counted_[index(trade.venue)] = std::max(counted_[index(trade.venue)], trade.time);
}

void OrderDesk::restore_watermark(VenueId venue, Timestamp watermark, Timestamp floor)
{
    watermarks_[index(venue)] = std::max(watermarks_[index(venue)], watermark);
    trades_.raise_floor(venue, floor);
}

Timestamp OrderDesk::watermark(VenueId venue) const
{
    Timestamp latest = counted_[index(venue)];
    // What an open order did may still be unknown, from its first moment on.
    for (const Entry& entry : entries_) {
        if (entry.used && entry.venue == venue) latest = std::min(latest, entry.sent - kClocksApart);
    }
    return std::max(latest, watermarks_[index(venue)]);
}

void OrderDesk::restore_fill(OrderId order, Quantity quantity)
{
    if (Entry* entry = find(order)) entry->counted = entry->counted + quantity;
}

}  // namespace arb
