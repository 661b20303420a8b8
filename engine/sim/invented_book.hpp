#pragma once
// The parts of an invented market: a common price that wanders and jumps, and one venue's book that follows
// it with a lag. Integers and a seed only, so every platform invents the same market. Used by workload.
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/market_data.hpp"
#include "engine/sim/random.hpp"
#include "engine/venue/emulator.hpp"

namespace arb {

/// In 10^-2 of the quote currency; remembers its last second so that lagging venues can see its past.
class CommonPrice {
  public:
    CommonPrice(std::int64_t price, std::uint64_t seed) : random_(seed), past_(kPast, price), price_(price) {}
    void step();
    /// The price `steps` ago (at most kPast - 1).
    std::int64_t ago(std::int64_t steps) const
    {
        return past_[(at_ + kPast - static_cast<std::size_t>(steps)) % kPast];
    }
    static constexpr std::size_t kPast = 128;

  private:
    Random random_;
    std::vector<std::int64_t> past_;
    std::size_t at_ = 0;
    std::int64_t price_;
};

class InventedBook {
  public:
    InventedBook(const Instrument& instrument, const Listing& listing, std::uint64_t seed);
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
    std::int64_t unit_;      // instrument price units in 10^-2
    std::int64_t lag_;       // steps behind the common price
    std::int64_t half_;      // half spread, 10^-2
    std::int64_t grid_ = 1;  // distance of two levels, 10^-2
    std::int64_t offset_ = 0;
    std::uint64_t epoch_ = 0;
    bool made_ = false;
    std::vector<Level> bids_, asks_;  // best first
};

}  // namespace arb
