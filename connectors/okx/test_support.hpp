#pragma once
// What the tests of this folder share: sinks that remember, a small instrument table, golden frames. Tests
// only.
#include <string>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::okx::test {

struct SeenBook {
    BookUpdate update;
    std::vector<Level> bids, asks;
};
struct SeenTrouble {
    UndecodedReason reason;
    ListingId listing;
    std::string text;
};
struct SeenAck {
    ListingId listing;
    bool subscribed;
};

struct Sink final : FactSink {
    std::vector<std::pair<ListingId, ListingStatus>> statuses;
    std::vector<SeenBook> books;
    std::vector<BestQuote> quotes;
    std::vector<Trade> trades;
    std::vector<SeenAck> acks;
    std::vector<Timestamp> times;
    std::vector<SeenTrouble> troubles;
    std::size_t connection_numbers = 0;

    void on_book(const BookUpdate& u) override
    {
        books.push_back({u, {u.bids.begin(), u.bids.end()}, {u.asks.begin(), u.asks.end()}});
    }
    void on_quote(const BestQuote& quote) override { quotes.push_back(quote); }
    void on_trade(const Trade& trade) override { trades.push_back(trade); }
    void on_connection_sequence(ConnectionId, std::uint64_t) override { ++connection_numbers; }
    void on_acknowledged(ConnectionId, ListingId listing, bool subscribed) override
    {
        acks.push_back({listing, subscribed});
    }
    void on_venue_time(Timestamp venue_time, Timestamp) override { times.push_back(venue_time); }
    void on_listing_status(ListingId listing, ListingStatus status) override
    {
        statuses.emplace_back(listing, status);
    }
    void on_undecoded(const Undecoded& u) override
    {
        troubles.push_back({u.reason, u.listing, std::string(u.text)});
    }

    std::size_t facts() const
    {
        return books.size() + quotes.size() + trades.size() + acks.size() + times.size();
    }
};

struct Wishes final : Outbox {
    struct Sent {
        ConnectionId connection;
        std::string text;
    };
    std::vector<Sent> sent;
    std::vector<HttpRequest> requests;
    std::vector<Timestamp> wakes;
    std::vector<ConnectionId> reconnects;

    void send(ConnectionId connection, std::string_view text) override
    {
        sent.push_back({connection, std::string(text)});
    }
    void request(const HttpRequest& request) override { requests.push_back(request); }
    void wake_at(VenueId, Timestamp time) override { wakes.push_back(time); }
    void reconnect(ConnectionId connection, std::string_view) override { reconnects.push_back(connection); }
};

/// A golden frame of frames/, without the last line break.
std::string frame(const std::string& name);
/// The text with its first `from` changed; a failure of the test when there is none.
std::string replaced(std::string text, const std::string& from, const std::string& to);

inline ListingDefinition definition(std::string market, std::string symbol, InstrumentKind kind,
                                    std::string_view tick, std::string_view lot, std::string_view multiplier)
{
    ListingDefinition d;
    d.market = std::move(market);
    d.symbol = std::move(symbol);
    d.base = "BTC";
    d.quote = "USDT";
    d.kind = kind;
    d.tick = *Decimal::parse(tick);
    d.lot = *Decimal::parse(lot);
    d.quantity_min = d.lot;
    d.multiplier = *Decimal::parse(multiplier);
    return d;
}

inline constexpr ListingId kSpot{0};
inline constexpr ListingId kSwap{1};
inline constexpr ListingId kFuture{2};

/// Spot BTC/USDT (tick 0.1, lot 10^-8), linear swap of 0.01 BTC, inverse future of 100 USD.
inline InstrumentTable table()
{
    InstrumentTable::VenueListings okx{{"okx", ""}, {}};
    okx.definitions.push_back(definition("spot", "BTC-USDT", InstrumentKind::spot, "0.1", "0.00000001", "1"));
    okx.definitions.push_back(
        definition("swap", "BTC-USDT-SWAP", InstrumentKind::perpetual, "0.1", "0.01", "0.01"));
    ListingDefinition future =
        definition("futures", "BTC-USD-260925", InstrumentKind::future, "0.1", "1", "100");
    future.quote = "USD";
    future.inverse = true;
    future.expiry = "260925";
    okx.definitions.push_back(future);
    return InstrumentTable::build({okx}).take();
}

}  // namespace arb::okx::test
