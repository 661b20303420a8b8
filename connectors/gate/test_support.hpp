#pragma once
// What the tests of this folder share: a sink that remembers, a small instrument table, golden frames. Tests
// only.
#include <string>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::gate::test {

/// What a venue said, one line a fact.
struct Heard final : FactSink {
    struct Book {
        BookUpdate update;
        std::vector<Level> bids, asks;
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
    std::vector<std::pair<ListingId, bool>> acknowledged;
    std::vector<Timestamp> times;
    std::vector<Trouble> troubles;

    void on_book(const BookUpdate& update) override
    {
        books.push_back(
            {update, {update.bids.begin(), update.bids.end()}, {update.asks.begin(), update.asks.end()}});
    }
    void on_quote(const BestQuote& quote) override { quotes.push_back(quote); }
    void on_trade(const Trade& trade) override { trades.push_back(trade); }
    void on_connection_sequence(ConnectionId, std::uint64_t) override
    {
        troubles.push_back({UndecodedReason::count_, kNoListing, "Gate has no counter of a connection"});
    }
    void on_acknowledged(ConnectionId, ListingId listing, bool subscribed) override
    {
        acknowledged.emplace_back(listing, subscribed);
    }
    void on_venue_time(Timestamp venue_time, Timestamp) override { times.push_back(venue_time); }
    void on_undecoded(const Undecoded& u) override
    {
        troubles.push_back({u.reason, u.listing, std::string(u.text)});
    }
    std::size_t facts() const
    {
        return books.size() + quotes.size() + trades.size() + acknowledged.size() + times.size();
    }
};

/// A golden frame of frames/, without the last line break.
std::string golden(const std::string& name);
/// The text with its first `from` changed; a failure of the test when there is none.
std::string changed(std::string text, const std::string& from, const std::string& to);

inline ListingDefinition listing_of(std::string market, std::string base, std::string_view tick,
                                    std::string_view lot, std::string_view multiplier = "1")
{
    ListingDefinition d;
    d.market = std::move(market);
    d.symbol = base + "_USDT";
    d.base = std::move(base);
    d.quote = "USDT";
    d.kind = d.market == "spot" ? InstrumentKind::spot : InstrumentKind::perpetual;
    d.tick = *Decimal::parse(tick);
    d.lot = *Decimal::parse(lot);
    d.quantity_min = d.lot;
    d.multiplier = *Decimal::parse(multiplier);
    return d;
}

inline constexpr ListingId kBtc{0};
inline constexpr ListingId kXrp{1};

/// BTC_USDT and XRP_USDT of one market; contracts are of 0.0001 BTC and of 10 XRP.
inline InstrumentTable table_of(std::string market)
{
    InstrumentTable::VenueListings gate{{"gate", market}, {}};
    const bool spot = market == "spot";
    gate.definitions.push_back(
        listing_of(market, "BTC", "0.1", spot ? "0.000001" : "1", spot ? "1" : "0.0001"));
    gate.definitions.push_back(listing_of(market, "XRP", "0.001", spot ? "0.001" : "1", spot ? "1" : "10"));
    return InstrumentTable::build({gate}).take();
}

}  // namespace arb::gate::test
