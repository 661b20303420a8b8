#include "engine/emulate/public_tape.hpp"

#include <algorithm>

#include "engine/base/ensure.hpp"

namespace arb {
namespace {

constexpr std::int64_t kDayMinutes = 24 * 60;

std::int64_t minute_of(Timestamp time)
{
    return time.ns / seconds(60).ns;
}

}  // namespace

PublicTape::PublicTape(const InstrumentTable& table, std::uint64_t first_id)
    : table_(&table), tapes_(table.listings().size()), first_id_(first_id), next_id_(first_id)
{
}

void PublicTape::set_reference(ListingId listing, Price price, Timestamp now)
{
    Tape& tape = tapes_[index(listing)];
    if (tape.reference.units != 0) return;
    tape.reference = price;
    const std::uint64_t behind = std::uint64_t{index(listing)} + 1;
    const Quantity lot = table_->listing(listing).lot;
    const std::optional<Amount> notional = table_->instrument_of(listing).notional(price, lot);
    if (!now.known() || !tape.trades.empty() || behind >= first_id_ || !notional) return;
    Trade before;
    before.listing = listing;
    before.venue_time = now - seconds(2 * kDayMinutes * 60);
    before.price = price;
    before.quantity = lot;
    before.aggressor = Side::sell;
    tape.trades.push_back({first_id_ - behind, before, *notional});
}

void PublicTape::set_reference(ListingId listing, const EmulatedBook& book, Timestamp now)
{
    if (!book.bids.empty()) set_reference(listing, book.bids.front().price, now);
}

void PublicTape::begin(ListingId listing, const EmulatedBook& book, Timestamp now)
{
    if (book.bids.empty() || !trades(listing).empty()) return;
    const Listing& of = table_->listing(listing);
    const Price price = book.bids.front().price;
    set_reference(listing, price);
    (void)add({listing, price, std::max(of.quantity_min, of.lot), Side::sell, now, {}});
}

std::uint64_t PublicTape::add(const Trade& trade)
{
    Tape& tape = tapes_[index(trade.listing)];
    const Instrument& instrument = table_->instrument_of(trade.listing);
    const std::optional<Amount> notional = instrument.notional(trade.price, trade.quantity);
    ENSURE(notional.has_value(), "what traded was an order before, whose notional was checked");
    tape.trades.push_back({next_id_, trade, *notional});
    if (tape.trades.size() > kKept) tape.trades.pop_front();
    const std::int64_t number = minute_of(trade.venue_time);
    while (!tape.minutes.empty() && tape.minutes.front().number < number - kDayMinutes) {
        tape.before = tape.minutes.front().close;
        tape.minutes.pop_front();
    }
    if (tape.minutes.empty() || tape.minutes.back().number < number) {
        Minute fresh;
        fresh.number = number;
        fresh.open = fresh.high = fresh.low = trade.price;
        fresh.first_id = next_id_;
        tape.minutes.push_back(fresh);
    }
    // A clock that was set back: its trades belong to the latest minute there is.
    Minute& minute = tape.minutes.back();
    minute.high = std::max(minute.high, trade.price);
    minute.low = std::min(minute.low, trade.price);
    minute.close = trade.price;
    minute.volume += instrument.amount(trade.quantity);
    minute.turnover += *notional;
    ++minute.trades;
    minute.last_id = next_id_;
    return next_id_++;
}

TapeDay PublicTape::day(ListingId listing, Timestamp now) const
{
    return since(listing, now - seconds(kDayMinutes * 60), now);
}

TapeDay PublicTape::since(ListingId listing, Timestamp begin, Timestamp now) const
{
    const Tape& tape = tapes_[index(listing)];
    TapeDay day;
    day.begin = begin;
    day.end = now;
    Price before = tape.before.units != 0 ? tape.before : tape.reference;
    for (const Minute& minute : tape.minutes) {
        if (minute.number * seconds(60).ns < begin.ns) {
            before = minute.close;
            continue;
        }
        if (day.trades == 0) {
            day.open = day.high = day.low = minute.open;
            day.first_id = minute.first_id;
        }
        day.high = std::max(day.high, minute.high);
        day.low = std::min(day.low, minute.low);
        day.last = minute.close;
        day.volume += minute.volume;
        day.turnover += minute.turnover;
        day.trades += minute.trades;
        day.last_id = minute.last_id;
    }
    if (day.trades == 0) day.open = day.high = day.low = day.last = before;
    if (!tape.trades.empty()) day.last_quantity = tape.trades.back().trade.quantity;
    return day;
}

}  // namespace arb
