#pragma once
// What a key may ask for in an hour: 10,000 requests, orders and questions together. Counted over every span
// of an hour, in minutes, so that no hour of the venue's clock can hold more. New orders end first, since
// each brings questions about its fills with it; questions end next; cancels and what is asked of a single
// order are never held back. Core thread, time is an argument, no allocation.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "engine/base/time.hpp"

namespace arb::coinbase {

inline constexpr std::string_view kHourUsedUp =
    "what the key may ask for in an hour is used up: kept for cancels";

class HourQuota {
  public:
    static constexpr int kLimit = 10'000;
    static constexpr int kOrdersMost = kLimit * 6 / 10;
    static constexpr int kQuestionsMost = kLimit * 9 / 10;

    bool may(int most, Timestamp now) const { return used(minute_of(now)) < most; }
    /// When may() holds again if nothing else is sent.
    Timestamp next(int most, Timestamp now) const
    {
        const std::int64_t minute = minute_of(now);
        int sum = used(minute);
        for (std::int64_t m = minute - kMinutes + 1; m <= minute; ++m) {
            if (sum < most) break;
            const Spent& spent = at(m);
            if (spent.minute != m || spent.requests == 0) continue;
            sum -= spent.requests;
            if (sum < most) return {(m + kMinutes) * kMinute};
        }
        return now;
    }
    void spend(Timestamp now)
    {
        const std::int64_t minute = minute_of(now);
        Spent& spent = spent_[place(minute)];
        if (spent.minute != minute) spent = {minute, 0};
        ++spent.requests;
    }

  private:
    // One more than an hour has: the minute that has begun counts whole.
    static constexpr std::int64_t kMinutes = 61;
    static constexpr std::int64_t kMinute = 60'000'000'000;
    struct Spent {
        std::int64_t minute = -kMinutes;
        int requests = 0;
    };
    static std::int64_t minute_of(Timestamp now) { return std::max<std::int64_t>(0, now.ns) / kMinute; }
    static std::size_t place(std::int64_t minute)
    {
        return static_cast<std::size_t>((minute + kMinutes) % kMinutes);
    }
    const Spent& at(std::int64_t minute) const { return spent_[place(minute)]; }
    int used(std::int64_t minute) const
    {
        int sum = 0;
        for (const Spent& spent : spent_) sum += spent.minute > minute - kMinutes ? spent.requests : 0;
        return sum;
    }
    std::array<Spent, static_cast<std::size_t>(kMinutes)> spent_{};
};

}  // namespace arb::coinbase
