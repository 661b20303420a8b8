#pragma once
// What is remembered of an account between its messages: which orders of ours the venue's numbers mean, and
// the positions, which in hedge mode come as two. Shared by the decoders of events and of replies; core
// thread, no allocation after the start, no errors.
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/hash.hpp"
#include "engine/venue/venue.hpp"

namespace arb::binance {

/// Which of our orders carries a number of the venue: replies that list trades name nothing else. A cache of
/// fixed size; what it has lost is asked for again.
class KnownOrders {
  public:
    KnownOrders() : rows_(512) {}
    void put(std::int64_t venue_id, OrderId order)
    {
        Row& row = rows_[place(venue_id)];
        for (Entry& entry : row.entries) {
            if (entry.venue_id == venue_id) {
                entry.order = order;
                return;
            }
        }
        row.entries[row.oldest++ % row.entries.size()] = {venue_id, order};
    }
    /// kForeignOrder for a stranger's order; empty: never heard.
    std::optional<OrderId> find(std::int64_t venue_id) const
    {
        for (const Entry& entry : rows_[place(venue_id)].entries) {
            if (entry.venue_id == venue_id) return entry.order;
        }
        return std::nullopt;
    }

  private:
    struct Entry {
        std::int64_t venue_id = -1;
        OrderId order = kForeignOrder;
    };
    struct Row {
        std::array<Entry, 8> entries{};
        std::size_t oldest = 0;
    };
    std::size_t place(std::int64_t id) const { return mix(static_cast<std::uint64_t>(id)) % rows_.size(); }
    std::vector<Row> rows_;
};

class KnownPositions {
  public:
    explicit KnownPositions(const InstrumentTable& table) : table_(&table), rows_(table.listings().size()) {}

    /// A list of all positions begins: what is known of them is forgotten.
    void forget() { rows_.assign(rows_.size(), {}); }
    /// One of the venue's words for the side of a position.
    static bool is_side(std::string_view side)
    {
        return side.empty() || side == "BOTH" || side == "LONG" || side == "SHORT";
    }
    void put(ListingId listing, std::string_view side, Amount size)
    {
        Position& row = rows_[index(listing)];
        (side == "LONG" ? row.long_side : side == "SHORT" ? row.short_side : row.both) = size;
        hear_side(side);
    }
    /// The long and the short position of a listing as one.
    void report(ListingId listing, ReportSource source, Timestamp time, FactSink& sink) const
    {
        const Position& position = rows_[index(listing)];
        BalanceReport report;
        report.asset = table_->instrument_of(listing).name;
        report.total = position.both + position.long_side + position.short_side;
        report.has_total = true;
        report.source = source;
        report.venue_time = time;
        sink.on_balance_report(report);
    }

    /// An order or position of that side was heard of.
    void hear_side(std::string_view side) { hedge_heard_ |= side == "LONG" || side == "SHORT"; }
    /// True once after one of an account in hedge mode was heard of.
    bool take_hedge() { return std::exchange(hedge_heard_, false); }

  private:
    // An account in one-way mode fills `both`, one in hedge mode the two others.
    struct Position {
        Amount both, long_side, short_side;
    };
    const InstrumentTable* table_;
    std::vector<Position> rows_;  ///< by listing
    bool hedge_heard_ = false;
};

struct AccountMemory {
    explicit AccountMemory(const InstrumentTable& table) : positions(table) {}
    KnownOrders orders;
    KnownPositions positions;
};

}  // namespace arb::binance
