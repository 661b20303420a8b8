#pragma once
// What a venue lets one address ask for within a minute, as one account for all connector instances that draw
// on it: several markets of an exchange, or the keyed and the keyless side of one, often share a limit.
// Counted over every span of a minute (not only the venue's own windows), so that no window of the venue's
// clock can hold more. What the venue itself counts corrects it: other programs may use the same address.
// Core thread; time is an argument; no errors. RequestPools allocates when a pool is first asked for.
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace arb {

class RequestPool {
  public:
    /// `limit` of the venue's units (weight) in a minute.
    explicit RequestPool(std::uint32_t limit) : limit_(limit) {}

    std::uint32_t limit() const { return limit_; }
    /// Spent in the minute up to now, as far as we know.
    std::uint32_t used(Timestamp now) const;
    /// Whether `weight` more stays within `most` in this minute, and the venue has not told us to wait.
    bool may(std::uint32_t weight, std::uint32_t most, Timestamp now) const;
    /// The earliest time at which may() will hold when nothing else is spent.
    Timestamp next(std::uint32_t weight, std::uint32_t most, Timestamp now) const;
    void spend(std::uint32_t weight, Timestamp now);
    /// The venue's own count of the current minute; what it has more than we is somebody else's.
    void told(std::uint64_t used, Timestamp now);
    /// The venue refused: nothing before `until`.
    void pause(Timestamp until);
    bool paused(Timestamp now) const { return now < paused_until_; }
    Timestamp paused_until() const { return paused_until_; }

  private:
    // By second. One more than a minute has: the second that has begun counts whole.
    static constexpr std::int64_t kSeconds = 61;
    struct Spent {
        std::int64_t second = -1;
        std::uint32_t weight = 0;
    };
    std::array<Spent, kSeconds> spent_{};
    std::uint32_t limit_;
    Timestamp paused_until_;
};

/// The pools of one process, by name; each is made with the limit of who asks first.
class RequestPools {
  public:
    RequestPool& pool(std::string_view name, std::uint32_t limit);

  private:
    std::map<std::string, std::unique_ptr<RequestPool>, std::less<>> pools_;
};

}  // namespace arb
