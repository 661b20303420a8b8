#pragma once
// The parts of an invented market: a common price that wanders and jumps, and one venue's book that follows
// it with a lag. Integers and a seed only, so every platform invents the same market. Used by workload.
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/base/random.hpp"
#include "engine/emulate/emulator.hpp"

namespace arb {

/// How a common price moves in a step. The defaults are those of `generate`: recordings made from a seed stay
/// the same.
struct PriceHabit {
    std::int64_t wander = 100'000;   ///< at most this part of the price a step: 1/100000 is 0.1 bps
    std::int64_t jump_one_in = 120;  ///< steps
    std::int64_t jump_least_bps = 10, jump_most_bps = 40;
    std::int64_t home_bps = 0;  ///< so far from its start a price jumps towards it; 0: it goes where it likes
};

/// How a venue's book follows the common price.
struct BookHabit {
    unsigned decimals = 2;         ///< of the common price; prices and lengths below count 10^-decimals
    std::int64_t lag_most = 25;    ///< steps behind
    std::int64_t half_most = 60;   ///< half spread
    std::int64_t noise_most = 30;  ///< the venue's own opinion, either way
    std::int64_t move_one_in = 3;  ///< steps
};

/// In 10^-decimals of the quote currency (2 for `generate`); remembers its last second so that lagging venues
/// can see its past.
class CommonPrice {
  public:
    CommonPrice(std::int64_t price, std::uint64_t seed, const PriceHabit& habit = {})
        : random_(seed), habit_(habit), past_(kPast, price), start_(price), price_(price)
    {
    }
    void step();
    /// The price `steps` ago (at most kPast - 1).
    std::int64_t ago(std::int64_t steps) const
    {
        return past_[(at_ + kPast - static_cast<std::size_t>(steps)) % kPast];
    }
    static constexpr std::size_t kPast = 128;

  private:
    Random random_;
    PriceHabit habit_;
    std::vector<std::int64_t> past_;
    std::size_t at_ = 0;
    std::int64_t start_;
    std::int64_t price_;
};

class InventedBook {
  public:
    InventedBook(const Instrument& instrument, const Listing& listing, std::uint64_t seed,
                 const BookHabit& habit = {});
    /// One step of 10 ms without messages. False: nothing moved.
    bool move(const CommonPrice& price);
    std::span<const Level> bids() const { return bids_; }  ///< best first
    std::span<const Level> asks() const { return asks_; }
    /// One step of 10 ms: maybe nothing, maybe a changed book and a trade, as the venue's messages.
    void step(const CommonPrice& price, Timestamp now, Emulator& emulator, std::vector<VenueMessage>& out);

  private:
    static constexpr std::size_t kLevels = 20;
    Quantity quantity_at(std::int64_t price);
    void remake(std::int64_t middle);
    void diff(const std::vector<Level>& before, const std::vector<Level>& after,
              std::vector<Level>& changes) const;

    Instrument instrument_;
    Listing listing_;
    Random random_;
    BookHabit habit_;
    std::int64_t unit_ = 1;     // instrument price units in one of the common price
    std::int64_t divisor_ = 1;  // or the other way round; one of the two is 1
    std::int64_t tick_;         // the listing's, of the common price
    std::int64_t lag_;          // steps behind the common price
    std::int64_t half_;         // half spread
    std::int64_t grid_ = 1;     // distance of two levels, a multiple of the tick
    std::int64_t offset_ = 0;
    std::uint64_t epoch_ = 0;
    bool made_ = false;
    std::vector<Level> bids_, asks_;  // best first
};

}  // namespace arb
