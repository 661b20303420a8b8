#pragma once
// When the venue's unusual ways strike, which a client must bear: good tokens refused, lists that want a
// proof token, edits under way. Drawn from the seed, so that a test sees them again; without `manners` none
// of this happens. Every part of the emulated Coinbase draws from the one it has; one thread.
#include "engine/base/hash.hpp"
#include "engine/emulate/emulated_venue.hpp"

namespace arb::coinbase {

class EmulatedManners {
  public:
    explicit EmulatedManners(const EmulatedVenueSetup& setup) : setup_(setup) {}

    /// One time in so many.
    bool strikes(std::uint64_t one_in)
    {
        return setup_.manners && mix(setup_.seed * 0x9e3779b97f4a7c15ULL + ++draws_) % one_in == 0;
    }

  private:
    const EmulatedVenueSetup& setup_;
    std::uint64_t draws_ = 0;
};

}  // namespace arb::coinbase
