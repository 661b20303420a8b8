#pragma once
// What the tests of this folder share: sinks that remember, a small instrument table, golden frames. Tests
// only.
#include <string>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::bybit::test {

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

inline constexpr VenueId kLinearVenue{0};
inline constexpr VenueId kSpotVenue{1};
inline constexpr ListingId kLinear{0};
inline constexpr ListingId kSpot{1};

inline ListingDefinition definition(std::string market, InstrumentKind kind, std::string_view lot)
{
    ListingDefinition d;
    d.market = std::move(market);
    d.symbol = "BTCUSDT";
    d.base = "BTC";
    d.quote = "USDT";
    d.kind = kind;
    d.tick = *Decimal::parse("0.1");
    d.lot = *Decimal::parse(lot);
    d.quantity_min = d.lot;
    d.notional_min = *Decimal::parse("5");
    return d;
}

/// BTCUSDT twice: the perpetual (lot 0.001) of the linear instance and the spot pair (lot 10^-6).
inline InstrumentTable table()
{
    return InstrumentTable::build(
               {{{"bybit", "linear"}, {definition("linear", InstrumentKind::perpetual, "0.001")}},
                {{"bybit", "spot"}, {definition("spot", InstrumentKind::spot, "0.000001")}}})
        .take();
}

}  // namespace arb::bybit::test
