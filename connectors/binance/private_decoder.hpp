#pragma once
// Binance's words about an account to facts: events of the private stream (executionReport,
// ORDER_TRADE_UPDATE, account changes), and the order, trade, balance and fee objects of replies. Called by
// Account on the core thread with parsed objects; a fact is handed on only when its object was read whole.
// What cannot be read is told by on_undecoded and a false result. No allocation, nothing throws.
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/binance/decoder.hpp"
#include "connectors/binance/private_fields.hpp"
#include "engine/base/client_order_id.hpp"
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

/// What an event meant for the session rather than for an account.
enum class PrivateEvent : std::uint8_t { none, shutdown, key_expired, stream_ended };

class PrivateDecoder {
  public:
    using Object = simdjson::dom::object;
    using Array = simdjson::dom::array;

    PrivateDecoder(const VenueSetup& setup, Market market);

    PrivateEvent event(const Object& event, ConnectionId connection, FactSink& sink);

    /// An order object of a reply: place, cancel, query, open orders. With FULL also its fills.
    bool order(const Object& object, ReportSource source, FactSink& sink);
    /// A trade of myTrades or userTrades, of that order of ours; `id` is the venue's number of the trade.
    bool trade(const Object& object, OrderId order, FactSink& sink, std::int64_t& id);
    bool spot_balance(const Object& object, FactSink& sink);
    bool futures_balance(const Object& object, FactSink& sink);
    /// A list of all positions begins: what is known of them is forgotten.
    void forget_positions();
    /// A row of it; `listing` says whose. What it adds up to is told by report_position.
    bool position(const Object& object, FactSink& sink, ListingId& listing);
    /// The long and the short position of a listing as one.
    void report_position(ListingId listing, ReportSource source, Timestamp time, FactSink& sink) const;
    /// True once after an order or position of an account in hedge mode was heard.
    bool take_hedge()
    {
        const bool heard = hedge_heard_;
        hedge_heard_ = false;
        return heard;
    }
    bool fees(const Object& object, ListingId listing, FactSink& sink);

    /// True once after the venue told that money moved, but not how much there is.
    bool take_money_moved()
    {
        const bool moved = money_moved_;
        money_moved_ = false;
        return moved;
    }

    const KnownOrders& known() const { return known_; }
    void remember(std::int64_t venue_id, OrderId order) { known_.put(venue_id, order); }

  private:
    bool execution(PrivateFields& fields, Timestamp time, FactSink& sink, bool spot);
    bool account_change(const Object& event, FactSink& sink);
    bool position_change(const Object& event, Timestamp time, FactSink& sink);
    void balance_rows(const Array& rows, Timestamp time, FactSink& sink);
    const Listing* take_position(PrivateFields& fields, std::string_view symbol, std::string_view amount,
                                 std::string_view side, FactSink& sink);
    bool order_fills(const Object& object, const OrderReport& report, const Listing& listing, FactSink& sink);
    const Listing* listing_of(PrivateFields& fields, std::string_view key, FactSink& sink);
    bool tell(const PrivateFields& fields, FactSink& sink, ListingId listing = kNoListing) const;

    // An account in one-way mode fills `both`, one in hedge mode the two others.
    struct Position {
        Amount both, long_side, short_side;
    };

    VenueSetup setup_;
    Market market_;
    KnownOrders known_;
    std::vector<Position> positions_;  ///< by listing
    bool hedge_heard_ = false;
    bool money_moved_ = false;
};

}  // namespace arb::binance
