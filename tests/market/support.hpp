#pragma once
// What the tests of books share: a small table of instruments, updates written in one line, the naive model
// of a book. Only for tests, one thread; prices and quantities are in the instrument's units.
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/hash.hpp"
#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/base/sequence_rule.hpp"

namespace arb::test {

inline ListingDefinition definition(std::string symbol, const char* tick, const char* lot)
{
    ListingDefinition d;
    d.market = "spot";
    d.symbol = std::move(symbol);
    d.base = "BTC";
    d.quote = "USDT";
    d.tick = *Decimal::parse(tick);
    d.lot = *Decimal::parse(lot);
    return d;
}

inline InstrumentTable one_listing(const char* tick = "1", const char* lot = "1")
{
    return InstrumentTable::build({{{"one", ""}, {definition("A", tick, lot)}}}).take();
}

/// So long after 1970.
inline Timestamp time_ms(std::int64_t ms)
{
    return Timestamp{} + milliseconds(ms);
}

using Levels = std::vector<Level>;

inline Level level(std::int64_t price, std::int64_t quantity)
{
    return {{price}, {quantity}};
}

/// An update that owns its levels. Build it from left to right: delta(5, 7).bid(99, 1).at(3).
struct Message {
    BookUpdate update;
    Levels bids, asks;

    Message& bid(std::int64_t price, std::int64_t quantity)
    {
        return bids.push_back(level(price, quantity)), *this;
    }
    Message& ask(std::int64_t price, std::int64_t quantity)
    {
        return asks.push_back(level(price, quantity)), *this;
    }
    Message& at(std::int64_t ms) { return update.receive_time = time_ms(ms), *this; }
    Message& venue_time(std::int64_t ms) { return update.venue_time = time_ms(ms), *this; }
    Message& of(ListingId listing) { return update.listing = listing, *this; }
    Message& depth(std::uint32_t levels) { return update.depth = levels, *this; }
    Message& previous(std::uint64_t sequence)
    {
        update.has_previous = true;
        update.sequence_previous = sequence;
        return *this;
    }
    Message& checksum(std::uint32_t value)
    {
        update.has_checksum = true;
        update.checksum = value;
        return *this;
    }
    BookUpdate view() const
    {
        BookUpdate result = update;
        result.bids = bids;
        result.asks = asks;
        return result;
    }
};

inline Message delta(std::uint64_t first, std::uint64_t last)
{
    Message message;
    message.update.listing = ListingId{0};
    message.update.sequence_first = first;
    message.update.sequence_last = last;
    return message.at(1);
}

/// A snapshot with one level a side, 100 at 101.
inline Message snapshot(std::uint64_t last)
{
    Message message = delta(0, last);
    message.update.snapshot = true;
    return message.bid(100, 5).ask(101, 5);
}

/// The book as anybody would write it first: two maps.
struct NaiveBook {
    std::map<std::int64_t, std::int64_t> bids, asks;

    static void set(std::map<std::int64_t, std::int64_t>& side, const Level& l)
    {
        if (l.quantity.zero())
            side.erase(l.price.units);
        else
            side[l.price.units] = l.quantity.units;
    }
    void apply(const Levels& bid_levels, const Levels& ask_levels)
    {
        for (const Level& l : bid_levels) set(bids, l);
        for (const Level& l : ask_levels) set(asks, l);
    }
    void truncate(std::size_t depth)
    {
        while (bids.size() > depth) bids.erase(bids.begin());
        while (asks.size() > depth) asks.erase(std::prev(asks.end()));
    }
    /// As OrderBook::hash documents it: sizes and levels, worst to best.
    std::uint64_t hash() const
    {
        Hash hash;
        hash.add(bids.size());
        for (const auto& [price, quantity] : bids) {
            hash.add_signed(price);
            hash.add_signed(quantity);
        }
        hash.add(asks.size());
        for (auto at = asks.rbegin(); at != asks.rend(); ++at) {
            hash.add_signed(at->first);
            hash.add_signed(at->second);
        }
        return hash.value();
    }
};

}  // namespace arb::test
