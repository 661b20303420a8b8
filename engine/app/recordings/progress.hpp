#pragma once
// A progress bar on standard error with rate and remaining time; where that is no terminal silent, or a line
// now and then. The program's clock is read here, never in the core.
#include <chrono>
#include <cstdint>
#include <string>

namespace arb {

class Progress {
  public:
    /// `lines`: without a terminal, a line every ten seconds.
    explicit Progress(std::string what, bool lines = false);
    ~Progress();
    /// Redraws at most ten times a second. `units` are counted for the rate (frames, records).
    void update(std::uint64_t done, std::uint64_t total, std::uint64_t units);
    /// Nanoseconds since construction.
    std::uint64_t elapsed_ns() const;

  private:
    using Clock = std::chrono::steady_clock;
    std::string what_;
    Clock::time_point begin_;
    Clock::time_point drawn_;
    bool terminal_, lines_;
    bool shown_ = false;
};

}  // namespace arb
