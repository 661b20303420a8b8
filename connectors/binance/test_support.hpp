#pragma once
// What the tests of this folder share: a table with one or two listings a market, a sink and
// an outbox that remember what they got. Tests only, one thread.
#include <string>
#include <string_view>
#include <vector>

#include "connectors/binance/binance.hpp"
#include "connectors/binance/instruments.hpp"

namespace arb::binance::test {

struct Remembered : FactSink {
    struct Book {
        BookUpdate update;
        std::vector<Level> bids, asks;
    };
    struct Acknowledged {
        ConnectionId connection{};
        ListingId listing{};
        bool subscribed = false;
    };
    struct Trouble {
        UndecodedReason reason{};
        ListingId listing{};
        std::string text;
        bool operator==(const Trouble&) const = default;
    };
    std::vector<Book> books;
    std::vector<BestQuote> quotes;
    std::vector<Trade> trades;
    std::vector<Acknowledged> acknowledged;
    std::vector<Trouble> troubles;
    std::vector<std::pair<ListingId, ListingStatus>> statuses;

    void on_book(const BookUpdate& u) override
    {
        books.push_back({u, {u.bids.begin(), u.bids.end()}, {u.asks.begin(), u.asks.end()}});
    }
    void on_quote(const BestQuote& quote) override { quotes.push_back(quote); }
    void on_trade(const Trade& trade) override { trades.push_back(trade); }
    void on_connection_sequence(ConnectionId, std::uint64_t) override {}
    void on_acknowledged(ConnectionId connection, ListingId listing, bool subscribed) override
    {
        acknowledged.push_back({connection, listing, subscribed});
    }
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_listing_status(ListingId listing, ListingStatus status) override
    {
        statuses.emplace_back(listing, status);
    }
    void on_undecoded(const Undecoded& u) override
    {
        troubles.push_back({u.reason, u.listing, std::string(u.text)});
    }

    std::size_t facts() const { return books.size() + quotes.size() + trades.size(); }
    void clear() { *this = Remembered(); }
};

struct Wishes : Outbox {
    std::vector<std::string> sent, urls, reconnects;
    std::vector<Timestamp> wakes;

    void send(ConnectionId, std::string_view text) override { sent.emplace_back(text); }
    void request(const HttpRequest& request) override { urls.push_back(request.url); }
    void wake_at(VenueId, Timestamp time) override { wakes.push_back(time); }
    void reconnect(ConnectionId, std::string_view why) override { reconnects.emplace_back(why); }
    void clear() { *this = Wishes(); }
};

inline Decimal decimal(std::string_view text)
{
    return *Decimal::parse(text);
}

inline ListingDefinition listing(std::string_view market, std::string_view symbol, std::string_view tick,
                                 std::string_view lot)
{
    ListingDefinition d = guess_listing(market_of(market), symbol).value();
    d.tick = decimal(tick);
    d.lot = d.quantity_min = decimal(lot);
    return d;
}

inline InstrumentTable table_of(std::string_view market)
{
    InstrumentTable::VenueListings venue{{"binance", std::string(market)}, {}};
    if (market == "spot") {
        venue.definitions = {listing(market, "BTCUSDT", "0.01", "0.00001"),
                             listing(market, "ETHBTC", "0.00001", "0.0001")};
    } else if (market == "usdm") {
        venue.definitions = {listing(market, "BTCUSDT", "0.1", "0.001")};
    } else {
        venue.definitions = {listing(market, "BTCUSD_PERP", "0.1", "1"),
                             listing(market, "BTCUSD_231229", "0.1", "1")};
    }
    return InstrumentTable::build({venue}).value();
}

}  // namespace arb::binance::test
