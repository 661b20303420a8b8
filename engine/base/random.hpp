#pragma once
// The project's own pseudo-random numbers: SplitMix64, so that one seed gives the same invented market on
// every platform and build. Only for simulation and tests; the core has no randomness. One thread each.
#include <cstdint>

namespace arb {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next()
    {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    /// Evenly from least to most, both included.
    std::int64_t between(std::int64_t least, std::int64_t most)
    {
        const auto span = static_cast<std::uint64_t>(most - least) + 1;
        return least + static_cast<std::int64_t>(next() % span);
    }
    bool one_in(std::int64_t n) { return between(1, n) == 1; }

  private:
    std::uint64_t state_;
};

}  // namespace arb
