#pragma once
// Requests of emulated venues' clients counted in spans of the venue's clock: seconds, minutes, hours that
// begin where the clock's do. One thread; no errors.
#include <map>
#include <string>

#include "engine/emulate/emulated_venue.hpp"

namespace arb {

/// What venues tell in the headers of a reply.
struct RateLeft {
    int limit = 0;  ///< 0: nothing was counted
    int left = 0;
    std::int64_t reset_ms = 0;  ///< when the next span begins
};

class RateCounts {
  public:
    /// Without `on` everything is counted and nothing is too much.
    explicit RateCounts(bool on) : on_(on) {}

    /// One more in that bucket; false: `most` are used up in this span.
    bool take(const std::string& bucket, int most, Duration span, Timestamp now, RateLeft& left);
    bool take(const std::string& bucket, int most, Duration span, Timestamp now);

  private:
    bool on_;
    EmulatedWindows windows_;
};

/// True: `now` lies in another span than the window, which begins anew; a ban stays.
bool begin_span(EmulatedWindow& window, Duration span, Timestamp now);

}  // namespace arb
