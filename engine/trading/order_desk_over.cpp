// OrderDesk and orders that are over: what is kept of them, words that contradict their end, and orders or
// fills of somebody else under their ids.
#include <algorithm>

#include "engine/trading/order_desk.hpp"

namespace arb {
namespace {

// News of an order may overtake each other; what a venue says so long after the end is no old news.
constexpr Duration kOldNews = seconds(10);

bool is_alive(const OrderReport& report)
{
    return report.status == OrderStatus::working || report.status == OrderStatus::pending;
}

}  // namespace

void OrderDesk::VenueId64::set(std::string_view id)
{
    const bool plain = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (id.empty() || id.size() > text.size() || !plain) return;
    std::copy(id.begin(), id.end(), text.begin());
    size = static_cast<std::uint8_t>(id.size());
}

std::size_t OrderDesk::place_of_ended(OrderId id) const
{
    if (id == kForeignOrder) return kEndedKept;
    return static_cast<std::size_t>(std::find(ended_.begin(), ended_.end(), id) - ended_.begin());
}

void OrderDesk::keep_ended(const Entry& entry, Timestamp now)
{
    // Only one that was over before has a place already.
    std::size_t place = entry.reopened || !now.known() ? place_of_ended(entry.id) : kEndedKept;
    if (place == kEndedKept) place = ended_at_++ % kEndedKept;
    ended_[place] = entry.id;
    Over& over = over_[place];
    over.id = entry.id;
    over.intent = entry.intent;
    over.sent = entry.sent;
    over.ended = now;
    over.counted = entry.counted;
    over.absent = entry.absent && entry.word == Word::none;
    over.contradicted = entry.contradicted;
    over.venue_id = entry.venue_id;
}

bool OrderDesk::made_here(OrderId order) const
{
    if (order == kForeignOrder) return false;
    const std::uint32_t epoch = epoch_of(order);
    // Two engines whose epochs are the same by chance are told apart by what was sent.
    if (own_epoch_ != 0 && epoch == own_epoch_) return counter_of(order) <= last_sent_;
    return std::find(epochs_.begin(), epochs_.end(), epoch) != epochs_.end();
}

std::string_view OrderDesk::ended_venue_id(OrderId order) const
{
    // Asked for when it has just ended: the newest first.
    for (std::size_t i = 1; i <= kEndedKept; ++i) {
        const std::size_t place = (ended_at_ + kEndedKept - i) % kEndedKept;
        if (ended_[place] == order) return over_[place].venue_id.view();
    }
    return {};
}

void OrderDesk::tell_stranger(const OrderReport& report, bool our_id, Timestamp now)
{
    ++counts_.strangers;
    listener_->on_stranger(
        {report.listing, report.order, report.venue_id, our_id, is_alive(report), report.venue_time}, now);
}

void OrderDesk::contradict(bool& told, OrderId order, ListingId listing, const char* what, Timestamp now,
                           bool money)
{
    if (told) return;
    told = true;
    ++counts_.contradictions;
    listener_->on_contradiction(order, listing, what, money, now);
}

// What cannot be true together with what the venue said of this open order before; null: nothing.
const char* OrderDesk::contradiction(const Entry& entry, const OrderReport& report) const
{
    const bool terminal = report.status == OrderStatus::filled || report.status == OrderStatus::cancelled;
    if (report.status == OrderStatus::rejected)
        return entry.counted.zero() ? nullptr : "it is called rejected, and fills of it came";
    if (!report.has_filled) return nullptr;
    if (report.filled > entry.intent.quantity) return "more of it is called filled than was ordered";
    if (report.status == OrderStatus::filled && report.filled < entry.intent.quantity)
        return "it is called filled, and its total is less";
    // A total told on the way may be old news, a final one never.
    if (terminal && report.filled < std::max(entry.total, entry.counted)) return "its total became less";
    if (entry.told && report.filled > entry.total) return "its total grew after the end";
    return nullptr;
}

void OrderDesk::on_report_of_ended(const OrderReport& report, Timestamp now)
{
    if (report.status == OrderStatus::absent) return;
    const bool alive = is_alive(report);
    const std::size_t place = place_of_ended(report.order);
    if (place == kEndedKept) {
        // One of an earlier run that is known to be over, or somebody else's.
        if (alive) tell_stranger(report, made_here(report.order), now);
        return;
    }
    Over& over = over_[place];
    const bool more = report.has_filled && report.filled > over.counted;
    if (over.venue_id.differs(report.venue_id)) {
        if (alive || more || report.status == OrderStatus::filled) tell_stranger(report, true, now);
        return;
    }
    if (over.intent.quantity.zero()) return;
    const bool whole = report.status == OrderStatus::filled && over.counted < over.intent.quantity;
    // News overtake each other, so an order that ended by its own word is not alive for a while yet.
    const bool back = alive && (over.absent || now - over.ended > kOldNews);
    // The same news once more.
    if (!alive && !more && !whole && over.venue_id.size == 0) over.venue_id.set(report.venue_id);
    if (!more && !whole && !back) return;
    contradict(over.contradicted, over.id, report.listing,
               back ? "it was over, and works" : "it was over, and more of it is called filled", now);
    reopen(over, report, now);
}

// As if its outcome had never been known: reserved at the worst, its fills and its end asked for.
void OrderDesk::reopen(Over& over, const OrderReport& report, Timestamp now)
{
    if (full()) {
        roads_->query_fills(over.intent.listing, over.sent - seconds(5), now);
        return;
    }
    ++counts_.reopened;
    --counts_.ended;
    Entry& entry = take_slot();
    entry.id = over.id;
    entry.intent = over.intent;
    entry.venue = table_->listing(over.intent.listing).venue;
    entry.sent = over.sent;
    entry.doubted = now;
    entry.state = OrderState::unknown;
    entry.counted = over.counted;
    entry.total = report.has_filled ? report.filled : over.counted;
    entry.reopened = entry.contradicted = true;
    entry.venue_id = over.venue_id;
    entry.venue_id.set(report.venue_id);
    OrderIntent left = over.intent;
    left.quantity = std::max(entry.intent.quantity, entry.total) - entry.counted;
    listener_->on_order_state(entry.id, entry.state, entry.reason, entry.counted, now);
    listener_->on_reopened(entry.id, left, now);
    ask_at(entry, now);
    if (is_alive(report)) roads_->cancel(reference(entry), now);
    note_word(entry, report, now);
}

// What was ordered is filled and counted: the package goes on. A venue that says of more is asked for that.
void OrderDesk::finish_whole(Entry& entry, Timestamp now)
{
    OrderReport report;
    report.order = entry.id;
    report.listing = entry.intent.listing;
    report.status = OrderStatus::filled;
    report.has_filled = true;
    report.filled = entry.total;
    const bool more = entry.total > entry.counted;
    finish(entry, OrderEventKind::done, now);
    const std::size_t place = more ? place_of_ended(report.order) : kEndedKept;
    if (place != kEndedKept) reopen(over_[place], report, now);
}

// Somebody else's: not made by us, made under an epoch that this log never had, or under an id of ours and
// not that order.
bool OrderDesk::strange_fill(const FillReport& report, std::uint64_t key, Timestamp now)
{
    const bool ours = made_here(report.order);
    bool strange = !ours;
    if (ours && !report.venue_id.empty()) {
        const Entry* const entry = find(report.order);
        const std::size_t place = entry == nullptr ? place_of_ended(report.order) : kEndedKept;
        strange = entry != nullptr      ? entry->venue_id.differs(report.venue_id)
                  : place != kEndedKept ? over_[place].venue_id.differs(report.venue_id)
                                        : false;
    }
    TradeMemory::Trade trade;
    trade.key = key;
    if (strange && strangers_.remember(trade, [](OrderId) { return false; })) {
        ++counts_.strangers;
        listener_->on_stranger(
            {report.listing, report.order, report.venue_id, ours, false, report.venue_time}, now);
    }
    return strange;
}

void OrderDesk::on_known_fill(const FillReport& report, std::uint64_t key, Timestamp now)
{
    ++counts_.duplicate_fills;
    if (!trades_.contradicts(key, report.quantity)) return;
    Entry* const entry = find(report.order);
    const std::size_t place = entry == nullptr ? place_of_ended(report.order) : kEndedKept;
    bool told = false;
    bool& once = entry != nullptr      ? entry->contradicted
                 : place != kEndedKept ? over_[place].contradicted
                                       : told;
    contradict(once, report.order, report.listing, "one trade of it came with two quantities", now, false);
}

void OrderDesk::restore_end(OrderId order, std::string_view venue_id)
{
    Entry* entry = find(order);
    if (entry == nullptr) return;
    entry->venue_id.set(venue_id);
    // When it ended is not kept: long ago.
    keep_ended(*entry, {});
    entry->used = false;
    --open_count_;
    --counts_.unknown;
}

void OrderDesk::restore_over(OrderId order, std::string_view venue_id)
{
    know_epoch(epoch_of(order));
    Entry entry;
    entry.id = order;
    entry.venue_id.set(venue_id);
    keep_ended(entry, {});
}

}  // namespace arb
