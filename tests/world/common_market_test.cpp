// The street around emulated venues: the same from the same seed, on the venue's ticks, never crossed in
// itself, and venues cross each other often enough that fees are earned.
#include "engine/world/common_market.hpp"

#include <set>

#include <gtest/gtest.h>

#include "engine/base/hash.hpp"

namespace arb {
namespace {

constexpr std::size_t kStreetVenues = 5;
constexpr std::int64_t kStreetFeeBps[kStreetVenues] = {10, 10, 60, 26, 10};

Decimal street_decimal(const char* text)
{
    return *Decimal::parse(text);
}

ListingDefinition street_definition(const char* base, const char* tick, const char* lot)
{
    ListingDefinition d;
    d.market = "spot";
    d.symbol = std::string(base) + "USDT";
    d.base = base;
    d.quote = "USDT";
    d.tick = street_decimal(tick);
    d.lot = street_decimal(lot);
    d.quantity_min = d.lot;
    return d;
}

InstrumentTable street_table(const std::vector<ListingDefinition>& definitions,
                             std::size_t venues = kStreetVenues)
{
    std::vector<InstrumentTable::VenueListings> list;
    for (std::size_t v = 0; v < venues; ++v) list.push_back({{"v" + std::to_string(v), "spot"}, definitions});
    return InstrumentTable::build(list).take();
}

const std::map<std::string, Decimal>& prices()
{
    static const std::map<std::string, Decimal> kPrices = {{"BTC/USDT", street_decimal("42600")},
                                                           {"ETH/USDT", street_decimal("2280")},
                                                           {"SOL/USDT", street_decimal("152")}};
    return kPrices;
}

const std::vector<ListingDefinition>& three()
{
    static const std::vector<ListingDefinition> kThree = {street_definition("BTC", "0.01", "0.00001"),
                                                          street_definition("ETH", "0.01", "0.0001"),
                                                          street_definition("SOL", "0.01", "0.01")};
    return kThree;
}

struct Town {
    Town(const std::vector<ListingDefinition>& definitions, const std::map<std::string, Decimal>& start,
         std::uint64_t seed, const MarketHabits& habits = {})
        : table(street_table(definitions)), street(table, start, habits, seed)
    {
        for (std::size_t v = 0; v < kStreetVenues; ++v) {
            venues.push_back(
                std::make_unique<EmulatedExchange>(table, static_cast<VenueId>(v), ExchangeRules{}));
            exchanges.push_back(venues.back().get());
        }
    }
    void step()
    {
        now = now + CommonMarket::kStep;
        street.step(exchanges, now);
    }
    EmulatedBook book(const Listing& listing) const { return venues[index(listing.venue)]->book(listing.id); }
    std::uint64_t hash() const
    {
        Hash hash;
        for (const Listing& listing : table.listings()) {
            const EmulatedBook b = book(listing);
            for (const auto side : {b.bids, b.asks}) {
                for (const Level& level : side) {
                    hash.add_signed(level.price.units);
                    hash.add_signed(level.quantity.units);
                }
            }
        }
        return hash.value();
    }

    InstrumentTable table;
    std::vector<std::unique_ptr<EmulatedExchange>> venues;
    std::vector<EmulatedExchange*> exchanges;
    CommonMarket street;
    Timestamp now{1'700'000'000'000'000'000};
};

TEST(CommonMarket, IsTheSameFromTheSameSeedAndAnotherFromAnother)
{
    Town a(three(), prices(), 5), b(three(), prices(), 5), c(three(), prices(), 6);
    for (int i = 0; i < 500; ++i) {
        a.step();
        b.step();
        c.step();
        ASSERT_EQ(a.hash(), b.hash()) << "step " << i;
    }
    EXPECT_NE(a.hash(), c.hash());
}

TEST(CommonMarket, BooksAreSoundForDearAndCheapInstruments)
{
    const std::vector<ListingDefinition> definitions = {
        street_definition("BTC", "0.1", "0.00001"), street_definition("LINK", "0.001", "0.01"),
        street_definition("DOGE", "0.00001", "1"), street_definition("PEPE", "0.000001", "1000")};
    const std::map<std::string, Decimal> start = {{"BTC/USDT", street_decimal("42600")},
                                                  {"LINK/USDT", street_decimal("15")},
                                                  {"DOGE/USDT", street_decimal("0.08")},
                                                  {"PEPE/USDT", street_decimal("0.000120")}};
    Town town(definitions, start, 3);
    for (int i = 0; i < 1500; ++i) {
        town.step();
        for (const Listing& listing : town.table.listings()) {
            const EmulatedBook book = town.book(listing);
            ASSERT_FALSE(book.bids.empty() || book.asks.empty());
            ASSERT_LT(book.bids.front().price, book.asks.front().price);
            for (const auto side : {book.bids, book.asks}) {
                std::set<Price> seen;
                for (const Level& level : side) {
                    ASSERT_GT(level.price.units, 0);
                    ASSERT_EQ(level.price.units % listing.tick.units, 0);
                    ASSERT_EQ(level.quantity.units % listing.lot.units, 0);
                    ASSERT_GE(level.quantity, listing.quantity_min);
                    ASSERT_TRUE(seen.insert(level.price).second) << "two levels at one price";
                }
            }
        }
    }
}

TEST(CommonMarket, VenuesCrossHundredsOfTimesAMinuteAfterFees)
{
    Town town(three(), prices(), 7);
    std::set<std::pair<ListingId, ListingId>> open;
    std::size_t episodes = 0;
    std::map<std::string, std::size_t> by_instrument;
    for (int i = 0; i < 6000; ++i) {
        town.step();
        for (const Instrument& instrument : town.table.instruments()) {
            for (const ListingId sell : town.table.listings_of(instrument.id)) {
                for (const ListingId buy : town.table.listings_of(instrument.id)) {
                    if (sell == buy) continue;
                    const Listing& seller = town.table.listing(sell);
                    const Listing& buyer = town.table.listing(buy);
                    const Int128 gets = Int128{town.book(seller).bids.front().price.units} *
                                        (10'000 - kStreetFeeBps[index(seller.venue)]);
                    const Int128 pays = Int128{town.book(buyer).asks.front().price.units} *
                                        (10'000 + kStreetFeeBps[index(buyer.venue)]);
                    if (gets <= pays) {
                        open.erase({sell, buy});
                    } else if (open.insert({sell, buy}).second) {
                        ++episodes;
                        ++by_instrument[instrument.name];
                    }
                }
            }
        }
    }
    EXPECT_GE(episodes, 200U);
    for (const Instrument& instrument : town.table.instruments())
        EXPECT_GE(by_instrument[instrument.name], 50U) << instrument.name;
}

TEST(CommonMarket, NeverRunsAwayFromItsStart)
{
    Town town(three(), prices(), 11);
    for (int i = 0; i < 20'000; ++i) {
        town.step();
        if (i % 100 != 0) continue;
        const Listing& btc = town.table.listings()[0];
        const std::int64_t bid = town.book(btc).bids.front().price.units;
        ASSERT_GT(bid, 4'260'000 / 2);
        ASSERT_LT(bid, 4'260'000 * 2);
    }
}

TEST(CommonMarket, MakesTheStepsThatAreDueButNotThoseSleptThrough)
{
    Town town(three(), prices(), 1);
    const std::vector<Timestamp> times(kStreetVenues, town.now);
    EXPECT_EQ(town.street.advance(town.exchanges, times, town.now), 1);
    EXPECT_EQ(town.street.advance(town.exchanges, times, town.now + milliseconds(9)), 0);
    EXPECT_EQ(town.street.advance(town.exchanges, times, town.now + milliseconds(35)), 3);
    EXPECT_EQ(town.street.advance(town.exchanges, times, town.now + milliseconds(39)), 0);
    EXPECT_EQ(town.street.advance(town.exchanges, times, town.now + seconds(60), 10), 10);
    EXPECT_EQ(town.street.advance(town.exchanges, times, town.now + seconds(60), 10), 0);
}

}  // namespace
}  // namespace arb
