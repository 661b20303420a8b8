#pragma once
// The street around several emulated venues: one common price an instrument, one invented book a listing that
// follows it with a lag and noise of its own, so that venues cross now and then. Seeded and deterministic;
// steps of 10 ms. One thread.
#include <cstdint>
#include <string>
#include <vector>

#include "engine/sim/emulated_exchange.hpp"
#include "engine/sim/invented_book.hpp"

namespace arb {

struct StreetInstrument {
    std::string base, quote;
    std::int64_t price = 0;  ///< 10^-2 of the quote currency
    std::string tick, lot, quantity_min, notional_min;
};

/// BTC, ETH and SOL in USDT.
std::vector<StreetInstrument> street_instruments();

class MarketStreet {
  public:
    static constexpr Duration kStep = milliseconds(10);

    MarketStreet(const InstrumentTable& table, const std::vector<StreetInstrument>& instruments,
                 std::uint64_t seed);
    /// `exchanges` by venue of the table. Moves prices once, and every book that follows.
    void step(const std::vector<EmulatedExchange*>& exchanges, Timestamp now);

  private:
    struct Place {
        ListingId listing = kNoListing;
        VenueId venue{};
        std::size_t price = 0;
        InventedBook book;
    };
    std::vector<CommonPrice> prices_;
    std::vector<Place> places_;
};

}  // namespace arb
