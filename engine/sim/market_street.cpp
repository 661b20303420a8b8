#include "engine/sim/market_street.hpp"

namespace arb {

std::vector<StreetInstrument> street_instruments()
{
    return {{"BTC", "USDT", 4'260'000, "0.01", "0.00001", "0.0001", "5"},
            {"ETH", "USDT", 228'000, "0.01", "0.0001", "0.001", "5"},
            {"SOL", "USDT", 15'200, "0.01", "0.01", "0.01", "5"}};
}

MarketStreet::MarketStreet(const InstrumentTable& table, const std::vector<StreetInstrument>& instruments,
                           std::uint64_t seed)
{
    Random random(seed);
    for (const StreetInstrument& instrument : instruments)
        prices_.emplace_back(instrument.price, random.next());
    for (const Listing& listing : table.listings()) {
        const Instrument& instrument = table.instrument(listing.instrument);
        for (std::size_t i = 0; i < instruments.size(); ++i) {
            if (instruments[i].base != instrument.base || instruments[i].quote != instrument.quote) continue;
            places_.push_back(
                {listing.id, listing.venue, i, InventedBook(instrument, listing, random.next())});
        }
    }
}

void MarketStreet::step(const std::vector<EmulatedExchange*>& exchanges, Timestamp now)
{
    for (CommonPrice& price : prices_) price.step();
    for (Place& place : places_) {
        if (place.book.move(prices_[place.price]))
            exchanges[index(place.venue)]->set_street(place.listing, place.book.bids(), place.book.asks(),
                                                      now);
    }
}

}  // namespace arb
