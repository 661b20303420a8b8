#pragma once
// The street around several emulated venues: one common price a pair of currencies (spot and perpetual share
// it), one invented book a listing that follows it with its own lag, noise and half spread, and bursts that
// the laggards see late, so that venues cross. Moves in steps of 10 ms, in real or virtual time: the caller
// tells the time. Equal seeds give equal books. One thread; nothing throws, the constructor's promises are
// checked (ENSURE).
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/world/emulated_exchange.hpp"
#include "engine/world/invented_book.hpp"

namespace arb {

/// What kind of market it is. The defaults give hundreds of gaps a minute that outlast fees of 10 to 60 bps a
/// side over five venues and three pairs.
struct MarketHabits {
    std::int64_t wander_bps_e2 = 10;    ///< most of an ordinary step, in hundredths of a basis point
    std::int64_t burst_every = 60;      ///< steps between two bursts of a pair, on average
    std::int64_t burst_least_bps = 40;  ///< of the price
    std::int64_t burst_most_bps = 160;
    std::int64_t home_bps = 1500;  ///< so far from its start a price jumps towards it: it never runs away
    std::int64_t lag_most = 60;    ///< steps that a venue may be behind, below CommonPrice::kPast
    std::int64_t half_spread_most_bps = 2;
    std::int64_t noise_most_bps = 2;  ///< a venue's own opinion, either way
    std::int64_t move_one_in = 3;     ///< steps between two moves of a book, on average
};

class CommonMarket {
  public:
    static constexpr Duration kStep = milliseconds(10);

    /// `start_prices` by "BASE/QUOTE", one for every instrument of the table. The table outlives the street.
    CommonMarket(const InstrumentTable& table, const std::map<std::string, Decimal>& start_prices,
                 const MarketHabits& habits, std::uint64_t seed);

    /// One step: every exchange (by venue of the table; null: none) gets the books of its listings that
    /// moved. `now` by venue: clocks of venues may differ.
    void step(const std::vector<EmulatedExchange*>& exchanges, const std::vector<Timestamp>& now);
    /// The same with one clock for all.
    void step(const std::vector<EmulatedExchange*>& exchanges, Timestamp now);
    /// The steps that have become due since the last call; the first call makes one. A long pause is not made
    /// up for: at most `most` steps. Returns how many were made.
    std::int64_t advance(const std::vector<EmulatedExchange*>& exchanges, const std::vector<Timestamp>& now,
                         Timestamp real_now, std::int64_t most = 10);

  private:
    struct Place {
        ListingId listing = kNoListing;
        VenueId venue{};
        std::size_t price = 0;
        InventedBook book;
    };
    std::vector<CommonPrice> prices_;
    std::vector<Place> places_;
    std::vector<Timestamp> times_;
    Timestamp done_;
};

}  // namespace arb
