#include "engine/emulate/rate_counts.hpp"

#include <algorithm>

namespace arb {

bool begin_span(EmulatedWindow& window, Duration span, Timestamp now)
{
    const std::int64_t start = now.ns / span.ns;
    if (window.start == start) return false;
    window = {start, 0, 0, window.banned_until};
    return true;
}

bool RateCounts::take(const std::string& bucket, int most, Duration span, Timestamp now, RateLeft& left)
{
    EmulatedWindow& window = windows_[bucket];
    (void)begin_span(window, span, now);
    const bool fits = window.used < most || !on_;
    if (fits) ++window.used;
    left = {most, std::max(0, most - window.used), (window.start + 1) * (span.ns / milliseconds(1).ns)};
    return fits;
}

bool RateCounts::take(const std::string& bucket, int most, Duration span, Timestamp now)
{
    RateLeft left;
    return take(bucket, most, span, now, left);
}

}  // namespace arb
