#pragma once
// Venue times from text like 2026-08-09T21:05:48.228568804Z. Consecutive frames share the minute, so only
// seconds and fraction are read anew; same results as parse_utc. Hot path, no allocation.
#include <cstring>
#include <string_view>

#include "engine/base/time.hpp"

namespace arb {

class ClockText {
  public:
    /// 0 when the text is no such time.
    Timestamp read(std::string_view text)
    {
        if (text.size() < 20 || text.size() > 30 || std::memcmp(text.data(), minute_, sizeof minute_) != 0) {
            return renew(text);
        }
        const char* at = text.data() + sizeof minute_;
        const char* end = text.data() + text.size() - 1;
        if (*end != 'Z' || !digit(at[0]) || !digit(at[1]) || at[0] > '5') return renew(text);
        std::int64_t value = (at[0] - '0') * 10 + (at[1] - '0');
        int missing = 9;
        at += 2;
        if (at < end && *at == '.') {
            if (at + 1 == end) return renew(text);  // a bare point is no fraction
            for (++at; at < end && digit(*at) && missing > 0; ++at, --missing)
                value = value * 10 + (*at - '0');
        }
        if (at != end) return renew(text);
        for (; missing > 0; --missing) value *= 10;
        return base_ + nanoseconds(value);
    }

  private:
    static bool digit(char c) { return c >= '0' && c <= '9'; }
    Timestamp renew(std::string_view text)
    {
        const Timestamp time = parse_utc(text).value_or(Timestamp{});
        if (!time.known() || time.ns < 0) return {};
        std::memcpy(minute_, text.data(), sizeof minute_);
        base_ = {time.ns - time.ns % 60'000'000'000};
        return time;
    }

    char minute_[17] = {};  ///< "2026-08-09T21:05:"
    Timestamp base_;
};

}  // namespace arb
